from odoo import api, models


class AccountAccount(models.Model):
    """Accounts stay as long as a code or a release needs them."""

    _name = "account.account"
    _inherit = ["account.account", "service.kept.mixin"]

    @api.model
    def _get_keeping_fields(self):
        return super()._get_keeping_fields() + [
            ("service.tcd", "account_id", ""),
            ("service.release.line", "account_id", "release_id"),
        ]
