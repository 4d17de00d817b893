import time
from datetime import timedelta

from psycopg2 import InterfaceError, OperationalError

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_datetime, formatLang

from ...tools.guards import refuse_without_group
from ...tools.locks import try_lock_anew

# so long without a group that was dealt with, and nobody seems to work on a run: the
# scheduler looks every minute
IDLE_SECONDS = 90
# conflicts with other transactions before a run waits for the scheduler
MAX_CONFLICTS = 5
CONFLICT_SECONDS = 0.2


class ServiceRunMixin(models.AbstractModel):
    """A run that works group by group, each batch committed, until it is done or
    stopped, and tells whoever began it.

    Its groups are records with the fields ``run_id`` and ``sequence``, a state that is
    "pending" until they are dealt with and may be "failed", and a method ``_execute``.
    A run may have more states than these.
    """

    _name = "service.run.mixin"
    _description = "Run in the Background"
    _inherit = "mail.thread"

    # the field with the groups, and the one with their state
    _run_groups = None
    _run_group_state = "state"
    # the states in which it is worked on, that of a run that was stopped, the right to
    # run it, and the scheduled job that goes on with it
    _run_working = ("running",)
    _run_stopped = "stopped"
    _run_right = None
    _run_cron = None

    name = fields.Char(
        string="Run",
        default=lambda self: self.env._("New"),
        required=True,
        readonly=True,
        copy=False,
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        index=True,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        default=lambda self: self.env.user,
        readonly=True,
        copy=False,
        help="The run goes on in this user's name and with his rights.",
    )
    state = fields.Selection(
        [
            ("running", "Running"),
            ("done", "Done"),
            ("done_with_errors", "Done with Errors"),
        ],
        string="Status",
        default="running",
        required=True,
        readonly=True,
    )
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
    group_count = fields.Integer(string="Groups", compute="_compute_progress")
    done_count = fields.Integer(
        string="Done",
        compute="_compute_progress",
        help="Groups dealt with, as far as they did not fail.",
    )
    failed_count = fields.Integer(string="Failed", compute="_compute_progress")
    left_count = fields.Integer(
        string="Left",
        compute="_compute_progress",
        help="Groups that wait for their turn.",
    )
    progress = fields.Float(
        compute="_compute_progress", help="Share of the groups done, percent."
    )
    line_speed = fields.Float(
        string="Lines per Second", compute="_compute_speed", digits=(16, 1)
    )
    speed_text = fields.Char(string="Speed", compute="_compute_speed")
    expected_end = fields.Datetime(
        compute="_compute_speed",
        help="When the lines that are left will be through at the speed so far.",
    )
    idle_note = fields.Char(
        compute="_compute_idle_note",
        help="Says when nobody takes up a run that is executed.",
    )

    # -- how far it is ------------------------------------------------------------

    @api.model
    def _get_progress_paths(self):
        """Fields that say which groups were dealt with."""
        if not self._run_groups:
            return []
        return [f"{self._run_groups}.{self._run_group_state}"]

    def _get_group_model(self):
        return self.env[self._fields[self._run_groups].comodel_name]

    @api.depends(lambda self: self._get_progress_paths())
    def _compute_progress(self):
        # who sees a run sees how far it is: no rule, so that an index suffices
        groups = (
            self._get_group_model()
            .sudo()
            ._read_group(
                [("run_id", "in", self.ids)],
                ["run_id", self._run_group_state],
                ["__count"],
            )
        )
        counts = {(run.id, state): count for run, state, count in groups}
        for run in self:
            own = {
                state: n for (run_id, state), n in counts.items() if run_id == run.id
            }
            run.group_count = sum(own.values())
            run.failed_count = own.get("failed", 0)
            run.left_count = own.get("pending", 0)
            tried = run.group_count - run.left_count
            run.done_count = tried - run.failed_count
            run.progress = 100.0 * tried / run.group_count if run.group_count else 0.0

    @api.depends(
        lambda self: [
            *self._get_progress_paths(),
            *("begin_date", "work_date", "end_date", "lines_before"),
        ]
    )
    def _compute_speed(self):
        working = self.filtered(lambda run: run.state in self._run_working)
        waiting = working._get_line_counts("=")
        done = self.filtered("begin_date")._get_line_counts("!=")
        now = fields.Datetime.now()
        for run in self:
            # without a date it is of a time when none was noted down
            begin = run.work_date or run.begin_date or now
            end = run.end_date or now
            seconds = max((end - begin).total_seconds(), 1)
            lines = run.begin_date and max(done.get(run, 0) - run.lines_before, 0)
            run.line_speed = lines and lines / seconds
            run.speed_text = run.line_speed and run._get_speed_text()
            # before the first line is through nobody knows
            known = run in working and run.line_speed
            rest = known and timedelta(seconds=waiting.get(run, 0) / run.line_speed)
            run.expected_end = known and now + rest

    def _get_speed_text(self):
        """How fast the run is, in words."""
        speed = formatLang(self.env, self.line_speed, digits=1)
        return self.env._("%s lines per second", speed)

    def _get_line_counts(self, operator):
        """What is counted of each run whose groups wait ("=") or were dealt with
        ("!="): its groups, or the lines of them.

        :return: dict run → number
        """
        groups = self._get_group_model()._read_group(
            [
                ("run_id", "in", self.ids),
                (self._run_group_state, operator, "pending"),
            ],
            ["run_id"],
            ["__count"],
        )
        return dict(groups)

    @api.depends(
        lambda self: ["state", "begin_date", "work_date", *self._get_progress_paths()]
    )
    def _compute_idle_note(self):
        for run in self:
            run.idle_note = run.state in self._run_working and run._get_idle_text()

    def _get_cron(self):
        """The scheduled job that goes on with runs."""
        return self.env.ref(self._run_cron).sudo()

    def _get_idle_text(self):
        """Why nothing of a running run seems to happen; False where something does."""
        cron = self._get_cron()
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
        domain = [("run_id", "in", self.ids), (self._run_group_state, "!=", "pending")]
        [(last,)] = self._get_group_model()._read_group(domain, [], ["write_date:max"])
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

    # -- beginning and going on -------------------------------------------------

    def _check_may_run(self):
        """Running is a right of its own."""
        self.check_access("read")
        refuse_without_group(self.env, self._run_right)

    def _check_run_state(self, *states):
        labels = dict(self._fields["state"]._description_selection(self.env))
        for run in self.filtered(lambda r: r.state not in states):
            raise UserError(
                self.env._(
                    "Run %(run)s is %(state)s, so this cannot be done.",
                    run=run.name,
                    state=labels[run.state],
                )
            )

    def _lock_run(self):
        """Nobody else executes this run at the same time."""
        if not self.try_lock_for_update():
            raise UserError(
                self.env._("Run %s is being worked on by somebody else.", self.name)
            )
        self.invalidate_recordset()

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

    def _start_in_background(self):
        """Have the run, once it is committed, taken up by somebody else: here by the
        scheduler, at once and in one process. Who has more of them overrides this."""
        self._get_cron()._trigger()

    def _process(self, seconds):
        """Work batch by batch until done, stopped or out of time; a run out of time is
        taken up by the scheduler."""
        self.ensure_one()
        deadline = time.monotonic() + seconds
        conflicts = 0
        while self._take_up():
            groups = self._get_next_batch()
            if not groups:
                self._finish()
                return
            conflicts += not self._execute_batch(groups)
            late = time.monotonic() > deadline or conflicts > MAX_CONFLICTS
            if late and self.left_count:
                self._start_in_background()
                return

    def _take_up(self):
        """Hold the run until the next commit: whoever lives and works on it holds it,
        so the scheduled job finds those whose server was stopped.

        :return: whether nobody else holds it
        """
        held = try_lock_anew(self, allow_referencing=True)
        self.invalidate_recordset(["state"])
        return bool(held)

    def _execute_batch(self, groups):
        """Work on a batch and commit it. A conflict with another transaction undoes it:
        the request cannot be tried again as a whole, for what was committed before
        stays. Returns whether the batch is done.

        :raise UserError: when there is no database any more to be asked
        """
        name = self.name
        try:
            self._note_work()
            self._work_on(groups)
        except (OperationalError, InterfaceError) as error:
            if self.env.cr.closed:
                raise UserError(self._get_lost_error(name)) from error
            if not self.env["account.move"]._can_commit():
                raise
            self.env.cr.rollback()
            time.sleep(CONFLICT_SECONDS)
            return False
        self._commit_batch()
        return True

    def _work_on(self, groups):
        """Deal with groups of the run that wait."""
        groups._execute()

    @api.model
    def _get_lost_error(self, name):
        """What to tell when the database went away; nothing can be read any more."""
        return self.env._(
            "The connection to the database was lost while run %s was working. The "
            "invoices it made before are kept. It goes on by itself as soon as its "
            "scheduled job finds the database again; nothing is invoiced twice.",
            name,
        )

    def _get_next_batch(self):
        """Groups to deal with next, held until the next commit; none once the run is
        done or was stopped. What another process holds is left to it."""
        groups = self._get_group_model()
        if self.state != "running":
            return groups
        query = groups.sudo()._search(
            [("run_id", "=", self.id), (self._run_group_state, "=", "pending")],
            order="sequence, id",
            limit=self._get_batch_size(),
        )
        rows = self.env.execute_query(SQL("%s FOR UPDATE SKIP LOCKED", query.select()))
        held = groups.browse(group_id for (group_id,) in rows)
        return self._cut_batches(held)[0] if held else held

    def _cut_batches(self, groups):
        """Groups of the run as they are dealt with and committed together.

        :return: list of recordsets
        """
        size, lines = self._get_batch_size(), self._count_lines(groups)
        batches, total = [], 0
        for group in groups:
            total += lines.get(group, 0)
            if (
                not batches
                or len(batches[-1]) == size
                or total > self._get_batch_lines()
            ):
                batches.append(groups.browse())
                total = lines.get(group, 0)
            batches[-1] += group
        return batches

    @api.model
    def _get_batch_size(self):
        """Groups dealt with and committed together, where they have few lines."""
        return 50

    @api.model
    def _get_batch_lines(self):
        """Lines dealt with together, but for a group that has more."""
        return 1000

    def _count_lines(self, groups):
        """Lines per group of the run."""
        return dict.fromkeys(groups, 1)

    def _commit_batch(self):
        """Keep what is done, release locks and forget the cache. Whoever stopped the
        run meanwhile is heard now."""
        if self.env["account.move"]._can_commit():
            self.env["ir.cron"]._commit_progress()
        self.invalidate_recordset(["state"])

    @api.model
    def _cron_continue(self):
        """Go on with runs that were too large for their user's request, or whose
        server was stopped; one batch per call, in the name of the run's user.

        A run that somebody is working on is left to him."""
        runs = self._get_runs_to_continue()
        if not runs:
            return
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(runs))
        for run in runs:
            run = run._as_its_user()
            if run._stop_without_right():
                continue
            conflicts = 0
            while run._take_up():
                groups = run._get_next_batch()
                if not groups:
                    run._close()
                    break
                conflicts += not run._execute_batch(groups)
                remaining = cron._commit_progress(1, remaining=len(runs))
                if not remaining or conflicts > MAX_CONFLICTS:
                    return
            cron._commit_progress(1)

    @api.model
    def _get_runs_to_continue(self):
        """Runs that the scheduler looks after."""
        return self.search([("state", "in", self._run_working)], order="id")

    def _as_its_user(self):
        """The run as who began it sees it, wherever it goes on, and in his language: he
        reads what failed."""
        self.ensure_one()
        run = self.company_id._with_local_time(self)
        run = run.with_user(self.user_id).with_company(self.company_id)
        return run.with_context(lang=self.user_id.lang)

    # -- the end ------------------------------------------------------------------

    def _stop(self):
        self.sudo().write(
            {"state": self._run_stopped, "end_date": fields.Datetime.now()}
        )

    def _stop_without_right(self):
        """Stop a run in the name of who may not do it any more; somebody else may
        continue it.

        :return: whether that is so
        """
        try:
            self._check_may_run()
        except AccessError:
            run = self.sudo()
        else:
            return False
        run._stop()
        run._message_log(
            body=self.env._(
                "Stopped: %s has not the right to run it any more. Somebody who has it "
                "may continue.",
                run.user_id.name,
            )
        )
        return True

    def _finish(self):
        """Close the run once nothing of it waits any more.

        :return: whether it was closed now
        """
        self.invalidate_recordset()
        if self.state != "running" or self.left_count:
            return False
        state = "done_with_errors" if self.failed_count else "done"
        self.sudo().write({"state": state, "end_date": fields.Datetime.now()})
        for name in self._get_finish_steps():
            getattr(self, name)()
        return True

    @api.model
    def _get_finish_steps(self):
        """Names of what follows when the last group is dealt with, in this order."""
        return []

    def _close(self):
        """Close a run of which nothing waits any more, and tell whose it is: he has
        seen no answer."""
        if self._finish():
            self._tell_finished()

    def _get_result_text(self):
        """What became of the run."""
        labels = dict(self._fields["state"]._description_selection(self.env))
        return self.env._(
            "%(run)s: %(state)s, %(done)s of %(count)s groups done, %(failed)s failed.",
            run=self.name,
            state=labels[self.state],
            done=self.done_count,
            count=self.group_count,
            failed=self.failed_count,
        )

    def _tell_finished(self):
        run = self.with_context(lang=self.user_id.lang)
        kind = "success" if self.state == "done" else "warning"
        run._tell(run._get_result_text(), kind)

    def _tell(self, text, kind):
        """A notice with a link for whose run it is: at once on his screen, and by
        e-mail or in his inbox, as he likes it, for when he is away.

        :param str kind: of the notice: success, warning or danger
        """
        user = self.user_id
        user._bus_send(
            "service_invoicing.run_finished",
            {"model": self._name, "id": self.id, "message": text, "type": kind},
        )
        if kind == "danger":
            subject = self.env._("Run %s cannot go on", self.name)
        else:
            subject = self.env._("Run %s is through", self.name)
        self.sudo().message_notify(
            partner_ids=user.partner_id.ids,
            author_id=self.env.ref("base.partner_root").id,
            subject=subject,
            body=text,
        )
