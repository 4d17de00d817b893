from odoo import api, models

from ..tools.attempt import attempt


class AccountMoveSend(models.AbstractModel):
    """Core's ways of sending and downloading carry the attachment of a maintenance
    invoice as second document."""

    _inherit = "account.move.send"

    @api.model
    def _get_placeholder_mail_attachments_data(self, move, **kwargs):
        data = super()._get_placeholder_mail_attachments_data(move, **kwargs)
        if move._has_maintenance_attachment() and not move.maintenance_attachment_id:
            name = move._get_maintenance_attachment_name()
            data.append(
                {
                    "id": f"placeholder_{name}",
                    "name": name,
                    "mimetype": "application/pdf",
                    "placeholder": True,
                }
            )
        return data

    @api.model
    def _get_invoice_extra_attachments(self, move):
        invoice = move.invoice_pdf_report_id
        others = super()._get_invoice_extra_attachments(move) - invoice
        return invoice + move.maintenance_attachment_id + others

    @api.model
    def _generate_invoice_documents(self, invoices_data, allow_fallback_pdf=False):
        result = super()._generate_invoice_documents(
            invoices_data, allow_fallback_pdf=allow_fallback_pdf
        )
        # printing the invoice alone does not wait for its attachment
        if not self.env.context.get("maintenance_invoice_only"):
            self._generate_maintenance_attachments(invoices_data)
        return result

    @api.model
    def _generate_maintenance_attachments(self, invoices_data):
        """Make the attachments of all documents together; if that fails, one by one,
        so that the failing one is named and keeps nobody else from his."""
        made = [move for move, data in invoices_data.items() if not data.get("error")]
        moves = self.env["account.move"].union(*made).sudo()
        if not moves or not attempt(moves, moves._get_maintenance_attachment):
            return
        for move in made:
            error = attempt(move, move._get_maintenance_attachment)
            if error:
                invoices_data[move]["error"] = {
                    "error_title": self.env._("Attachment of %s", move.display_name),
                    "errors": [error],
                }
