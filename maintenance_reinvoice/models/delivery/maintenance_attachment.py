from odoo import models
from odoo.exceptions import UserError

from ...tools.documents import ATTACHMENT_FIELD, ATTACHMENT_REPORT


class MaintenanceAttachment(models.AbstractModel):
    """The attachment lists the permissions behind a maintenance invoice. It is made
    once per posted document and kept, so that a re-print is the same to the byte."""

    _name = "maintenance.attachment"
    _description = "Kept Attachments of Maintenance Invoices"

    def _has_one(self, move):
        """Whether the document is final and has permissions to list."""
        return move.state == "posted" and move._has_maintenance_rows()

    def _filter_missing(self, moves):
        """Those of these documents whose attachment is still to be made."""
        return moves.filtered(
            lambda move: self._has_one(move) and not move.maintenance_attachment_id
        )

    def _ensure_files(self, moves):
        """The stored attachments of posted maintenance invoices and credit memos, in
        the order of the documents; missing ones are made and stored first.

        :return: ir.attachment; nothing for drafts and other documents
        :raise UserError: when one cannot be made
        """
        moves.check_access("read")
        missing = self._filter_missing(moves)
        for company, group in missing.grouped("company_id").items():
            group = group.with_company(company)
            self._store(group, self._render(group))
        return moves.maintenance_attachment_id

    def _render(self, moves):
        """The content of each attachment, by the id of its document."""
        reports = moves.env["ir.actions.report"]
        content, kind = reports._pre_render_qweb_pdf(ATTACHMENT_REPORT, moves.ids)
        return reports._get_splitted_report(ATTACHMENT_REPORT, content, kind)

    def _store(self, moves, contents):
        """Keep the attachments of those documents that have none yet.

        Whoever may read an invoice may print it: storing what he printed needs no
        right to change the invoice.

        :param dict contents: bytes by id of the document
        :raise UserError: naming the documents whose attachment is missing
        """
        moves = self._filter_missing(moves)
        lost = moves.filtered(lambda move: not contents.get(move.id))
        if lost:
            raise UserError(
                self.env._(
                    "The attachment cannot be made: %s.",
                    ", ".join(lost.mapped("display_name")),
                )
            )
        moves.env["ir.attachment"].sudo().create(
            [self._prepare_vals(move, contents[move.id]) for move in moves]
        )
        moves.invalidate_recordset([ATTACHMENT_FIELD, "maintenance_attachment_id"])

    def _prepare_vals(self, move, content):
        return {
            "name": self._get_name(move),
            "raw": content,
            "mimetype": "application/pdf",
            "res_model": move._name,
            "res_id": move.id,
            "res_field": ATTACHMENT_FIELD,
            "company_id": move.company_id.id,
        }

    def _get_name(self, move):
        """File name of the attachment, in the customer's language."""
        lang = move.partner_id.lang or move.env.lang
        number = (move.name or "").replace("/", "_")
        return move.with_context(lang=lang).env._("Attachment_%s.pdf", number)
