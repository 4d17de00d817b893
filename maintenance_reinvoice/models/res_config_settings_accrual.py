from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    maintenance_accrual_account_id = fields.Many2one(
        related="company_id.maintenance_accrual_account_id", readonly=False
    )
