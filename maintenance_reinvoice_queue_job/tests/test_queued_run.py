from datetime import timedelta
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.maintenance_reinvoice.tests.common_background import (
    EXECUTE,
    RUN_MIXIN,
    BackgroundCommon,
)
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job.job import Job


@tagged("post_install", "-at_install", "service_outside")
class TestQueuedRun(BackgroundCommon):
    """Five customers with a line of 100 each; two groups are a chunk, and every run is
    a large one."""

    customers = 5
    inline_lines = 0

    def setUp(self):
        super().setUp()
        self.startPatcher(patch.object(self.runs, "_get_batch_size", lambda run: 2))

    def _begin(self, permissions=None):
        run = self._create_run(permissions or self.permissions)
        run.action_execute()
        return run

    def _list_jobs(self, *states):
        jobs = self.env["queue.job"].sudo()
        domain = [("method_name", "=", "_execute_chunk")]
        domain += [("state", "in", states)] if states else []
        return jobs.search(domain, order="id")

    def _perform(self, jobs):
        """What a worker does with them."""
        for record in jobs:
            with self.enter_registry_test_mode():
                job = Job.load(self.env, record.uuid)
                job.set_started()
                job.perform()
                job.set_done()
                job.store()
        self.env.invalidate_all()

    def test_the_first_chunk_says_when_the_run_was_taken_up(self):
        run = self._begin()
        self.assertFalse(run.work_date)
        first, *__ = self._list_jobs("pending")
        self._perform(first)
        begun = run.work_date
        self.assertTrue(begun)
        self._perform(self._list_jobs("pending"))
        self.assertEqual(run.work_date, begun)

    # -- which jobs --------------------------------------------------------------

    def test_a_large_run_becomes_a_job_per_chunk_of_whole_groups(self):
        run = self._begin()
        self.assertEqual(run.state, "running")
        self.assertFalse(run.log_ids.move_id)
        # five groups in chunks of two
        key = f"maintenance.reinvoice.run,{run.id},"
        self.assertRecordValues(
            self._list_jobs(),
            [
                {
                    "identity_key": key + numbers,
                    "channel": "root.maintenance_reinvoice",
                    "user_id": self.env.uid,
                    "state": "pending",
                }
                for numbers in ("1-2", "3-4", "5-5")
            ],
        )

    def test_a_small_run_needs_no_job(self):
        with patch(f"{EXECUTE}.INLINE_LINES", 5):
            run = self._begin()
        self.assertEqual(run.state, "done")
        self.assertFalse(self._list_jobs())

    def test_a_chunk_has_no_more_lines_than_a_server_bears(self):
        """Where two lines are too many each group is a chunk of its own."""
        with patch(f"{EXECUTE}.BATCH_LINES", 1):
            run = self._begin()
        keys = self._list_jobs().mapped("identity_key")
        numbers = [key.rpartition(",")[2] for key in keys]
        self.assertEqual(numbers, ["1-1", "2-2", "3-3", "4-4", "5-5"])
        self._perform(self._list_jobs())
        self.assertEqual(run.state, "done")

    def test_chunks_are_not_in_each_others_way_with_a_new_customer(self):
        """His rank is written before the first of them, and not by any of them."""
        customers = self.permissions.partner_id
        self.assertEqual(set(customers.mapped("customer_rank")), {0})
        self._begin()
        self.assertEqual(set(customers.mapped("customer_rank")), {1})

    def test_what_waits_is_not_queued_a_second_time(self):
        run = self._begin()
        jobs = self._list_jobs()
        run.action_stop()
        run.action_retry_failed()
        self.assertEqual(self._list_jobs(), jobs)
        self._perform(jobs)
        self.assertEqual(run.state, "done")
        self.assertEqual(len(run.log_ids.move_id), 5)

    # -- what a job does ---------------------------------------------------------

    def test_the_last_chunk_closes_the_run_once_and_tells_who_began_it(self):
        told = []
        self.startPatcher(
            patch.object(self.runs, "_tell_finished", lambda run: told.append(run.id))
        )
        run = self._begin()
        first, second, third = self._list_jobs()
        # they end in any order
        self._perform(third + first)
        self.assertEqual((run.state, run.left_count), ("running", 2))
        self._perform(second)
        self.assertEqual(run.state, "done")
        self.assertEqual(told, [run.id])
        self.assertEqual(sum(run.log_ids.move_id.mapped("amount_untaxed")), 500.0)
        self.assertEqual(self._get_balance(self.mass_account), 0.0)
        # a job that is carried out again finds nothing to do
        run.sudo()._execute_chunk(1, 2)
        self.assertEqual(told, [run.id])
        self.assertEqual(len(run.log_ids.move_id), 5)

    def test_a_failing_group_is_named_and_stops_neither_chunk_nor_run(self):
        bad = self.permissions[1].partner_id
        moves = type(self.env["account.move"])
        post = moves._post

        def refuse_bad(records, soft=True):
            if bad in records.partner_id:
                raise UserError(self.env._("This customer is blocked."))
            return post(records, soft)

        run = self._begin()
        with patch.object(moves, "_post", refuse_bad):
            self._perform(self._list_jobs())
        self.assertEqual(run.state, "done_with_errors")
        failed = run.log_ids.filtered("posting_error")
        self.assertEqual(failed.partner_id, bad)
        self.assertEqual(failed.posting_error, "This customer is blocked.")
        self.assertEqual(len(run.log_ids.move_id), 4)
        # its chunk alone is queued again
        run.action_retry_failed()
        jobs = self._list_jobs("pending")
        self.assertEqual(len(jobs), 1)
        self._perform(jobs)
        self.assertEqual(run.state, "done")

    def test_a_stopped_run_is_left_alone_by_its_jobs(self):
        run = self._begin()
        first, *others = self._list_jobs()
        self._perform(first)
        run.action_stop()
        for job in others:
            self._perform(job)
        self.assertEqual(run.state, "cancelled")
        self.assertEqual((run.done_count, run.left_count), (2, 3))
        run.action_retry_failed()
        self._perform(self._list_jobs("pending"))
        self.assertEqual(run.state, "done")
        self.assertEqual(len(run.log_ids.move_id), 5)

    def test_conflicts_without_end_put_the_job_off(self):
        run = self._begin()

        def conflict(logs):
            raise SerializationFailure("could not serialize access")

        with (
            patch.object(type(run.log_ids), "_execute", conflict),
            patch.object(self.env.cr, "rollback", lambda: None),
            patch(f"{RUN_MIXIN}.CONFLICT_SECONDS", 0),
            self.assertRaises(RetryableJobError),
        ):
            run._execute_chunk(1, 2)
        self.assertEqual(run.left_count, 5)

    # -- rights and companies ----------------------------------------------------

    def _create_clerk(self):
        return new_test_user(
            self.env,
            "clerk",
            "maintenance_reinvoice.group_maintenance_accountant",
            company_id=self.company.id,
        )

    def test_jobs_of_who_lost_the_right_invoice_nothing_more(self):
        clerk = self._create_clerk()
        run = self._create_run(self.permissions)
        run.with_user(clerk).action_execute()
        first, *others = self._list_jobs()
        self._perform(first)
        clerk.group_ids = self.env.ref("maintenance_reinvoice.group_maintenance_user")
        self._perform(others)
        # of chunks of two, two and one customers the first was through
        self.assertEqual((run.state, run.left_count), (run._run_stopped, 3))
        said = run.message_ids.filtered(lambda message: clerk.name in message.body)
        self.assertEqual(len(said), 1)

    def test_jobs_have_the_rights_of_who_began_the_run(self):
        clerk = self._create_clerk()
        run = self._create_run(self.permissions)
        run.with_user(clerk).action_execute()
        self.assertEqual(self._list_jobs().user_id, clerk)
        self._perform(self._list_jobs())
        self.assertEqual(run.log_ids.move_id.create_uid, clerk)
        # who may not run re-invoicing makes no jobs either
        user = new_test_user(
            self.env,
            "user",
            "maintenance_reinvoice.group_maintenance_user",
            company_id=self.company.id,
        )
        other = self._create_run(self.permissions)
        with self.assertRaises(AccessError):
            other.with_user(user).action_execute()

    def test_a_run_of_another_company_is_done_there(self):
        company = self.setup_other_company()["company"]
        self.vehicle_a.sudo().company_id = False
        permission = self._create_abroad(company, self.vehicle_a)
        run = self._create_run(permission, company_id=company.id)
        run.action_execute()
        self.assertEqual(self._list_jobs().company_id, company)
        self._perform(self._list_jobs())
        self.assertEqual(run.log_ids.move_id.company_id, company)

    # -- without anybody who takes up the jobs -----------------------------------

    def test_the_scheduler_leaves_a_run_to_its_jobs(self):
        run = self._begin()
        self._continue()
        self.assertEqual((run.state, run.left_count), ("running", 5))

    def test_where_nobody_takes_up_the_jobs_the_scheduler_does_the_work(self):
        run = self._begin()
        jobs = self._list_jobs()
        jobs.with_context(_job_edit_sentinel=jobs.EDIT_SENTINEL).date_created = (
            fields.Datetime.now() - timedelta(minutes=3)
        )
        self._continue()
        self.assertEqual(run.state, "done")
        self.assertEqual(len(run.log_ids.move_id), 5)
        # should they be taken up after all, nothing is left to do
        self._perform(self._list_jobs())
        self.assertEqual(len(run.log_ids.move_id), 5)

    def test_a_job_that_was_given_up_is_done_by_the_scheduler(self):
        run = self._begin()
        first, *others = self._list_jobs()
        first.state = "failed"
        for job in others:
            self._perform(job)
        self.assertEqual((run.state, run.left_count), ("running", 2))
        self._continue()
        self.assertEqual(run.state, "done")
        self.assertEqual(len(run.log_ids.move_id), 5)
