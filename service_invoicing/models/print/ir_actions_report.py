from odoo import models

# of invoices, for who may read their work orders and has no right on Invoicing
ORDER_INVOICE_REPORT = "service_invoicing.report_order_invoice"


class IrActionsReport(models.Model):
    """What is printed from the row of an invoice is the invoice."""

    _inherit = "ir.actions.report"

    def _render_qweb_pdf(self, report_ref, res_ids=None, data=None):
        if not isinstance(report_ref, str) or report_ref != ORDER_INVOICE_REPORT:
            return super()._render_qweb_pdf(report_ref, res_ids, data)
        # nothing of what the address says but the rows
        rows = self.env["service.order.invoice"].browse(res_ids)
        return rows._render_invoices()
