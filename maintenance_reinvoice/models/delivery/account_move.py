from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from odoo.addons.service_invoicing.tools.attempt import attempt_each

from ...tools.documents import ATTACHMENT_FIELD, ATTACHMENT_REPORT


class AccountMove(models.Model):
    """The attachment lists the permissions behind a maintenance invoice. It is made
    once per posted document and kept, so that a re-print is the same to the byte."""

    _inherit = "account.move"

    maintenance_attachment_id = fields.Many2one(
        "ir.attachment",
        string="Maintenance attachment",
        compute="_compute_maintenance_attachment_id",
        help="The list of permissions as it was first printed or sent.",
    )
    maintenance_attachment_file = fields.Binary(
        string="Maintenance attachment file",
        attachment=True,
        copy=False,
        readonly=True,
    )

    @api.depends("maintenance_attachment_file")
    def _compute_maintenance_attachment_id(self):
        self._compute_linked_attachment_id(
            "maintenance_attachment_id", ATTACHMENT_FIELD
        )

    def _get_fields_to_detach(self):
        # a reset invoice may change: its attachment is made anew, as its PDF is
        return [*super()._get_fields_to_detach(), ATTACHMENT_FIELD]

    def _has_maintenance_attachment(self):
        """Whether the document is final and has permissions to list."""
        self.ensure_one()
        return self.state == "posted" and self._has_maintenance_rows()

    def _get_maintenance_attachment(self):
        """The stored attachments of posted maintenance invoices and credit memos, in
        the order of the documents; missing ones are made and stored first.

        :return: ir.attachment; nothing for drafts and other documents
        :raise UserError: when one cannot be made
        """
        self.check_access("read")
        missing = self.filtered(
            lambda move: move._has_maintenance_attachment()
            and not move.maintenance_attachment_id
        )
        for company, moves in missing.grouped("company_id").items():
            moves = moves.with_company(company)
            moves._store_maintenance_attachments(moves._render_attachments())
        return self.maintenance_attachment_id

    def _render_attachments(self):
        """The content of each attachment, by the id of its document."""
        reports = self.env["ir.actions.report"]
        content, kind = reports._pre_render_qweb_pdf(ATTACHMENT_REPORT, self.ids)
        return reports._get_splitted_report(ATTACHMENT_REPORT, content, kind)

    def _store_maintenance_attachments(self, contents):
        """Keep the attachments of those documents that have none yet.

        Whoever may read an invoice may print it: storing what he printed needs no
        right to change the invoice.

        :param dict contents: bytes by id of the document
        :raise UserError: naming the documents whose attachment is missing
        """
        moves = self.filtered(
            lambda move: move._has_maintenance_attachment()
            and not move.maintenance_attachment_id
        )
        lost = moves.filtered(lambda move: not contents.get(move.id))
        if lost:
            raise UserError(
                self.env._(
                    "The attachment cannot be made: %s.",
                    ", ".join(lost.mapped("display_name")),
                )
            )
        self.env["ir.attachment"].sudo().create(
            [
                move._prepare_maintenance_attachment_vals(contents[move.id])
                for move in moves
            ]
        )
        moves.invalidate_recordset([ATTACHMENT_FIELD, "maintenance_attachment_id"])

    def _prepare_maintenance_attachment_vals(self, content):
        self.ensure_one()
        return {
            "name": self._get_maintenance_attachment_name(),
            "raw": content,
            "mimetype": "application/pdf",
            "res_model": self._name,
            "res_id": self.id,
            "res_field": ATTACHMENT_FIELD,
            "company_id": self.company_id.id,
        }

    def _get_maintenance_attachment_name(self):
        """File name of the attachment, in the customer's language."""
        self.ensure_one()
        lang = self.partner_id.lang or self.env.lang
        number = (self.name or "").replace("/", "_")
        return self.with_context(lang=lang).env._("Attachment_%s.pdf", number)

    def action_print_maintenance_attachment(self):
        """Print the attachments: those kept, drafts as they are now."""
        self.check_access("read")
        report = self.env.ref("maintenance_reinvoice.action_report_attachment")
        return report.report_action(self, config=False)

    def _get_move_lines_to_report(self):
        """A collective invoice prints one line per tax set with the standard text, if
        the company wants so; its contracts are on the attachment."""
        lines = super()._get_move_lines_to_report()
        if not self.maintenance_mass_invoice or not self._is_printed_by_tax():
            return lines
        merged = self.env["account.move.line"]
        for group in lines.grouped("tax_ids").values():
            merged += merged.new(group._prepare_merged_vals())
        return merged

    def _is_printed_by_tax(self):
        """Whether lines are printed as one; never for a customer who wants a line per
        permission line."""
        company = self.company_id
        detail = self.partner_id._get_maintenance_line_detail(company)
        return company.maintenance_print_detail == "tax" and detail != "line"


class AccountMoveLine(models.Model):
    """Lines of a collective invoice that are printed as one."""

    _inherit = "account.move.line"

    def _prepare_merged_vals(self):
        """Values of a printed line that stands for these; never stored, and not linked
        to the invoice, whose lines stay as they are."""
        move = self.move_id
        text = move.company_id._get_maintenance_text(
            move.partner_id.lang or self.env.lang
        )
        return {
            "display_type": "product",
            "name": text or self[0].name,
            "quantity": 1.0,
            "price_unit": sum(line.price_unit * line.quantity for line in self),
            "price_subtotal": sum(self.mapped("price_subtotal")),
            "price_total": sum(self.mapped("price_total")),
            "tax_ids": [Command.set(self[0].tax_ids.ids)],
            "currency_id": move.currency_id.id,
        }


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
    def _call_web_service_before_invoice_pdf_render(self, invoices_data):
        """Made before the print: what core prints counts as sent, even if it fails
        afterwards."""
        # printing the invoice alone does not wait for its attachment
        if not self.env.context.get("maintenance_invoice_only"):
            self._generate_maintenance_attachments(invoices_data)
        return super()._call_web_service_before_invoice_pdf_render(
            {
                move: data
                for move, data in invoices_data.items()
                if not data.get("error")
            }
        )

    @api.model
    def _generate_maintenance_attachments(self, invoices_data):
        """Make the attachments of all documents together; if that fails, one by one,
        so that the failing one is named and keeps nobody else from his."""
        made = [move for move, data in invoices_data.items() if not data.get("error")]
        moves = self.env["account.move"].union(*made).sudo()
        errors = attempt_each(moves, lambda some: some._get_maintenance_attachment())
        for move, error in errors.items():
            invoices_data[move]["error"] = {
                "error_title": self.env._("Attachment of %s", move.display_name),
                "errors": [error],
            }
