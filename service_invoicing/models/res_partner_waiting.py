from collections import defaultdict

from odoo import fields, models

from ..tools.arguments import expects

GROUPS = "service_invoicing.group_service_billing,account.group_account_readonly"


class ResPartner(models.Model):
    """What a payer is still to be billed, and what he has paid in advance."""

    _inherit = "res.partner"

    service_prepayment_open = fields.Monetary(
        string="Unadjusted Prepayments",
        compute="_compute_service_waiting",
        groups=GROUPS,
        help="Prepayments of the contact and its addresses that were received and that "
        "no invoice has taken yet, in the company's currency.",
    )
    service_release_open = fields.Monetary(
        string="Unbilled Releases",
        compute="_compute_service_waiting",
        groups=GROUPS,
        help="What was released to be billed to the contact and its addresses and is "
        "on no invoice yet: before tax, in the company's currency.",
    )

    def _compute_service_waiting(self):
        domain = [("company_id", "=", self.env.company.id)]
        prepaid = self._sum_over_contacts(
            "service.prepayment.report", "amount:sum", domain
        )
        released = self._sum_over_contacts(
            "service.release.report", "amount:sum", domain
        )
        for partner in self:
            partner.service_prepayment_open = prepaid[partner._origin]
            partner.service_release_open = released[partner._origin]

    def _sum_over_contacts(self, model, aggregate, domain=()):
        """Aggregate of records that belong to these contacts or their addresses.

        :param str model: its field ``partner_id`` says whose a record is
        :param str aggregate: as for ``_read_group``
        :param domain: which records count
        :return: dict partner → value; 0 for one that is not saved yet
        """
        members = self.with_context(active_test=False).search_fetch(
            [("id", "child_of", self.ids)], ["parent_id"]
        )
        sums = defaultdict(int, dict.fromkeys(self._origin, 0))
        for partner, value in self.env[model]._read_group(
            [*domain, ("partner_id", "in", members.ids)], ["partner_id"], [aggregate]
        ):
            while partner:
                if partner in sums:
                    sums[partner] += value
                partner = partner.parent_id
        return sums

    @expects(one=True)
    def action_view_unadjusted_prepayments(self):
        """Prepayments of the contact that no invoice has taken yet."""
        return self._open_waiting("service_invoicing.service_prepayment_report_action")

    @expects(one=True)
    def action_view_unbilled_releases(self):
        """Releases of the contact that are on no invoice yet."""
        return self._open_waiting("service_invoicing.service_release_report_action")

    def _open_waiting(self, xml_id):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(xml_id)
        return {
            **action,
            "domain": [("partner_id", "child_of", self.id)],
            "context": {},
        }
