from odoo.exceptions import UserError
from odoo.tests import tagged

from ..common_cancel import CancelGuardsCommon


@tagged("post_install", "-at_install")
class TestCancelledGuards(CancelGuardsCommon):
    """Neither the credit memo of the row of B nor what it credits is taken back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.credit = cls._cancel(cls.row_b)

    def test_posted_documents_are_not_deleted_even_by_force(self):
        entries = (self.invoice + self.credit).maintenance_redistribution_id
        for move in self.invoice + self.credit + entries:
            forced = move.with_context(force_delete=True)
            with self.assertRaisesRegex(UserError, "Cancel Maintenance Rows"):
                forced.unlink()
            with self.assertRaisesRegex(UserError, "Cancel Maintenance Rows"):
                forced.line_ids[0].unlink()
        self.assertEqual(self.row_a.line_id.sale_invoice_id, self.invoice)

    def test_status_cannot_be_written(self):
        entries = (self.invoice + self.credit).maintenance_redistribution_id
        for move in self.invoice + self.credit + entries:
            for state in ("draft", "cancel"):
                with self.assertRaisesRegex(UserError, "posted|Cancel Maintenance"):
                    move.with_user(self.clerk).write({"state": state})

    def test_entry_of_a_credit_memo_names_the_credit_memo(self):
        with self.assertRaisesRegex(UserError, f"credit memo {self.credit.name}"):
            self.credit.maintenance_redistribution_id.button_draft()

    def test_cores_credit_note_and_duplicate(self):
        wizard = self.env["account.move.reversal"]
        for move in self.invoice + self.credit:
            reversal = wizard.with_context(
                active_model="account.move", active_ids=move.ids
            ).create({"journal_id": move.journal_id.id})
            for method in (reversal.refund_moves, reversal.modify_moves):
                with self.assertRaisesRegex(UserError, "Cancel Maintenance Rows"):
                    method()
        with self.assertRaisesRegex(UserError, "cannot be duplicated"):
            self.invoice.copy()

    def test_all_wrong_rows_are_named_at_once(self):
        other = self._create_closed(self.vehicle_a, [{"purchase_price": 5.0}])
        self._execute_run(other)
        rows = self.row_b + other.line_ids.row_ids
        with self.assertRaises(UserError) as caught:
            self.invoice.action_maintenance_cancel(
                row_ids=rows.ids, posting_date="2026-11-15"
            )
        self.assertIn("already credited by", str(caught.exception))
        self.assertIn("is not on invoice", str(caught.exception))

    def test_credit_memo_itself_has_no_rows(self):
        with self.assertRaisesRegex(UserError, "not a posted maintenance invoice"):
            self.credit.action_maintenance_cancel()

    def test_freed_line_keeps_its_history(self):
        with self.assertRaisesRegex(UserError, "cannot be deleted"):
            self.permission_b.line_ids.unlink()


@tagged("post_install", "-at_install")
class TestClosedRow(CancelGuardsCommon):
    """The row of B is credited and not offered again."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.credit = cls._cancel(cls.row_b, reason="Wrong car", free=False)

    def test_closed_row_stays_closed(self):
        line = self.permission_b.line_ids
        with self.assertRaisesRegex(UserError, "can no longer be changed"):
            line.amount_to_reinvoice = 1.0
        with self.assertRaisesRegex(UserError, "cannot be deleted"):
            line.unlink()
        with self.assertRaisesRegex(UserError, "Already re-invoiced"):
            line.action_reinvoice(posting_date="2026-11-20")
        with self.assertRaisesRegex(UserError, "already credited"):
            self._cancel(self.row_b)

    def test_chatter_says_what_became_of_it(self):
        for record in (self.invoice, self.permission_b.line_ids):
            body = str(record.message_ids[0].body)
            self.assertIn(self.credit.name, body)
            self.assertIn("Wrong car", body)
        self.assertEqual(self.credit.service_credit_reason, "Wrong car")
