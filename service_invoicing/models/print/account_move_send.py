from collections import defaultdict
from functools import partial

from odoo import api, models

from ...tools.attempt import attempt


class AccountMoveSend(models.AbstractModel):
    """Of documents of ours that are sent together each goes out or is named, and what
    does not go out is not marked as sent."""

    _inherit = "account.move.send"

    @api.model
    def _get_common_pdf_report(self, moves):
        """Template that documents are printed with into one file: that of their payer
        or journal, and the usual one where these are different."""
        reports = {self._get_default_pdf_report_id(move) for move in moves}
        report = reports.pop()
        return self.env.ref("account.account_invoices") if reports else report

    @api.model
    def _generate_and_send_invoices(
        self,
        moves,
        from_cron=False,
        allow_raising=True,
        allow_fallback_pdf=False,
        **custom_settings,
    ):
        settings = {
            "from_cron": from_cron,
            "allow_raising": allow_raising,
            "allow_fallback_pdf": allow_fallback_pdf,
            **custom_settings,
        }
        if not from_cron or not any(move.service_invoice_type for move in moves):
            return super()._generate_and_send_invoices(moves, **settings)
        results = {}
        each = self.with_context(service_keep_results=results.update)
        send = partial(
            super(AccountMoveSend, each)._generate_and_send_invoices, **settings
        )
        errors = each._send_service_documents(moves, send)
        self._tell_service_results(results)
        sent = [move for move in moves if move not in errors]
        files = [self._get_invoice_extra_attachments(move) for move in sent]
        return self.env["ir.attachment"].union(*files)

    @api.model
    def _send_service_documents(self, moves, send):
        """Send one by one and name what fails. Together, one that fails would fail for
        all, again and again, and others would be handed over to web services twice.

        :param send: function of a document
        :return: dict document → what went wrong
        """
        unsent = moves.filtered(lambda move: not move.is_move_sent)
        errors = {}
        for move in moves:
            error = attempt(move, partial(send, move))
            if error:
                errors[move] = error
        self._name_service_errors(errors)
        for move in unsent.filtered(lambda move: move in errors and move.is_move_sent):
            # a web service took it and what it took is kept; its e-mail is missing
            if "email" in self._get_default_sending_methods(move):
                move.is_move_sent = False
        return errors

    @api.model
    def _send_notifications_to_partners(
        self, moves_grouped_by_author_partner_id, is_success=True
    ):
        keep = self.env.context.get("service_keep_results")
        if not keep:
            return super()._send_notifications_to_partners(
                moves_grouped_by_author_partner_id, is_success=is_success
            )
        for author, ids in moves_grouped_by_author_partner_id.items():
            keep(dict.fromkeys(ids, (author, is_success)))

    @api.model
    def _tell_service_results(self, results):
        """Tell the senders of all documents at once, though they go one by one.

        :param dict results: id of the author and whether it was sent, by id of document
        """
        for is_success in (True, False):
            told = defaultdict(list)
            for move_id, result in results.items():
                if result[1] == is_success:
                    told[result[0]].append(move_id)
            self._send_notifications_to_partners(told, is_success=is_success)

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
    def _generate_invoice_documents(self, invoices_data, allow_fallback_pdf=False):
        """What a web service took is kept with its files, by which core knows that it
        was handed over, whatever fails afterwards.

        Several documents are not: of these some may fail, and then none counts as sent.
        """
        is_ours = any(move.service_invoice_type for move in invoices_data)
        commits = []
        if is_ours and len(invoices_data) == 1:
            self.env.cr.postcommit.add(partial(commits.append, True))
        res = super()._generate_invoice_documents(
            invoices_data, allow_fallback_pdf=allow_fallback_pdf
        )
        if commits:
            self.env["ir.cron"]._commit_progress()
        return res

    @api.model
    def _get_default_sending_settings(self, move, from_cron=False, **custom_settings):
        settings = super()._get_default_sending_settings(
            move, from_cron=from_cron, **custom_settings
        )
        if from_cron and move.service_invoice_type:
            settings["service_unattended"] = True
            recipients = self.env["res.partner"].browse(
                settings.get("mail_partner_ids", [])
            )
            unreached = self._get_service_recipients(move, recipients)
            if unreached:
                settings["mail_partner_ids"] = unreached.ids
        return settings

    @api.model
    def _get_service_recipients(self, move, recipients):
        """Whom the next e-mail goes to: whoever had the document from the last one
        does not get it twice because others were not reached.

        :param recipients: res.partner, all who are to have the document
        :return: some of them, none if nobody is left
        """
        failures = self.env["service.document.mail"]._find_failures(move)
        if not failures:
            return recipients
        again = recipients & failures.res_partner_id
        return again or recipients - failures.mail_message_id.partner_ids

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
        is_unattended = invoice_data.get("service_unattended")
        if is_unattended:
            # nobody is there to download it
            methods.discard("manual")
        if not (methods or is_unattended) or self._has_service_way(
            invoice, methods, **invoice_data
        ):
            return ""
        if "email" in methods:
            return self.env._(
                "%(document)s is not sent: %(payer)s has no e-mail address.",
                document=invoice.display_name,
                payer=invoice.partner_id.display_name,
            )
        if invoice.is_move_sent:
            # he has it, from a web service or on paper
            return ""
        return self._get_service_way_error(invoice, methods)

    @api.model
    def _has_service_way(self, invoice, methods, **invoice_data):
        """Whether one of these ways leads to the payer."""
        return any(
            self._is_applicable_to_move(method, invoice, **invoice_data)
            for method in methods
        )

    @api.model
    def _get_service_way_error(self, invoice, methods):
        """Why none of the ways, none of them e-mail, leads to the payer."""
        payer = invoice.partner_id.display_name
        if not methods:
            return self.env._("%s wants no invoices by e-mail: print this one.", payer)
        field = self.env["res.partner"]._fields["invoice_sending_method"]
        names = dict(field._description_selection(self.env))
        return self.env._(
            "%(document)s cannot be sent the way chosen for %(payer)s (%(ways)s): "
            "choose another one, or print it.",
            document=invoice.display_name,
            payer=payer,
            ways=", ".join(sorted(names.get(method, method) for method in methods)),
        )

    @api.model
    def _send_mail(self, move, mail_template, **kwargs):
        if not move.service_invoice_type:
            return super()._send_mail(move, mail_template, **kwargs)
        mails = self.env["service.document.mail"]
        unreached = mails._find_failures(move)
        res = super()._send_mail(move, mail_template, **kwargs)
        # this e-mail takes their place: nobody sends them once more
        unreached._cancel_service_mails()
        mails._keep(move)
        return res
