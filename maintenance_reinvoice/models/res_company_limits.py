from odoo import api, models

from ..tools.amounts import refuse_negative

LIMITS = (
    "maintenance_approval_limit",
    "maintenance_bill_tolerance",
    "maintenance_minimum_amount",
)


class ResCompany(models.Model):
    """Limits are amounts: one that is no number would compare with nothing, and so
    limit nothing."""

    _inherit = "res.company"

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            refuse_negative(self.browse(), LIMITS, vals, vals.get("name"))
        return super().create(vals_list)

    def write(self, vals):
        refuse_negative(self, LIMITS, vals)
        return super().write(vals)
