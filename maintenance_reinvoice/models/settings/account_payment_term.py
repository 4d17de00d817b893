from odoo import api, models


class AccountPaymentTerm(models.Model):
    """Payment terms stay as long as the log of a run names them."""

    _inherit = "account.payment.term"

    @api.model
    def _get_keeping_fields(self):
        return super()._get_keeping_fields() + [
            ("maintenance.reinvoice.log", "payment_term_id", ""),
        ]
