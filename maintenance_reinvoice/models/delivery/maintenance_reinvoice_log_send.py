import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.service_invoicing.tools.actions import notify
from odoo.addons.service_invoicing.tools.attempt import attempt, name_error

from ...tools.batches import BATCH_SIZE, INLINE_SECONDS
from ...tools.documents import DOCUMENTS


class MaintenanceReinvoiceLog(models.Model):
    """Sending: core's own, with the attachment as second document, the way each
    customer wants his invoices."""

    _inherit = "maintenance.reinvoice.log"

    send_state = fields.Selection(
        [
            ("none", "Not Sent"),
            ("waiting", "Waiting"),
            ("done", "Sent"),
            ("manual", "By hand"),
            ("failed", "Failed"),
        ],
        string="Sending",
        default="none",
        readonly=True,
        index=True,
        help="Waiting: the scheduler sends it. By hand: the customer wants no invoices "
        "by e-mail. Sent: handed over, and no e-mail was refused or came back. "
        "Failed: nobody was reached, or not all; Send takes it up again.",
    )
    send_error = fields.Text(readonly=True)
    note_text = fields.Text(
        string="Notes",
        compute="_compute_note_text",
        help="Why an invoice was not posted, printed or sent, and what else is to be "
        "known of it.",
    )

    @api.depends("posting_error", "posting_note", "print_error", "send_error")
    def _compute_note_text(self):
        for log in self:
            notes = (
                log.posting_error,
                log.posting_note,
                log.print_error,
                log.send_error,
            )
            log.note_text = "\n".join(filter(None, notes))

    def action_send(self):
        """Send the posted invoices. Of several, those sent before are left out; a
        single one is sent again.

        :return: a notification with what was sent, and who was not reached
        """
        return self._send_documents(again=len(self) == 1)

    def _send_documents(self, again=False):
        """:param again: also those that were sent before"""
        self.run_id._check_may_run()
        self._choose_posted()
        todo = self.filtered("move_id")
        if not again:
            todo = todo.filtered(lambda log: log.send_state != "done")
        if not todo:
            raise UserError(
                self.env._(
                    "All these invoices are sent. To send one again, open its own log."
                )
            )
        todo._send_in_time()
        return todo._notify_sent()

    def _send_in_time(self):
        """Send one by one; what the time of a request does not suffice for is left to
        the scheduler, and so are more invoices than belong to one batch, at once."""
        self.sudo().send_error = False
        if len(self) > BATCH_SIZE:
            self._wait_for_scheduler("send_state")
            return
        # a killed server: the scheduler finds what was asked for when this request
        # would have been over
        self._mark_waiting("send_state")
        over = fields.Datetime.now() + timedelta(seconds=INLINE_SECONDS)
        self.env.ref("maintenance_reinvoice.cron_deliver")._trigger(at=over)
        self.run_id._commit_batch()
        deadline = time.monotonic() + self._get_inline_seconds()
        if self._send_batch(deadline):
            self.env.ref("maintenance_reinvoice.cron_deliver")._trigger()

    def _send_batch(self, deadline=None):
        """Send what waits. Each is kept as soon as it is sent: whatever happens to
        the next one, nothing goes out twice.

        :param deadline: of ``time.monotonic``; none: no hurry
        :return: the logs that there was no time for
        """
        if deadline is None or time.monotonic() < deadline:
            self._make_documents_to_send()
            self.run_id._commit_batch()
        for number, log in enumerate(self):
            if deadline is not None and time.monotonic() >= deadline:
                return self[number:]
            log._send_waiting()
            self.run_id._commit_batch()
        return self.browse()

    def _make_documents_to_send(self):
        """All together, as far as they are posted. What is made to be sent does not
        count as sent yet, though core says so of every print."""
        logs = self.filtered(lambda log: log.posting_state == "posted")
        unsent = logs.move_id.filtered(lambda move: not move.is_move_sent)
        logs._make_documents(list(DOCUMENTS))
        unsent.sudo().filtered("is_move_sent").is_move_sent = False

    def _send_waiting(self):
        """Send one, unless somebody else does, or it was stopped meanwhile."""
        self.ensure_one()
        if not self.try_lock_for_update():
            return
        self.invalidate_recordset()
        if self.send_state != "waiting":
            return
        error = attempt(self, self._send_or_leave)
        if error:
            self.sudo().write({"send_state": "failed", "send_error": error})

    def _send_or_leave(self):
        """Send one, or keep why it is not sent."""
        state, error = self._get_send_refusal()
        if not state:
            # what is handed over to a web service core commits at once, which frees
            # the lock: nobody who starts then may find it waiting
            self.sudo().send_state = "done"
            self._send()
            error = self._get_mail_error()
            state = "failed" if error else "done"
            if not error and not self.move_id.is_move_sent:
                self.move_id.sudo().is_move_sent = True
        self.sudo().write({"send_state": state, "send_error": error})

    def _get_send_refusal(self):
        """Why an invoice is not sent: state and text, both empty if it can be."""
        self.ensure_one()
        move = self.move_id
        if move.state != "posted":
            return "none", self.env._("It is not posted.")
        if move.payment_state == "blocked":
            return "none", self.env._("It is on hold.")
        if not self._has_documents(DOCUMENTS):
            return "failed", self.print_error
        methods = self._get_sending_methods()
        if not methods:
            return "manual", self.env._(
                "%s wants no invoices by e-mail: print this one.",
                self.partner_id.display_name,
            )
        return self._get_address_refusal(methods)

    def _get_address_refusal(self, methods):
        """Why e-mails do not reach the customer, in the same form."""
        if "email" not in methods:
            return "", False
        recipients = self._get_recipients()
        if not recipients and self._get_all_recipients():
            # there is nobody left whom the last e-mail did not reach
            return "done", False
        send = self.env["account.move.send"]
        reached = {"mail_partner_ids": recipients.ids}
        if send._has_service_way(self.move_id, methods, **reached):
            return "", False
        return "failed", self.env._(
            "%s has no e-mail address.", self.partner_id.display_name
        )

    def _get_sending_methods(self):
        """The ways the customer wants his invoices, without those by hand."""
        send = self.env["account.move.send"]
        return set(send._get_default_sending_methods(self.move_id)) - {"manual"}

    def _get_all_recipients(self):
        send = self.env["account.move.send"]
        template = send._get_default_mail_template_id(self.move_id)
        lang = send._get_default_mail_lang(self.move_id, template)
        return send._get_default_mail_partner_ids(self.move_id, template, lang)

    def _get_recipients(self):
        """Whom the e-mail goes to, without those who had it from the last one."""
        send = self.env["account.move.send"]
        recipients = self._get_all_recipients()
        return send._get_service_recipients(self.move_id, recipients)

    def _send(self):
        methods = self._get_sending_methods()
        settings = {"sending_methods": methods}
        if "email" in methods:
            settings["mail_partner_ids"] = self._get_recipients().ids
        self.env["account.move.send"]._generate_and_send_invoices(
            self.move_id, **settings
        )

    def _get_mail_error(self):
        """Who was not reached by the last e-mail and why, empty if all were."""
        failures = self.env["service.document.mail"]._find_failures(self.move_id)
        return "\n".join(one._describe_service_failure() for one in failures)

    def _follow_mail(self, unreached):
        """Keep what became of e-mails after they were handed over.

        :param dict unreached: see ``service.document.mail._follow``
        """
        for log in self.sudo():
            failures = unreached.get(log.move_id, ())
            error = "\n".join(one._describe_service_failure() for one in failures)
            state = "failed" if error else "done"
            if (log.send_state, log.send_error or "") != (state, error):
                log.write({"send_state": state, "send_error": error or False})

    def _notify_sent(self):
        """Tell how many are sent or wait, and name who was not reached."""
        sent = len(self.filtered(lambda log: log.send_state == "done"))
        waiting = len(self.filtered(lambda log: log.send_state == "waiting"))
        texts = [self.env._("%(sent)s of %(all)s sent.", sent=sent, all=len(self))]
        if waiting:
            texts.append(self.env._("%s are sent in the background.", waiting))
        texts += self._get_send_errors()
        done = sent + waiting == len(self)
        return notify("\n".join(texts), "success" if done else "warning")

    def _get_send_errors(self):
        """What was not sent and why, a text for each document that names it."""
        return [
            name_error(log.move_id.display_name, log.send_error)
            for log in self.filtered("send_error")
        ]

    # -- in the background ------------------------------------------------------

    @api.model
    def _cron_deliver(self):
        """Print and send what waits, batch by batch, in the name of who asked."""
        waiting = Domain("print_state", "=", "waiting") | Domain(
            "send_state", "=", "waiting"
        )
        cron, last = self.env["ir.cron"], 0
        cron._commit_progress(remaining=self.search_count(waiting))
        # whatever stays waiting does not come back within this call
        while logs := self.search(
            waiting & Domain("id", ">", last), order="id", limit=BATCH_SIZE
        ):
            last = logs[-1].id
            sends = logs.filtered(lambda log: log.send_state == "waiting")
            for (user, company), group in logs.grouped(
                lambda log: (log.delivery_user_id, log.company_id)
            ).items():
                group = company._with_local_time(group)
                group.with_user(user).with_company(company)._deliver()
            sends.run_id._report_sent(sends)
            if not cron._commit_progress(len(logs)):
                return

    def _deliver(self):
        """Print and send the waiting logs; an error of the batch is kept on them."""
        error = attempt(self, self._deliver_batch)
        if error:
            self._fail_delivery(error)

    def _deliver_batch(self):
        prints = self.filtered(lambda log: log.print_state == "waiting")
        prints._make_documents(list(DOCUMENTS))
        sends = self.filtered(lambda log: log.send_state == "waiting")
        if sends:
            sends.run_id._check_may_run()
            sends._send_batch()

    def _fail_delivery(self, error):
        for kind in ("print", "send"):
            logs = self.sudo().filtered(
                lambda log, name=f"{kind}_state": log[name] == "waiting"
            )
            logs.write({f"{kind}_state": "failed", f"{kind}_error": error})
