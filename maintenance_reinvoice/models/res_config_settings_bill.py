from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    maintenance_credit_user_id = fields.Many2one(
        related="company_id.maintenance_credit_user_id", readonly=False
    )
