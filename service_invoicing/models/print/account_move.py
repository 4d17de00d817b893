from odoo import models
from odoo.exceptions import UserError

# The summary as it is printed below the cost categories, in rows that add up
PRINTED_AMOUNTS = [
    "service_amount_tax",
    "service_amount_charge",
    "service_amount_discount",
    "service_amount_total",
    "service_amount_withholding",
    "service_amount_before_adjustment",
    "service_amount_adjusted",
    "service_amount_net",
]
STRONG = {
    "service_amount_total",
    "service_amount_before_adjustment",
    "service_amount_net",
}
DEDUCTED = {
    "service_amount_discount",
    "service_amount_withholding",
    "service_amount_adjusted",
}


class AccountMove(models.Model):
    """What the print says above, beside and below the lines."""

    _inherit = "account.move"

    def action_service_view(self):
        """Show the invoice as it is printed, on the screen.

        :return: report action
        """
        return self.action_service_print() | {"report_type": "qweb-html"}

    def action_service_print(self):
        """Print the invoices: the PDF that is sent to the payer, whatever template
        was chosen for him. Several print into one file.

        :return: report action
        :raise UserError: without a document, or when one cannot be printed
        """
        self.check_access("read")
        if not self:
            raise UserError(self.env._("Choose the invoices to print."))
        report = self.env["account.move.send"]._get_common_pdf_report(self)
        return report.report_action(self.ids)

    def _get_service_print_header(self):
        """Pairs of label and text printed above the lines, empty ones left out.

        Whoever may print the invoice sees what it is about, with or without a
        right on work orders and vehicles; nothing else is read by it.
        """
        self.ensure_one()
        facts = self.env["service.print.header"]._get_facts(self.sudo())
        return [(label, text) for label, text in facts if text]

    def _get_service_print_summary(self):
        """Rows of the summary for prints: label, amount in the invoice's currency,
        strong, and the name of the field it is.

        What is deducted is negative, so the rows add up as they stand. The invoice
        prints rows that are no field below its own totals.
        """
        self.ensure_one()
        categories = self.env["product.template"]._get_cost_categories()
        names = [f"service_amount_{key}" for key in categories] + PRINTED_AMOUNTS
        names = [name for name in names if self._is_printed_in_summary(name)]
        labels = self.fields_get(names, ["string"])
        return [
            {
                "name": name,
                "label": labels[name]["string"],
                "amount": -self[name] if name in DEDUCTED else self[name],
                "strong": name in STRONG,
            }
            for name in names
        ]

    def _is_printed_in_summary(self, name):
        """Totals are always printed, but for the one in the middle where it would
        only repeat them; the rest when it is not zero."""
        if name == "service_amount_before_adjustment":
            between = (self.service_amount_withholding, self.service_amount_adjusted)
            return not any(self.currency_id.is_zero(amount) for amount in between)
        return name in STRONG or not self.currency_id.is_zero(self[name])

    def _get_service_print_totals(self, with_payments=True):
        """What is printed below the lines: net, taxes, total and what is due.

        :return: see ``service.print.totals``; empty for documents that are not ours
        """
        self.ensure_one()
        if not self.service_invoice_type:
            return {}
        return self.env["service.print.totals"]._get_totals(self.sudo(), with_payments)

    def _get_move_lines_to_report(self):
        """Prepayments that are deducted with their tax stand below the total."""
        lines = super()._get_move_lines_to_report()
        if not self.service_invoice_type:
            return lines
        return lines.filtered(lambda line: not line.service_prepayment_id)

    def _generate_qr_code(self, silent_errors=False):
        """The payer pays what he owes: what he withholds is no part of it."""
        if not self.service_invoice_type:
            return super()._generate_qr_code(silent_errors)
        amount = self.env["service.print.totals"]._get_amount_to_pay(self.sudo())
        if self.currency_id.is_zero(amount):
            return None
        move = self.with_context(service_qr_amount=amount)
        return super(AccountMove, move)._generate_qr_code(silent_errors)

    # What the print of a prepayment invoice says more than that of an invoice.

    def _get_prepayment_print_note(self):
        """What a prepayment invoice is and what becomes of it, for its payer.

        :return: text in the language of the environment, empty for other documents
        """
        self.ensure_one()
        if not self._is_service_prepayment():
            return ""
        if self.service_prepayment_mode == "deduction":
            return self.env._(
                "This is a request for an advance payment. The amount received is "
                "deducted, with its tax, on the invoice of the work."
            )
        return self.env._(
            "This is a request for an advance payment; it bears no tax. The amount "
            "received is set against the invoice of the work, on which the tax is "
            "charged."
        )

    def _describe_settling_prepayment(self, payment_vals):
        """What the print calls a payment that no money was received for.

        :param dict payment_vals: an item of core's payments widget
        :return: text in the payer's language, empty for receipts and credit memos
        """
        self.ensure_one()
        entry = self.sudo().browse(payment_vals.get("move_id"))
        prepayment = entry.service_adjusted_prepayment_id
        return self._describe_deduction(prepayment) if prepayment else ""

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
        """Whether it is the invoice of the whole job, no credit and no moved share, nor
        a part of it: what others bear would be taken off each part."""
        return (
            self.service_invoice_type == "service"
            and self.move_type == "out_invoice"
            and not self._bills_moved_share()
            and not self._bills_part()
        )

    def _get_service_deductions(self):
        """What others bear of the work, for the line table of a service invoice.

        :return: see ``service.print.columns``; empty when nobody else bears anything
        """
        self.ensure_one()
        if not self._is_service_invoice_of_customer():
            return {}
        return self.env["service.print.columns"]._get_columns(self.sudo())

    def _has_service_statement(self):
        """Whether a page of its own says what was done on which order."""
        self.ensure_one()
        is_third_party = self.service_invoice_type in ("program", "insurance")
        return is_third_party and len(self.sudo().work_order_ids) > 1

    def _get_service_statement(self):
        """One row per work order, adding up to the invoice in every column.

        :return: see ``service.print.statement``; empty without a statement
        """
        self.ensure_one()
        if not self._has_service_statement():
            return {}
        return self.env["service.print.statement"]._get_statement(self.sudo())

    def _get_service_earlier_rows(self):
        """What its payer was billed of the order before, this invoice and the sum.

        :return: list of dict with ``label``, ``date``, ``amount`` before tax in the
            document's currency and ``strong``; empty where nothing was billed before
        """
        self.ensure_one()
        earlier = self._get_earlier_invoices()
        if not earlier:
            return []
        rows = [
            {
                "label": move._get_service_label(),
                "date": move.invoice_date,
                # a prepayment that was deducted is no less work
                "amount": sum(
                    line.price_subtotal
                    for line in move.invoice_line_ids
                    if line.display_type == "product" and not line.service_prepayment_id
                ),
                "strong": False,
            }
            for move in earlier | self
        ]
        rows[-1]["label"] = self.env._("This invoice")
        total = {
            "label": self.env._("Net"),
            "date": False,
            "amount": sum(row["amount"] for row in rows),
            "strong": True,
        }
        return [*rows, total]


class AccountMoveLine(models.Model):
    """What the print says of a line of a prepayment."""

    _inherit = "account.move.line"

    def _get_prepayment_print_facts(self):
        """What a line of a prepayment is for: its cost category and its own order."""
        self.ensure_one()
        # whoever may print the document sees the number of the order
        line = self.sudo()
        if not line._filter_prepayment_lines():
            return ""
        field = self._fields["service_cost_category"]
        categories = dict(field._description_selection(self.env))
        facts = [
            categories.get(line.service_cost_category),
            line.service_work_order_id.name,
        ]
        return " – ".join(filter(None, facts))
