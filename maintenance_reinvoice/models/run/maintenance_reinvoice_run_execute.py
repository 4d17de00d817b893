import time

from psycopg2 import InterfaceError, OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.service_invoicing.tools.actions import notify
from odoo.addons.service_invoicing.tools.arguments import expects
from odoo.addons.service_invoicing.tools.guards import raise_together

from ...tools.batches import BATCH_LINES, BATCH_SIZE, INLINE_LINES, INLINE_SECONDS

# conflicts with other transactions before a run waits for the scheduler
MAX_CONFLICTS = 5
CONFLICT_SECONDS = 0.2


class MaintenanceReinvoiceRun(models.Model):
    """Executing a run, batch by batch, until it is done or stopped."""

    _inherit = "maintenance.reinvoice.run"

    @expects(one=True)
    def action_execute(self):
        """Make the invoices of the check report (made now, if there is none).

        Batches are committed one by one; a large run goes on in the background.
        Returns a notification of what was made."""
        self._check_may_run()
        self = self.with_company(self.company_id)
        self._lock_run()
        self._check_run_state("draft", "checked")
        if self.state == "draft":
            self._make_report()
        self._begin()
        return self._notify_result()

    @expects(one=True)
    def action_retry_failed(self):
        """Try the failed groups of a finished run again, and those a stopped run
        never reached. Returns a notification of what was made."""
        self._check_may_run()
        self._lock_run()
        self._check_run_state("done_with_errors", "cancelled")
        failed = self.log_ids.filtered(lambda log: log.posting_state == "failed")
        pending = self.log_ids.filtered(lambda log: log.posting_state == "pending")
        if not failed + pending:
            raise UserError(self.env._("Run %s has no failed groups.", self.name))
        failed.sudo().write({"posting_error": False})
        self = self.with_company(self.company_id)
        self._begin()
        return self._notify_result()

    def action_stop(self):
        """Stop: groups already invoiced stay so, no further one is begun."""
        self._check_may_run()
        self._check_run_state("draft", "checked", "running")
        self.sudo().write({"state": "cancelled", "end_date": fields.Datetime.now()})

    def _lock_run(self):
        """Nobody else executes this run at the same time."""
        if not self.try_lock_for_update():
            raise UserError(
                self.env._("Run %s is being worked on by somebody else.", self.name)
            )
        self.invalidate_recordset()

    def _begin(self):
        """Run in the name of who pressed the button: what is small at once, what is
        large in the background."""
        self._check_executable()
        self.sudo().write({**self._prepare_begin_vals(), "user_id": self.env.uid})
        self._start()

    def _start(self):
        if self._is_large():
            self._start_in_background()
            return
        self._commit_batch()
        self._process(INLINE_SECONDS)

    def _is_large(self):
        """Whether nobody should wait for it. What cannot be committed in between is
        never left to others, who would not see it."""
        can_commit = self.env["account.move"]._can_commit()
        return can_commit and self._count_waiting_lines() > INLINE_LINES

    def _start_in_background(self):
        """Have the run, once it is committed, taken up by somebody else: here by the
        scheduler, at once and in one process. Who has more of them overrides this."""
        self.env.ref("maintenance_reinvoice.cron_continue_runs")._trigger()

    # -- before the run ---------------------------------------------------------

    def _check_executable(self):
        """Everything that would make the run fail as a whole, told at once."""
        raise_together(
            [
                *self._get_setup_errors(),
                *self._get_date_errors(),
                *self._get_kind()._get_empty_errors(self),
            ]
        )

    def _get_setup_errors(self):
        company, errors = self.company_id, []
        clearing = company.maintenance_mass_account_id
        if clearing and not clearing.reconcile:
            errors.append(
                self.env._(
                    "Collective invoice clearing account %s must allow reconciliation.",
                    clearing.display_name,
                )
            )
        kinds = ("invoice", "credit", "redistribution")
        if not all(company._get_maintenance_journal(kind) for kind in kinds):
            errors.append(
                self.env._(
                    "Company %s needs a sales and a miscellaneous journal.",
                    company.name,
                )
            )
        return errors

    def _get_reason_summary(self):
        labels = dict(self.line_ids._fields["reason"]._description_selection(self.env))
        groups = self.line_ids.grouped("reason")
        return "\n".join(
            f"{labels.get(reason, '')}: {len(lines)}"
            for reason, lines in groups.items()
        )

    # -- the run ----------------------------------------------------------------

    def _prepare_options(self):
        """Options of all invoices of the run; see the permission line's methods."""
        self.ensure_one()
        return {
            **self._prepare_group_options(),
            "posting_date": self._get_posting_date(),
            "vat_date": self._get_vat_date(),
            "clearing": self.company_id.maintenance_mass_account_id,
            "origin": self.name,
        }

    def _process(self, seconds):
        """Invoice batch by batch until done, stopped or out of time; a run out of
        time is taken up by the scheduler."""
        self.ensure_one()
        deadline = time.monotonic() + seconds
        conflicts = 0
        while self._take_up():
            logs = self._get_next_batch()
            if not logs:
                self._finish()
                return
            conflicts += not self._execute_batch(logs)
            late = time.monotonic() > deadline or conflicts > MAX_CONFLICTS
            if late and self.left_count:
                self._start_in_background()
                return

    def _take_up(self):
        """Hold the run until the next commit: whoever lives and works on it holds it,
        so the scheduled job finds those whose server was stopped.

        :return: whether nobody else holds it
        """
        held = self.try_lock_for_update(allow_referencing=True)
        self.invalidate_recordset(["state"])
        return bool(held)

    def _execute_batch(self, logs):
        """Invoice and commit a batch. A conflict with another transaction undoes it:
        the request cannot be tried again as a whole, for what was committed before
        stays. Returns whether the batch is done.

        :raise UserError: when there is no database any more to be asked
        """
        name = self.name
        try:
            self._note_work()
            logs._execute()
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
        """Groups to invoice next, held until the next commit; none once the run is
        done or was stopped. What another process holds is left to it."""
        logs = self.env["maintenance.reinvoice.log"]
        if self.state != "running":
            return logs
        query = logs.sudo()._search(
            [("run_id", "=", self.id), ("posting_state", "=", "pending")],
            order="sequence, id",
            limit=self._get_batch_size(),
        )
        rows = self.env.execute_query(SQL("%s FOR UPDATE SKIP LOCKED", query.select()))
        held = logs.browse(log_id for (log_id,) in rows)
        return self._cut_batches(held)[0] if held else held

    def _cut_batches(self, logs):
        """Groups of the run as they are invoiced and committed together.

        :return: list of recordsets
        """
        size, lines = self._get_batch_size(), self._count_lines(logs)
        batches, total = [], 0
        for log in logs:
            total += lines.get(log, 0)
            if not batches or len(batches[-1]) == size or total > BATCH_LINES:
                batches.append(logs.browse())
                total = lines.get(log, 0)
            batches[-1] += log
        return batches

    @api.model
    def _get_batch_size(self):
        """Groups invoiced and committed together, where they have few lines."""
        return BATCH_SIZE

    def _commit_batch(self):
        """Keep what is done, release locks and forget the cache. Whoever stopped the
        run meanwhile is heard now."""
        if self.env["account.move"]._can_commit():
            self.env["ir.cron"]._commit_progress()
        self.invalidate_recordset(["state"])

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
        return ["_print_finished", "_finish_scheduled"]

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
            conflicts = 0
            while run._take_up():
                logs = run._get_next_batch()
                if not logs:
                    run._close()
                    break
                conflicts += not run._execute_batch(logs)
                remaining = cron._commit_progress(1, remaining=len(runs))
                if not remaining or conflicts > MAX_CONFLICTS:
                    return
            cron._commit_progress(1)

    @api.model
    def _get_runs_to_continue(self):
        """Runs that the scheduler looks after."""
        return self.search([("state", "=", "running")], order="id")

    def _as_its_user(self):
        """The run as who began it sees it, wherever it goes on."""
        self.ensure_one()
        run = self.company_id._with_local_time(self)
        return run.with_user(self.user_id).with_company(self.company_id)

    def _close(self):
        """Close a run of which nothing waits any more, and tell whose it is: he has
        seen no answer."""
        if self._finish():
            self._tell_finished()

    def _notify_result(self):
        if self.state == "running":
            return notify(self._get_background_text(), "info")
        kind = "success" if self.state == "done" else "warning"
        sticky = bool(self._get_busy_lines())
        return notify(self._get_result_text(), kind, sticky=sticky)

    def _get_result_text(self):
        """What became of the run, and what waits for whom."""
        labels = dict(self._fields["state"]._description_selection(self.env))
        texts = [
            self.env._(
                "%(run)s: %(state)s, %(done)s of %(count)s invoice groups done, "
                "%(failed)s failed.",
                run=self.name,
                state=labels[self.state],
                done=self.done_count,
                count=self.log_count,
                failed=self.failed_count,
            )
        ]
        if carried := self._count_carried():
            texts.append(
                self.env._(
                    "Groups carried forward because they net negative: %s", carried
                )
            )
        if busy := self._get_busy_lines():
            texts.append(busy._get_busy_error())
        return "\n".join(texts)

    def _count_carried(self):
        """Groups without an invoice that wait for the next lines."""
        carried = self.line_ids.filtered(lambda row: row.reason == "carried")
        return len(carried.log_id)

    def _get_busy_lines(self):
        """Permission lines left out because somebody else held them."""
        rows = self.env["maintenance.reinvoice.run.line"].search(
            [("run_id", "in", self.ids), ("reason", "=", "busy")]
        )
        return rows.permission_line_id
