import io

from odoo import api, models

from ...tools.documents import ATTACHMENT_REPORT


class IrActionsReport(models.Model):
    """Whichever way a maintenance invoice or its attachment is printed, it is the
    document that was stored; the first print of an attachment stores it."""

    _inherit = "ir.actions.report"

    # a remote client has no record to give
    @api.private
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
        self.env["maintenance.attachment"]._store(moves, contents)
        # stored by ourselves: core would need a right to change the invoice
        return []

    def _render_qweb_pdf_prepare_streams(self, report_ref, data, res_ids=None):
        stored = self._get_stored_invoices(report_ref, data, res_ids)
        others = [res_id for res_id in res_ids or [] if res_id not in stored]
        if not stored:
            return super()._render_qweb_pdf_prepare_streams(report_ref, data, res_ids)
        streams = {}
        if others:
            streams = super()._render_qweb_pdf_prepare_streams(report_ref, data, others)
        files = {
            res_id: {"stream": io.BytesIO(file.raw), "attachment": file}
            for res_id, file in stored.items()
        }
        if False in streams:
            # what cannot be told apart comes after what is stored
            return files | streams
        return {res_id: (files | streams)[res_id] for res_id in res_ids}

    def _get_stored_invoices(self, report_ref, data, res_ids):
        """Stored PDF of maintenance invoices, by the id of the invoice; only for the
        print that is stored, not for pro formas and other reports."""
        proforma = self.env.context.get("proforma_invoice") or (data or {}).get(
            "proforma"
        )
        if proforma or not res_ids or not self._is_invoice_report(report_ref):
            return {}
        report = self._get_report(report_ref)
        send = self.env["account.move.send"]
        moves = self.env["account.move"].browse(res_ids)
        moves.check_access("read")
        return {
            move.id: move.invoice_pdf_report_id
            for move in moves
            if move.service_invoice_type == "maintenance"
            and move.invoice_pdf_report_id
            and send._get_default_pdf_report_id(move) == report
        }
