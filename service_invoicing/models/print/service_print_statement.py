from odoo import models
from odoo.tools import format_date

from ...tools.split import split_amount

# Columns of the statement that are always there; the others when they have an amount
ALWAYS = ("net", "tax", "total")
COLUMNS = (
    "labour",
    "material",
    "other",
    "deductible",
    "net",
    "tax",
    "withheld",
    "total",
)


class ServicePrintStatement(models.AbstractModel):
    """The statement behind an invoice over many work orders: one row for each; and what
    was billed of one order before."""

    _name = "service.print.statement"
    _description = "Printed Statement of Work Orders"

    def _get_statement(self, move):
        """One row per work order, adding up to the invoice in every column.

        :return: dict: ``columns`` that have an amount, ``rows`` in the order of the
            work orders (what belongs to none of them comes last), ``total``; amounts
            in the invoice's currency; empty without a statement
        """
        # whoever may print the document sees what it is about
        move = move.sudo()
        if not self._is_wanted(move):
            return {}
        groups = self._group_lines(move)
        rows = [
            self._prepare_row(move, order, lines) for order, lines in groups.items()
        ]
        self._add_taxes(move, rows, list(groups.values()))
        total = {
            name: move.currency_id.round(sum(row[name] for row in rows))
            for name in COLUMNS
        }
        columns = [
            name
            for name in COLUMNS
            if name in ALWAYS
            or any(not move.currency_id.is_zero(row[name]) for row in rows)
        ]
        return {"columns": columns, "rows": rows, "total": total}

    def _is_wanted(self, move):
        """Whether a page of its own says what was done on which order."""
        is_third_party = move.service_invoice_type in ("program", "insurance")
        return is_third_party and len(move.sudo().work_order_ids) > 1

    def _group_lines(self, move):
        """Invoice lines by work order.

        :return: dict work order → lines; the empty work order, at the end, has what
            was added by hand and cash rounding
        """
        lines = move.line_ids.filtered(
            lambda line: line.display_type in ("product", "rounding")
            and not (line.display_type == "rounding" and line.tax_repartition_line_id)
        )
        groups = lines.grouped(lambda line: line.service_order_line_id.order_id)
        nobody = move.env["service.work.order"]
        orders = move.work_order_ids.sorted(lambda o: (o.order_date, o.id))
        listed = [*orders, *([nobody] if nobody in groups else [])]
        return {order: groups.get(order, lines.browse()) for order in listed}

    def _prepare_row(self, move, order, lines):
        """Texts and amounts before tax of one work order.

        :param order: empty for lines of no order
        """
        row = dict.fromkeys(COLUMNS, 0.0)
        for line in lines:
            amount = line.amount_currency * move.direction_sign
            row[self._get_column(move, line)] += amount
            row["net"] += amount
        return row | {
            "order": self._describe_order(move, order),
            "vehicle": self._describe_vehicle(move, order),
            "coverage": self._describe_coverage(move, lines),
        }

    def _get_column(self, move, line):
        """Column of the statement for an invoice line."""
        if line.service_deductible:
            return "deductible"
        category = line.service_cost_category
        return category if category in ("labour", "material") else "other"

    def _describe_order(self, move, order):
        """Number and date; lines of no order say so."""
        if not order:
            return [move.env._("Not on a work order")]
        return [order.name, format_date(move.env, order.order_date)]

    def _describe_vehicle(self, move, order):
        """Plate, customer, the customer's own order number."""
        texts = [
            order.license_plate,
            order.partner_id.display_name,
            order.customer_reference,
        ]
        return [text for text in texts if text]

    def _describe_coverage(self, move, lines):
        """What the payer knows the case by: program, or claim and policy."""
        order_lines = lines.service_order_line_id
        if move.service_invoice_type == "program":
            return order_lines.program_id.mapped("name")
        texts = []
        for claim in order_lines.claim_id:
            texts.append(claim.name)
            if claim.policy_number:
                texts.append(move.env._("Policy %s", claim.policy_number))
        return texts

    def _add_taxes(self, move, rows, groups):
        """Split the invoice's taxes among the rows, the residual on the largest.

        :param list groups: invoice lines of each row
        """
        # what is withheld on payment is no part of the invoice's total
        withheld = move.service_amount_withholding - move._get_payment_withholding()
        tax = move.amount_total - move.amount_untaxed + withheld
        weights = self._get_tax_weights(move, groups)
        for name, amount in (("tax", tax), ("withheld", -withheld)):
            parts = split_amount(amount, weights[name], move.currency_id)
            for row, part in zip(rows, parts, strict=True):
                row[name] = part
        for row in rows:
            row["net"] = move.currency_id.round(row["net"])
            row["total"] = move.currency_id.round(
                row["net"] + row["tax"] + row["withheld"]
            )

    def _get_tax_weights(self, move, groups):
        """Unrounded taxes of each group of lines, as the tax engine finds them.

        :return: dict ``tax`` and ``withheld`` → list of one number per group
        """
        base_lines, __ = move._get_rounded_base_and_tax_lines()
        found = {}
        for base_line in base_lines:
            for data in base_line["tax_details"]["taxes_data"]:
                name = "withheld" if data["tax"].service_withholding else "tax"
                key = name, base_line["record"]
                found[key] = found.get(key, 0.0) + data["raw_tax_amount_currency"]
        return {
            name: [sum(found.get((name, line), 0.0) for line in g) for g in groups]
            for name in ("tax", "withheld")
        }

    # -- an order that is billed in parts -----------------------------------------

    def _get_earlier_rows(self, move):
        """What its payer was billed of the order before, this invoice and the sum.

        :return: list of dict with ``label``, ``date``, ``amount`` before tax in the
            document's currency and ``strong``; empty where nothing was billed before
        """
        earlier = self._get_earlier_invoices(move)
        if not earlier:
            return []
        rows = [
            self._prepare_earlier_row(
                invoice._get_service_label(),
                invoice.invoice_date,
                # a prepayment that was deducted is no less work
                sum(
                    line.price_subtotal
                    for line in invoice._get_billed_lines()
                    if not line.service_prepayment_id
                ),
            )
            for invoice in earlier | move
        ]
        rows[-1]["label"] = self.env._("This invoice")
        total = sum(row["amount"] for row in rows)
        net = self._prepare_earlier_row(self.env._("Net"), False, total)
        return [*rows, net | {"strong": True}]

    def _get_earlier_invoices(self, move):
        """Invoices by which this one's payer was billed parts of its orders before.

        :return: ``account.move``, oldest first
        """
        own = move.sudo().service_order_release_ids
        if move.move_type != "out_invoice" or any(own.mapped("is_supplement")):
            return move.browse()
        others = own.work_order_id._get_standing_releases(void=own).filtered(
            lambda r: r.state == "invoiced"
            and not r.is_supplement
            and r._get_payer() == move._get_service_payer()
            and r.move_id.id < move.id
        )
        return others.move_id.sorted("id").sudo(move.env.su)

    def _prepare_earlier_row(self, label, date, amount):
        return {"label": label, "date": date, "amount": amount, "strong": False}
