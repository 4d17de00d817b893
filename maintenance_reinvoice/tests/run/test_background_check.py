from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from ..common_background import BackgroundCommon

CHECK = "odoo.addons.maintenance_reinvoice.models.run.maintenance_reinvoice_run_check"


@tagged("post_install", "-at_install")
class TestBackgroundCheck(BackgroundCommon):
    """Three customers with a line of 100 each; more than two lines are many, and each
    piece of a report has one."""

    def setUp(self):
        super().setUp()
        self.startPatcher(patch(f"{CHECK}.INLINE_LINES", self.inline_lines))
        self.startPatcher(patch(f"{CHECK}.REPORT_CHUNK", 1))

    def _report_pieces(self, run, number):
        """What the scheduler does until it is stopped."""
        run = run._as_its_user()
        for _number in range(number):
            self.assertTrue(run._execute_batch(run._get_next_batch()))
        self.env.invalidate_all()

    def _fail_at(self, name):
        """Make the check of a customer's lines fail."""
        kind = type(self.env["maintenance.run.kind"])
        report = kind._report

        def fail(kind, run, candidates):
            if name in candidates.partner_id.mapped("name"):
                raise UserError(name)
            return report(kind, run, candidates)

        return patch.object(kind, "_report", fail)

    def _get_notices(self, run):
        domain = [("model", "=", run._name), ("res_id", "=", run.id)]
        domain += [("message_type", "=", "user_notification")]
        messages = self.env["mail.message"].sudo().search(domain, order="id")
        return messages.mapped("preview")

    def test_few_lines_are_checked_at_once(self):
        run = self._create_run(self.permissions[:2])
        run.action_check()
        self.assertEqual((run.state, run.taken_count), ("checked", 2))
        self.assertFalse(run.begin_date)

    def test_many_lines_are_checked_in_the_background(self):
        run = self._create_run(self.permissions)
        action = run.action_check()
        self.assertEqual((run.state, run.line_count), ("checking", 0))
        self.assertIn("in the background: 3 lines", action["params"]["message"])
        self._continue()
        self.assertEqual((run.state, run.taken_count), ("checked", 3))
        self.assertEqual(run.log_ids.mapped("sequence"), [1, 2, 3])
        self.assertFalse(run.log_ids.move_id)
        text = f"{run.name}: 3 of 3 lines can be re-invoiced."
        self.assertEqual(self._get_notices(run), [text])

    def test_pieces_make_the_report_that_is_made_at_once(self):
        """Two lines of the first customer, one of which the third one pays."""
        payer = self.permissions[2].partner_id
        [line] = self._create_closed(
            self.permissions[0].vehicle_id,
            [{"purchase_price": 50.0, "reinvoice_partner_id": payer.id}],
            contract_id=self.permissions[0].contract_id.id,
        ).line_ids
        reports = []
        for size in (1, 2, 1000):
            with patch(f"{CHECK}.REPORT_CHUNK", size):
                run = self._create_run(self.permissions + line.permission_id)
                run._make_report()
            self.assertEqual(run.state, "checked")
            reports.append(
                {
                    (row.permission_line_id, row.taken, row.log_id.partner_id)
                    for row in run.line_ids
                }
            )
            # 100 + 50 is one invoice
            self.assertEqual(sorted(run.log_ids.mapped("amount")), [100, 100, 150])
            self.assertEqual(sorted(run.log_ids.mapped("sequence")), [1, 2, 3])
        self.assertEqual(reports[0], reports[2])
        self.assertEqual(reports[1], reports[2])

    def test_form_says_how_far_the_check_is(self):
        run = self._create_run(self.permissions)
        run.action_check()
        self._report_pieces(run, 1)
        self.assertRecordValues(
            run, [{"state": "checking", "done_count": 1, "left_count": 2}]
        )
        self.assertAlmostEqual(run.progress, 33.3, 1)
        self.assertFalse(run.idle_note)
        with self.assertRaises(UserError):
            run.posting_date = "2026-12-01"
        with self.assertRaises(UserError):
            run.unlink()

    def test_stopped_check_goes_on_where_it_was(self):
        run = self._create_run(self.permissions)
        run.action_check()
        self._report_pieces(run, 1)
        row = run.line_ids
        run.action_stop()
        self._continue()
        self.assertEqual((run.state, run.line_ids), ("draft", row))
        # two lines are few
        run.action_check()
        self.assertEqual((run.state, run.line_count), ("checked", 3))
        self.assertIn(row, run.line_ids)

    def test_another_choice_drops_what_a_stopped_check_has_reported(self):
        run = self._create_run(self.permissions)
        run.action_check()
        self._report_pieces(run, 1)
        run.action_stop()
        run.ignore_minimum = True
        self.assertFalse(run.line_ids)

    def test_check_that_fails_is_named_and_goes_on_when_mended(self):
        run = self._create_run(self.permissions)
        run.action_check()
        with self._fail_at("Customer 1"):
            self._continue()
        self.assertEqual((run.state, run.line_count), ("draft", 1))
        text = f"The check of run {run.name} failed: Customer 1"
        self.assertEqual(self._get_notices(run), [text])
        self.assertIn(text, run.message_ids.mapped("preview"))
        run.action_check()
        self.assertEqual((run.state, run.line_count), ("checked", 3))

    def test_invoices_follow_a_check_that_was_to_be_executed(self):
        run = self._create_run(self.permissions)
        action = run.action_execute()
        self.assertEqual(run.state, "checking")
        self.assertIn("in the background: 3 lines", action["params"]["message"])
        self._continue()
        self.assertEqual((run.state, run.left_count), ("running", 3))
        run._as_its_user()._process(60)
        self.assertEqual(run.state, "done")
        self.assertEqual(len(run.log_ids.move_id), 3)

    def test_invoices_follow_a_check_that_is_executed_before_it_is_through(self):
        run = self._create_run(self.permissions)
        run.action_check()
        run.action_execute()
        self.assertEqual((run.state, run.log_ids), ("checking", run.log_ids.browse()))
        self._continue()
        self._continue()
        self.assertEqual(run.state, "done")
        self.assertEqual(run.log_ids.move_id.mapped("amount_untaxed"), [100.0] * 3)

    def test_what_is_in_the_way_of_the_invoices_is_told_with_the_report(self):
        run = self._create_run(self.permissions)
        run.action_execute()
        self.permissions.line_ids.sudo().reinvoice = False
        self._continue()
        self.assertEqual((run.state, run.line_count), ("checked", 3))
        [text] = self._get_notices(run)
        self.assertIn("Nothing to re-invoice", text)

    def test_candidates_are_counted_before_and_after_all_pieces(self):
        kind = type(self.env["maintenance.run.kind"])
        counts = kind._count_candidates
        run = self._create_run(self.permissions)
        with patch.object(kind, "_count_candidates", autospec=True) as asked:
            asked.side_effect = counts
            run.action_check()
            self._continue()
        self.assertEqual((run.state, run.taken_count), ("checked", 3))
        self.assertEqual(asked.call_count, 2)

    def test_some_pieces_planned_at_a_time_make_the_whole_report(self):
        run = self._create_run(self.permissions)
        with patch(f"{CHECK}.PLANNED_PIECES", 2):
            run.action_check()
            self.assertEqual(len(run.check_pieces), 2)
            self._continue()
        self.assertEqual((run.state, run.taken_count), ("checked", 3))
        self.assertFalse(run.check_pieces)

    def test_what_goes_during_the_check_stops_it_not(self):
        """The second customer's permission becomes somebody else's."""
        run = self._create_run(self.permissions)
        run.filter_domain = str([("partner_id", "in", self.permissions.partner_id.ids)])
        run.action_check()
        self._report_pieces(run, 1)
        self.permissions[1].sudo().write({"partner_id": self.customer.id})
        self._continue()
        self.assertEqual(run.state, "checked")
        found = run.line_ids.permission_id
        self.assertEqual(found, self.permissions - self.permissions[1])

    def test_report_that_is_made_again_goes_in_the_background(self):
        """Three rows and three logs, a piece of one each."""
        run = self._create_run(self.permissions)
        run.action_check()
        self._continue()
        rows, logs = run.line_ids, run.log_ids
        run.action_check()
        self.assertEqual(run.state, "checking")
        self.assertEqual((run.line_count, run.left_count), (0, 3))
        self.assertEqual(run.line_ids, rows)
        self._report_pieces(run, 4)
        self.assertFalse(rows.exists())
        self.assertEqual((logs.exists(), run.line_count), (logs[1:], 0))
        self._continue()
        self.assertEqual((run.state, run.taken_count), ("checked", 3))
        self.assertFalse(logs.exists())
        self.assertEqual(run.log_ids.mapped("sequence"), [1, 2, 3])
        self.assertFalse(run.report_outdated)

    def test_report_that_is_made_again_can_be_stopped_before_it_is_gone(self):
        run = self._create_run(self.permissions)
        run.action_check()
        self._continue()
        rows = run.line_ids
        run.action_check()
        self._report_pieces(run, 1)
        run.action_stop()
        self.assertEqual((run.state, run.line_count), ("draft", 0))
        self.assertEqual(rows.exists(), rows[1:])
        run.ignore_minimum = True
        run.action_execute()
        self._continue()
        run._as_its_user()._process(60)
        self.assertEqual((run.state, run.line_count), ("done", 3))
        self.assertFalse(rows.exists())

    def test_large_report_for_other_parameters_goes_with_the_next_check(self):
        """Three rows; whoever changes a parameter does not wait for them to go."""
        run = self._create_run(self.permissions)
        run.action_check()
        self._continue()
        rows = run.line_ids
        run.ignore_minimum = True
        self.assertEqual((run.state, run.line_count, rows.exists()), ("draft", 0, rows))
        action = run.action_view_lines()
        menu = self.env.ref(
            "maintenance_reinvoice.maintenance_reinvoice_run_line_action"
        )
        self.assertEqual(action["domain"], [("run_id", "in", run.ids)])
        self.assertFalse(rows.filtered_domain(safe_eval(menu.domain)))
        run.action_check()
        self.assertEqual(run.state, "checking")
        self._continue()
        self.assertEqual((run.state, run.taken_count), ("checked", 3))
        self.assertFalse(rows.exists())

    def test_few_rows_go_with_the_parameter(self):
        run = self._create_run(self.permissions[:2])
        run.action_check()
        rows = run.line_ids
        run.ignore_minimum = True
        self.assertEqual(run.state, "draft")
        self.assertFalse(rows.exists())

    def test_few_rows_are_made_again_at_once(self):
        run = self._create_run(self.permissions[:2])
        run.action_check()
        rows = run.line_ids
        run.action_check()
        self.assertEqual((run.state, run.taken_count), ("checked", 2))
        self.assertFalse(rows.exists())


