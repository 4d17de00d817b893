from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..common_cancel import CancelGuardsCommon


@tagged("post_install", "-at_install")
class TestCancelGuards(CancelGuardsCommon):
    """Behind the wizard's back nothing is taken back, whoever calls and however; and
    what the wizard is given is looked at."""

    # -- what is posted stays ---------------------------------------------------

    def test_all_documents_are_named_at_once(self):
        other = self._create_closed(self.vehicle_a, [{"purchase_price": 1.0}])
        second = self._execute_run(other).log_ids.move_id
        with self.assertRaises(UserError) as caught:
            (self.invoice + second).button_draft()
        self.assertIn(self.invoice.name, str(caught.exception))
        self.assertIn(second.name, str(caught.exception))

    def test_marks_of_lines_cannot_be_written(self):
        line = self.invoice.invoice_line_ids[0].with_user(self.clerk)
        for name in (
            "maintenance_revenue_account_id",
            "maintenance_source_line_id",
            "maintenance_mass_analytic_account_id",
            "service_credited_line_id",
        ):
            with self.assertRaisesRegex(AccessError, "cannot be set by hand"):
                line.write({name: False})

    def test_marks_of_lines_cannot_be_given_to_new_ones(self):
        moves = self.env["account.move"].with_user(self.clerk)
        vals = {
            "move_type": "out_invoice",
            "partner_id": self.customer.id,
            "invoice_line_ids": [
                Command.create(
                    {
                        "name": "X",
                        "price_unit": 1.0,
                        "maintenance_revenue_account_id": self.revenue.id,
                    }
                )
            ],
        }
        with self.assertRaisesRegex(AccessError, "cannot be set by hand"):
            moves.create(vals)

    def test_what_a_posted_line_charges_stays(self):
        line = self.invoice.invoice_line_ids[0].with_user(self.clerk)
        for vals in (
            {"price_unit": 1.0},
            {"quantity": 2.0},
            {"maintenance_contract_id": self.contract_b.id},
        ):
            with self.assertRaisesRegex(UserError, "does not change any more"):
                line.write(vals)
        # the same value is no change
        line.write({"quantity": 1.0})

    def test_rows_cannot_be_written(self):
        rows = self.row_a.with_user(self.clerk)
        with self.assertRaises(AccessError):
            rows.write({"freed": True})
        with self.assertRaises(AccessError):
            rows.unlink()
        with self.assertRaises(AccessError):
            rows.create({"move_id": self.invoice.id})
        with self.assertRaisesRegex(UserError, "Only maintenance re-invoicing itself"):
            self.invoice.with_user(self.clerk).write(
                {"maintenance_row_ids": [Command.unlink(self.row_a.id)]}
            )

    def test_draft_collective_invoice_is_not_turned_into_a_credit_note(self):
        """Without clearing account the invoice waits as a draft; as a credit note it
        would give back what it should charge."""
        self.company.maintenance_mass_account_id = False
        other = self._create_closed(self.vehicle_a, [{"purchase_price": 100.0}])
        move = self._execute_run(other).log_ids.move_id
        move.action_switch_move_type()
        with self.assertRaisesRegex(UserError, "differs from the permission"):
            move.action_post()

    # -- a row is credited once -------------------------------------------------

    def test_row_given_twice_is_credited_once(self):
        action = self.invoice.action_maintenance_cancel(
            row_ids=[self.row_b.id, self.row_b.id], posting_date="2026-11-15"
        )
        self.assertEqual(self._get_opened(action).amount_untaxed, 450.0)

    def test_bad_input(self):
        cancel = self.invoice.action_maintenance_cancel
        rows = self.row_b.ids
        with self.assertRaisesRegex(UserError, "not a date"):
            cancel(row_ids=rows, posting_date="tomorrow")
        with self.assertRaisesRegex(UserError, "not a date"):
            cancel(row_ids=rows, posting_date="2026-11-15", vat_date="2026-13-99")
        with self.assertRaisesRegex(UserError, "do not exist"):
            cancel(row_ids=[10**9], posting_date="2026-11-15")
        for wrong in (
            [[self.row_b.id]],
            [[self.row_b.id, "much"]],
            [[self.row_b.id, float("nan")]],
            [[self.row_b.id, float("inf")]],
            [[self.row_b.id, "50"]],
            [[self.row_b.id, True]],
            [[self.row_b.id, 1e13]],
            [[str(self.row_b.id), 50.0]],
            [7],
            {str(self.row_b.id): 50.0},
            {self.row_b: {"amount_to_reinvoice": 50.0}},
            "7",
            5,
            True,
        ):
            with self.assertRaisesRegex(UserError, "is not a correction", msg=wrong):
                cancel(corrections=wrong, posting_date="2026-11-15")
        twice = [[self.row_b.id, 50.0], [self.row_b.id, 60.0]]
        with self.assertRaisesRegex(UserError, "two corrections"):
            cancel(corrections=twice, posting_date="2026-11-15")
        for wrong in (5, "abc", [[7]], [True], ["7"], [10**12], {"a": 1}):
            with self.assertRaisesRegex(UserError, "list of ids", msg=wrong):
                cancel(row_ids=wrong, posting_date="2026-11-15")
        for wrong in ("close", "free", 0, None):
            with self.assertRaisesRegex(UserError, "True.*or False", msg=wrong):
                cancel(row_ids=rows, posting_date="2026-11-15", free=wrong)
        with self.assertRaisesRegex(UserError, "text is expected"):
            cancel(row_ids=rows, posting_date="2026-11-15", reason=["x"])
        with self.assertRaisesRegex(UserError, "Choose one document"):
            self.invoice.browse().action_maintenance_cancel(row_ids=rows)
        with self.assertRaisesRegex(UserError, "do not exist"):
            cancel(corrections=[[10**9, 5.0]], posting_date="2026-11-15")
        self.assertFalse(self.row_b.credit_move_id)

    def test_payer_is_an_id_and_nothing_else(self):
        """A tick is not the partner with id 1, nor 1.5 that with id 1."""
        driver = self._create_partner("Driver")
        row, date = self.row_b.id, "2026-11-15"
        cancel = self.invoice.action_maintenance_cancel
        for wrong in (
            str(driver.id),
            [driver.id],
            [driver.id, driver.id],
            True,
            0,
            1.5,
            {"a": 1},
            -driver.id,
        ):
            with self.assertRaisesRegex(UserError, "is not a correction", msg=wrong):
                cancel(corrections=[[row, 50.0, wrong]], posting_date=date)
        with self.assertRaisesRegex(UserError, "is not a correction"):
            cancel(corrections=[[row, 50.0, driver.id, 1]], posting_date=date)
        with self.assertRaisesRegex(UserError, "payers do not exist.*999999999"):
            cancel(corrections=[[row, 50.0, 999999999]], posting_date=date)
        self.assertFalse(self.row_b.credit_move_id)
        cancel(corrections=[[row, 50.0, [driver.id, "Driver"]]], posting_date=date)
        self.assertEqual(self.row_b.line_id.sale_invoice_id.partner_id, driver)

    def test_credit_memo_is_not_dated_before_its_invoice(self):
        day_before = "2026-10-30"
        cancel = self.invoice.action_maintenance_cancel
        with self.assertRaisesRegex(UserError, "10/30/2026 would be dated before"):
            cancel(row_ids=self.row_b.ids, posting_date=day_before)
        wizard = self._get_dialog(cancel())
        wizard.posting_date = day_before
        with self.assertRaisesRegex(UserError, "would be dated before"):
            wizard.action_confirm()
        self.assertFalse(self.row_b.credit_move_id)
        wizard.posting_date = "2026-10-31"
        wizard.action_confirm()
        self.assertTrue(self.row_b.credit_move_id)

    # -- closed periods ---------------------------------------------------------

    def test_shifted_out_of_a_closed_period(self):
        self.company.write(
            {
                "sale_lock_date": "2026-11-30",
                "maintenance_closed_period": "shift",
            }
        )
        credit = self._cancel(self.row_b)
        entry = credit.maintenance_redistribution_id
        for move in credit + entry:
            self.assertEqual(move.date, self._date("2026-12-01"))
        self.assertEqual(credit.invoice_date, self._date("2026-12-01"))

    # -- what the permission says -----------------------------------------------

    def test_status_goes_back_and_forth(self):
        self.assertEqual(self.permission_b.state, "reinvoiced")
        for _round in range(2):
            self._cancel(self.permission_b.line_ids.row_ids.filtered("live"))
            self.assertEqual(self.permission_b.state, "closed")
            line = self.permission_b.line_ids
            self.assertFalse(line.reinvoiced)
            self.assertFalse(line.posted_invoice_name)
            self._execute_run(self.permission_b)
            self.assertEqual(self.permission_b.state, "reinvoiced")
        self.assertEqual(len(self.permission_b.line_ids.row_ids), 3)
        self.assertEqual(len(self.permission_b.line_ids.credit_ids), 2)
        self.assertEqual(self._get_balance(self.revenue), -850.0)
        self._assert_cleared()

    def test_bill_of_a_closed_row_may_be_reset(self):
        """Its customer has everything back; nothing rests on the bill any more."""
        bill = self.permission_b.line_ids.bill_line_ids.move_id
        with self.assertRaisesRegex(UserError, "is on customer invoice"):
            bill.button_draft()
        self._cancel(self.row_b, free=False)
        bill.button_draft()
        self.assertEqual(bill.state, "draft")

    # -- two companies ----------------------------------------------------------

    def test_credit_memo_is_of_the_invoices_company(self):
        other = self.setup_other_company()["company"]
        self.env.user.company_ids += other
        both = [other.id, self.company.id]
        invoice = self.invoice.with_context(allowed_company_ids=both)
        action = invoice.action_maintenance_cancel(
            row_ids=self.row_b.ids, posting_date="2026-11-15"
        )
        credit = self._get_opened(action)
        moves = credit + credit.maintenance_redistribution_id
        self.assertEqual(moves.company_id, self.company)
        self.assertEqual(moves.journal_id.company_id, self.company)
        self._assert_cleared()

    def test_nobody_cancels_in_a_company_not_his(self):
        other = self.setup_other_company()["company"]
        stranger = new_test_user(
            self.env,
            "cancel_stranger",
            groups="maintenance_reinvoice.group_maintenance_reinvoice",
            company_id=other.id,
        )
        with self.assertRaises(AccessError):
            self.invoice.with_user(stranger).action_maintenance_cancel(
                row_ids=self.row_b.ids, posting_date="2026-11-15"
            )
        with self.assertRaises(AccessError):
            self.row_b.with_user(stranger).action_cancel()
        wizard = self.env["maintenance.reinvoice.cancel"].with_user(stranger)
        domain = wizard.fields_get(["invoice_id"])["invoice_id"]["domain"]
        self.assertIn("credit_move_id", domain)

    def test_clerk_needs_only_the_right_to_reinvoice(self):
        action = self.invoice.with_user(self.clerk).action_maintenance_cancel(
            row_ids=self.row_b.ids, posting_date="2026-11-15"
        )
        self.assertEqual(self._get_opened(action).state, "posted")

    def test_who_may_not_reinvoice_may_not_cancel(self):
        user = new_test_user(
            self.env,
            "cancel_approver",
            groups="maintenance_reinvoice.group_maintenance_approver,"
            "account.group_account_manager",
            company_id=self.company.id,
        )
        for call in (
            self.mass_run.with_user(user).action_cancel_rows,
            self.mass_run.log_ids.with_user(user).action_cancel_rows,
            self.row_b.with_user(user).action_cancel,
            self.invoice.with_user(user).action_maintenance_cancel,
        ):
            with self.assertRaises(AccessError):
                call()
