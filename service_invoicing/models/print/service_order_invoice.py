from odoo import models
from odoo.exceptions import UserError

from ...tools.arguments import expects
from ...tools.guards import raise_together


class ServiceOrderInvoice(models.Model):
    """The print of an invoice, for who may read its work orders."""

    _inherit = "service.order.invoice"

    @expects(one=True)
    def action_print(self):
        """Print the invoice: the PDF that its payer gets.

        :return: report action
        :raise AccessError: for who may not read all orders of the invoice
        :raise UserError: when it is not authorized yet
        """
        self._check_printable()
        report = self.env.ref("service_invoicing.service_order_invoice_report")
        return report.report_action(self.ids)

    def _check_printable(self):
        """Below the button: the address of a report can be typed, too."""
        self.check_access("read")
        raise_together(
            [
                self.env._(
                    "%s is not authorized yet, so there is nothing to hand out. Print "
                    "the proforma invoice of the work order instead.",
                    row.name or row.partner_id.display_name,
                )
                for row in self
                if not row.is_authorized
            ]
        )

    def _render_invoices(self):
        """The invoices as they are printed and sent; core asks for a right on
        ``account.move``, hence sudo() after our own check.

        :return: content and kind of the file
        """
        if not self:
            raise UserError(self.env._("Choose the invoices to print."))
        self._check_printable()
        moves = self.env["account.move"].sudo().browse(self.ids)
        report = moves.env["account.move.send"]._get_common_pdf_report(moves)
        return report._render_qweb_pdf(report.report_name, moves.ids)
