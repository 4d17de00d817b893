from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from ..common_background import EXECUTE, BackgroundCommon


@tagged("post_install", "-at_install")
class TestBackground(BackgroundCommon):
    """Three customers with a line of 100 each; more than two lines are many."""

    def _continue(self):
        """What the scheduler does, where it has nobody beside it."""
        if "queue.job" in self.env:
            self.skipTest("the job queue takes up large runs")
        return super()._continue()

    def _list_triggers(self):
        return (
            self.env["ir.cron.trigger"].sudo().search([("cron_id", "=", self.cron.id)])
        )

    # -- who does it -------------------------------------------------------------

    def test_small_run_is_done_at_once(self):
        run = self._create_run(self.permissions[:2])
        action = run.action_execute()
        self.assertEqual(run.state, "done")
        self.assertIn("2 of 2 groups done", action["params"]["message"])

    def test_large_run_goes_on_in_the_background_as_soon_as_the_button_is_pressed(self):
        run = self._create_run(self.permissions)
        before = self._list_triggers()
        action = run.action_execute()
        self.assertEqual(run.state, "running")
        self.assertFalse(run.log_ids.move_id)
        self.assertIn("goes on in the background: 3 of 3", action["params"]["message"])
        # whom the scheduler is to wake up for at once
        trigger = self._list_triggers() - before
        self.assertLessEqual(trigger.call_at, fields.Datetime.now())
        self._continue()
        self.assertEqual(run.state, "done")
        self.assertEqual(len(run.log_ids.move_id), 3)

    def test_run_closes_only_when_no_group_waits(self):
        run = self._create_run(self.permissions)
        run.action_execute()
        self.assertFalse(run._finish())
        self.assertEqual(run.state, "running")
        run.log_ids._execute()
        self.assertTrue(run._finish())
        self.assertEqual(run.state, "done")
        self.assertFalse(run._finish(), "it was closed before")

    def test_stopped_run_continues_with_what_is_left_in_the_name_of_who_presses(self):
        run = self._create_run(self.permissions)
        run.action_execute()
        run.log_ids[0]._execute()
        run.action_stop()
        self._continue()
        self.assertEqual(run.state, "cancelled")
        self.assertEqual((run.done_count, run.left_count), (1, 2))
        other = new_test_user(
            self.env,
            "other",
            "maintenance_reinvoice.group_maintenance_reinvoice",
            company_id=self.company.id,
        )
        # two lines are few
        run.with_user(other).action_retry_failed()
        self.assertEqual(run.state, "done")
        self.assertEqual(run.user_id, other)
        self.assertEqual(len(run.log_ids.move_id), 3)

    def test_many_lines_are_not_invoiced_at_once(self):
        """Groups of one line each: with room for two lines the third waits."""
        run = self._create_run(self.permissions)
        run.action_execute()
        with patch(f"{EXECUTE}.BATCH_LINES", 2):
            self.assertEqual(run._get_next_batch(), run.log_ids.sorted("sequence")[:2])
            batches = run._cut_batches(run.log_ids.sorted("sequence"))
        self.assertEqual([len(batch) for batch in batches], [2, 1])

    # -- what is seen of it ------------------------------------------------------

    def test_form_says_what_is_done_failed_and_left(self):
        run = self._create_run(self.permissions)
        run.action_execute()
        run.log_ids[0]._execute()
        run.log_ids[1].sudo().posting_error = "The customer is blocked."
        self.env.invalidate_all()
        self.assertRecordValues(
            run, [{"log_count": 3, "done_count": 1, "failed_count": 1, "left_count": 1}]
        )
        # two of three were tried
        self.assertAlmostEqual(run.progress, 66.7, 1)

    def test_speed_tells_when_the_run_will_be_through(self):
        """A line in ten seconds: two more need twenty."""
        run = self._create_run(self.permissions)
        run.action_execute()
        self.assertFalse(run.expected_end, "nothing is known before the first line")
        run.log_ids[0]._execute()
        now = fields.Datetime.now()
        run.sudo().begin_date = now - timedelta(seconds=10)
        with patch.object(fields.Datetime, "now", lambda: now):
            self.env.invalidate_all()
            self.assertAlmostEqual(run.line_speed, 0.1)
            self.assertEqual(run.expected_end, now + timedelta(seconds=20))

    def test_speed_of_a_run_that_goes_on_leaves_out_what_was_done_before(self):
        """Of three lines one was invoiced before the stop, one in five seconds after
        it."""
        run = self._create_run(self.permissions)
        run.action_execute()
        run.log_ids[0]._execute()
        run.action_stop()
        with patch(f"{EXECUTE}.INLINE_LINES", 0):
            run.action_retry_failed()
        run.log_ids[1]._execute()
        now = fields.Datetime.now()
        run.sudo().begin_date = now - timedelta(seconds=5)
        with patch.object(fields.Datetime, "now", lambda: now):
            self.env.invalidate_all()
            self.assertAlmostEqual(run.line_speed, 0.2)
            self.assertEqual(run.expected_end, now + timedelta(seconds=5))

    def test_speed_leaves_out_the_time_in_which_nobody_worked(self):
        """Executed a minute before the scheduler came; then a line in ten seconds."""
        run = self._create_run(self.permissions)
        run.action_execute()
        now = fields.Datetime.now()
        run.sudo().begin_date = now - timedelta(seconds=60)
        self.assertFalse(run.work_date)
        with patch(f"{EXECUTE}.BATCH_LINES", 1):
            self.assertTrue(run._execute_batch(run._get_next_batch()))
        self.assertGreaterEqual(run.work_date, now)
        run.sudo().work_date = now - timedelta(seconds=10)
        with patch.object(fields.Datetime, "now", lambda: now):
            self.env.invalidate_all()
            self.assertAlmostEqual(run.line_speed, 0.1)

    def test_a_run_that_lay_idle_is_timed_from_when_it_was_taken_up_again(self):
        run = self._create_run(self.permissions)
        run.action_execute()
        run.log_ids[0]._execute()
        late = fields.Datetime.now() + timedelta(minutes=5)
        with (
            patch(f"{EXECUTE}.BATCH_LINES", 1),
            patch.object(fields.Datetime, "now", lambda: late),
        ):
            run._execute_batch(run._get_next_batch())
        self.assertEqual((run.work_date, run.lines_before), (late, 1))

    def test_a_run_that_nobody_takes_up_says_so(self):
        run = self._create_run(self.permissions)
        run.action_execute()
        self.assertFalse(run.idle_note)
        self.cron.active = False
        run.invalidate_recordset()
        self.assertIn("mass re-invoicing” is inactive", run.idle_note)
        self.cron.active = True
        late = fields.Datetime.now() + timedelta(minutes=5)
        with patch.object(fields.Datetime, "now", lambda: late):
            run.invalidate_recordset()
            self.assertIn("Nothing of this run was done since", run.idle_note)
        run.action_stop()
        self.assertFalse(run.idle_note)

    def test_times_of_a_run_cannot_be_written(self):
        run = self._create_run(self.permissions)
        with self.assertRaisesRegex(UserError, "cannot be written: Begun"):
            run.begin_date = "2026-10-31 10:00:00"

    # -- who is told -------------------------------------------------------------

    def _catch_notices(self):
        """Messages that the bus is given for users."""
        notices = []
        users = type(self.env["res.users"])
        self.startPatcher(
            patch.object(
                users,
                "_bus_send",
                lambda user, kind, message: notices.append((user, kind, message)),
            )
        )
        return notices

    def _list_messages(self, user):
        return self.env["mail.message"].search(
            [
                ("message_type", "=", "user_notification"),
                ("partner_ids", "=", user.partner_id.id),
                ("model", "=", "maintenance.reinvoice.run"),
            ]
        )

    def test_who_began_a_large_run_is_told_with_a_link_when_it_is_through(self):
        notices = self._catch_notices()
        run = self._create_run(self.permissions)
        run.action_execute()
        self._continue()
        ((user, kind, message),) = notices
        self.assertEqual(user, self.env.user)
        self.assertEqual(kind, "service_invoicing.run_finished")
        self.assertEqual((message["id"], message["type"]), (run.id, "success"))
        self.assertIn(f"{run.name}: Done, 3 of 3", message["message"])
        mail = self._list_messages(self.env.user)
        self.assertEqual((mail.res_id, mail.record_name), (run.id, run.name))
        self.assertIn("3 of 3 groups done", mail.body)

    def test_who_waited_for_the_answer_gets_no_notice_beside_it(self):
        notices = self._catch_notices()
        self._execute_run(self.permissions[:2])
        self.assertFalse(notices)
        self.assertFalse(self._list_messages(self.env.user))
