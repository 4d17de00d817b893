import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.service_invoicing.tools.attempt import attempt

from ...tools.actions import notify
from ...tools.batches import BATCH_SIZE, INLINE_SECONDS
from ...tools.documents import DOCUMENTS


class MaintenanceReinvoiceLog(models.Model):
    """Sending: core's own, with the attachment as second document, the way each
    customer wants his invoices."""

    _inherit = "maintenance.reinvoice.log"

    send_state = fields.Selection(
        [
            ("none", "Not sent"),
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
        "by e-mail. Sent: handed over to the mail server; returned e-mails show on the "
        "invoice.",
    )
    send_error = fields.Text(readonly=True)

    def action_send(self):
        """Send the posted invoices. Of several, those sent before are left out; a
        single one is sent again.

        :return: a notification with what was sent, and who was not reached
        """
        self.run_id._check_may_run()
        posted = self._get_posted()
        todo = posted
        if len(posted) > 1:
            todo = posted.filtered(lambda log: log.send_state != "done")
        if not todo:
            raise UserError(
                self.env._(
                    "All these invoices are sent. To send one again, open its own log."
                )
            )
        todo._send_in_time()
        return todo._notify_sent()

    def _send_in_time(self):
        """Send batch by batch; what the time of a request does not suffice for is
        left to the scheduler."""
        # a killed server: the scheduler finds what was asked for when this request
        # would have been over
        self.sudo().send_error = False
        self._mark_waiting("send_state")
        over = fields.Datetime.now() + timedelta(seconds=INLINE_SECONDS)
        self.env.ref("maintenance_reinvoice.cron_deliver")._trigger(at=over)
        self.run_id._commit_batch()
        deadline = time.monotonic() + self._get_inline_seconds()
        left = self
        while left and time.monotonic() < deadline:
            batch, left = left[:BATCH_SIZE], left[BATCH_SIZE:]
            batch._send_batch()
            self.run_id._commit_batch()
        left._wait_for_scheduler("send_state")

    def _send_batch(self):
        """Send what still waits, each by itself."""
        logs = self.try_lock_for_update()
        logs.invalidate_recordset()
        logs = logs.filtered(lambda log: log.send_state == "waiting")
        logs._make_documents(list(DOCUMENTS))
        for log in logs:
            state, error = log._get_send_obstacle()
            if not state:
                error = attempt(log, log._send)
                state = "failed" if error else "done"
            log.sudo().write({"send_state": state, "send_error": error})

    def _get_send_obstacle(self):
        """Why an invoice cannot be sent: state and text, both empty if it can."""
        self.ensure_one()
        if not self._has_documents(DOCUMENTS):
            return "failed", self.print_error
        methods = self._get_sending_methods()
        name = self.partner_id.display_name
        if not methods:
            return "manual", self.env._(
                "%s wants no invoices by e-mail: print this one.", name
            )
        if "email" in methods and not self._get_recipients():
            return "failed", self.env._("%s has no e-mail address.", name)
        return "", False

    def _get_sending_methods(self):
        """The ways the customer wants his invoices, without those by hand."""
        send = self.env["account.move.send"]
        return set(send._get_default_sending_methods(self.move_id)) - {"manual"}

    def _get_recipients(self):
        send = self.env["account.move.send"]
        template = send._get_default_mail_template_id(self.move_id)
        lang = send._get_default_mail_lang(self.move_id, template)
        return send._get_default_mail_partner_ids(self.move_id, template, lang)

    def _send(self):
        self.env["account.move.send"]._generate_and_send_invoices(
            self.move_id, sending_methods=self._get_sending_methods()
        )

    def _notify_sent(self):
        """Tell how many are sent or wait, and name who was not reached."""
        sent = len(self.filtered(lambda log: log.send_state == "done"))
        waiting = len(self.filtered(lambda log: log.send_state == "waiting"))
        texts = [self.env._("%(sent)s of %(all)s sent.", sent=sent, all=len(self))]
        if waiting:
            texts.append(self.env._("%s are sent in the background.", waiting))
        texts += filter(None, self.mapped("send_error"))
        done = sent + waiting == len(self)
        return notify("\n".join(texts), "success" if done else "warning")

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
            for (user, company), group in logs.grouped(
                lambda log: (log.delivery_user_id, log.company_id)
            ).items():
                group = company._with_local_time(group)
                group.with_user(user).with_company(company)._deliver()
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
