from odoo import api, fields, models

from ...tools.amounts import refuse_negative
from ...tools.groups import MANAGER

LIMITS = ("maintenance_approval_limit",)


class ResUsers(models.Model):
    """What a user may approve."""

    _inherit = "res.users"

    maintenance_approval_limit = fields.Float(
        help="Net purchase total, in the company's currency, up to which this user "
        "may approve a maintenance permission. Zero: the company's limit.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            refuse_negative(self.browse(), LIMITS, vals)
        return super().create(vals_list)

    def write(self, vals):
        refuse_negative(self, LIMITS, vals)
        return super().write(vals)

    def _get_maintenance_approval_limit(self, company):
        """Limit in the currency of ``company``; ``False`` means no limit."""
        self.ensure_one()
        if self.has_group(MANAGER):
            return False
        limit = self.sudo().maintenance_approval_limit
        return limit or company.sudo().maintenance_approval_limit or False
