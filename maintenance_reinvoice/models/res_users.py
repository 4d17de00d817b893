from odoo import fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    maintenance_approval_limit = fields.Float(
        string="Maintenance approval limit",
        help="Net purchase total, in the company's currency, up to which this user "
        "may approve a maintenance permission. Zero: the company's limit.",
    )

    def _get_maintenance_approval_limit(self, company):
        """Limit in the currency of ``company``; ``False`` means no limit."""
        self.ensure_one()
        if self.has_group("maintenance_reinvoice.group_maintenance_manager"):
            return False
        limit = self.sudo().maintenance_approval_limit
        return limit or company.sudo().maintenance_approval_limit or False
