from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..common_background import BackgroundCommon

SHOWN = "odoo.addons.maintenance_reinvoice.models.run.maintenance_reinvoice_run_shown"


@tagged("post_install", "-at_install")
class TestRunScreens(BackgroundCommon):
    """What is read of a run does not grow with its lines: three customers with a line
    of 100 each."""

    inline_lines = 200

    def _check(self, permissions):
        run = self._create_run(permissions)
        run.action_check()
        return run

    def _open(self, run):
        """Open the form as the browser does it.

        :return: number of queries
        """
        names = ("shown_line_ids", "shown_log_ids")
        rows = {name: {"fields": {"partner_id": {}}, "limit": 80} for name in names}
        counts = dict.fromkeys(("line_count", "taken_amounts", "progress"), {})
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        run.browse(run.id).web_read(rows | counts)
        return self.env.cr.sql_log_count - before

    def test_form_of_many_lines_takes_no_query_more(self):
        few = self._check(self.permissions[0])
        many = self._check(self.permissions)
        self._open(few)
        self.assertEqual(self._open(few), self._open(many))

    @patch(f"{SHOWN}.SHOWN", 2)
    def test_form_shows_the_first_rows_and_opens_all(self):
        self.permissions[0].line_ids.sudo().reinvoice = False
        run = self._check(self.permissions)
        rows = run.line_ids
        # what is taken comes first
        self.assertEqual(run.shown_line_ids, rows[1:])
        self.assertTrue(run.has_more_lines)
        self.assertEqual(run.shown_log_ids, run.log_ids)
        self.assertFalse(run.has_more_logs)
        lines = run.action_view_lines()
        self.assertEqual(rows.search(lines["domain"]), rows)
        logs = run.action_view_logs()
        self.assertEqual(run.log_ids.search(logs["domain"]), run.log_ids)

    @patch(f"{SHOWN}.SHOWN", 2)
    def test_rows_that_are_not_taken_follow_where_there_is_room(self):
        self.permissions[1:].line_ids.sudo().reinvoice = False
        run = self._check(self.permissions)
        self.assertEqual(run.shown_line_ids, run.line_ids[:2])
        self.assertTrue(run.has_more_lines)

    def test_lists_begin_with_the_newest_run(self):
        old = self._check(self.permissions[:2])
        new = self._check(self.permissions)
        runs = [("run_id", "in", (old + new).ids)]
        self.assertEqual(new.line_ids.search(runs), new.line_ids + old.line_ids)
        self.assertEqual(new.log_ids.search(runs), new.log_ids + old.log_ids)

    def test_lines_of_a_run_that_ended_are_not_counted_again(self):
        """Taken: two of 100; the third is not to be re-invoiced."""
        self.permissions[0].line_ids.sudo().reinvoice = False
        run = self._check(self.permissions)
        self.assertFalse(run.report_totals)
        run.action_execute()
        self.assertEqual(run.state, "done")
        lines = self.env.registry["maintenance.reinvoice.run.line"]
        self.env.invalidate_all()
        with patch.object(lines, "_read_group", return_value=[]) as counted:
            self.assertEqual((run.line_count, run.taken_count), (3, 2))
            self.assertIn("200.00", run.taken_amounts)
        self.assertFalse(
            [call for call in counted.call_args_list if call.args[0][0][2]]
        )

    def test_lines_of_a_run_that_goes_on_are_counted(self):
        """What cannot be invoiced at first is left out afterwards."""
        run = self._check(self.permissions)
        lines = self.env.registry["maintenance.permission.line"]
        error = UserError("Nothing can be invoiced now.")
        with patch.object(lines, "_create_reinvoice_moves", side_effect=error):
            run.action_execute()
        self.assertEqual((run.state, run.taken_count), ("done_with_errors", 3))
        self.permissions[0].line_ids.sudo().reinvoice = False
        run.action_retry_failed()
        self.assertEqual((run.state, run.line_count), ("done", 3))
        self.assertEqual(run.taken_count, 2)

    def test_reasons_and_carried_groups_are_counted_by_one_query_each(self):
        self.permissions[1:].line_ids.sudo().reinvoice = False
        run = self._check(self.permissions)
        run.line_ids[0].sudo().write({"reason": "carried", "taken": False})
        self.env.flush_all()
        self.env.invalidate_all()
        # the run itself is no part of it
        self.assertTrue(run.name)
        with self.assertQueryCount(1):
            summary = run._get_reason_summary()
        labels = self.env["maintenance.permission.line"]._get_refusal_labels()
        self.assertEqual(
            set(summary.splitlines()),
            {f"{labels['carried']}: 1", f"{labels['not_reinvoice']}: 2"},
        )
        with self.assertQueryCount(1):
            self.assertEqual(run._count_carried(), 1)
