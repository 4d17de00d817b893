from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..common_adjust import AdjustPrepaymentCommon


@tagged("post_install", "-at_install")
class TestAdjustPrepayment(AdjustPrepaymentCommon):
    """A received prepayment without tax settles the invoice by an entry.

    The order's invoice is 1,000 and 11 % tax: 1,110.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.prepayment = cls._new_prepayment(amount=300)
        cls.invoice = cls._bill_service()

    def test_received_prepayment_is_moved_to_the_receivable(self):
        prepayment, invoice = self.prepayment, self.invoice
        row = invoice.service_adjustment_ids
        self.assertEqual(self._get_log(invoice), [(prepayment, 0, 300, 300)])
        entry = row.entry_move_id
        receivable = invoice._get_receivable_lines().account_id
        self.assertEqual(
            self._get_items(entry),
            {self.prepaid: (300, True), receivable: (-300, True)},
        )
        self.assertRecordValues(
            entry,
            [
                {
                    "state": "posted",
                    "move_type": "entry",
                    "service_adjusted_prepayment_id": prepayment.id,
                    "date": max(invoice.date, prepayment.date),
                }
            ],
        )
        self.assertSummary(invoice, total=1110, adjusted=300, net=810)
        self.assertEqual(invoice.service_status, "partially_adjusted")
        self.assertEqual(invoice.amount_residual, 810)
        self.assertTrue(prepayment._get_prepayment_lines().reconciled)
        self.assertEqual(prepayment.service_prepayment_open, 0)
        self.assertEqual(prepayment.service_prepayment_used, 300)
        self.assertEqual(prepayment.service_adjusting_ids, row)

    def test_money_of_an_adjusted_prepayment_stays(self):
        """300 were received and taken; without them the invoice would be paid with
        nothing."""
        payment = self.prepayment._get_receivable_lines().matched_credit_ids
        payment = payment.credit_move_id.move_id.origin_payment_id
        paid = self.prepayment._get_receivable_lines().with_user(self.authorizer)
        by_hand = payment.with_user(self.authorizer)
        for take_away in (
            by_hand.action_draft,
            by_hand.action_cancel,
            by_hand.move_id.button_draft,
            lambda: by_hand.move_id.write({"state": "draft"}),
            paid.remove_move_reconcile,
        ):
            with (
                self.assertRaisesRegex(
                    UserError,
                    f"{self.prepayment.service_number} stays: "
                    f"{self.invoice.service_number}.*Undo the adjustment",
                ),
                self.env.cr.savepoint(),
            ):
                take_away()
        self.assertPrepayment(self.prepayment, 300, 300, 0)
        row = self.invoice.service_adjustment_ids
        row.with_user(self.authorizer).action_undo(reason="Bounced")
        by_hand.action_draft()
        self.assertEqual(payment.state, "draft")

    def test_money_that_no_invoice_took_may_be_taken_back(self):
        """500 received by 300 and 200, of which an invoice of 300 takes 300."""
        order = self._new_order((self.part, 270.27, {}))
        prepayment = self._authorize(self._ask_prepayment(order, amount=500))
        self._receive(prepayment, 300)
        second = self._receive(prepayment, 200).with_user(self.authorizer)
        # 270.27 and 11 % are 300.00
        self._bill_service(order)
        self.assertPrepayment(prepayment, 500, 300, 200)
        second.move_id.line_ids.remove_move_reconcile()
        self.assertPrepayment(prepayment, 300, 300, 0)

    def test_undo_reverses_the_entry_and_opens_both_sides(self):
        prepayment, invoice = self.prepayment, self.invoice
        row = invoice.service_adjustment_ids
        entry = row.entry_move_id
        row.with_user(self.authorizer).action_undo(reason="Other invoice")
        self.assertRecordValues(
            row, [{"undone": True, "undone_reason": "Other invoice"}]
        )
        reversal = entry.reversal_move_ids
        receivable = invoice._get_receivable_lines().account_id
        self.assertEqual(
            self._get_items(reversal),
            {self.prepaid: (-300, True), receivable: (300, True)},
        )
        self.assertEqual(invoice.amount_residual, 1110)
        self.assertEqual(invoice.service_status, "authorized")
        self.assertEqual(prepayment._get_prepayment_lines().amount_residual, -300)
        self.assertEqual(prepayment.service_prepayment_open, 300)
        self.assertEqual(len(invoice.service_adjustment_ids), 1)
        line = prepayment._get_prepayment_lines()
        invoice.with_user(self.clerk).action_service_adjust(line_ids=line.ids)
        self.assertEqual(invoice.amount_residual, 810)
        self.assertEqual(self._get_log(invoice), [(prepayment, 0, 300, 300)])

    def test_undo_by_core_s_buttons_on_either_side_is_the_same(self):
        prepayment, invoice = self.prepayment, self.invoice
        line = prepayment._get_prepayment_lines()
        receivable = invoice._get_receivable_lines()
        for side in (receivable, line):
            entry = invoice.service_adjustment_ids[-1].entry_move_id
            side.with_user(self.authorizer).remove_move_reconcile()
            self.assertTrue(invoice.service_adjustment_ids[-1].undone)
            self.assertTrue(entry.reversal_move_ids)
            self.assertEqual(line.amount_residual, -300)
            self.assertEqual(invoice.amount_residual, 1110)
            invoice.with_user(self.clerk).action_service_adjust(line_ids=line.ids)
        with self.assertRaises(AccessError):
            line.with_user(self.clerk).remove_move_reconcile()

    def test_credit_memo_gives_the_prepayment_back(self):
        prepayment, invoice = self.prepayment, self.invoice
        entry = invoice.service_adjustment_ids.entry_move_id
        invoice.with_user(self.authorizer).action_service_credit(reason="Wrong")
        self.assertTrue(entry.reversal_move_ids)
        self.assertEqual(invoice.service_status, "reversed")
        self.assertEqual(prepayment.service_prepayment_open, 300)
        # billed again, the prepayment is adjusted again
        again = self._bill(self.order).filtered(
            lambda move: move.state == "draft" and move.move_type == "out_invoice"
        )
        self._authorize(again)
        self.assertEqual(self._get_log(again), [(prepayment, 0, 300, 300)])
        told = str(prepayment.message_ids.mapped("body"))
        self.assertIn("was undone", told)

    def test_undo_in_a_closed_period_is_dated_in_the_open_one(self):
        prepayment, invoice = self.prepayment, self.invoice
        row = invoice.service_adjustment_ids
        date = row.entry_move_id.date
        self.env.company.fiscalyear_lock_date = date
        row.action_undo(reason="Late")
        reversal = row.entry_move_id.reversal_move_ids
        self.assertGreater(reversal.date, date)
        line = prepayment._get_prepayment_lines()
        invoice.action_service_adjust(line_ids=line.ids)
        again = invoice.service_adjustment_ids[-1].entry_move_id
        self.assertEqual(again.date, reversal.date)

    def test_documents_behind_an_adjustment_stay(self):
        prepayment, invoice = self.prepayment, self.invoice
        row = invoice.service_adjustment_ids
        entry = row.entry_move_id
        for method in ("button_draft", "button_cancel", "_reverse_moves"):
            with self.subTest(method), self.assertRaisesRegex(UserError, "log of the"):
                getattr(entry.sudo(False), method)()
        with self.assertRaisesRegex(UserError, "log of the"):
            entry.sudo(False).write({"state": "draft"})
        for document in prepayment | invoice:
            with self.assertRaises(UserError):
                document.with_user(self.authorizer).button_draft()
        with self.assertRaisesRegex(UserError, "Undo the adjustments"):
            prepayment.with_user(self.authorizer).action_service_credit(reason="No")
        row.action_undo(reason="Yes")
        with self.assertRaisesRegex(UserError, "log of the"):
            entry.reversal_move_ids.sudo(False).button_draft()
        prepayment.with_user(self.authorizer).action_service_credit(reason="Yes")
        self.assertEqual(prepayment.service_status, "reversed")
        with self.assertRaises(AccessError):
            entry.sudo(False).service_adjusted_prepayment_id = False


@tagged("post_install", "-at_install")
class TestTakenPrepayments(AdjustPrepaymentCommon):
    """What the invoice takes when it is authorized: of this one nothing is received."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.draft = cls._ask_prepayment(amount=300)
        cls.prepayment = cls._authorize(cls._ask_prepayment(amount=300))
        cls.invoice = cls._bill_service(authorize=False)

    def test_only_what_was_received_is_taken(self):
        prepayment = self.prepayment
        self._receive(prepayment, 120)
        invoice = self._authorize(self.invoice)
        # 180 of the advance are open, and not received
        self.assertEqual(self._get_log(invoice), [(prepayment, 0, 120, 300)])
        self.assertEqual(prepayment._get_prepayment_lines().amount_residual, -180)
        self._receive(prepayment, 180)
        line = prepayment._get_prepayment_lines()
        invoice.with_user(self.clerk).action_service_adjust(line_ids=line.ids)
        self.assertEqual(
            self._get_log(invoice),
            [(prepayment, 0, 120, 300), (prepayment, 120, 180, 180)],
        )

    def test_unreceived_prepayment_stays(self):
        prepayment = self.prepayment
        invoice = self._authorize(self.invoice)
        self.assertFalse(invoice.service_adjustment_ids)
        line = prepayment._get_prepayment_lines()
        self.assertEqual(line.amount_residual, -300)
        with self.assertRaisesRegex(UserError, "not been received"):
            invoice.with_user(self.clerk).action_service_adjust(line_ids=line.ids)

    def test_prepayment_of_another_order_or_payer_stays(self):
        other_order = self._new_order((self.labour, 1000, {}))
        other = self._new_prepayment(other_order)
        self.customer.copy({"name": "Namesake"})
        direct = self._authorize(self._new_direct(("Deposit", 50)))
        self._receive(direct)
        blocked = self.prepayment
        self._receive(blocked, 10)
        blocked.action_toggle_block_payment()
        invoice = self._authorize(self.invoice)
        self.assertFalse(invoice.service_adjustment_ids)
        self.assertEqual(invoice.amount_residual, 1110)
        for decoy in other | direct | blocked:
            lines = decoy._get_prepayment_lines()
            self.assertEqual(lines.amount_residual, lines.balance)
        self.assertEqual(self.draft.state, "draft")

    def test_insurer_s_prepayment_adjusts_his_invoice_alone(self):
        order = self._new_order((self.labour, 1000, {}), (self.part, 500, {}))
        self._new_claim(order, order.line_ids[1])
        prepayment = self._new_prepayment(order, 100, partner_id=self.insurer.id)
        order.action_confirm_check()
        invoices = self._bill(order) - prepayment
        self._authorize(invoices)
        adjusted = invoices.filtered("service_adjustment_ids")
        self.assertEqual(adjusted.service_invoice_type, "insurance")
        self.assertEqual(self._get_log(adjusted), [(prepayment, 0, 100, 100)])

    def test_prepayment_on_another_receivable_account_stays(self):
        receivable = self.customer.property_account_receivable_id
        prepayment = self.draft
        prepayment._get_receivable_lines().account_id = receivable.copy(
            {"code": "RECB"}
        )
        self._authorize(prepayment)
        self._receive(prepayment)
        invoice = self._authorize(self.invoice)
        self.assertFalse(invoice.service_adjustment_ids)
        self.assertEqual(prepayment.service_prepayment_open, 300)

    def test_oldest_first_among_prepayments_and_credit_memos(self):
        order = self._new_order((self.labour, 600, {}), (self.part, 400, {}))
        first = self._new_prepayment(order, amount=700)
        second = self._new_prepayment(order, amount=300)
        second_line = second._get_prepayment_lines()
        self.assertGreaterEqual(second_line.id, first._get_prepayment_lines().id)
        third = self._new_prepayment(order, amount=400)
        invoice = self._bill_service(order)
        # 1,110 = 700 + 300 + 110 of 400
        self.assertEqual(
            self._get_log(invoice),
            [(first, 0, 700, 700), (second, 0, 300, 300), (third, 0, 110, 400)],
        )
        self.assertEqual(invoice.service_status, "adjusted")
        self.assertEqual(third.service_prepayment_open, 290)

    def test_prepayment_with_tax_is_not_adjusted_by_an_entry(self):
        self._choose_mode("deduction")
        prepayment = self._new_prepayment(self._new_order((self.labour, 1000, {})))
        self._choose_mode("entry")
        invoice = self._authorize(self.invoice)
        line = prepayment._get_prepayment_lines()
        with self.assertRaisesRegex(UserError, "bears tax"):
            invoice.with_user(self.clerk).action_service_adjust(line_ids=line.ids)

    def test_credited_prepayment_s_money_adjusts_the_order_s_invoice(self):
        prepayment = self.prepayment
        self._receive(prepayment)
        prepayment.with_user(self.authorizer).action_service_credit(reason="Moved")
        credit = prepayment.reversal_move_ids
        self.assertEqual(credit.amount_residual, 300)
        invoice = self._authorize(self.invoice)
        self.assertEqual(self._get_log(invoice), [(credit, 0, 300, 300)])


