from odoo import models
from odoo.exceptions import UserError


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
        was chosen for him. Several print into one file, however many: callers rely on
        the report that is returned, and whoever asks for its file waits for it.

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
        return self.env["service.print.totals"]._get_summary(self)

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
