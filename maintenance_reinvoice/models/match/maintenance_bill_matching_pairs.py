from odoo import models


class MaintenanceBillMatching(models.AbstractModel):
    """Lines of a bill find their permission lines by price and product."""

    _inherit = "maintenance.bill.matching"

    def _propose_from_named(self, named):
        """Permission lines for each bill line, from the candidates it names."""
        proposal = {
            line: (found.permission_id, found.browse()) for line, found in named.items()
        }
        for bill_lines, lines in self._group_named(named):
            for bill_line, line in self._pair(bill_lines, lines):
                permissions, proposed = proposal[bill_line]
                proposal[bill_line] = (permissions, proposed | line)
        return proposal

    def _group_named(self, named):
        """Bill lines that name one and the same permission belong together; what a
        line with several permissions means is told by its amount, or by what all lines
        that name the same ones amount to."""
        groups, unclear = {}, {}
        for bill_line, found in named.items():
            if chosen := self._choose_by_amount(bill_line, found):
                self._add_to_group(groups, bill_line, chosen)
            elif found:
                unclear[found] = unclear.get(found, bill_line.browse()) | bill_line
        for found, bill_lines in unclear.items():
            if chosen := self._choose_by_amount(bill_lines, found):
                self._add_to_group(groups, bill_lines, chosen)
        return list(groups.values())

    def _add_to_group(self, groups, bill_lines, chosen):
        key = chosen.permission_id
        lines, together = groups.get(key, (bill_lines.browse(), chosen))
        groups[key] = (lines | bill_lines, together | chosen)

    def _choose_by_amount(self, bill_lines, lines):
        """Of the permission lines that bill lines name, those of the only permission;
        of several permissions those of which the price is right."""
        if len(lines.permission_id) < 2:
            return lines
        fitting = [
            own
            for own in lines.grouped("permission_id").values()
            if any(self._fits_price(bill_lines, line) for line in own)
            or self._is_price(bill_lines, own._sum_match_price())
        ]
        if len(fitting) == 1:
            return fitting[0]
        is_whole = self._is_price(bill_lines, lines._sum_match_price())
        return lines if is_whole else lines.browse()

    def _fits_price(self, bill_lines, line):
        sign = -1 if self._gives_back(bill_lines.move_id, line) else 1
        return self._is_price(bill_lines, sign * line._sum_match_price())

    def _is_price(self, bill_lines, price):
        return not bill_lines.currency_id.compare_amounts(
            sum(bill_lines.mapped("price_subtotal")), price
        )

    def _is_product(self, bill_line, line):
        return bill_line.product_id == line.product_id

    def _pair(self, bill_lines, lines):
        """Pairs of bill line and permission line: same price first, then same
        product, then in their order. One bill line for several permission lines is
        to be split; what the garage added goes to the last line."""
        if bill_lines.move_id.move_type == "in_refund":
            return self._pair_credit_lines(bill_lines, lines)
        bills, left = list(bill_lines), list(lines)
        pairs = self._take_pairs(bills, left, self._fits_price)
        if len(bills) > 1:
            pairs += self._take_pairs(bills, left, self._is_product)
        if not bills:
            return pairs
        left = left or [lines[-1]]
        length = max(len(bills), len(left))
        bills += bills[-1:] * (length - len(bills))
        left += left[-1:] * (length - len(left))
        return pairs + list(zip(bills, left, strict=True))

    def _pair_credit_lines(self, bill_lines, lines):
        """A credit is seldom of a whole line: only what is beyond doubt is paired."""
        pairs = []
        for bill in bill_lines:
            if self._is_price(bill, lines._sum_match_price()):
                pairs += [(bill, line) for line in lines]
                continue
            fitting = [line for line in lines if self._fits_price(bill, line)]
            same = [line for line in lines if self._is_product(bill, line)]
            beyond = next((x for x in (fitting, same, lines) if len(x) == 1), [])
            pairs += [(bill, line) for line in beyond]
        return pairs

    def _take_pairs(self, bills, lines, fits):
        """Pairs that ``fits`` finds; both are taken off their lists."""
        pairs = []
        for bill in list(bills):
            line = next((line for line in lines if fits(bill, line)), None)
            if line is not None:
                pairs.append((bill, line))
                bills.remove(bill)
                lines.remove(line)
        return pairs
