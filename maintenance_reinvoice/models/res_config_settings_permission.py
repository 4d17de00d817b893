from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    maintenance_approver_id = fields.Many2one(
        related="company_id.maintenance_approver_id", readonly=False
    )
    maintenance_reason_required = fields.Boolean(
        related="company_id.maintenance_reason_required", readonly=False
    )
