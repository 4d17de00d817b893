from odoo import api, models


class AccountPaymentTerm(models.Model):
    _inherit = "account.payment.term"

    @api.model
    def _get_keeping_fields(self):
        return super()._get_keeping_fields() + [
            ("maintenance.reinvoice.log", "payment_term_id", ""),
        ]
