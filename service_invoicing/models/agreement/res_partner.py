from odoo import fields, models

from ...tools.actions import open_menu
from ...tools.arguments import expects


class ResPartner(models.Model):
    """The contact leads to its agreements."""

    _inherit = "res.partner"

    service_agreement_count = fields.Integer(
        string="Agreements",
        compute="_compute_service_agreement_count",
        groups="service_invoicing.group_service_advisor",
        help="Service agreements of the contact and its addresses.",
    )

    def _compute_service_agreement_count(self):
        counts = self._sum_over_contacts("service.agreement", "__count")
        for partner in self:
            partner.service_agreement_count = counts[partner._origin]

    @expects(one=True)
    def action_view_service_agreements(self):
        """Agreements of the contact and its addresses."""
        return open_menu(
            self.env,
            "service_invoicing.service_agreement_action",
            [("partner_id", "child_of", self.id)],
            default_partner_id=self.id,
        )
