import io
import time
import zipfile

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools.pdf import merge_pdf

from odoo.addons.service_invoicing.tools.actions import notify
from odoo.addons.service_invoicing.tools.attempt import attempt_each

from ...tools.batches import BATCH_SIZE, INLINE_SECONDS
from ...tools.documents import DOCUMENTS


class MaintenanceReinvoiceLog(models.Model):
    """Printing: each document is made once and stored; what is handed out is always
    the stored one. The result is kept apart from that of posting and sending."""

    _inherit = "maintenance.reinvoice.log"

    # what is counted of a run: nothing but the index is read
    _state_idx = models.Index("(run_id, posting_state, send_state)")

    print_state = fields.Selection(
        [
            ("none", "Not Printed"),
            ("waiting", "Waiting"),
            ("done", "Printed"),
            ("failed", "Failed"),
        ],
        string="Printing",
        default="none",
        readonly=True,
        index=True,
        help="Waiting: the scheduler makes the documents.",
    )
    print_error = fields.Text(readonly=True)
    delivery_user_id = fields.Many2one(
        "res.users",
        string="Printed or Sent By",
        readonly=True,
        help="What waits is printed and sent in this user's name.",
    )

    # -- buttons ----------------------------------------------------------------

    def action_print_invoices(self):
        """The posted invoices in one file."""
        self.run_id._check_may_run()
        return self._print_files(["invoice"])

    def action_print_attachments(self):
        """The attachments in one file: the permissions of each invoice by contract.
        Those of drafts are printed as they are now and not kept."""
        if not self.move_id:
            raise UserError(self.env._("There is no invoice yet."))
        if all(log.posting_state != "posted" for log in self):
            return self.move_id.action_print_maintenance_attachment()
        return self._print_files(["attachment"])

    def action_print_merged(self):
        """One file: each invoice followed by its attachment."""
        self.run_id._check_may_run()
        return self._print_files(list(DOCUMENTS))

    def action_download_zip(self):
        """A ZIP with a file per document: invoices, attachments and electronic
        invoices."""
        self.run_id._check_may_run()
        return self._hand_out(list(DOCUMENTS), self._prepare_zip)

    def _print_files(self, kinds):
        return self._hand_out(kinds, self._prepare_pdf)

    # -- handing out ------------------------------------------------------------

    def _hand_out(self, kinds, prepare):
        """Make what is missing and download all; whoever failed is named.

        :param kinds: keys of ``DOCUMENTS``
        :param prepare: function of the files, returns extension, type and content
        """
        logs = self._choose_posted()
        late = logs._make_in_time(kinds)
        if late:
            return late._notify_late(len(logs))
        files = logs._get_files(kinds)
        errors = logs._get_print_errors(kinds)
        if not files:
            raise UserError(
                self.env._("No document could be printed:\n%s", "\n".join(errors))
            )
        extension, mimetype, content = prepare(files)
        logs._mark_handed_out(kinds)
        download = self.env["maintenance.reinvoice.file"]._download(
            f"{logs._get_file_title(kinds)}.{extension}", content, mimetype
        )
        return logs._name_failed(download, errors)

    def _mark_handed_out(self, kinds):
        """A print goes by hand to who wants no e-mails: with that it is sent."""
        if "invoice" in kinds:
            logs = self.filtered(lambda log: log.send_state == "manual")
            moves = logs.move_id.filtered("invoice_pdf_report_id")
            moves.sudo().filtered(lambda m: not m.is_move_sent).is_move_sent = True

    def _choose_posted(self):
        posted = self.filtered(lambda log: log.posting_state == "posted")
        if not posted:
            raise UserError(self.env._("There is no posted invoice to print or send."))
        return posted

    def _get_files(self, kinds):
        """Stored documents of the logs: for each invoice, in the order of the kinds,
        and its electronic invoices in the end of a ZIP."""
        files = self.env["ir.attachment"]
        for move in self.move_id:
            for kind in kinds:
                files += move[DOCUMENTS[kind]]
        return files

    def _get_file_title(self, kinds):
        names = ", ".join(self.run_id.mapped("name"))
        if kinds == ["attachment"]:
            return self.env._("Attachments %s", names)
        return self.env._("Invoices %s", names)

    def _prepare_pdf(self, files):
        """All files in one; a damaged one is named.

        :raise UserError: naming the stored documents that cannot be read
        """
        try:
            content = merge_pdf([file.raw for file in files])
        except Exception as error:
            damaged = [file.name for file in files if not self._is_readable(file)]
            raise UserError(
                self.env._(
                    "These stored documents are damaged and cannot be printed in one "
                    "file: %s. Download the ZIP to get the others.",
                    ", ".join(damaged) or error,
                )
            ) from error
        return "pdf", "application/pdf", content

    def _is_readable(self, file):
        try:
            merge_pdf([file.raw])
        except Exception:
            return False
        return True

    def _prepare_zip(self, files):
        """A ZIP of the files, electronic invoices included; equal names numbered."""
        send = self.env["account.move.send"]
        for move in self._choose_posted().move_id:
            files |= send._get_invoice_extra_attachments(move)
        names = {}
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in files:
                count = names[file.name] = names.get(file.name, 0) + 1
                prefix = f"{count} " if count > 1 else ""
                archive.writestr(f"{prefix}{file.name}", file.raw)
        return "zip", "application/zip", stream.getvalue()

    def _get_print_errors(self, kinds):
        """Errors of the logs that miss one of the documents."""
        return [
            log.print_error
            for log in self
            if log.print_error and not log._has_documents(kinds)
        ]

    def _has_documents(self, kinds):
        self.ensure_one()
        return all(self.move_id[DOCUMENTS[kind]] for kind in kinds)

    def _name_failed(self, download, errors):
        """The download, after a message that names what is not in it."""
        if not errors:
            return download
        text = self.env._("Not printed:\n%s", "\n".join(errors))
        return notify(text, next=download, sticky=True)

    def _notify_late(self, count):
        """Tell that the scheduler makes the rest of ``count`` documents."""
        return notify(
            self.env._(
                "%(done)s of %(count)s invoices are printed, the others are being "
                "printed in the background. Print again later to get all in one file.",
                done=count - len(self),
                count=count,
            ),
            "info",
        )

    # -- making -----------------------------------------------------------------

    def _make_in_time(self, kinds):
        """Make missing documents batch by batch, keeping each batch; what the time of
        a request does not suffice for is left to the scheduler.

        :return: the logs left
        """
        missing = self.filtered(lambda log: not log._has_documents(kinds))
        (self - missing)._write_print_result(kinds)
        deadline = time.monotonic() + self._get_inline_seconds()
        while missing and time.monotonic() < deadline:
            batch, missing = missing[:BATCH_SIZE], missing[BATCH_SIZE:]
            batch._make_documents(kinds)
            self.run_id._commit_batch()
        missing._wait_for_scheduler("print_state")
        return missing

    def _get_inline_seconds(self):
        """Time a user waits for documents before the scheduler takes over."""
        return INLINE_SECONDS

    def _wait_for_scheduler(self, state_field):
        """Leave the logs to the scheduler, at once."""
        if self:
            self._mark_waiting(state_field)
            self.env.ref("maintenance_reinvoice.cron_deliver")._trigger()

    def _mark_waiting(self, state_field):
        self.sudo().write(
            {state_field: "waiting", "delivery_user_id": self.env.user.id}
        )

    def _make_documents(self, kinds):
        """Store the documents that are missing, all together, or ever fewer of them,
        so that the failing one is named and stops nobody else."""
        errors = {log: [] for log in self}
        for kind in kinds:
            missing = self.filtered(lambda log, k=kind: not log._has_documents([k]))
            for logs in missing.grouped("company_id").values():
                failed = attempt_each(logs, lambda group, k=kind: group._make(k))
                for log, error in failed.items():
                    errors[log].append(log._describe_print_error(kind, error))
        for log, texts in errors.items():
            log._write_print_result(kinds, "\n".join(texts))

    def _write_print_result(self, kinds, error=""):
        """Keep what came of printing; an attachment alone is no printed invoice."""
        for log in self.sudo():
            state = "failed" if error else "done"
            if not error and "invoice" not in kinds:
                state = "done" if log.print_state == "done" else "none"
            if log.print_state != state or (log.print_error or "") != error:
                log.write({"print_state": state, "print_error": error or False})

    def _make(self, kind):
        if kind == "attachment":
            self.env["maintenance.attachment"]._ensure_files(self.move_id)
        else:
            self._make_invoice_pdf()

    def _make_invoice_pdf(self):
        send = self.env["account.move.send"].with_context(maintenance_invoice_only=True)
        send._generate_and_send_invoices(
            self.move_id, sending_methods=["manual"], allow_fallback_pdf=False
        )

    def _describe_print_error(self, kind, error):
        name = self.move_id.display_name
        if kind == "attachment":
            return self.env._(
                "Attachment of %(name)s: %(error)s", name=name, error=error
            )
        return self.env._("%(name)s: %(error)s", name=name, error=error)
