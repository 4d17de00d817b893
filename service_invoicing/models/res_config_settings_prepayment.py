from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    service_prepayment_account_id = fields.Many2one(
        related="company_id.service_prepayment_account_id", readonly=False
    )
    service_prepayment_mode = fields.Selection(
        related="company_id.service_prepayment_mode", readonly=False
    )
