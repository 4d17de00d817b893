from ast import literal_eval

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from ..common_cancel import TwoCustomersCommon


@tagged("post_install", "-at_install")
class TestCancelDialog(TwoCustomersCommon):
    """The dialog of cancellation: where it opens, what it shows and what it does."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.wizards = cls.env["maintenance.reinvoice.cancel"]

    def _confirm(self, wizard):
        wizard.posting_date = "2026-11-15"
        return self._get_opened(wizard.action_confirm())

    # -- where it opens ---------------------------------------------------------

    def test_from_the_invoice_all_rows_are_ticked(self):
        wizard = self._get_dialog(self.invoice_a.action_maintenance_cancel())
        self.assertEqual(wizard.invoice_id, self.invoice_a)
        self.assertRecordValues(
            wizard.line_ids,
            [
                {
                    "selected": True,
                    "license_plate": "AA-111",
                    "permission_id": self.permission_a.id,
                    "amount": amount,
                    "corrected_amount": amount,
                }
                for amount in (400.0, 200.0)
            ],
        )

    def test_from_the_menu_the_invoice_is_looked_up(self):
        domain = self.wizards.fields_get(["invoice_id"])["invoice_id"]["domain"]
        domain = literal_eval(domain)
        found = self.env["account.move"].search(domain)
        self.assertEqual(found, self.invoice_a + self.invoice_b)
        self._cancel(self.permission_b.line_ids.row_ids)
        self.assertEqual(self.env["account.move"].search(domain), self.invoice_a)
        with Form(self.wizards) as form:
            form.invoice_id = self.invoice_a
            self.assertEqual(len(form.line_ids), 2)
            with form.line_ids.edit(1) as line:
                line.selected = False
            form.posting_date = "2026-11-15"
        credit = self._get_opened(form.record.action_confirm())
        self.assertEqual(credit.amount_untaxed, 400.0)

    def test_other_invoice_chosen_has_its_own_rows(self):
        with Form(self.wizards) as form:
            form.invoice_id = self.invoice_a
            form.invoice_id = self.invoice_b
        self.assertEqual(
            form.record.line_ids.row_id, self.permission_b.line_ids.row_ids
        )

    def test_from_the_run_each_invoice_gets_its_credit_memo(self):
        wizard = self._get_dialog(self.mass_run.action_cancel_rows())
        self.assertFalse(wizard.invoice_id)
        self.assertEqual(wizard.line_ids.move_id, self.invoice_a + self.invoice_b)
        self.assertEqual(set(wizard.line_ids.mapped("selected")), {False})
        with self.assertRaisesRegex(UserError, "Tick the rows"):
            wizard.action_confirm()
        wizard.action_tick_all()
        wizard.line_ids[1].selected = False
        credits = self._confirm(wizard)
        self.assertEqual(len(credits), 2)
        self.assertEqual(
            {c.partner_id: c.amount_untaxed for c in credits},
            {self.customer: 400.0, self.customer_2: 450.0},
        )
        self.assertEqual(credits.reversed_entry_id, self.invoice_a + self.invoice_b)
        self._assert_cleared()
        self.assertEqual(self._get_balance(self.revenue), -200.0)

    def test_from_the_log_the_rows_of_its_invoice(self):
        log = self.mass_run.log_ids.filtered(lambda row: row.move_id == self.invoice_b)
        wizard = self._get_dialog(log.action_cancel_rows())
        self.assertEqual(wizard.invoice_id, self.invoice_b)
        self.assertEqual(self._confirm(wizard).amount_untaxed, 450.0)
        with self.assertRaisesRegex(UserError, "no posted invoice with rows"):
            log.action_cancel_rows()

    def test_from_the_rows_just_these(self):
        row = self.permission_a.line_ids[1].row_ids
        wizard = self._get_dialog(row.action_cancel())
        self.assertEqual(wizard.line_ids.row_id, row)
        self.assertEqual(self._confirm(wizard).amount_untaxed, 200.0)
        with self.assertRaisesRegex(UserError, "already credited"):
            row.action_cancel()

    def test_ticked_and_corrected_as_proposed(self):
        rows = self.permission_a.line_ids.row_ids
        action = self.invoice_a.action_maintenance_cancel(
            row_ids=rows[1].ids, corrections=[(rows[1].id, 150.0)]
        )
        wizard = self._get_dialog(action)
        self.assertEqual(wizard.free, "correct")
        self.assertEqual(wizard.line_ids.mapped("selected"), [False, True])
        self.assertEqual(wizard.line_ids.mapped("corrected_amount"), [400.0, 150.0])

    # -- as a remote client uses it ---------------------------------------------

    def test_created_with_rows_only(self):
        row = self.permission_a.line_ids[1].row_ids
        wizard = self.wizards.create(
            {
                "invoice_id": self.invoice_a.id,
                "row_ids": [Command.set(row.ids)],
                "posting_date": "2026-11-15",
            }
        )
        self.assertEqual(wizard.line_ids.mapped("selected"), [False, True])
        self.assertEqual(self._confirm(wizard).amount_untaxed, 200.0)

    def test_rows_written_later_are_ticked(self):
        wizard = self.wizards.create({"invoice_id": self.invoice_a.id})
        self.assertEqual(wizard.line_ids.mapped("selected"), [True, True])
        row = self.permission_a.line_ids[0].row_ids
        wizard.row_ids = row
        self.assertEqual(wizard.line_ids.mapped("selected"), [True, False])
        wizard.row_ids = False
        with self.assertRaisesRegex(UserError, "Tick the rows"):
            wizard.action_confirm()

    def test_rows_of_another_invoice_are_refused(self):
        wizard = self.wizards.create(
            {
                "invoice_id": self.invoice_a.id,
                "row_ids": [Command.set(self.permission_b.line_ids.row_ids.ids)],
            }
        )
        with self.assertRaisesRegex(UserError, "is not on invoice"):
            wizard.action_confirm()

    def test_errors_of_all_invoices_at_once_and_nothing_is_done(self):
        wizard = self._get_dialog(self.mass_run.action_cancel_rows())
        wizard.action_tick_all()
        self._cancel(self.permission_a.line_ids[0].row_ids)
        self._cancel(self.permission_b.line_ids.row_ids)
        with self.assertRaises(UserError) as caught:
            wizard.action_confirm()
        message = str(caught.exception)
        self.assertIn(self.permission_a.line_ids[0].display_name, message)
        self.assertIn(self.permission_b.line_ids.display_name, message)
        self.assertFalse(self.permission_a.line_ids[1].row_ids.credit_move_id)

    def test_amounts_that_are_no_numbers_are_refused(self):
        wizard = self._get_dialog(self.invoice_b.action_maintenance_cancel())
        row = self.permission_b.line_ids.row_ids
        for wrong in (float("nan"), float("inf"), -float("inf"), 1e15):
            with self.assertRaisesRegex(UserError, "is not a number"):
                wizard.line_ids.corrected_amount = wrong
            line = {"row_id": row.id, "corrected_amount": wrong}
            with self.assertRaisesRegex(UserError, "is not a number"):
                wizard.line_ids = [Command.create(line)]

    def test_closed_by_choice(self):
        wizard = self._get_dialog(self.invoice_b.action_maintenance_cancel())
        wizard.free = "close"
        self._confirm(wizard)
        row = self.permission_b.line_ids.row_ids
        self.assertRecordValues(row, [{"freed": False, "live": True}])

    def test_ticks_all_and_none(self):
        wizard = self._get_dialog(self.invoice_a.action_maintenance_cancel())
        self.assertEqual(wizard.action_tick_none()["res_id"], wizard.id)
        self.assertEqual(wizard.line_ids.mapped("selected"), [False, False])
        wizard.action_tick_all()
        self.assertEqual(wizard.line_ids.mapped("selected"), [True, True])

    # -- what is told before ----------------------------------------------------

    def test_warnings(self):
        wizard = self._get_dialog(self.invoice_a.action_maintenance_cancel())
        wizard.posting_date = "2026-11-15"
        self.assertFalse(wizard.warning)
        wizard.posting_date = "2026-10-01"
        self.assertIn("before what it credits", wizard.warning)
        self.company.sale_lock_date = "2026-11-30"
        wizard.posting_date = "2026-11-15"
        self.assertIn("closed period", wizard.warning)
        self.company.maintenance_closed_period = "shift"
        wizard.posting_date = "2026-11-16"
        self.assertIn("will carry 12/01/2026", wizard.warning)

    def test_paid_invoice_is_told(self):
        self._register_payment(self.invoice_b)
        wizard = self._get_dialog(self.invoice_b.action_maintenance_cancel())
        self.assertIn(self.invoice_b.name, wizard.warning)
        self.assertIn("stays open", wizard.warning)
