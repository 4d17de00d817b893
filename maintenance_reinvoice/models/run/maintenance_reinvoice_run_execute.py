import time

from psycopg2 import InterfaceError, OperationalError

from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.service_invoicing.tools.arguments import expects
from odoo.addons.service_invoicing.tools.guards import raise_together

from ...tools.actions import notify
from ...tools.batches import BATCH_SIZE, INLINE_SECONDS

# conflicts with other transactions before a run waits for the scheduler
MAX_CONFLICTS = 5
CONFLICT_SECONDS = 0.2


class MaintenanceReinvoiceRun(models.Model):
    """Executing a run, batch by batch, until it is done or stopped."""

    _inherit = "maintenance.reinvoice.run"

    @expects(one=True)
    def action_execute(self):
        """Make the invoices of the check report (made now, if there is none).

        Batches are committed one by one; a long run goes on in the background.
        Returns a notification of what was made."""
        self._check_may_run()
        self = self.with_company(self.company_id)
        self._lock_run()
        self._check_run_state("draft", "checked")
        if self.state == "draft":
            self._make_report()
        self._check_executable()
        self.sudo().write({"state": "running", "user_id": self.env.user.id})
        self._commit_batch()
        self._process(INLINE_SECONDS)
        return self._notify_result()

    @expects(one=True)
    def action_retry_failed(self):
        """Try the failed groups of a finished run again, and those a stopped run
        never reached."""
        self._check_may_run()
        self._lock_run()
        self._check_run_state("done_with_errors", "cancelled")
        failed = self.log_ids.filtered(lambda log: log.posting_state == "failed")
        pending = self.log_ids.filtered(lambda log: log.posting_state == "pending")
        if not failed + pending:
            raise UserError(self.env._("Run %s has no failed groups.", self.name))
        failed.sudo().write({"posting_error": False})
        self = self.with_company(self.company_id)
        self._check_executable()
        self.sudo().state = "running"
        self._commit_batch()
        self._process(INLINE_SECONDS)
        return self._notify_result()

    def action_stop(self):
        """Stop: groups already invoiced stay so, no further one is begun."""
        self._check_may_run()
        self._check_run_state("draft", "checked", "running")
        self.sudo().state = "cancelled"

    def _lock_run(self):
        """Nobody else executes this run at the same time."""
        if not self.try_lock_for_update():
            raise UserError(
                self.env._("Run %s is being worked on by somebody else.", self.name)
            )
        self.invalidate_recordset()

    # -- before the run ---------------------------------------------------------

    def _check_executable(self):
        """Everything that would make the run fail as a whole, told at once."""
        raise_together(
            [
                *self._get_setup_errors(),
                *self._get_date_errors(),
                *self._get_empty_errors(),
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

    def _get_empty_errors(self):
        if any(log.posting_state == "pending" for log in self.log_ids):
            return []
        if not self.line_ids:
            return [
                self.env._(
                    "Nothing to re-invoice: no permission line matches run %s. Widen "
                    "its filter.",
                    self.name,
                )
            ]
        return [
            self.env._(
                "Nothing to re-invoice in run %(run)s. Its lines and why they are not "
                "taken:\n%(reasons)s",
                run=self.name,
                reasons=self._get_reason_summary(),
            )
        ]

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
            if late and self._get_next_batch():
                self.env.ref("maintenance_reinvoice.cron_continue_runs")._trigger()
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
        """Groups to invoice next; none once the run is done or was stopped."""
        if self.state != "running":
            return self.log_ids.browse()
        return self.env["maintenance.reinvoice.log"].search(
            [("run_id", "=", self.id), ("posting_state", "=", "pending")],
            limit=self._get_batch_size(),
        )

    @api.model
    def _get_batch_size(self):
        """Groups invoiced and committed together."""
        return BATCH_SIZE

    def _commit_batch(self):
        """Keep what is done, release locks and forget the cache. Whoever stopped the
        run meanwhile is heard now."""
        if self.env["account.move"]._can_commit():
            self.env["ir.cron"]._commit_progress()
        self.invalidate_recordset(["state"])

    def _finish(self):
        if self.state != "running":
            return
        failed = self.log_ids.filtered(lambda log: log.posting_state == "failed")
        self.sudo().state = "done_with_errors" if failed else "done"
        for name in self._get_finish_steps():
            getattr(self, name)()

    @api.model
    def _get_finish_steps(self):
        """Names of what follows when the last group is dealt with, in this order."""
        return ["_print_finished", "_finish_scheduled"]

    @api.model
    def _cron_continue(self):
        """Go on with runs that were too long for their user's request, or whose
        server was stopped; one batch per call, in the name of the run's user.

        A run that somebody is working on is left to him."""
        runs = self.search([("state", "=", "running")], order="id")
        if not runs:
            return
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(runs))
        for run in runs:
            run = run.company_id._with_local_time(run)
            run = run.with_user(run.user_id).with_company(run.company_id)
            conflicts = 0
            while run._take_up():
                logs = run._get_next_batch()
                if not logs:
                    run._finish()
                    break
                conflicts += not run._execute_batch(logs)
                remaining = cron._commit_progress(1, remaining=len(runs))
                if not remaining or conflicts > MAX_CONFLICTS:
                    return
            cron._commit_progress(1)

    def _notify_result(self):
        kinds = {"done": "success", "running": "info"}
        labels = dict(self._fields["state"]._description_selection(self.env))
        message = self.env._(
            "%(run)s: %(state)s, %(done)s of %(count)s invoice groups done, %(failed)s "
            "failed.",
            run=self.name,
            state=labels[self.state],
            done=sum(log.posting_state != "pending" for log in self.log_ids),
            count=self.log_count,
            failed=self.failed_count,
        )
        kind = kinds.get(self.state, "warning")
        action = notify(message, kind)
        if carried := self._count_carried():
            action["params"]["message"] += "\n" + self.env._(
                "Groups carried forward because they net negative: %s", carried
            )
        if busy := self._get_busy_lines():
            action["params"]["message"] += f"\n{busy._get_busy_error()}"
            action["params"]["sticky"] = True
        return action

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
