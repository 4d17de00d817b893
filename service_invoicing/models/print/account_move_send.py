from functools import partial

from odoo import api, models

from ...tools.attempt import attempt_each


class AccountMoveSend(models.AbstractModel):
    """Of documents of ours that are sent together each goes out or is named, and what
    does not go out is not marked as sent."""

    _inherit = "account.move.send"

    @api.model
    def _generate_and_send_invoices(
        self,
        moves,
        from_cron=False,
        allow_raising=True,
        allow_fallback_pdf=False,
        **custom_settings,
    ):
        send = partial(
            super()._generate_and_send_invoices,
            from_cron=from_cron,
            allow_raising=allow_raising,
            allow_fallback_pdf=allow_fallback_pdf,
            **custom_settings,
        )
        if not from_cron or not any(move.service_invoice_type for move in moves):
            return send(moves)
        # otherwise the scheduler would fail for all of them, again and again
        errors = attempt_each(moves, send)
        self._name_service_errors(errors)
        sent = [move for move in moves if move not in errors]
        files = [self._get_invoice_extra_attachments(move) for move in sent]
        return self.env["ir.attachment"].union(*files)

    @api.model
    def _name_service_errors(self, errors):
        """Name what failed as core names what it finds wrong itself: on the document,
        and to who sent it.

        :param dict errors: text by document
        """
        failed = {
            move.sudo(): {
                "error": {"error_title": error},
                "sending_methods": set(),
                "author_partner_id": move.sending_data.get("author_partner_id")
                or self.env.user.partner_id.id,
            }
            for move, error in errors.items()
        }
        if failed:
            self._hook_if_errors(failed, allow_raising=False)
        for move in failed:
            move.sending_data = False

    @api.model
    def _hook_invoice_document_before_pdf_report_render(self, invoice, invoice_data):
        res = super()._hook_invoice_document_before_pdf_report_render(
            invoice, invoice_data
        )
        if invoice.service_invoice_type and not invoice_data.get("error"):
            error = self._get_service_address_error(invoice, invoice_data)
            if error:
                invoice_data["error"] = {"error_title": error}
        return res

    @api.model
    def _get_service_address_error(self, invoice, invoice_data):
        """Why nobody would get a document: core prints it and says that it is sent.

        :return: text, empty if somebody gets it
        """
        methods = set(invoice_data["sending_methods"])
        if "email" not in methods or any(
            self._is_applicable_to_move(method, invoice, **invoice_data)
            for method in methods
        ):
            return ""
        return self.env._(
            "%(document)s is not sent: %(payer)s has no e-mail address.",
            document=invoice.display_name,
            payer=invoice.partner_id.display_name,
        )

    @api.model
    def _send_mail(self, move, mail_template, **kwargs):
        if not move.service_invoice_type:
            return super()._send_mail(move, mail_template, **kwargs)
        unreached = move._find_service_mail_failures()
        res = super()._send_mail(move, mail_template, **kwargs)
        # this e-mail takes their place: nobody sends them once more
        unreached._cancel_service_mails()
        move._keep_service_mail()
        return res
