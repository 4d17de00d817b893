import io

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.service_invoicing.tools.actions import notify, open_list
from odoo.addons.service_invoicing.tools.arguments import expects

from ...tools.actions import open_documents


class MaintenanceReinvoiceRun(models.Model):
    """The run's buttons for the documents of all its invoices."""

    _inherit = "maintenance.reinvoice.run"

    print_when_done = fields.Boolean(
        readonly=True,
        copy=False,
        help="Execute and Print was too long for one request: the documents are made "
        "in the background, too, when the last invoice is posted.",
    )
    sent_count = fields.Integer(
        string="Sent",
        compute="_compute_send_counts",
        help="Handed over, and no e-mail was refused or came back.",
    )
    send_failed_count = fields.Integer(
        string="Not Delivered",
        compute="_compute_send_counts",
        help="Sending failed: the log says why. Send takes them up again.",
    )
    send_waiting_count = fields.Integer(
        string="Waiting to Be Sent",
        compute="_compute_send_counts",
        help="The scheduler sends them.",
    )
    unsent_count = fields.Integer(
        string="Not Sent",
        compute="_compute_send_counts",
        help="All invoices that are posted and not sent, for whatever reason.",
    )

    @api.depends("log_ids.posting_state", "log_ids.send_state")
    def _compute_send_counts(self):
        # who sees a run sees how far it is: no rule, so that an index suffices
        groups = (
            self._get_group_model()
            .sudo()
            ._read_group(
                [("run_id", "in", self.ids), ("posting_state", "=", "posted")],
                ["run_id", "send_state"],
                ["__count"],
            )
        )
        counts = {(run.id, state): count for run, state, count in groups}
        totals = {}
        for (run_id, _state), count in counts.items():
            totals[run_id] = totals.get(run_id, 0) + count
        for run in self:
            run.sent_count = counts.get((run.id, "done"), 0)
            run.send_failed_count = counts.get((run.id, "failed"), 0)
            run.send_waiting_count = counts.get((run.id, "waiting"), 0)
            run.unsent_count = totals.get(run.id, 0) - run.sent_count

    def action_execute_print(self):
        """Execute, then print the invoices that were posted.

        :return: the file; where not all is done, after a message that says so
        """
        result = self.action_execute()
        if self.state in self._run_working:
            self.sudo().print_when_done = True
            return result
        if all(log.posting_state != "posted" for log in self.log_ids):
            return result
        params = result["params"]
        try:
            params["next"] = self.action_print_invoices()
        except UserError as error:
            # the invoices are posted all the same, and the form must say so
            params["message"] += f"\n{error}"
            params |= {"type": "warning", "sticky": True}
            return result
        return params["next"] if self.state == "done" else result

    def _print_finished(self):
        """Make the documents, if its user or its schedule wants them."""
        posted = self.log_ids.filtered(lambda log: log.posting_state == "posted")
        if self.print_when_done:
            posted._wait_for_scheduler("print_state")
            self.sudo().print_when_done = False
        if self.schedule_id.sudo().operation == "execute_print":
            posted._make_in_time(["invoice"])

    @expects(one=True)
    def action_print_invoices(self):
        """All posted invoices of the run in one file."""
        return self.log_ids.action_print_invoices()

    @expects(one=True)
    def action_print_attachments(self):
        """The attachments of all invoices of the run in one file."""
        return self.log_ids.action_print_attachments()

    @expects(one=True)
    def action_print_merged(self):
        """All posted invoices, each followed by its attachment, in one file."""
        return self.log_ids.action_print_merged()

    @expects(one=True)
    def action_download_zip(self):
        """The documents of all posted invoices as single files in a ZIP."""
        return self.log_ids.action_download_zip()

    @expects(one=True)
    def action_send(self):
        """Send all posted invoices that are not yet sent."""
        return self.log_ids._send_documents()

    @expects(one=True)
    def action_stop_sending(self):
        """Stop: what is sent stays so, what waits does not go out. Send goes on with
        it.

        :return: a notification with what is left
        """
        self._check_may_run()
        waiting = self.log_ids.filtered(lambda log: log.send_state == "waiting")
        # what the scheduler holds it sends right now
        stopped = waiting.try_lock_for_update()
        stopped.sudo().write({"send_state": "none"})
        return notify(
            self.env._(
                "Run %(run)s: %(count)s invoices are left unsent. Send goes on with "
                "them.",
                run=self.name,
                count=len(stopped),
            ),
            "info",
        )

    @expects(one=True)
    def action_view_unsent(self):
        """The invoices that are posted and not sent, with the reasons."""
        logs = self.log_ids.filtered(
            lambda log: log.posting_state == "posted" and log.send_state != "done"
        )
        return open_list(logs, self.env._("Not Sent"))

    def _report_sent(self, logs):
        """Tell who asked what became of it, when nothing of a run waits any more.

        :param logs: those of these runs that the scheduler sent just now
        """
        for run in self.filtered(lambda run: not run.send_waiting_count):
            user = logs.filtered(lambda log, r=run: log.run_id == r).delivery_user_id
            run = run.with_context(lang=user[:1].lang)
            summary = run._get_send_summary()
            texts = [summary, *run.log_ids._get_send_errors()]
            run._message_log(body=Markup("<br/>").join(texts))
            kind = "warning" if run.unsent_count else "success"
            message = {"type": kind, "message": summary, "sticky": True}
            user._bus_send("simple_notification", message)

    def _get_send_summary(self):
        return self.env._(
            "%(run)s: %(sent)s sent, %(failed)s failed, %(left)s left.",
            run=self.name,
            sent=self.sent_count,
            failed=self.send_failed_count,
            left=self.unsent_count - self.send_failed_count,
        )

    def action_view_invoices(self):
        """The invoices of the run."""
        return open_documents(self.log_ids.move_id)

    @expects(one=True)
    def action_export_xlsx(self):
        """The check report as an Excel workbook."""
        self.check_access("read")
        stream = io.BytesIO()
        self.env["report.maintenance_reinvoice.check_xlsx"]._write_workbook(
            self, stream
        )
        mimetype = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        name = self.env._("Check report %s.xlsx", self.name)
        return self.env["maintenance.reinvoice.file"]._download(
            name, stream.getvalue(), mimetype
        )
