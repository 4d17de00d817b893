from odoo import models

from .account_move_attachment import ATTACHMENT_REPORT


class IrActionsReport(models.Model):
    """Whichever way the attachment of a maintenance invoice is printed, it is the one
    that was stored, and the first print stores it."""

    _inherit = "ir.actions.report"

    def retrieve_attachment(self, record):
        if self.report_name == ATTACHMENT_REPORT:
            return record.maintenance_attachment_id
        return super().retrieve_attachment(record)

    def _prepare_pdf_report_attachment_vals_list(self, report, streams):
        if report.report_name != ATTACHMENT_REPORT:
            return super()._prepare_pdf_report_attachment_vals_list(report, streams)
        contents = {
            res_id: data["stream"].getvalue()
            for res_id, data in streams.items()
            if res_id and data["stream"]
        }
        moves = self.env["account.move"].browse(contents)
        moves._store_maintenance_attachments(contents)
        # stored by ourselves: core would need a right to change the invoice
        return []
