from odoo import fields, models


class AccountMove(models.Model):
    """E-mails about an invoice ask for what is due, not for its total; one that does
    not reach its payer has not sent it."""

    _inherit = "account.move"

    service_mail_id = fields.Many2one(
        "mail.message",
        string="E-mail to the payer",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The e-mail by which the document was last sent.",
    )

    def _detach_attachments(self):
        """What may be changed now is another document, and was not sent yet."""
        self.sudo().filtered("service_mail_id").service_mail_id = False
        return super()._detach_attachments()

    def _get_mail_template(self):
        if self and all(
            move.service_invoice_type and move.move_type == "out_invoice"
            for move in self
        ):
            name = "service_invoicing.email_template_invoice"
            template = self.env.ref(name, raise_if_not_found=False)
            if template and self.env["service.document.mail"]._has_text_for(
                template, self
            ):
                return template
        return super()._get_mail_template()

    def _notify_by_email_prepare_rendering_context(self, *args, **kwargs):
        """Core heads every e-mail on a document with its total and the due date."""
        context = super()._notify_by_email_prepare_rendering_context(*args, **kwargs)
        is_invoice = self.service_invoice_type and self.move_type == "out_invoice"
        if is_invoice and self.state == "posted":
            context["subtitles"] = [
                *context["subtitles"][:1],
                *self.env["service.document.mail"]._get_due_subtitles(
                    self, context.get("lang")
                ),
            ]
        return context
