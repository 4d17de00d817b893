from odoo import api, models

from ...tools.tcd import ScopeLine


class ServiceWorkOrder(models.Model):
    """What the order's T/C/D rows will come to on the service invoice."""

    _inherit = "service.work.order"

    def _add_automatic_tcd(self):
        """Rows of the codes that new orders of a company get by themselves."""
        codes = self.env["service.tcd"]._get_auto_codes(self.company_id)
        # the rows are the company's wish, whoever makes the order
        self.env["service.invoice.tcd"].sudo().create(
            [
                {"work_order_id": order.id, "tcd_id": code.id}
                for order in self
                for code in codes.get(order.company_id, ())
                if code not in order.tcd_ids.tcd_id
            ]
        )

    def _get_tcd_errors(self):
        return self.tcd_ids._get_save_errors()

    def _get_tcd_results(self, parts=None):
        """What the charges and discounts come to, by the rule of the invoice.

        :param list parts: ``SharePart`` they are counted from; by default what the
            customer bears by the document check
        :return: dict row → ``RowResult``, before the payer's fiscal position
        """
        self.ensure_one()
        if not self.tcd_ids:
            return {}
        if parts is None:
            lines = self._get_customer_lines()
        else:
            lines = [
                part.order_line._get_part_scope_line(part)
                for part in parts
                if not part.tax_claim
            ]
        return self.tcd_ids._compute_results(lines, self._keep_taxes)

    @api.model
    def _keep_taxes(self, taxes):
        """On the order taxes are the products'; each payer's are mapped later."""
        return taxes

    def _get_tcd_estimates(self):
        """What the order's charges and discounts come to on the service invoice.

        :return: dict row → amount before tax in the order's currency, positive
        """
        results = self._get_tcd_results()
        return {row: result.amount for row, result in results.items()}

    def _get_order_discount(self):
        """All order-level discounts, before tax in the order's currency."""
        self.ensure_one()
        estimates = self._get_tcd_estimates().items()
        return sum(amount for row, amount in estimates if row.tcd_type == "discount")

    def _get_tcd_parts(self, parts):
        """The order's charges and discounts as they will stand on the service invoice.

        :param list parts: ``SharePart`` of that invoice
        :return: list of (product taxes, amount before tax in the order's currency,
            signed); taxes of tax rows are among them
        """
        return [
            (taxes, amount)
            for result in self._get_tcd_results(parts).values()
            for (taxes, __), amount in result.parts.items()
        ]

    def _get_part_taxes(self, part):
        """Taxes of a part on the service invoice, those of tax rows among them.

        :param SharePart part: what the customer bears
        """
        if part.tax_claim:
            return part.taxes
        return part.taxes | self.tcd_ids._get_added_taxes(
            part.taxes, part.category, self._keep_taxes
        )

    def _get_customer_lines(self):
        """What the customer bears by the document check, deductible included.

        :return: list of ``ScopeLine``
        """
        self.ensure_one()
        lines = [line._get_customer_scope_line() for line in self.line_ids]
        for claim in self.line_ids.claim_id:
            lines += [
                ScopeLine(line.cost_category, line.tax_ids._origin, amount)
                for line, amount in claim._get_deductible_by_line().items()
            ]
        return lines


class ServiceWorkOrderLine(models.Model):
    """What rows of the order count of its lines."""

    _inherit = "service.work.order.line"

    def _get_customer_scope_line(self):
        """The customer's share of this line, as T/C/D rows count it."""
        self.ensure_one()
        share = self.amount_customer
        quantity = self._get_share_quantity(share)
        if self._is_borne_whole("service"):
            quantity = self.quantity
        # in an open form those of lines and of codes are not the same records
        taxes = self.tax_ids._origin
        return ScopeLine(
            self.cost_category, taxes, share, quantity, self.product_uom_id
        )

    def _get_part_scope_line(self, part):
        """A part of this line, as T/C/D rows count it; the own risk is no work.

        :param SharePart part: what the customer bears
        """
        if part.is_deductible:
            return ScopeLine(part.category, part.taxes, part.amount)
        quantity = self._get_share_quantity(part.amount)
        if part.is_whole:
            quantity = self.quantity
        uom = self.product_uom_id
        return ScopeLine(part.category, part.taxes, part.amount, quantity, uom)

    def _get_share_quantity(self, amount):
        """Quantity of work in a share of this line.

        :param float amount: the share before tax in the order's currency, signed
        :return: the same share of the quantity
        """
        if not self or not self.price_subtotal:
            return 0.0
        return self.quantity * amount / self.price_subtotal
