from odoo import api, models

from ...tools.text_match import mentions


class AccountMoveLine(models.Model):
    """Lines of a bill find their permission lines by price and product."""

    _inherit = "account.move.line"

    def _choose_by_amount(self, lines):
        """Of the permission lines that a bill line names, those of the only
        permission; of several permissions those of which the price is right."""
        self.ensure_one()
        permissions = lines.permission_id
        if len(permissions) < 2:
            return lines
        fitting = [
            own
            for own in lines.grouped("permission_id").values()
            if any(self._fits_price(line) for line in own)
            or self._is_price(own._sum_match_price())
        ]
        if len(fitting) == 1:
            return fitting[0]
        return lines if self._is_price(lines._sum_match_price()) else lines.browse()

    def _fits_price(self, line):
        price = line._get_match_price()
        gives_back = self.env["maintenance.bill.matching"]._gives_back
        return self._is_price(-price if gives_back(self.move_id, line) else price)

    def _is_price(self, price):
        return not self.currency_id.compare_amounts(self.price_subtotal, price)

    def _pair_with_permission_lines(self, lines):
        """Pairs of bill line and permission line: same price first, then same
        product, then in their order. One bill line for several permission lines is
        to be split; what the garage added goes to the last line."""
        if self.move_id.move_type == "in_refund":
            return self._pair_credit_lines(lines)
        bills, left = list(self), list(lines)
        pairs = self._take_pairs(bills, left, lambda bill, line: bill._fits_price(line))
        if len(bills) > 1:
            pairs += self._take_pairs(
                bills, left, lambda bill, line: bill.product_id == line.product_id
            )
        if not bills:
            return pairs
        left = left or [lines[-1]]
        length = max(len(bills), len(left))
        bills += bills[-1:] * (length - len(bills))
        left += left[-1:] * (length - len(left))
        return pairs + list(zip(bills, left, strict=True))

    def _pair_credit_lines(self, lines):
        """A credit is seldom of a whole line: only what is beyond doubt is paired."""
        pairs = []
        for bill in self:
            fitting = lines.filtered(lambda line, own=bill: own._fits_price(line))
            same = lines.filtered(
                lambda line, own=bill: own.product_id == line.product_id
            )
            if bill._is_price(lines._sum_match_price()):
                pairs += [(bill, line) for line in lines]
            else:
                beyond = next((x for x in (fitting, same, lines) if len(x) == 1), [])
                pairs += [(bill, line) for line in beyond]
        return pairs

    @api.model
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


class MaintenancePermissionLine(models.Model):
    """Permission lines are found by number and plate."""

    _inherit = "maintenance.permission.line"

    def _narrow_named(self, texts):
        """Lines of the permissions that ``texts`` name, the nearest text first.

        Each text narrows what the ones before it left open, and never adds to it."""
        found = self.browse()
        for text in texts:
            narrower = (found or self)._filter_named(text)
            found = narrower or found
        return found

    def _filter_named(self, text):
        """Lines whose permission the text names: by number, else by plate."""
        by_permission = self.grouped("permission_id")
        for find in (self._get_permission_number, self._get_permission_plate):
            named = [p for p in by_permission if mentions(text, find(p))]
            if named:
                return self.filtered(lambda line, ps=named: line.permission_id in ps)
        return self.browse()

    @api.model
    def _get_permission_number(self, permission):
        return permission.name

    @api.model
    def _get_permission_plate(self, permission):
        return permission.vehicle_id.license_plate

    def _get_match_price(self):
        """Net price that a bill or credit line would be recognised by."""
        self.ensure_one()
        return self.amount_billed if self.bill_posted else self.purchase_price

    def _sum_match_price(self):
        return sum(line._get_match_price() for line in self)
