from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    _inherit = "res.company"

    maintenance_accrual_account_id = fields.Many2one(
        "account.account",
        string="Maintenance accrual account",
        check_company=True,
        domain="[('account_type', '=', 'asset_current')]",
        help="Current asset account that holds, over the end of a month, the revenue "
        "of maintenance that is bought and not yet invoiced to customers.",
    )

    @api.constrains("maintenance_accrual_account_id")
    def _check_maintenance_accrual_account(self):
        for account in self.maintenance_accrual_account_id:
            if account.account_type != "asset_current":
                raise ValidationError(
                    self.env._(
                        "Account %s cannot hold accrued revenue: choose a current "
                        "asset account.",
                        account.display_name,
                    )
                )
