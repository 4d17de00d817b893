from odoo import api, models


class ServiceWorkOrderLine(models.Model):
    """Amounts before tax of the lines: together they are what one invoice over the
    whole order bears."""

    _inherit = "service.work.order.line"

    @api.depends(
        "quantity",
        "price_unit",
        "discount",
        "tax_ids",
        "currency_id",
        "order_id.line_ids.quantity",
        "order_id.line_ids.price_unit",
        "order_id.line_ids.discount",
        "order_id.line_ids.tax_ids",
    )
    def _compute_price_subtotal(self):
        for order, lines in self.grouped("order_id").items():
            nets = (order.line_ids | lines)._get_nets()
            for line in lines:
                line.price_subtotal = nets[line]

    def _get_nets(self):
        """Amounts before tax of these lines on one document.

        What rounding the document leaves over is on the largest lines, as core puts it
        in the ledger.

        :return: dict line → amount in the order's currency
        """
        base_lines = [line._prepare_base_line() for line in self]
        self._add_rounded_details(base_lines)
        return {
            line: base_line["tax_details"]["total_excluded_currency"]
            + base_line["tax_details"]["delta_total_excluded_currency"]
            for line, base_line in zip(self, base_lines, strict=True)
        }

    def _add_rounded_details(self, base_lines):
        """Let the tax engine count base lines as one document."""
        company = self.company_id[:1] or self.env.company
        Tax = self.env["account.tax"]
        Tax._add_tax_details_in_base_lines(base_lines, company)
        Tax._round_base_lines_tax_details(base_lines, company)

    def _get_net_part(self, percent):
        """Net amount of a part of the line, found by the tax engine; never more than
        what the line has on the order.

        :param float percent: 0 to 100
        :return: amount before tax, rounded to the order's currency
        """
        self.ensure_one()
        base_line = self._prepare_base_line(percent)
        self._add_rounded_details([base_line])
        part = base_line["tax_details"]["total_excluded_currency"]
        whole = self.price_subtotal
        return whole if percent == 100.0 or abs(part) > abs(whole) else part
