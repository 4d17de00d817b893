"""What a prepayment consists of, as far as invoices can take it up."""

from .split import split_amount


class AdvancePart:
    """Liability lines of one account and tax set: net, gross and each tax.

    Amounts are in the currency of the prepayment, positive.
    """

    def __init__(self):
        self.net = 0.0
        self.gross = 0.0
        # tax → [base, amount]
        self.taxes = {}

    def add_details(self, tax_details, sign=1):
        """Add the tax engine's result for one line."""
        net = tax_details["total_excluded_currency"]
        net += tax_details["delta_total_excluded_currency"]
        self.net += sign * net
        self.gross += sign * net
        for data in tax_details["taxes_data"]:
            self.gross += sign * data["tax_amount_currency"]
            # of a reverse charge the first half is what can be given to the engine
            if not data["is_reverse_charge"]:
                amounts = self.taxes.setdefault(data["tax"], [0.0, 0.0])
                amounts[0] += sign * data["base_amount_currency"]
                amounts[1] += sign * data["tax_amount_currency"]

    def take(self, gross, currency):
        """A part of this one that comes to exactly ``gross``."""
        share = gross / self.gross
        part = AdvancePart()
        part.gross = gross
        part.taxes = {
            tax: [currency.round(amount * share) for amount in amounts]
            for tax, amounts in self.taxes.items()
        }
        # what rounding leaves is not tax; reverse charges add up to nothing
        reversed_ = self._sum_taxes() - (self.gross - self.net)
        reversed_ = currency.round(currency.round(reversed_) * share)
        part.net = currency.round(gross - (part._sum_taxes() - reversed_))
        return part

    def _sum_taxes(self):
        return sum(amount for __, amount in self.taxes.values())


def take_gross(parts, gross, currency):
    """Divide what is to be taken over the parts of an advance.

    :param dict parts: key → ``AdvancePart``
    :param float gross: no more than this in all
    :return: dict key → ``AdvancePart``; together they come to ``gross``, or to all
        there is
    """
    parts = {key: part for key, part in parts.items() if part.gross > 0}
    total = currency.round(sum(part.gross for part in parts.values()))
    if currency.compare_amounts(gross, total) >= 0:
        return parts
    weights = [part.gross for part in parts.values()]
    shares = split_amount(gross, weights, currency)
    return {
        key: part.take(share, currency)
        for (key, part), share in zip(parts.items(), shares, strict=True)
        if not currency.is_zero(share)
    }