@tagged("post_install", "-at_install")
class TestBackgroundCancelReport(BackgroundCommon):
    """A run of three such customers is taken back."""

    def setUp(self):
        super().setUp()
        self.run = self._create_run(self.permissions)
        self.run.action_check()
        self.run._begin()
        self.run._process(60)
        self.startPatcher(patch(f"{CHECK}.INLINE_LINES", self.inline_lines))
        self.startPatcher(patch(f"{CHECK}.REPORT_CHUNK", 2))

    def test_many_rows_are_looked_at_in_the_background_and_credited_by_the_user(self):
        action = self.run.action_cancel_run()
        run = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual((run.state, run.line_count), ("checking", 0))
        self.assertEqual(run.left_count, 3)
        self._continue()
        self.assertEqual((run.state, run.taken_count), ("checked", 3))
        self.assertEqual(run.log_ids.mapped("sequence"), [1, 2, 3])
        self.assertEqual(run.log_ids.credited_move_id, self.run.log_ids.move_id)
        rows = self.run.log_ids.move_id.maintenance_row_ids
        self.assertFalse(rows.credit_move_id)
        run.posting_date = "2026-11-15"
        run._make_report()
        run._begin()
        run._as_its_user()._process(60)
        self.assertEqual(run.state, "done")
        self.assertEqual(len(rows.credit_move_id), 3)

    def test_rows_that_are_refused_for_the_same_reason_are_written_together(self):
        action = self.run.action_cancel_run()
        run = self.env[action["res_model"]].browse(action["res_id"])
        self._continue()
        run.posting_date = "2026-10-01"
        run._make_report()
        run.line_ids.sudo().write({"taken": True, "reason": False})
        rows = type(run.line_ids)
        write = rows._refuse
        with patch.object(rows, "_refuse", autospec=True) as asked:
            asked.side_effect = write
            self.assertEqual(run.line_ids._group_free_rows(), {})
        self.assertEqual(asked.call_count, 1)
        self.assertEqual(run.line_ids.mapped("reason"), ["later"] * 3)
