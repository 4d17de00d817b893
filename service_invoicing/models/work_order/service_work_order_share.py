from collections import defaultdict

from odoo import api, models

from ...tools.shares import Payer


class ServiceWorkOrder(models.Model):
    """Who bears what of the order by its document check."""

    _inherit = "service.work.order"

    @api.model
    def _get_share_fields(self):
        """What is borne by whom, on orders and their lines, the customer's first.

        :return: dict billing type, see ``account.move._get_share_types`` → name of the
            field with the amount before tax
        """
        return {
            "service": "amount_customer",
            "program": "amount_program",
            "insurance": "amount_insurance",
        }

    def _get_agreed_shares(self):
        """The payers of the order by its document check, in the order of billing.

        :return: dict ``Payer`` → amount before tax in the order's currency, deductible
            moved, order-level charges and discounts not counted
        """
        self.ensure_one()
        customer_share = sum(self.line_ids.mapped("amount_customer"))
        customer_share += sum(self.line_ids.claim_id.mapped("deductible_applied"))
        customer, *others = self._get_share_fields()
        shares = {Payer(customer, self.partner_id): customer_share}
        for invoice_type in others:
            for line in self.line_ids:
                if partner := line._get_payer(invoice_type):
                    payer = Payer(invoice_type, partner)
                    share = line._get_share(invoice_type)
                    shares[payer] = shares.get(payer, 0.0) + share
        for claim in self.line_ids.claim_id:
            payer = Payer("insurance", claim.insurer_id)
            if payer in shares:
                shares[payer] -= claim.deductible_applied
        return shares

    def _get_agreed_amounts(self):
        """Agreed shares, line by line.

        :return: dict (order line, invoice type) → amount before tax in the order's
            currency
        """
        self.ensure_one()
        amounts = defaultdict(float)
        for line in self.line_ids:
            for invoice_type in self._get_share_fields():
                if line._get_payer(invoice_type):
                    amounts[line, invoice_type] += line._get_share(invoice_type)
        for claim in self.line_ids.claim_id:
            for line, amount in claim._get_deductible_by_line().items():
                amounts[line, "service"] += amount
                amounts[line, "insurance"] -= amount
        return amounts

    def _gets_invoice_without_share(self, payer):
        """Whether a payer who bears nothing of the lines gets an invoice anyway."""
        self.ensure_one()
        if payer == Payer("service", self.partner_id) and (
            self._has_charges() or self._get_claims_taxed_to_customer()
        ):
            return True
        # the own risk may be all of his share, but it is no piece
        if self._get_lines_of(payer).tax_ids._filter_per_piece():
            return True
        return self.company_id.service_issue_zero_invoice

    def _has_charges(self):
        """Whether the order has charges or discounts; a tax row alone puts its taxes
        on nothing."""
        self.ensure_one()
        return any(row.tcd_type != "tax" for row in self.tcd_ids)

    def _get_live_invoices(self):
        """Invoices that bill the orders now: drafts count, deleted or wholly credited
        ones do not, nor do prepayments."""
        return self._get_share_invoices().filtered(
            lambda move: move.service_status not in ("deleted", "reversed")
        )

    def _get_share_invoices(self):
        """All invoices by which payers were billed their shares of the orders."""
        return self.sudo().invoice_ids.filtered(
            lambda move: move.move_type == "out_invoice"
            and not move._is_prepayment_document()
        )

    def _get_claims_taxed_to_customer(self):
        """Claims whose insurer pays net and whose tax the customer pays."""
        return self.line_ids.claim_id.filtered(
            lambda claim: claim.vat_payer == "customer"
            and not claim.currency_id.is_zero(claim.amount_insurance)
        )

    def _get_agreed_parts(self, payer):
        """What the payer bears by the document check.

        :return: list of ``SharePart``
        """
        self.ensure_one()
        invoice_type = payer.invoice_type
        parts = [
            line._get_share_part(invoice_type) for line in self._get_lines_of(payer)
        ]
        claims = self.line_ids.claim_id
        if invoice_type == "insurance":
            claims = claims.filtered(lambda claim: claim.insurer_id == payer.partner)
        elif invoice_type != "service":
            claims = claims.browse()
        for claim in claims:
            parts += claim._get_deductible_parts(invoice_type)
        if invoice_type == "service":
            for claim in self._get_claims_taxed_to_customer():
                parts += claim._get_tax_parts()
        return parts

    def _get_lines_of(self, payer):
        """Lines of which the payer bears a part, or that cost nothing and are his."""
        self.ensure_one()
        return self.line_ids.filtered(
            lambda line: line._get_payer(payer.invoice_type) == payer.partner
            and (
                not line.currency_id.is_zero(line._get_share(payer.invoice_type))
                or line._is_borne_whole(payer.invoice_type)
            )
        )
