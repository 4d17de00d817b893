from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    """Who approves permissions, and what they must tell."""

    _inherit = "res.company"

    maintenance_approver_id = fields.Many2one(
        "res.users",
        string="Permission approver",
        domain="[('share', '=', False)]",
        help="Gets a to-do for every maintenance permission that waits for approval. "
        "Whoever has the right may approve it.",
    )
    maintenance_reason_required = fields.Boolean(
        string="Reason for charging less",
        help="A permission is approved only when every line that is reduced, kept or "
        "excessive wear says why.",
    )

    @api.constrains("maintenance_approver_id")
    def _check_maintenance_approver(self):
        """The to-do goes to somebody who sees the permission and may approve it."""
        group = "maintenance_reinvoice.group_maintenance_approver"
        for company in self.filtered("maintenance_approver_id"):
            user = company.maintenance_approver_id
            if company not in user.company_ids or not user.has_group(group):
                raise ValidationError(
                    self.env._(
                        "%(user)s cannot approve maintenance permissions of "
                        "%(company)s. Give the right “%(right)s” and access to the "
                        "company first.",
                        user=user.name,
                        company=company.name,
                        right=self.env.ref(group).sudo().full_name,
                    )
                )
