from odoo import models
from odoo.tools import float_is_zero

from ...tools.shares import PIECE_DIGITS, Payer
from ...tools.tax_data import MANUAL_KEY


class ServiceWorkOrder(models.Model):
    """Taxes that count pieces: all payers together bear those of one invoice over the
    whole order, to the cent."""

    _inherit = "service.work.order"

    def _settles_piece_taxes(self, share):
        """Whether the cents that others' invoices leave are this payer's: he is the
        last with pieces, and is billed what was agreed at the document check.

        :param OpenShare share: what is billed
        """
        if not self.line_ids.tax_ids._filter_per_piece() or share.release.is_supplement:
            return False
        shares = self._get_piece_shares()
        if len(shares) < 2 or share.payer != list(shares)[-1]:
            return False
        agreed = shares[share.payer]
        return len(agreed) == len(share.parts) and all(
            part.order_line == other.order_line
            and not self.currency_id.compare_amounts(part.amount, other.amount)
            for part, other in zip(share.parts, agreed, strict=True)
        )

    def _get_piece_shares(self):
        """What the payers with pieces bear by the document check; the customer is the
        last, as he takes what rounding leaves of the pieces.

        :return: dict ``Payer`` → list of ``SharePart``
        """
        customer = Payer("service", self.partner_id)
        payers = self._get_agreed_shares()
        shares = {
            payer: self._get_agreed_parts(payer)
            for payer in sorted(payers, key=lambda payer: payer == customer)
        }
        return {
            payer: parts
            for payer, parts in shares.items()
            if any(part.pieces for part in parts)
        }

    def _settle_piece_taxes(self, payer, lines):
        """Put on the payer's largest line with such a tax the cents by which rounding
        each payer's invoice differs from rounding one invoice of the order.

        :param list lines: see ``_prepare_share_lines``; changed
        """
        base_lines = [line._prepare_base_line() for line in self.line_ids]
        missing = self._sum_piece_taxes(base_lines)
        slack = 0.0
        for other in self._get_piece_shares():
            position = self._get_fiscal_position(other)
            pairs = lines
            if other != payer:
                parts = self._get_agreed_parts(other)
                pairs = self._prepare_agreed_lines(parts, position)
            base_lines = self._prepare_share_base_lines(pairs)
            slack += len(base_lines) * self.currency_id.rounding / 2
            for tax, amount in self._sum_piece_taxes(base_lines).items():
                missing[tax] = missing.get(tax, 0.0) - amount
        # of the payer himself, who comes last
        for tax, amount in missing.items():
            amount = self.currency_id.round(amount)
            # more is no rounding: somebody's fiscal position has other taxes
            if amount and abs(amount) <= slack:
                self._add_piece_tax(lines, base_lines, tax, amount)

    def _prepare_share_base_lines(self, lines):
        """Base lines of the tax engine for what a payer is invoiced for.

        :param list lines: see ``_prepare_share_lines``
        """
        return [
            self._prepare_estimate_base_line(self._get_taxes_of_vals(vals), **vals)
            for __, vals in lines
        ]

    def _sum_piece_taxes(self, base_lines):
        """Taxes per piece of base lines on one document.

        :return: dict tax → amount in the order's currency
        """
        Tax = self.env["account.tax"]
        Tax._add_tax_details_in_base_lines(base_lines, self.company_id)
        Tax._round_base_lines_tax_details(base_lines, self.company_id)
        amounts = {}
        for base_line in base_lines:
            per_piece = base_line["tax_ids"]._filter_per_piece()
            for data in base_line["tax_details"]["taxes_data"]:
                if data["tax"] in per_piece and not data["is_reverse_charge"]:
                    amount = amounts.get(data["tax"], 0.0)
                    amounts[data["tax"]] = amount + data["tax_amount_currency"]
        return amounts

    def _add_piece_tax(self, lines, base_lines, tax, amount):
        """Let the largest line with a tax bear an amount more of it. Without such a
        line others bear the tax whole, and keep what rounding gave them.

        :param list lines: see ``_prepare_share_lines``; changed
        :param list base_lines: of these, with tax details
        """
        pairs = [
            (abs(part.amount), vals, base_line)
            for (part, vals), base_line in zip(lines, base_lines, strict=True)
            if any(tax == d["tax"] for d in base_line["tax_details"]["taxes_data"])
            and not float_is_zero(part.pieces, precision_digits=PIECE_DIGITS)
        ]
        if not pairs:
            return
        __, vals, base_line = max(pairs, key=lambda pair: pair[0])
        data = vals.get("extra_tax_data") or base_line["tax_ids"]._prepare_net_tax_data(
            base_line["tax_details"]["total_excluded_currency"], vals, self.currency_id
        )
        manual = data.get(MANUAL_KEY) or self._get_raw_taxes(base_line)
        manual[str(tax.id)]["tax_amount_currency"] += amount
        vals["extra_tax_data"] = data | {MANUAL_KEY: manual}

    def _get_raw_taxes(self, base_line):
        """Taxes of a base line before the document is rounded, as core keeps them."""
        return {
            str(data["tax"].id): {
                "base_amount_currency": data["raw_base_amount_currency"],
                "tax_amount_currency": data["raw_tax_amount_currency"],
            }
            for data in base_line["tax_details"]["taxes_data"]
            if not data["is_reverse_charge"]
        }
