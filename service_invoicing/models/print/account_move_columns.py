from odoo import models

from ...tools.cost_category import ADDITIONAL_CHARGE, COST_CATEGORY_KEYS

AMOUNTS = ("cost", "program", "insurance", "amount")


class AccountMove(models.Model):
    """The printed service invoice shows the whole job, not just the customer's part.

    Every row: what the work costs before tax, less what programs and insurers bear of
    it, is the customer's part. Amounts are in the invoice's currency.
    """

    _inherit = "account.move"

    def _get_service_next_services(self):
        """Next services printed on a service invoice.

        :return: list of texts, one per order that has one; with the plate where there
            are several
        """
        self.ensure_one()
        if not self._is_service_invoice_of_customer():
            return []
        orders = self.sudo().work_order_ids
        texts = [(order, order._describe_next_service()) for order in orders]
        return [
            f"{order.license_plate}: {text}"
            if len(orders) > 1 and order.license_plate
            else text
            for order, text in texts
            if text
        ]

    def _is_service_invoice_of_customer(self):
        """Whether it is the invoice of the whole job, no credit and no moved share."""
        return (
            self.service_invoice_type == "service"
            and self.move_type == "out_invoice"
            and not self.sudo().service_transfer_id
        )

    def _get_service_deductions(self):
        """What others bear of the work, for the line table of a service invoice.

        :return: empty when nobody else bears anything, else a dict: ``columns`` that
            are deducted (program, insurance), ``rows`` by id of the invoice line,
            ``others`` (rows that are not invoiced to the customer) by id of the line
            they follow, ``False`` for the top, and the ``total``
        """
        self.ensure_one()
        if not self._is_service_invoice_of_customer():
            return {}
        move = self.sudo()
        lines = move._get_move_lines_to_report()
        rows = move._prepare_service_print_rows(lines)
        others = move._place_service_rows(lines, move._prepare_rows_of_others(lines))
        listed = [*rows.values(), *(row for group in others.values() for row in group)]
        total = move._sum_service_rows(row for row in listed if not row["strong"])
        columns = [
            name
            for name in ("program", "insurance")
            if any(not self.currency_id.is_zero(row[name]) for row in listed)
        ]
        if not columns:
            return {}
        rows |= move._prepare_service_section_rows(lines, rows, others)
        return {"columns": columns, "rows": rows, "others": others, "total": total}

    def _prepare_service_print_rows(self, lines):
        """Rows of the customer's own invoice lines, by their ids."""
        rows = {}
        shared = self.env["service.work.order.line"]
        for line in lines.filtered(lambda line: line.display_type == "product"):
            # what is deducted from an order line is deducted once
            row = self._prepare_service_print_row(
                line, line.service_order_line_id - shared
            )
            if not line._is_moved_from_insurer():
                shared |= line.service_order_line_id
            rows[line.id] = row
        return rows

    def _prepare_service_print_row(self, line, order_line):
        """Row of one invoice line.

        A deductible costs nothing more: it lowers what the insurer bears. So does the
        pair by which the customer pays the tax on what the insurer bears.

        :param order_line: the order line it bills, empty for charges and the like
        """
        amount = line.price_subtotal
        if line.service_prepayment_id:
            # it costs nothing less: it was paid before
            row = self._prepare_service_row(line.name, 0.0, 0.0, amount)
            return row | {"cost": 0.0}
        if line._is_moved_from_insurer():
            return self._prepare_service_row(line.name, 0.0, amount, amount)
        row = self._prepare_service_row(
            line.name, -order_line.amount_program, -order_line.amount_insurance, amount
        )
        compare = self.currency_id.compare_amounts
        if not compare(row["cost"], amount):
            return row | self._prepare_service_quantity(line)
        if compare(row["cost"], order_line.price_subtotal):
            # the price was corrected: the order's no longer leads to this cost
            return row | {
                "quantity": 1.0,
                "unit": "",
                "price": row["cost"],
                "discount": 0.0,
            }
        if line.name == order_line._describe_share(amount):
            row["name"] = order_line.name
        return row | self._prepare_service_quantity(order_line)

    def _prepare_service_row(self, name, program, insurance, amount):
        """A row that adds up: cost + program + insurance = amount.

        :param float program: what programs bear, negative
        :param float insurance: what insurers bear, negative
        :param float amount: what the customer bears
        """
        return {
            "name": name,
            "strong": False,
            "cost": self.currency_id.round(amount - program - insurance),
            "program": program,
            "insurance": insurance,
            "amount": amount,
        }

    def _prepare_service_quantity(self, source):
        """How much at which price, of an invoice line or an order line."""
        return {
            "quantity": source.quantity,
            "unit": source.product_uom_id.name or "",
            "price": source.price_unit,
            "discount": source.discount,
        }

    def _prepare_rows_of_others(self, lines):
        """Rows of what sponsors and insurers bear whole, by cost category."""
        own = lines.filtered(lambda line: not line._is_moved_from_insurer())
        rows = {}
        for line in self.work_order_ids.line_ids - own.service_order_line_id:
            claim = line.claim_id.filtered(lambda claim: claim.state != "rejected")
            if line.program_id or claim:
                row = self._prepare_service_row(
                    line.name, -line.amount_program, -line.amount_insurance, 0.0
                ) | self._prepare_service_quantity(line)
                rows.setdefault(line.cost_category, []).append(row)
        return rows

    def _place_service_rows(self, lines, rows):
        """Put the rows of others among the printed lines of their cost category.

        :param dict rows: cost category → rows; a category of which the customer bears
            nothing gets a title of its own
        :return: dict id of the line they follow, ``False`` for the top → rows
        """
        anchors, ends = self._find_service_anchors(lines)
        titles = dict(
            self.env["account.move.line"]
            ._fields["service_cost_category"]
            ._description_selection(self.env)
        )
        placed = {}
        end = False
        for category in COST_CATEGORY_KEYS:
            chosen = rows.get(category, [])
            if chosen and category not in anchors:
                title = {"name": titles[category], **self._sum_service_rows(chosen)}
                chosen = [title | {"strong": True}, *chosen]
            placed.setdefault(anchors.get(category, end), []).extend(chosen)
            end = ends.get(category, end)
        return placed

    def _find_service_anchors(self, lines):
        """Which line the rows of others follow: the work before the deductible.

        :return: two dicts cost category → id of the line after which its rows go, and
            of its last line
        """
        anchors = {}
        ends = {}
        before = False
        for line in lines:
            if line.display_type == "product" and not (
                line.service_tcd_id or line.service_prepayment_id
            ):
                category = line.service_cost_category or ADDITIONAL_CHARGE
                if line._is_moved_from_insurer():
                    anchors.setdefault(category, before)
                else:
                    anchors[category] = line.id
                ends[category] = line.id
            before = line.id
        return anchors, ends

    def _prepare_service_section_rows(self, lines, rows, others):
        """Subtotals of the sections, rows of others included, by the section's id."""
        sections = {}
        members = []
        for line in lines:
            if line.display_type == "line_section":
                members = sections.setdefault(line.id, [])
            elif line.id in rows:
                members.append(rows[line.id])
            for row in others.get(line.id, []):
                if row["strong"]:
                    members = []
                members.append(row)
        return {
            line_id: {"strong": True, **self._sum_service_rows(members)}
            for line_id, members in sections.items()
        }

    def _sum_service_rows(self, rows):
        """Column totals of rows."""
        rows = list(rows)
        return {
            name: self.currency_id.round(sum(row[name] for row in rows))
            for name in AMOUNTS
        }
