from odoo import api, models


class AccountAccount(models.Model):
    """Accounts stay as long as an invoice is to be redistributed to them."""

    _inherit = "account.account"

    @api.model
    def _get_keeping_fields(self):
        return super()._get_keeping_fields() + [
            ("account.move.line", "maintenance_revenue_account_id", "move_id"),
        ]
