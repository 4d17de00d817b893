from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from ..common_cancel import TwoCustomersCommon


class CancelRunCommon(TwoCustomersCommon):
    """Such a run is taken back by a run of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rows = (cls.invoice_a + cls.invoice_b).maintenance_row_ids

    @classmethod
    def _create_cancel_run(cls, **vals):
        action = cls.mass_run.action_cancel_run()
        run = cls.env[action["res_model"]].browse(action["res_id"])
        run.write({"posting_date": "2026-11-15", **vals})
        return run

    @classmethod
    def _cancel_run(cls, **vals):
        run = cls._create_cancel_run(**vals)
        run.action_execute()
        return run

    @classmethod
    def _pay(cls, invoice, amount):
        wizard = cls.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        vals = {"amount": amount, "payment_date": "2026-11-10"}
        wizard.create(vals)._create_payments()

    def _get_row_reasons(self, run):
        """``{row: code of the reason}`` of the check report."""
        run.action_check()
        return {line.row_id: line.reason for line in run.line_ids}


@tagged("post_install", "-at_install")
class TestCancelRun(CancelRunCommon):
    """A whole run is taken back by a run of its own."""

    def test_what_is_credited_as_a_whole_is_not_taken_back_again(self):
        """Of a run with something left the report tells what was credited before."""
        self._cancel_run(partner_ids=self.customer.ids)
        action = self.mass_run.action_cancel_run()
        rest = self.mass_run.browse(action["res_id"])
        self.assertRecordValues(rest, [{"line_count": 3, "taken_count": 1}])
        rest.action_execute()
        runs = self.mass_run.search_count([])
        with self.assertRaisesRegex(UserError, f"{self.mass_run.name}.*already"):
            self.mass_run.action_cancel_run()
        self.assertEqual(self.mass_run.search_count([]), runs)

    def test_what_will_be_credited_is_seen_before(self):
        action = self.mass_run.action_cancel_run()
        run = self.env[action["res_model"]].browse(action["res_id"])
        self.assertRecordValues(
            run,
            [
                {
                    "kind": "cancel",
                    "origin_run_id": self.mass_run.id,
                    "state": "checked",
                    "line_count": 3,
                    "taken_count": 3,
                    "log_count": 2,
                }
            ],
        )
        self.assertRecordValues(
            run.log_ids.sorted("amount"),
            [
                {
                    "credited_move_id": invoice.id,
                    "partner_id": customer.id,
                    "amount": amount,
                    "move_id": False,
                }
                for invoice, customer, amount in (
                    (self.invoice_a, self.customer, -600.0),
                    (self.invoice_b, self.customer_2, -450.0),
                )
            ],
        )
        self.assertFalse(self.rows.credit_move_id)
        message = run.action_check()["params"]["message"]
        self.assertEqual(message, f"{run.name}: 3 of 3 lines can be credited.")

    def test_each_invoice_gets_its_credit_memo_and_nothing_stays_open(self):
        run = self._cancel_run(cancel_reason="Wrong month")
        self.assertEqual(run.state, "done")
        credits = run.log_ids.move_id
        # 600 + 23 % of it = 738; 450 + 103.50 = 553.50
        self.assertRecordValues(
            credits.sorted("amount_total"),
            [
                {
                    "move_type": "out_refund",
                    "state": "posted",
                    "reversed_entry_id": invoice.id,
                    "amount_untaxed": net,
                    "amount_total": total,
                    "amount_residual": 0.0,
                    "service_credit_reason": "Wrong month",
                    "date": self._date("2026-11-15"),
                }
                for invoice, net, total in (
                    (self.invoice_b, 450.0, 553.5),
                    (self.invoice_a, 600.0, 738.0),
                )
            ],
        )
        self.assertEqual(
            set((self.invoice_a + self.invoice_b).mapped("amount_residual")), {0.0}
        )
        self.assertEqual(self._get_balance(self.revenue), 0.0)
        self._assert_cleared()
        self.assertEqual(set(self.rows.mapped("freed")), {True})
        self.assertIn(
            f"Made by cancellation run {run.name}.",
            credits[0].message_ids.mapped("preview"),
        )

    def test_amounts_are_those_of_invoice_by_invoice(self):
        """A third of 100 three times: 33.33 each, 7.67 tax on 33.33 but 23.00 on the
        sum of 99.99."""
        permission = self._create_closed(
            self.vehicle_a, [{"purchase_price": 33.33}] * 3
        )
        origin = self._execute_run(permission)
        invoice = origin.log_ids.move_id
        self.assertEqual((invoice.amount_untaxed, invoice.amount_tax), (99.99, 23.0))
        first = permission.line_ids[0].row_ids
        # 23 % of 33.33 = 7.6659
        self.assertEqual(self._cancel(first).amount_tax, 7.67)
        action = origin.action_cancel_run()
        run = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(run.log_ids.amount, -66.66)
        run.posting_date = "2026-11-15"
        run.action_execute()
        credit = run.log_ids.move_id
        # what is left of 23.00
        self.assertEqual((credit.amount_untaxed, credit.amount_tax), (66.66, 15.33))
        self.assertEqual(invoice.amount_residual, 0.0)
        self._assert_cleared()

    def test_closed_rows_are_never_charged_again(self):
        self._cancel_run(afterwards="close")
        self.assertEqual(set(self.rows.mapped("freed")), {False})
        again = self._create_run(self.permission_a + self.permission_b)
        again.action_check()
        self.assertFalse(again.taken_count)

    def test_filters_choose_among_what_was_charged(self):
        run = self._cancel_run(partner_ids=[(4, self.customer_2.id)])
        self.assertEqual(run.log_ids.credited_move_id, self.invoice_b)
        self.assertFalse(self.invoice_a.maintenance_row_ids.credit_move_id)

    # -- what is set apart --------------------------------------------------------

    def test_paid_invoices_are_set_apart(self):
        self._pay(self.invoice_a, 100.0)
        run = self._create_cancel_run()
        reasons = self._get_row_reasons(run)
        paid = self.invoice_a.maintenance_row_ids
        self.assertEqual({reasons[row] for row in paid}, {"paid"})
        self.assertFalse(reasons[self.invoice_b.maintenance_row_ids])
        run.action_execute()
        self.assertFalse(paid.credit_move_id)
        self.assertTrue(self.invoice_b.maintenance_row_ids.credit_move_id)

    def test_paid_invoices_are_credited_where_that_was_chosen(self):
        self._pay(self.invoice_a, 100.0)
        run = self._cancel_run(cancel_paid=True)
        log = run.log_ids.filtered(lambda log: log.credited_move_id == self.invoice_a)
        # the customer has paid 100 for nothing
        self.assertEqual(log.move_id.amount_residual, 100.0)
        self.assertEqual(self.invoice_a.amount_residual, 0.0)

    def test_credited_in_part_is_not_paid(self):
        first = self.permission_a.line_ids[0].row_ids
        self._cancel(first)
        self.assertEqual(self.invoice_a.payment_state, "partial")
        reasons = self._get_row_reasons(self._create_cancel_run())
        self.assertEqual(reasons.pop(first), "credited")
        self.assertEqual(set(reasons.values()), {False})

    def test_sent_invoices_are_set_apart(self):
        self.invoice_a.is_move_sent = True
        run = self._create_cancel_run()
        reasons = self._get_row_reasons(run)
        sent = self.invoice_a.maintenance_row_ids
        self.assertEqual({reasons[row] for row in sent}, {"sent"})
        run.cancel_sent = True
        self.assertEqual(set(self._get_row_reasons(run).values()), {False})

    def test_invoices_after_the_credit_memo_are_left(self):
        run = self._create_cancel_run(posting_date="2026-10-30")
        self.assertEqual(set(self._get_row_reasons(run).values()), {"later"})
        with self.assertRaisesRegex(UserError, "Invoice dated after .*: 3"):
            run.action_execute()

    def test_what_happened_since_the_check_is_seen(self):
        run = self._create_cancel_run()
        run.action_check()
        self._pay(self.invoice_a, 100.0)
        self._cancel(self.invoice_b.maintenance_row_ids)
        run.action_execute()
        self.assertFalse(run.log_ids.move_id)
        self.assertEqual(
            {line.row_id.move_id: line.reason for line in run.line_ids},
            {self.invoice_a: "paid", self.invoice_b: "credited"},
        )

    # -- as any run ---------------------------------------------------------------

    def test_stopped_cancellation_continues_and_credits_each_row_once(self):
        run = self._create_cancel_run()
        run.action_check()
        run.sudo().write(run._prepare_begin_vals())
        run.log_ids[0]._execute()
        run.action_stop()
        first = run.log_ids.move_id
        self.assertEqual(len(first), 1)
        run.action_retry_failed()
        self.assertEqual(run.state, "done")
        self.assertEqual(len(run.log_ids.move_id), 2)
        self.assertEqual(self._get_balance(self.revenue), 0.0)
        self._assert_cleared()

    def test_two_cancellations_of_a_run_credit_each_row_once(self):
        first, second = self._create_cancel_run(), self._create_cancel_run()
        first.action_check()
        second.action_check()
        first.action_execute()
        second.action_execute()
        self.assertFalse(second.log_ids.move_id)
        self.assertEqual(set(second.line_ids.mapped("reason")), {"credited"})
        self.assertEqual(self._get_balance(self.revenue), 0.0)

    def test_failing_invoice_is_named_and_stops_nobody_else(self):
        run = self._create_cancel_run()
        moves = type(self.env["account.move"])
        post, customer = moves._post, self.customer

        def fail(self, soft=True):
            if self.filtered(
                lambda m: m.move_type == "out_refund" and m.partner_id == customer
            ):
                raise UserError(customer.name)
            return post(self, soft)

        with patch.object(moves, "_post", fail):
            run.action_execute()
        self.assertEqual(run.state, "done_with_errors")
        failed = run.log_ids.filtered("posting_error")
        self.assertEqual(failed.credited_move_id, self.invoice_a)
        self.assertEqual(failed.posting_error, "Customer")
        self.assertTrue(self.invoice_b.maintenance_row_ids.credit_move_id)
        run.action_retry_failed()
        self.assertEqual(run.state, "done")
        self._assert_cleared()

    # -- and charged anew ---------------------------------------------------------

    def test_corrected_lines_are_charged_anew(self):
        run = self._cancel_run()
        action = run.action_view_freed_lines()
        lines = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(lines, self.rows.line_id)
        lines.filtered(lambda line: line.amount_to_reinvoice == 450.0).write(
            {"amount_to_reinvoice": 400.0}
        )
        # not of this run
        self._create_closed(self.vehicle_a, [{"purchase_price": 70.0}])
        action = run.action_reinvoice_again()
        again = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(again.origin_run_id, run)
        self.assertEqual(run.next_run_ids, again)
        again.posting_date = "2026-11-15"
        again.action_execute()
        self.assertEqual(
            sorted(again.log_ids.move_id.mapped("amount_untaxed")), [400.0, 600.0]
        )
        self.assertEqual(again.line_ids.permission_line_id, self.rows.line_id)
        self.assertEqual(self._get_balance(self.revenue), -1000.0)
        self._assert_cleared()


@tagged("post_install", "-at_install")
class TestCancelRunGuards(CancelRunCommon):
    """Who may take a run back, and which."""

    def test_only_ended_runs_are_taken_back(self):
        run = self._create_run(self.permission_a)
        with self.assertRaisesRegex(UserError, "is Draft"):
            run.action_cancel_run()
        with self.assertRaisesRegex(ValidationError, "cannot follow"):
            self._create_run(kind="cancel", origin_run_id=run.id)
        with self.assertRaisesRegex(ValidationError, "needs the run"):
            self._create_run(kind="cancel")

    def test_cancellation_is_not_cancelled(self):
        run = self._cancel_run()
        with self.assertRaisesRegex(ValidationError, "cannot follow"):
            run.action_cancel_run()
        with self.assertRaisesRegex(ValidationError, "cannot follow"):
            self.mass_run.action_reinvoice_again()

    def test_run_keeps_its_kind_and_the_run_before(self):
        run = self._create_cancel_run()
        other = self._execute_run(
            self._create_closed(self.vehicle_a, [{"purchase_price": 70.0}])
        )
        for vals in ({"kind": "reinvoice"}, {"origin_run_id": other.id}):
            with self.assertRaisesRegex(UserError, "keep their kind"):
                run.write(vals)

    def test_only_who_may_re_invoice_takes_back(self):
        user = new_test_user(
            self.env,
            "reader",
            "maintenance_reinvoice.group_maintenance_user",
            company_id=self.company.id,
        )
        with self.assertRaises(AccessError):
            self.mass_run.with_user(user).action_cancel_run()

    def test_run_of_another_company_is_not_taken_back(self):
        company = self.env["res.company"].create({"name": "Other"})
        self.env.user.company_ids += company
        with self.assertRaises(UserError):
            self._create_run(
                kind="cancel", origin_run_id=self.mass_run.id, company_id=company.id
            )

    def test_clerk_takes_a_run_back(self):
        clerk = new_test_user(
            self.env,
            "clerk",
            "maintenance_reinvoice.group_maintenance_reinvoice",
            company_id=self.company.id,
        )
        action = self.mass_run.with_user(clerk).action_cancel_run()
        run = self.env[action["res_model"]].with_user(clerk).browse(action["res_id"])
        run.posting_date = "2026-11-15"
        run.action_execute()
        self.assertEqual(run.state, "done")
        self.assertEqual(len(run.log_ids.move_id), 2)
