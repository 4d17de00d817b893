from odoo import Command, api, fields, models

from odoo.addons.service_invoicing.tools.attempt import attempt_each

from ...tools.documents import ATTACHMENT_FIELD


class AccountMove(models.Model):
    """What customers are sent of re-invoicing, and what logs say of it."""

    _inherit = "account.move"

    maintenance_attachment_id = fields.Many2one(
        "ir.attachment",
        string="Maintenance Attachment",
        compute="_compute_maintenance_attachment_id",
        help="The list of permissions as it was first printed or sent.",
    )
    maintenance_attachment_file = fields.Binary(
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

    def action_print_maintenance_attachment(self):
        """Print the attachments: those kept, drafts as they are now."""
        self.check_access("read")
        report = self.env.ref("maintenance_reinvoice.action_report_attachment")
        return report.report_action(self, config=False)

    def _get_move_lines_to_report(self):
        """A collective invoice prints one line per tax set with the standard text, if
        the company wants so; its contracts are on the attachment."""
        lines = super()._get_move_lines_to_report()
        company = self.company_id
        if (
            not self.maintenance_mass_invoice
            or company.maintenance_print_detail != "tax"
            # the customer wants a line per permission line
            or self.partner_id._get_maintenance_line_detail(company) == "line"
        ):
            return lines
        merged = self.env["account.move.line"]
        for group in lines.grouped("tax_ids").values():
            merged += merged.new(group._prepare_merged_vals())
        return merged


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
        attachment = self.env["maintenance.attachment"]
        if attachment._filter_missing(move):
            name = attachment._get_name(move)
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
        """Make the attachments of all documents together, or of ever fewer of them,
        so that the failing one is named and keeps nobody else from his."""
        made = [move for move, data in invoices_data.items() if not data.get("error")]
        moves = self.env["account.move"].union(*made).sudo()
        errors = attempt_each(moves, self.env["maintenance.attachment"]._ensure_files)
        for move, error in errors.items():
            invoices_data[move]["error"] = {
                "error_title": self.env._("Attachment of %s", move.display_name),
                "errors": [error],
            }
