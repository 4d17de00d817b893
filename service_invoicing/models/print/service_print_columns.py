from odoo import models

from ...tools.cost_category import ADDITIONAL_CHARGE

AMOUNTS = ("cost", "program", "insurance", "amount")


class ServicePrintColumns(models.AbstractModel):
    """The printed service invoice shows the whole job, not just the customer's part.

    Every row: what the work costs before tax, less what programs and insurers bear of
    it, is the customer's part. Amounts are in the invoice's currency.
    """

    _name = "service.print.columns"
    _description = "Printed Columns of a Service Invoice"

    def _get_columns(self, move):
        """What others bear of the work, for the line table of a service invoice.

        :return: empty when nobody else bears anything, else a dict: ``columns`` that
            are deducted (program, insurance), ``rows`` by id of the invoice line,
            ``others`` (rows that are not invoiced to the customer) by id of the line
            they follow, ``False`` for the top, and the ``total``
        """
        # whoever may print the document sees what it is about
        move = move.sudo()
        if not self._bills_whole_job(move):
            return {}
        lines = move._get_move_lines_to_report()
        rows = self._prepare_rows(move, lines)
        others = self._place_rows(
            move, lines, self._prepare_rows_of_others(move, lines)
        )
        listed = [*rows.values(), *(row for group in others.values() for row in group)]
        total = self._sum_rows(move, (row for row in listed if not row["strong"]))
        columns = [
            name
            for name in ("program", "insurance")
            if any(not move.currency_id.is_zero(row[name]) for row in listed)
        ]
        if not columns:
            return {}
        rows |= self._prepare_section_rows(move, lines, rows, others)
        return {"columns": columns, "rows": rows, "others": others, "total": total}

    def _bills_whole_job(self, move):
        """Whether it is the customer's invoice of it, no credit and no moved share, nor
        a part: what others bear would be taken off each part."""
        return (
            move.service_invoice_type == "service"
            and move.move_type == "out_invoice"
            and not move._bills_moved_share()
            and not self._bills_part(move)
        )

    def _bills_part(self, move):
        """Whether other invoices bill a part of the same shares; a price that was
        corrected is no part."""
        agreed, billed = {}, {}
        for order in move.sudo().work_order_ids:
            agreed |= order._get_agreed_amounts()
        for line in move.sudo().invoice_line_ids.filtered("service_order_line_id"):
            if not line.service_tcd_id and not line.service_tax_claim_id:
                released = line.service_release_line_id
                share = released.share_amount if released else line.price_subtotal
                key = line.service_order_line_id, move.service_invoice_type
                billed[key] = billed.get(key, 0.0) + share
        # included taxes may move a smallest unit
        slack = move.currency_id.rounding * 1.5
        return any(
            abs(share - agreed.get(key, 0.0)) > slack for key, share in billed.items()
        )

    def _prepare_rows(self, move, lines):
        """Rows of the customer's own invoice lines, by their ids."""
        rows = {}
        shared = move.env["service.work.order.line"]
        for line in lines.filtered(lambda line: line.display_type == "product"):
            # what is deducted from an order line is deducted once
            row = self._prepare_line_row(
                move, line, line.service_order_line_id - shared
            )
            if not line._is_moved_from_insurer():
                shared |= line.service_order_line_id
            rows[line.id] = row
        return rows

    def _prepare_line_row(self, move, line, order_line):
        """Row of one invoice line.

        A deductible costs nothing more: it lowers what the insurer bears. So does the
        pair by which the customer pays the tax on what the insurer bears.

        :param order_line: the order line it bills, empty for charges and the like
        """
        amount = line.price_subtotal
        if line._is_moved_from_insurer():
            return self._prepare_row(move, line.name, 0.0, amount, amount)
        row = self._prepare_row(
            move,
            line.name,
            -order_line.amount_program,
            -order_line.amount_insurance,
            amount,
        )
        compare = move.currency_id.compare_amounts
        if not compare(row["cost"], amount):
            return row | self._prepare_quantity(move, line)
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
        return row | self._prepare_quantity(move, order_line)

    def _prepare_row(self, move, name, program, insurance, amount):
        """A row that adds up: cost + program + insurance = amount.

        :param float program: what programs bear, negative
        :param float insurance: what insurers bear, negative
        :param float amount: what the customer bears
        """
        return {
            "name": name,
            "strong": False,
            "cost": move.currency_id.round(amount - program - insurance),
            "program": program,
            "insurance": insurance,
            "amount": amount,
        }

    def _prepare_quantity(self, move, source):
        """How much at which price, of an invoice line or an order line."""
        return {
            "quantity": source.quantity,
            "unit": source.product_uom_id.name or "",
            "price": source.price_unit,
            "discount": source.discount,
        }

    def _prepare_rows_of_others(self, move, lines):
        """Rows of what sponsors and insurers bear whole, by cost category."""
        own = lines.filtered(lambda line: not line._is_moved_from_insurer())
        rows = {}
        for line in move.work_order_ids.line_ids - own.service_order_line_id:
            claim = line.claim_id.filtered(lambda claim: claim.state != "rejected")
            if line.program_id or claim:
                row = self._prepare_row(
                    move, line.name, -line.amount_program, -line.amount_insurance, 0.0
                ) | self._prepare_quantity(move, line)
                rows.setdefault(line.cost_category, []).append(row)
        return rows

    def _place_rows(self, move, lines, rows):
        """Put the rows of others among the printed lines of their cost category.

        :param dict rows: cost category → rows; a category of which the customer bears
            nothing gets a title of its own
        :return: dict id of the line they follow, ``False`` for the top → rows
        """
        anchors, ends = self._find_anchors(move, lines)
        titles = dict(
            move.env["account.move.line"]
            ._fields["service_cost_category"]
            ._description_selection(move.env)
        )
        placed = {}
        end = False
        for category in titles:
            chosen = rows.get(category, [])
            if chosen and category not in anchors:
                title = {"name": titles[category], **self._sum_rows(move, chosen)}
                chosen = [title | {"strong": True}, *chosen]
            placed.setdefault(anchors.get(category, end), []).extend(chosen)
            end = ends.get(category, end)
        return placed

    def _find_anchors(self, move, lines):
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

    def _prepare_section_rows(self, move, lines, rows, others):
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
            line_id: {"strong": True, **self._sum_rows(move, members)}
            for line_id, members in sections.items()
        }

    def _sum_rows(self, move, rows):
        """Column totals of rows."""
        rows = list(rows)
        return {
            name: move.currency_id.round(sum(row[name] for row in rows))
            for name in AMOUNTS
        }
