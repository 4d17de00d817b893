from lxml import etree

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..common_adjust import AdjustCommon


@tagged("post_install", "-at_install")
class TestAdjustmentLog(AdjustCommon):
    """The log says what adjusted an invoice, whoever matched it and however."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls._new_invoice()

    def test_matching_by_core_is_logged_with_what_was_and_is_left(self):
        other = self._new_invoice(False, 100)
        line = self._new_entry(300)
        other.js_assign_outstanding_line(line.id)
        self.invoice.js_assign_outstanding_line(line.id)
        # 111 of the 300 went to the other invoice, 189 are left for this one
        self.assertEqual(self._get_log(other), [(line.move_id, 0, 111, 300)])
        self.assertEqual(self._get_log(self.invoice), [(line.move_id, 111, 189, 189)])
        self.assertRecordValues(
            self.invoice.service_adjustment_ids,
            [
                {
                    "date": fields.Date.to_date("2026-11-02"),
                    "undone": False,
                    "user_id": self.env.uid,
                    "company_id": self.env.company.id,
                    "currency_id": self.invoice.currency_id.id,
                    "source_name": line.move_id.name,
                }
            ],
        )
        self.assertEqual(
            line.move_id.service_adjusting_ids.mapped("amount"), [111, 189]
        )

    def test_drafts_are_not_matched(self):
        """Core lets journal items of drafts be reconciled over RPC."""
        draft = self._new_invoice(authorize=False)
        lines = self._new_entry(100) | draft._get_receivable_lines()
        with self.assertRaisesRegex(UserError, "not authorized yet"):
            lines.with_user(self.clerk).reconcile()
        self.assertFalse(draft.service_adjustment_ids)

    def test_several_instalments_and_credits_at_once_each_know_what_is_left(self):
        lines = self._new_entry(100) | self._new_entry(60)
        (lines | self._get_receivables(self.invoice)).reconcile()
        first, second = lines.move_id
        self.assertEqual(
            self._get_log(self.invoice), [(first, 0, 100, 100), (second, 0, 60, 60)]
        )

    def _get_receivables(self, move):
        return move._get_receivable_lines()

    def test_receipts_are_not_logged(self):
        self._receive(self.invoice, 500)
        self.assertFalse(self.invoice.service_adjustment_ids)
        self.assertEqual(self.invoice.service_status, "authorized")

    def test_exchange_differences_are_not_logged(self):
        euro = self.setup_other_currency(
            "EUR", rates=[("2026-01-01", 2.0), ("2026-11-20", 4.0)]
        )
        invoice = self._new_invoice(False, 100, currency_id=euro.id)
        line = self._new_entry(111, euro, "2026-11-20", 27.75)
        invoice.js_assign_outstanding_line(line.id)
        partials = invoice._get_receivable_lines().matched_credit_ids
        self.assertTrue(partials.exchange_move_id, "the rates differ")
        self.assertEqual(self._get_log(invoice), [(line.move_id, 0, 111, 111)])
        # the invoice is in the company's currency, the credit is not
        line = self._new_entry(222, euro, "2026-11-20", 50)
        self.invoice.js_assign_outstanding_line(line.id)
        self.assertEqual(
            self.invoice.service_adjustment_ids.source_move_id, line.move_id
        )

    def test_own_credit_memo_is_logged(self):
        self.invoice.with_user(self.authorizer).action_service_credit(
            reason="Too much",
            line_ids=[[self.invoice.invoice_line_ids[0].id, 100]],
        )
        credit = self.invoice.reversal_move_ids
        self.assertEqual(self._get_log(self.invoice), [(credit, 0, 111, 111)])
        # the legal number and the one that billing knows it by
        self.assertTrue(credit.service_number)
        self.assertEqual(
            self.invoice.service_adjustment_ids.source_name,
            f"{credit.name} ({credit.service_number})",
        )

    def test_undo_frees_the_document_and_says_why(self):
        lines = self._new_entry(100) | self._new_entry(1010)
        for line in lines:
            self.invoice.js_assign_outstanding_line(line.id)
        self.assertEqual(self.invoice.service_status, "adjusted")
        first, second = rows = self.invoice.service_adjustment_ids
        rows[1].with_user(self.authorizer).action_undo(reason="Wrong order")
        self.assertEqual(first.undone_reason, False)
        self.assertEqual(second.undone_reason, "Wrong order")
        self.assertEqual(self.invoice.service_status, "partially_adjusted")
        self.assertEqual(self.invoice.amount_residual, 1010)
        self.assertEqual(lines[1].amount_residual, -1010)
        self.assertIn("Wrong order", str(self.invoice.message_ids.mapped("body")))
        self.assertIn("Wrong order", str(self.order.message_ids.mapped("body")))
        with self.assertRaisesRegex(UserError, "undone already"):
            rows.with_user(self.authorizer).action_undo(reason="Again")
        self.assertFalse(first.undone, "all or nothing")

    def test_receipts_are_still_unmatched_by_everybody(self):
        self._receive(self.invoice, 500)
        partial = self.invoice._get_receivable_lines().matched_credit_ids
        self.invoice.with_user(self.clerk).js_remove_outstanding_partial(partial.id)
        self.assertEqual(self.invoice.amount_residual, 1110)

    def test_credit_memo_undoes_newest_first_and_the_log_says_for_which(self):
        first, second = self._new_entry(500), self._new_entry(600)
        for line in first | second:
            self.invoice.js_assign_outstanding_line(line.id)
        line = self.invoice.invoice_line_ids[0]
        self.invoice.with_user(self.authorizer).action_service_credit(
            reason="Too much", line_ids=[[line.id, 100]]
        )
        credit = self.invoice.reversal_move_ids
        # 10 were open, 111 are credited: the 600 are in the way
        self.assertEqual(
            self._get_log(self.invoice),
            [
                (first.move_id, 0, 500, 500),
                (second.move_id, 0, 600, 600, True),
                (credit, 0, 111, 111),
            ],
        )
        undone = self.invoice.service_adjustment_ids[1]
        self.assertIn(credit.service_number, undone.undone_reason)
        self.assertEqual(undone.undone_by_id, self.authorizer)
        self.assertEqual(second.amount_residual, -600)


@tagged("post_install", "-at_install")
class TestAdjustmentRow(AdjustCommon):
    """A row of the log, of an entry of 100: who sees it, and who undoes it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls._new_invoice()
        cls.line = cls._new_entry(100)
        cls.invoice.js_assign_outstanding_line(cls.line.id)

    def test_unmatching_by_core_marks_the_row_and_keeps_it(self):
        line = self.line
        row = self.invoice.service_adjustment_ids
        self.invoice.with_user(self.authorizer).js_remove_outstanding_partial(
            row.partial_id.id
        )
        self.assertRecordValues(
            row,
            [
                {
                    "undone": True,
                    "undone_by_id": self.authorizer.id,
                    "undone_date": fields.Date.context_today(row),
                    "undone_reason": "The matching was removed",
                    "partial_id": False,
                    "amount": 100,
                    "live_amount": 0,
                }
            ],
        )
        self.assertEqual(self.invoice.service_status, "authorized")
        self.assertEqual(line.amount_residual, -100)

    def test_undo_asks_for_the_reason(self):
        row = self.invoice.service_adjustment_ids.with_user(self.authorizer)
        action = row.action_undo()
        wizard = self.env[action["res_model"]].with_user(self.authorizer)
        wizard = wizard.browse(action["res_id"])
        with self.assertRaisesRegex(UserError, "reason"):
            wizard.action_apply()
        wizard.reason = "By mistake"
        wizard.action_apply()
        self.assertEqual(row.undone_reason, "By mistake")

    def test_only_authorizers_undo_by_whatever_door(self):
        line = self.line
        row = self.invoice.service_adjustment_ids
        partial = row.partial_id
        for user in (self.clerk, self.advisor):
            with self.subTest(user.login):
                with self.assertRaises(AccessError):
                    row.with_user(user).action_undo(reason="Why not")
                with self.assertRaises(AccessError):
                    partial.with_user(user).unlink()
        with self.assertRaises(AccessError):
            self.invoice.with_user(self.clerk).js_remove_outstanding_partial(partial.id)
        with self.assertRaises(AccessError):
            line.with_user(self.clerk).remove_move_reconcile()
        self.assertFalse(row.undone)

    def test_nobody_writes_the_log_by_hand(self):
        row = self.invoice.service_adjustment_ids
        for user in (self.clerk, self.authorizer, self.manager):
            mine = row.with_user(user)
            self.assertEqual(mine.amount, 100)
            with self.assertRaises(AccessError):
                mine.amount = 1
            with self.assertRaises(AccessError):
                mine.unlink()
            with self.assertRaises(AccessError):
                mine.create({"move_id": self.invoice.id})
        with self.assertRaises(AccessError):
            row.with_user(self.advisor).read(["amount"])

    def test_what_adjusts_an_invoice_is_not_reset(self):
        line = self.line
        credit = self._new_credit()
        self.invoice.js_assign_outstanding_line(self._get_credit_line(credit).id)
        with self.assertRaisesRegex(UserError, "Undo that first"):
            line.move_id.button_draft()
        with self.assertRaisesRegex(UserError, "Undo that first"):
            credit.with_user(self.authorizer).button_draft()
        with self.assertRaisesRegex(UserError, "adjusted"):
            self.invoice.with_user(self.authorizer).button_draft()
        self.invoice.service_adjustment_ids.action_undo(reason="Reset")
        line.move_id.button_draft()
        self.invoice.with_user(self.authorizer).button_draft()
        self.assertEqual(self.invoice.service_status, "returned")

    def test_log_of_one_company_is_not_seen_from_another(self):
        row = self.invoice.service_adjustment_ids
        other = self._create_company(name="Other company")
        self.clerk.company_ids += other
        rows = self.env["service.invoice.adjustment"].with_user(self.clerk)
        self.assertIn(row, rows.search([]))
        self.assertNotIn(
            row, rows.with_context(allowed_company_ids=other.ids).search([])
        )

    def test_removed_document_leaves_its_name_in_the_log(self):
        line = self.line
        entry, name = line.move_id, line.move_id.name
        self.invoice.service_adjustment_ids.action_undo(reason="Entry was wrong")
        entry.button_draft()
        entry.with_context(force_delete=True).unlink()
        row = self.invoice.service_adjustment_ids
        self.assertEqual((row.source_name, row.source_move_id.ids), (name, []))

    def test_tab_shows_the_rows_and_lets_authorizers_undo(self):
        for user, buttons in ((self.clerk, 0), (self.authorizer, 1)):
            move = self.invoice.with_user(user)
            view = self.env.ref("account.view_move_form")
            arch = etree.fromstring(move.get_view(view.id, "form")["arch"])
            page = arch.xpath("//div[@name='service_adjustments']")[0]
            log = page.xpath(".//field[@name='service_adjustment_ids']/list")[0]
            names = {field.get("name") for field in log.xpath("field")}
            self.assertLessEqual(
                {"already_adjusted", "pending", "amount", "undone", "undone_reason"},
                names,
            )
            self.assertEqual(len(log.xpath("button[@name='action_undo']")), buttons)
            totals = {field.get("name") for field in page.xpath("group/field")}
            self.assertEqual(
                totals,
                {
                    "service_amount_before_adjustment",
                    "service_amount_adjusted",
                    "service_amount_net",
                },
            )
            self.assertEqual(move.service_adjustment_ids.read(names)[0]["amount"], 100)