@tagged("post_install", "-at_install")
class TestDirectPrepaymentByHand(AdjustPrepaymentCommon):
    """A direct prepayment of two lines is adjusted line by line, where it came in."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.direct = cls._authorize(cls._new_direct(("Deposit", 60), ("More", 40)))
        cls.invoice = cls._bill_service()

    def test_direct_prepayment_without_order_is_adjusted_by_hand_in_parts(self):
        direct = self.direct
        self._receive(direct)
        lines = direct._get_prepayment_lines().sorted("id")
        invoice = self.invoice.with_user(self.clerk)
        action = invoice.action_service_adjust()
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(wizard.line_ids.line_id, lines)
        self.assertEqual(wizard.line_ids.mapped("amount"), [0, 0])
        invoice.action_service_adjust(line_ids=lines.ids, amount=75)
        self.assertEqual(
            self._get_log(invoice), [(direct, 0, 60, 100), (direct, 60, 15, 40)]
        )
        with self.assertRaisesRegex(UserError, "25.00"):
            invoice.action_service_adjust(line_ids=[[lines[1].id, 26]])
        invoice.action_service_adjust(line_ids=[[lines[1].id, 25]])
        self.assertEqual(direct.service_prepayment_open, 0)
        self.assertEqual(invoice.amount_residual, 1010)

    def test_line_that_names_an_order_adjusts_the_invoice_of_that_order(self):
        order = self._new_order((self.labour, 500, {}))
        line = self.direct._get_prepayment_lines().sorted("id")[0]
        line.sudo().service_work_order_id = order
        self._receive(self.direct)
        invoice = self._bill_service(order)
        # 60 of 555, nothing of the line without an order
        self.assertEqual(self._get_log(invoice), [(self.direct, 0, 60, 100)])
        self.assertEqual(invoice.amount_residual, 495)

    def test_lines_of_one_prepayment_share_what_was_received(self):
        direct = self.direct
        self._receive(direct, 50)
        invoice = self.invoice.with_user(self.clerk)
        lines = direct._get_prepayment_lines().sorted("id")
        with self.assertRaisesRegex(UserError, "50.00"):
            invoice.action_service_adjust(line_ids=[[x.id, 40] for x in lines])
        invoice.action_service_adjust(line_ids=lines.ids)
        self.assertEqual(invoice.amount_residual, 1060)
