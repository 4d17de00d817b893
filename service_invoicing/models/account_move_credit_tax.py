from odoo import models


class AccountMove(models.Model):
    """Rates of tax records are edited in place, and tax amounts by hand: a credit memo
    takes back the taxes that the invoice bears, not those of today."""

    _inherit = "account.move"

    def _get_borne_taxes(self):
        """Taxes of this invoice that would come to something else today.

        :return: dict line → dict tax → pair of base and tax amount of the whole line
            in the document's currency; only lines with such a tax, with all theirs
        """
        self.ensure_one()
        base_lines = self._get_rounded_base_and_tax_lines(round_from_tax_lines=False)[0]
        factors = self._get_tax_factors(base_lines)
        return {
            base_line["record"]: self._get_line_taxes(base_line, factors)
            for base_line in base_lines
            if base_line["special_type"] is False
            and any(
                data["tax"] in factors
                for data in base_line["tax_details"]["taxes_data"]
            )
        }

    def _get_tax_factors(self, base_lines):
        """By tax: which of the engine's amounts, times what, makes what was booked.

        Taxes that differ by rounding only are left out; a tax that comes to nothing
        today is counted from its base.

        :param list base_lines: of the tax engine, computed with the rates of today
        """
        booked = self._sum_booked_taxes()
        slack = len(base_lines) * self.currency_id.rounding
        factors = {}
        for tax, (base, today) in self._sum_taxes_of_today(base_lines).items():
            amount = booked.get(tax, 0.0)
            if self.currency_id.compare_amounts(abs(amount - today), slack) <= 0:
                continue
            if not self.currency_id.is_zero(today):
                factors[tax] = ("tax_amount_currency", amount / today)
            elif base:
                factors[tax] = ("base_amount_currency", amount / base)
        return factors

    def _sum_taxes_of_today(self, base_lines):
        """:return: dict tax → (base, amount) by the engine"""
        sums = {}
        for base_line in base_lines:
            for data in base_line["tax_details"]["taxes_data"]:
                if not data["is_reverse_charge"]:
                    base, amount = sums.get(data["tax"], (0.0, 0.0))
                    sums[data["tax"]] = (
                        base + data["base_amount_currency"],
                        amount + data["tax_amount_currency"],
                    )
        return sums

    def _sum_booked_taxes(self):
        """Amount of each tax in the document's currency, as it was booked."""
        booked = {}
        for item in self.line_ids.filtered(lambda item: item.display_type == "tax"):
            tax = item.tax_line_id
            if item.tax_repartition_line_id.factor_percent > 0:
                amount = item.amount_currency * self.direction_sign
                amount /= item._get_booked_tax_share()
                booked[tax] = booked.get(tax, 0.0) + amount
        return booked

    def _get_line_taxes(self, base_line, factors):
        """Base and amount of each tax of a line, as the invoice bears them.

        :param dict factors: see ``_get_tax_factors``
        """
        details = base_line["tax_details"]
        line = base_line["record"]
        today = details["total_excluded_currency"]
        share = line.price_subtotal / today if today else 1.0
        taxes = {}
        for data in details["taxes_data"]:
            if not data["is_reverse_charge"]:
                same = ("tax_amount_currency", 1.0)
                name, factor = factors.get(data["tax"], same)
                base = data["base_amount_currency"] * share
                taxes[data["tax"]] = (base, data[name] * factor)
        return taxes


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _get_booked_tax_share(self):
        """Which share of its tax all items of a tax like this one are together; what
        reverses a charge is not counted."""
        self.ensure_one()
        kind = self.tax_repartition_line_id.document_type
        parts = self.tax_line_id[f"{kind}_repartition_line_ids"]
        taxed = parts.filtered(lambda part: part.repartition_type == "tax")
        factors = [part.factor_percent for part in taxed if part.factor_percent > 0]
        return sum(factors) / 100.0
