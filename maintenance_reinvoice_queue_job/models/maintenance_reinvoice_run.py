from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.queue_job.exception import RetryableJobError

JOB = "_execute_chunk"
OPEN_STATES = ("wait_dependencies", "pending", "enqueued", "started")
# without a sign of life of the queue for so long the scheduler does the work
SILENT_MINUTES = 2
# conflicts with other transactions before a job is put off
TRIES = 5


class MaintenanceReinvoiceRun(models.Model):
    """Large runs as jobs of the queue, each a chunk of whole groups."""

    _inherit = "maintenance.reinvoice.run"

    def _start_in_background(self):
        """A job per chunk, in the name of the run's user. A run that goes on has the
        same chunks, and of those whose job still waits none is made a second time."""
        run = self._as_its_user()
        logs = self.env["maintenance.reinvoice.log"].search(
            [("run_id", "=", run.id)], order="sequence, id"
        )
        run._mark_customers(logs)
        for chunk in run._cut_batches(logs):
            if any(log.posting_state == "pending" for log in chunk):
                run._delay_chunk(chunk[0].sequence, chunk[-1].sequence)
        # the scheduler sees that there are jobs
        return super()._start_in_background()

    def _mark_customers(self, logs):
        """Who gets his first invoice is a customer from now on. Core writes that when
        it is posted, and two chunks with such invoices would be in each other's way;
        all later ones core counts after the commit."""
        partners = logs.partner_id | logs.partner_id.commercial_partner_id
        new = partners.sudo().filtered(lambda partner: not partner.customer_rank)
        new._increase_rank("customer_rank")

    def _delay_chunk(self, first, last):
        delayed = self.with_delay(
            identity_key=f"{self._name},{self.id},{first}-{last}",
            description=f"{self.name}: {first}–{last}",
        )
        delayed._execute_chunk(first, last)

    def _get_chunk(self, first, last):
        """Groups with these numbers that wait; none once the run was stopped."""
        logs = self.env["maintenance.reinvoice.log"]
        if self.state != "running":
            return logs
        return logs.search(
            [
                ("run_id", "=", self.id),
                ("posting_state", "=", "pending"),
                ("sequence", ">=", first),
                ("sequence", "<=", last),
            ]
        )

    def _execute_chunk(self, first, last):
        """Job: invoice the groups with these numbers. What an earlier try or somebody
        else has done is not done again.

        :raise RetryableJobError: when others are always faster
        """
        run = self.sudo()._as_its_user()
        if run.sudo().state != "running" or run._stop_without_right():
            return
        if not run.work_date:
            run._note_work()
            # the run itself is held by nobody while a chunk is worked on
            run._commit_batch()
        for _try in range(TRIES):
            run.invalidate_recordset()
            logs = run._get_chunk(first, last)
            if not logs or run._execute_batch(logs):
                break
        else:
            raise RetryableJobError(f"{run.name}: conflicts with other transactions")
        run._close_when_through()

    def _close_when_through(self):
        """Close the run with the last of its chunks. What is left is read after the
        chunk was committed: of workers who end at the same moment at least one sees
        that nothing is. The lock lets only one of them close."""
        self.invalidate_recordset()
        if not self.left_count and self._take_up():
            self._close()

    @api.model
    def _get_runs_to_continue(self):
        """Without those that the queue does. Where it is silent, or has given up a
        job, the scheduler does the work as it would without it."""
        runs = super()._get_runs_to_continue()
        if not runs or not self._is_queue_alive():
            return runs
        jobs = self._search_jobs(Domain("state", "in", OPEN_STATES))
        queued = {int(key.split(",")[1]) for key in jobs.mapped("identity_key")}
        return runs.filtered(lambda run: run.id not in queued)

    @api.model
    def _is_queue_alive(self):
        """Whether jobs of runs were made, begun or done a moment ago."""
        since = fields.Datetime.now() - timedelta(minutes=SILENT_MINUTES)
        dates = ("date_created", "date_started", "date_done")
        recent = Domain.OR(Domain(date, ">=", since) for date in dates)
        return bool(self._search_jobs(recent, limit=1))

    @api.model
    def _search_jobs(self, domain, limit=None):
        own = Domain("model_name", "=", self._name) & Domain("method_name", "=", JOB)
        return self.env["queue.job"].sudo().search(own & domain, limit=limit)
