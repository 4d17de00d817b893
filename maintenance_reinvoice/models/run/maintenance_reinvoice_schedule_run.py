from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.mail import plaintext2html

from odoo.addons.service_invoicing.tools.attempt import attempt
from odoo.addons.service_invoicing.tools.locks import try_lock_anew


class MaintenanceReinvoiceSchedule(models.Model):
    """When a day has come: one run, in the name of the responsible user."""

    _inherit = "maintenance.reinvoice.schedule"

    @api.model
    def _cron_run(self):
        """Make the runs of the schedules whose day has come, each only once."""
        schedules = self._get_due_schedules()
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(schedules))
        for schedule in schedules:
            company = schedule.company_id
            schedule = company._with_local_time(schedule)
            run = schedule._begin_run(company._get_local_today())
            # the day is used up before anything is posted
            if not cron._commit_progress(1):
                return
            if run:
                run._work_scheduled()
                cron._commit_progress()

    @api.model
    def _get_due_schedules(self):
        """Schedules whose day has come where their company is."""
        # nowhere is it later than a day after the day of UTC
        latest = fields.Date.add(fields.Date.today(), days=1)
        schedules = self.search([("next_date", "<=", latest)])
        return schedules.filtered(
            lambda s: s.next_date <= s.company_id._get_local_today()
        )

    def _begin_run(self, today):
        """Take the day off the schedule and make its run, with the check report.

        Returns the run when it is to be executed."""
        self.ensure_one()
        runs = self.env["maintenance.reinvoice.run"]
        if not try_lock_anew(self):
            return runs
        self.invalidate_recordset()
        if self.next_date > today:
            return runs
        date = self._get_due_date(today)
        self.next_date = self._get_following_date(date)
        known = [("schedule_id", "=", self.id), ("schedule_date", "=", date)]
        if runs.search_count(known):
            return runs
        run, error = self._try(lambda: self._create_run(date))
        if not error and self.operation != "check":
            _result, error = self._try(run._begin_scheduled)
        if error:
            self._note_failure(run, error)
            return runs
        return run.filtered(lambda r: r.state == "running")

    def _create_run(self, date):
        """The run of the scheduled day ``date``, checked, as the user's own."""
        self.ensure_one()
        if not self._is_user_fit():
            raise UserError(
                self.env._(
                    "%(user)s may not run re-invoicing in company %(company)s any "
                    "more. Choose somebody else for schedule %(schedule)s.",
                    user=self.user_id.name,
                    company=self.company_id.name,
                    schedule=self.name,
                )
            )
        runs = self.env["maintenance.reinvoice.run"].with_user(self.user_id)
        runs = runs.with_company(self.company_id)
        # the marks of the schedule can only be written by the superuser
        run = runs.sudo().create(self._prepare_run_vals(date)).sudo(False)
        run._check_may_run()
        # nobody waits, and the day is used up only with the report
        run._make_report()
        return run

    def _prepare_run_vals(self, date):
        self.ensure_one()
        posting_date = self._get_posting_date(date)
        vals = {
            "company_id": self.company_id.id,
            "user_id": self.user_id.id,
            "schedule_id": self.id,
            "schedule_date": date,
            "posting_date": posting_date,
            "vat_date": posting_date if self.vat_rule == "posting" else False,
            "date_until": posting_date if self.until_rule == "posting" else False,
            **self._prepare_filter_vals(),
        }
        if self.negative_groups:
            vals["negative_groups"] = self.negative_groups
        return vals

    def _try(self, work):
        """Result of ``work`` and why it failed, in a savepoint."""
        results = []
        error = attempt(self, lambda: results.append(work()))
        return self.env["maintenance.reinvoice.run"] if error else results[0], error

    def _note_failure(self, run, error):
        """A to-do for the responsible user: on the run, if there is one."""
        self.ensure_one()
        record = (run or self).sudo()
        user = self.user_id if self.user_id.active else self.write_uid
        record.message_post(body=plaintext2html(error))
        record.activity_schedule(
            "maintenance_reinvoice.mail_activity_type_run",
            user_id=user.id,
            note=plaintext2html(error),
        )


class MaintenanceReinvoiceRun(models.Model):
    """Runs that the schedule makes, and what becomes of them."""

    _inherit = "maintenance.reinvoice.run"

    schedule_id = fields.Many2one(
        "maintenance.reinvoice.schedule",
        copy=False,
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        check_company=True,
    )
    schedule_date = fields.Date(
        string="Scheduled For",
        copy=False,
        readonly=True,
        help="Day of the schedule; there is one run for it, also after a retry.",
    )

    # whatever happens to the scheduler: one run for one day
    _schedule_uniq = models.UniqueIndex(
        "(schedule_id, schedule_date) WHERE schedule_id IS NOT NULL",
        "The schedule already has a run for this day.",
    )

    def _begin_scheduled(self):
        """Ready to execute, unless there is nothing to invoice: that is no failure,
        and the check report says why."""
        self.ensure_one()
        self._check_may_run()
        if errors := self._get_kind()._get_empty_errors(self):
            self.message_post(body=plaintext2html("\n".join(errors)))
            return
        self._check_executable()
        self.sudo().write(self._prepare_begin_vals())

    def _work_scheduled(self):
        """Invoice; what fails is on the logs, and what is large or unforeseen leaves
        the run to the scheduler that goes on with runs."""
        self.ensure_one()
        self._start()

    def _finish_scheduled(self):
        """Leave a to-do for what failed, or take the one of an earlier try away."""
        schedule = self.schedule_id.sudo()
        if not schedule:
            return
        if self.state == "done":
            self.sudo().activity_unlink(
                ["maintenance_reinvoice.mail_activity_type_run"]
            )
        errors = [
            f"{log.partner_id.display_name}: {error}"
            for log in self.log_ids
            for error in (log.posting_error, log.print_error)
            if error
        ]
        if errors:
            schedule._note_failure(self, "\n".join(errors))
