from odoo import models
from odoo.fields import Domain


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

        An invoice that is not authorised yet counts as the order did before; only
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
            self._get_unposted_service_domain(),
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
                "transfer_ids.partner_id",
            )
        )
        return payers & Domain(
            [("company_id", "=", self.env.company.id), ("state", "=", "to_invoice")]
        )

    def _get_unposted_service_domain(self):
        """Invoices of work orders that are not authorised yet."""
        return self.env["account.move"]._get_unposted_service_domain() & Domain(
            [
                ("company_id", "=", self.env.company.id),
                ("commercial_partner_id", "in", self.ids),
            ]
        )
