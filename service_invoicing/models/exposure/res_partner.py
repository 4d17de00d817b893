from odoo import api, fields, models
from odoo.fields import Domain

from ...tools.actions import open_menu
from ...tools.arguments import expects

GROUPS = "service_invoicing.group_service_billing,account.group_account_readonly"


class ResPartner(models.Model):
    """Checked work orders are credit that is still to be invoiced."""

    _inherit = "res.partner"

    def _compute_credit_to_invoice(self):
        super()._compute_credit_to_invoice()
        partners = self.commercial_partner_id & self
        if not partners or not self.env.company.account_use_credit_limit:
            return
        for partner, amount in partners._get_service_credit().items():
            partner.credit_to_invoice += amount

    def _get_service_credit(self):
        """What these partners will owe for checked work orders of the company.

        An invoice that is not authorized yet counts as the order did before; only
        posted ones are in the partner's credit.

        :return: dict partner → amount with tax in the company's currency
        """
        amounts = {}
        # the sums are for those who may see credits, the orders are not shown
        orders = self.env["service.work.order"].sudo().with_context(active_test=False)
        for order in orders.search(self._get_unbilled_orders_domain()):
            for partner, amount in order._get_open_credit().items():
                if partner in self:
                    partner = partner.sudo(self.env.su)
                    amounts[partner] = amounts.get(partner, 0.0) + amount
        drafts = self.env["account.move"].sudo()
        for partner, amount in drafts._read_group(
            self._get_unposted_service_domain()
            & Domain("company_id", "=", self.env.company.id)
            & Domain("commercial_partner_id", "in", self.ids),
            ["commercial_partner_id"],
            ["amount_total_signed:sum"],
        ):
            partner = partner.sudo(self.env.su)
            amounts[partner] = amounts.get(partner, 0.0) + amount
        return amounts

    def _get_unbilled_orders_domain(self):
        """Orders of the company that still have to invoice one of these partners."""
        payers = Domain.OR(
            Domain(f"{name}.commercial_partner_id", "in", self.ids)
            for name in (
                "partner_id",
                "line_ids.sponsor_id",
                "line_ids.claim_id.insurer_id",
                "release_ids.partner_id",
            )
        )
        return payers & Domain(
            [("company_id", "=", self.env.company.id), ("state", "=", "to_invoice")]
        )

    @api.model
    def _get_unposted_service_domain(self):
        """Invoices of work orders that are not authorized yet and count in a partner's
        credit to invoice."""
        return Domain(
            [
                ("state", "=", "draft"),
                ("move_type", "=", "out_invoice"),
                # what is asked for in advance is counted with the order
                (
                    "service_invoice_type",
                    "in",
                    self.env["account.move"]._get_share_types(),
                ),
                ("work_order_ids", "!=", False),
            ]
        )

    # What a payer is still to be billed, and what he has paid in advance.

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
        return open_menu(self.env, xml_id, [("partner_id", "child_of", self.id)])
