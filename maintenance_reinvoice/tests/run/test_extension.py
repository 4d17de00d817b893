from unittest.mock import patch

from psycopg2 import IntegrityError, InterfaceError
from psycopg2.errors import SerializationFailure

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import MaintenanceCommon
from ..common_background import RUN_MIXIN


@tagged("post_install", "-at_install")
class TestExtension(MaintenanceCommon):
    """What a partner's add-on may change without copying a method."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.permission = cls._create_closed(
            cls.vehicle_a, [{"purchase_price": 10.0}, {"purchase_price": 20.0}]
        )
        cls.lines = type(cls.permission.line_ids)

    def test_own_grouping(self):
        original = self.lines._get_reinvoice_grouping_keys

        def by_price(lines, mass):
            return original(lines, mass) + ["purchase_price"]

        with patch.object(self.lines, "_get_reinvoice_grouping_keys", by_price):
            run = self._execute_run()
        self.assertEqual(
            sorted(run.log_ids.move_id.mapped("amount_untaxed")), [10.0, 20.0]
        )

    def test_own_grouping_on_lines_of_an_invoice(self):
        original = self.lines._get_reinvoice_block_keys

        def by_price(lines, options):
            return original(lines, options) + ["purchase_price"]

        with patch.object(self.lines, "_get_reinvoice_block_keys", by_price):
            run = self._execute_run()
        invoiced = run.log_ids.move_id.invoice_line_ids
        self.assertEqual(invoiced.mapped("price_subtotal"), [10.0, 20.0])

    def test_log_says_for_which_vehicle_an_invoice_is_if_there_is_one(self):
        run = self._execute_run()
        self.assertEqual(run.log_ids.vehicle_id, self.vehicle_a)
        permissions = self._create_closed(
            self.vehicle_a, [{"purchase_price": 1.0}]
        ) | self._create_closed(self.vehicle_b, [{"purchase_price": 2.0}])
        run = self._execute_run(permissions)
        self.assertEqual(run.log_ids.move_id.amount_untaxed, 3.0)
        self.assertFalse(run.log_ids.vehicle_id)

    def test_own_text(self):
        with patch.object(self.lines, "_get_reinvoice_text", lambda *args: "Own text"):
            run = self._execute_run()
        self.assertEqual(run.log_ids.move_id.invoice_line_ids.name, "Own text")

    def test_own_invoice_values(self):
        original = self.lines._prepare_reinvoice_move_vals

        def with_note(lines, header, options):
            vals, blocks = original(lines, header, options)
            return {**vals, "narration": "Thank you"}, blocks

        with patch.object(self.lines, "_prepare_reinvoice_move_vals", with_note):
            run = self._execute_run()
        self.assertIn("Thank you", run.log_ids.move_id.narration)

    def test_own_refusal(self):
        original = self.lines._find_refusals

        def refuse_cheap(line, method):
            found = original(line, method)
            return {**found, "zero_amount": line.amount_to_reinvoice < 15}

        with patch.object(self.lines, "_find_refusals", refuse_cheap):
            run = self._execute_run()
        self.assertEqual(run.log_ids.move_id.amount_untaxed, 20.0)

    def test_unexpected_error_is_logged_and_stops_nobody(self):
        other = self._create_partner("Other")
        self.contract_b.partner_id = other
        permission = self._create_closed(self.vehicle_b, [{"purchase_price": 5.0}])
        original = self.lines._prepare_reinvoice_move_vals

        def fail(lines, header, options):
            if dict(header)["payer_id"] == other:
                raise KeyError("a bug in an add-on")
            return original(lines, header, options)

        logger = "odoo.addons.service_invoicing.tools.attempt"
        with (
            patch.object(self.lines, "_prepare_reinvoice_move_vals", fail),
            self.assertLogs(logger, "ERROR"),
        ):
            run = self._execute_run()
        self.assertEqual(run.state, "done_with_errors")
        self.assertEqual(self.permission.state, "reinvoiced")
        self.assertEqual(permission.state, "closed")
        failed = run.log_ids.filtered("posting_error")
        self.assertEqual(failed.partner_id, other)
        self.assertIn("a bug in an add-on", failed.posting_error)

    def test_group_of_which_somebody_else_holds_a_line_waits_as_a_whole(self):
        """Lines of 10 and 20, the second one is held: no invoice of 10 now and of 20
        later, but one of 30 when the run is tried again."""
        run = self._create_run()
        run.action_check()
        held = self.permission.line_ids[1]
        with patch.object(
            self.lines, "try_lock_for_update", lambda lines, **kwargs: lines - held
        ):
            action = run.action_execute()
        self.assertFalse(run.log_ids.move_id)
        self.assertIn(held.display_name, action["params"]["message"])
        self.assertTrue(action["params"]["sticky"])
        self.assertEqual(run.state, "done_with_errors")
        self.assertEqual(run.log_ids.posting_state, "failed")
        self.assertIn(held.display_name, run.log_ids.posting_error)
        busy = run.line_ids.filtered(lambda row: row.reason == "busy")
        self.assertEqual(busy.permission_line_id, held)
        self.assertEqual(self.permission.state, "closed")
        action = run.action_retry_failed()
        self.assertEqual(run.state, "done")
        self.assertNotIn(held.display_name, action["params"]["message"])
        self.assertEqual(run.log_ids.move_id.amount_untaxed, 30.0)
        self.assertRecordValues(
            run.line_ids, [{"taken": True, "reason": False, "reason_text": ""}] * 2
        )

    def test_what_somebody_else_holds_stops_no_other_group(self):
        self.contract_b.partner_id = self._create_partner("Other")
        other = self._create_closed(self.vehicle_b, [{"purchase_price": 5.0}])
        run = self._create_run()
        run.action_check()
        held = self.permission.line_ids
        with patch.object(
            self.lines, "try_lock_for_update", lambda lines, **kwargs: lines - held
        ):
            action = run.action_execute_print()
        self.assertEqual(run.log_ids.move_id.amount_untaxed, 5.0)
        for line in held:
            self.assertIn(line.display_name, action["params"]["message"])
        self.assertEqual(other.state, "reinvoiced")
        self.assertEqual(run.state, "done_with_errors")
        error = run.log_ids.filtered("posting_error").posting_error
        for line in held:
            self.assertIn(line.display_name, error)
        # somebody else has invoiced one of them meanwhile
        held[0].reinvoice_method = "individual"
        held[0].action_reinvoice(posting_date="2026-10-31")
        run.action_retry_failed()
        self.assertEqual(run.state, "done")
        self.assertEqual(sorted(run.log_ids.mapped("amount")), [5.0, 20.0])

    def test_lost_connection_is_told_in_a_sentence(self):
        run = self._create_run()
        run.action_check()

        def lose(records):
            raise InterfaceError("cursor already closed")

        with (
            patch.object(type(run.log_ids), "_execute", lose),
            patch.object(type(self.env.cr), "closed", True),
            self.assertRaisesRegex(UserError, f"lost while run {run.name}.*by itself"),
        ):
            run._execute_batch(run.log_ids)

    def _execute_with_conflicts(self, conflicts):
        """A run whose first batches meet another transaction; the transaction of a
        test can neither be committed nor rolled back, so savepoints stand for it."""
        run = self._create_run()
        run.action_check()
        logs, left = type(run.log_ids), [None] * conflicts
        execute = logs._execute

        def meet(records):
            execute(records)
            if left:
                left.pop()
                raise SerializationFailure("could not serialize access")

        # what was committed before the first batch stays
        run.sudo().state = "running"
        savepoint = self.env.cr.savepoint()
        moves = type(self.env["account.move"])
        with (
            patch.object(logs, "_execute", meet),
            patch.object(moves, "_can_commit", lambda *args: True),
            patch.object(self.env.cr, "rollback", savepoint.rollback),
            patch.object(type(run), "_commit_batch", lambda record: None),
            patch(f"{RUN_MIXIN}.CONFLICT_SECONDS", 0),
        ):
            run._process(60)
        return run

    def test_conflict_with_another_transaction_is_tried_again(self):
        run = self._execute_with_conflicts(2)
        self.assertEqual(run.state, "done")
        self.assertEqual(len(self.permission.line_ids.row_ids), 2)

    def test_after_many_conflicts_the_scheduler_goes_on(self):
        run = self._execute_with_conflicts(9)
        self.assertEqual(run.state, "running")
        self.assertFalse(self.permission.line_ids.row_ids)
        with self.enter_registry_test_mode():
            cron = self.env.ref("maintenance_reinvoice.cron_continue_runs")
            cron.sudo().method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(run.state, "done")
        self.assertEqual(len(self.permission.line_ids.row_ids), 2)

    def test_run_somebody_else_holds(self):
        run = self._create_run()
        with (
            patch.object(type(run), "try_lock_for_update", lambda runs: runs[:0]),
            self.assertRaisesRegex(UserError, "worked on by somebody else"),
        ):
            run.action_execute()

    def test_database_refuses_a_line_on_two_live_invoices(self):
        self._execute_run()
        row = self.permission.line_ids[0].row_ids
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(IntegrityError, "live_uniq"),
        ):
            row.sudo().copy()


@tagged("post_install", "-at_install")
class TestSpeed(MaintenanceCommon):
    """Queries grow with the number of invoices, not with that of their lines."""

    def _count_queries(self, lines):
        permission = self._create_closed(
            self.vehicle_a, [{"purchase_price": 10.0}] * lines
        )
        run = self._create_run(permission)
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        run.action_execute()
        self.env.flush_all()
        return self.cr.sql_log_count - before

    def test_lines_cost_no_queries(self):
        self._count_queries(1)
        few, many = self._count_queries(2), self._count_queries(40)
        self.assertLess(many, few * 1.25)

    def _count_group_queries(self, groups):
        """Queries of executing a checked run with a line for each of new customers."""
        permissions = self.env["maintenance.permission"]
        for number in range(groups):
            name = f"{groups}-{number}"
            vehicle, customer = self._create_vehicle(name), self._create_partner(name)
            self._create_contract(
                name, vehicle, self._create_analytic(name), partner_id=customer.id
            )
            permissions += self._create_permission(vehicle, [{"purchase_price": 10.0}])
        self._create_bill(permissions)
        run = self._create_run(permissions)
        run.action_check()
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        run.action_execute()
        self.env.flush_all()
        self.assertEqual(len(run.log_ids.move_id), groups)
        return self.cr.sql_log_count - before

    def test_a_customer_more_costs_only_what_core_asks_for_each(self):
        """Core looks whether the analytic account is there for each of the three items
        that have one, twice for that of the contract, and for the user of a partner
        whose rank it raises: five queries; what is ours is asked for all together."""
        self._count_group_queries(1)
        few, many = self._count_group_queries(2), self._count_group_queries(10)
        self.assertLessEqual(many - few, 8 * 5)
