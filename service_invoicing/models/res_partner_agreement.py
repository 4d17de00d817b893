from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    service_agreement_count = fields.Integer(
        string="Agreements",
        compute="_compute_service_agreement_count",
        groups="service_invoicing.group_service_advisor",
        help="Service agreements of the contact and its addresses.",
    )

    def _compute_service_agreement_count(self):
        members = self.with_context(active_test=False).search_fetch(
            [("id", "child_of", self.ids)], ["parent_id"]
        )
        counts = dict(
            self.env["service.agreement"]._read_group(
                [("partner_id", "in", members.ids)], ["partner_id"], ["__count"]
            )
        )
        self.service_agreement_count = 0
        for partner, count in counts.items():
            while partner:
                if partner in self:
                    partner.service_agreement_count += count
                partner = partner.parent_id

    def action_view_service_agreements(self):
        """Agreements of the contact and its addresses."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_invoicing.service_agreement_action"
        )
        return {
            **action,
            "domain": [("partner_id", "child_of", self.id)],
            "context": {"default_partner_id": self.id},
        }
