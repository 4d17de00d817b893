from odoo import api, fields, models

from ...tools.invoice_type import INVOICE_TYPES
from ...tools.shares import Payer
from ...tools.states import BILLING_STATES


class ServiceWorkOrder(models.Model):
    """Who bears what of the order, and who gets the next invoice."""

    _inherit = "service.work.order"

    next_invoice_type = fields.Selection(
        selection=INVOICE_TYPES,
        string="Next Invoice",
        compute="_compute_next_invoice_type",
        store=True,
        help="The invoice that is to be made next. Empty when the order is not yet "
        "checked, when every payer has his invoice or waits for a collective one.",
    )
    amount_to_invoice = fields.Monetary(
        string="To Invoice",
        compute="_compute_next_invoice_type",
        store=True,
        help="Before tax: what of the payers' shares is on no invoice yet.",
    )
    waits_for_collective = fields.Boolean(
        string="Waits for Collective Invoice",
        compute="_compute_next_invoice_type",
        store=True,
        help="A sponsor or an insurer gets one invoice over many orders.",
    )

    @api.depends(
        "state",
        "amount_customer",
        "amount_program",
        "amount_insurance",
        "transfer_ids.state",
        "transfer_ids.amount",
        # what makes an invoice live, deleted or wholly credited; the whole status
        # would follow every amount of every entry
        "invoice_ids.state",
        "invoice_ids.service_stage",
        "invoice_ids.reversal_move_ids.state",
        "invoice_ids.service_invoice_type",
        "invoice_ids.service_transfer_id",
        "invoice_ids.service_credit_effect",
        "invoice_ids.partner_id",
        "release_ids.move_id",
        "line_ids.sponsor_id.service_collective_invoice",
        "line_ids.claim_id.insurer_id.service_collective_invoice",
    )
    def _compute_next_invoice_type(self):
        for order in self:
            payers = {}
            if order.state in BILLING_STATES:
                payers = order._get_open_payers()
            collective = [payer for payer in payers if order._is_collective(payer)]
            single = [payer for payer in payers if payer not in collective]
            order.next_invoice_type = single[0].invoice_type if single else False
            order.waits_for_collective = bool(collective)
            order.amount_to_invoice = sum(payers.values())

    def _get_payer_shares(self):
        """The payers of the order in the order of billing.

        :return: dict ``Payer`` → amount before tax in the order's currency, deductible
            moved, order-level charges and discounts not counted
        """
        self.ensure_one()
        customer_share = sum(self.line_ids.mapped("amount_customer"))
        customer_share += sum(self.line_ids.claim_id.mapped("deductible_applied"))
        shares = {Payer("service", self.partner_id): customer_share}
        for invoice_type in ("program", "insurance"):
            for line in self.line_ids:
                if partner := line._get_payer(invoice_type):
                    payer = Payer(invoice_type, partner)
                    share = line._get_share(invoice_type)
                    shares[payer] = shares.get(payer, 0.0) + share
        for claim in self.line_ids.claim_id:
            payer = Payer("insurance", claim.insurer_id)
            if payer in shares:
                shares[payer] -= claim.deductible_applied
        for transfer in self._get_live_transfers():
            source = transfer._get_source_payer()
            shares[source] = shares.get(source, 0.0) - transfer.share_amount
            shares[transfer._get_payer()] = transfer.share_amount
        return shares

    def _get_live_transfers(self):
        """Shares of these orders that were moved and still are, oldest first."""
        return self.transfer_ids.filtered(lambda t: t.state == "moved").sorted("id")

    def _get_payers(self):
        """Payers who get an invoice: those with a share, by the company's choice all.

        The customer also gets one for the charges and discounts of the order and for
        the tax he pays on an insurer's share.

        :return: dict ``Payer`` → amount before tax in the order's currency
        """
        self.ensure_one()
        return {
            payer: share
            for payer, share in self._get_payer_shares().items()
            if not (payer.transfer and payer.transfer.effect == "closed")
            and (
                self.currency_id.compare_amounts(share, 0.0) > 0
                or (not payer.transfer and self._gets_invoice_without_share(payer))
            )
        }

    def _gets_invoice_without_share(self, payer):
        """Whether a payer who bears nothing of the lines gets an invoice anyway."""
        self.ensure_one()
        if payer == Payer("service", self.partner_id) and (
            self._has_open_tcd(payer) or self._get_claims_taxed_to_customer()
        ):
            return True
        return self.company_id.service_issue_zero_invoice

    def _has_open_tcd(self, payer):
        """Whether the order's charges and discounts are still this payer's, and were
        not moved to somebody else together with his invoice."""
        self.ensure_one()
        moved = self._get_live_transfers().filtered(
            lambda transfer: transfer._get_source_payer() == payer
            and transfer.line_ids.tcd_id
        )
        # a tax row alone puts its taxes on nothing
        return any(row.tcd_type != "tax" for row in self.tcd_ids) and not moved

    def _get_live_invoices(self):
        """Invoices that bill the orders now: drafts count, deleted or wholly credited
        ones do not, nor do prepayments."""
        return self._get_share_invoices().filtered(
            lambda move: move.service_status not in ("deleted", "reversed")
        )

    def _get_closed_invoices(self):
        """Invoices that were credited, with a share that is billed to nobody again."""
        return self._get_share_invoices().filtered(
            lambda move: move._is_closed_by_credit()
        )

    def _get_share_invoices(self):
        """All invoices by which payers were billed their shares of the orders."""
        return self.sudo().invoice_ids.filtered(
            lambda move: move.move_type == "out_invoice"
            and not move._is_prepayment_document()
        )

    def _is_collective(self, payer):
        """Whether a payer's share waits for his collective invoice.

        The customer never does, nor what was moved from one payer to another.
        """
        self.ensure_one()
        return (
            payer.invoice_type != "service"
            and not payer.transfer
            and payer.partner.with_company(self.company_id).service_collective_invoice
        )

    def _get_next_payer(self):
        """First payer with something to be billed by himself, or ``None``."""
        self.ensure_one()
        payers = self._get_open_payers()
        return next((p for p in payers if not self._is_collective(p)), None)

    def _get_claims_taxed_to_customer(self):
        """Claims whose insurer pays net and whose tax the customer pays."""
        return self.line_ids.claim_id.filtered(
            lambda claim: claim.vat_payer == "customer"
            and not claim.currency_id.is_zero(claim.amount_insurance)
        )
