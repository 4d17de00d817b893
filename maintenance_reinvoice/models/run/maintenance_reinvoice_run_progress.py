from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_datetime

# so long without a group that was dealt with, and nobody seems to work on a run: the
# scheduler looks every minute
IDLE_SECONDS = 90


class MaintenanceReinvoiceRun(models.Model):
    """How fast a run is, when it will be through, and who is told."""

    _inherit = "maintenance.reinvoice.run"

    begin_date = fields.Datetime(
        string="Begun",
        readonly=True,
        copy=False,
        help="When the run was executed, or went on after it was stopped.",
    )
    work_date = fields.Datetime(
        string="Taken Up",
        readonly=True,
        copy=False,
        help="When somebody began to work on it, or did again after it had lain idle.",
    )
    end_date = fields.Datetime(string="Ended", readonly=True, copy=False)
    lines_before = fields.Integer(
        readonly=True,
        copy=False,
        help="Lines that were dealt with before it began, went on or was taken up.",
    )
    line_speed = fields.Float(
        string="Lines per second", compute="_compute_speed", digits=(16, 1)
    )
    expected_end = fields.Datetime(
        compute="_compute_speed",
        help="When the lines that are left will be through at the speed so far.",
    )
    idle_note = fields.Char(
        compute="_compute_idle_note",
        help="Says when nobody takes up a run that is executed.",
    )

    @api.depends(
        "log_ids.posting_state", "begin_date", "work_date", "end_date", "lines_before"
    )
    def _compute_speed(self):
        waiting = self._get_line_counts("=")
        done = self._get_line_counts("!=")
        now = fields.Datetime.now()
        for run in self:
            # without a date it is of a time when none was noted down
            begin = run.work_date or run.begin_date or now
            end = run.end_date or now
            seconds = max((end - begin).total_seconds(), 1)
            lines = run.begin_date and max(done.get(run, 0) - run.lines_before, 0)
            run.line_speed = lines and lines / seconds
            # before the first line is through nobody knows
            known = run.state == "running" and run.line_speed
            rest = known and timedelta(seconds=waiting.get(run, 0) / run.line_speed)
            run.expected_end = known and now + rest

    @api.depends("state", "begin_date", "work_date", "log_ids.posting_state")
    def _compute_idle_note(self):
        for run in self:
            run.idle_note = run.state == "running" and run._get_idle_text()

    def _get_idle_text(self):
        """Why nothing of a running run seems to happen; False where something does."""
        cron = self.env.ref("maintenance_reinvoice.cron_continue_runs").sudo()
        if not self._is_idle() and (cron.active or self.work_date):
            return False
        if not cron.active:
            return self.env._(
                "Nobody works on this run: the scheduled job “%s” is inactive. Have an "
                "administrator activate it.",
                cron.name,
            )
        return self.env._(
            "Nothing of this run was done since %(date)s. If this goes on, have an "
            "administrator see whether the server runs the scheduled job “%(job)s”.",
            date=format_datetime(self.env, self._get_last_work(), dt_format="short"),
            job=cron.name,
        )

    def _get_last_work(self):
        """When a group was dealt with last, or else when the run began."""
        domain = [("run_id", "in", self.ids), ("posting_state", "!=", "pending")]
        [(last,)] = self.env["maintenance.reinvoice.log"]._read_group(
            domain, [], ["write_date:max"]
        )
        return max(filter(None, [last, self.work_date, self.begin_date]), default=None)

    def _is_idle(self):
        last = self._get_last_work()
        idle = timedelta(seconds=IDLE_SECONDS)
        return bool(last) and fields.Datetime.now() - last > idle

    def _note_work(self):
        """Work begins, after the scheduler was waited for or a server was stopped: time
        in which nobody worked does not make a run slow."""
        if (not self.work_date or self._is_idle()) and self._take_up():
            now, done = fields.Datetime.now(), self._get_line_counts("!=")
            self.sudo().write({"work_date": now, "lines_before": done.get(self, 0)})

    def _get_line_counts(self, operator):
        """Report lines per run whose group waits ("=") or was dealt with ("!=")."""
        groups = self.env["maintenance.reinvoice.run.line"]._read_group(
            [
                ("run_id", "in", self.ids),
                ("log_id", "any", [("posting_state", operator, "pending")]),
            ],
            ["run_id"],
            ["__count"],
        )
        return dict(groups)

    def _count_lines(self, logs):
        """Report lines per group of the run."""
        groups = self.env["maintenance.reinvoice.run.line"]._read_group(
            [("log_id", "in", logs.ids)], ["log_id"], ["__count"]
        )
        return dict(groups)

    def _count_waiting_lines(self):
        self.ensure_one()
        return self._get_line_counts("=").get(self, 0)

    def _prepare_begin_vals(self):
        """What a run that begins, or goes on, notes down."""
        self.ensure_one()
        return {
            "state": "running",
            "begin_date": fields.Datetime.now(),
            "work_date": False,
            "end_date": False,
            "lines_before": self._get_line_counts("!=").get(self, 0),
        }

    # -- the one who began it ---------------------------------------------------

    def _get_background_text(self):
        """What who began the run is answered, as he cannot be told a result."""
        return self.env._(
            "%(run)s goes on in the background: %(left)s of %(count)s invoice groups "
            "are left. You are told when it is through.",
            run=self.name,
            left=self.left_count,
            count=self.log_count,
        )

    def _tell_finished(self):
        """A notice with a link for whose run it is: at once on his screen, and by
        e-mail or in his inbox, as he likes it, for when he is away."""
        user = self.user_id
        run = self.with_context(lang=user.lang)
        text = run._get_result_text()
        user._bus_send(
            "maintenance_reinvoice.run_finished",
            {
                "id": self.id,
                "message": text,
                "type": "success" if self.state == "done" else "warning",
            },
        )
        run.sudo().message_notify(
            partner_ids=user.partner_id.ids,
            author_id=self.env.ref("base.partner_root").id,
            subject=run.env._("Re-invoicing run %s is through", self.name),
            body=text,
        )
