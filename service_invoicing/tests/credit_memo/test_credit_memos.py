from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..common_credits import CreditMemosCommon


@tagged("post_install", "-at_install")
class TestCreditMemos(CreditMemosCommon):
    """What a credit memo does to its invoice and to the work orders."""

    def test_whole_credit_is_the_invoice_line_for_line_and_frees_the_order(self):
        credit = self._credit(date="2026-11-30")
        self.assertRecordValues(
            credit,
            [
                {
                    "move_type": "out_refund",
                    "state": "posted",
                    "reversed_entry_id": self.invoice.id,
                    "invoice_date": fields.Date.to_date("2026-11-30"),
                    "amount_untaxed": 300,
                    "amount_tax": 33,
                    "amount_residual": 0,
                    "service_credit_effect": "free",
                    "work_order_ids": self.order.ids,
                }
            ],
        )
        names = ["display_type", "name", "quantity", "price_unit", "price_subtotal"]
        self.assertRecordValues(
            credit.invoice_line_ids,
            [{n: line[n] for n in names} for line in self.invoice.invoice_line_ids],
        )
        self.assertEqual(self.invoice.service_status, "reversed")
        self.assertEqual(self.invoice.amount_residual, 0)
        self.assertEqual(self.order.state, "to_invoice")
        self.assertEqual(self.order.amount_to_invoice, 300)
        again = self._bill(self.order) - self.invoice - credit
        self.assertEqual(again.amount_total, 333)
        for document in (self.invoice, credit, self.order):
            self.assertIn("billed again: Wrong price", self._bodies(document))

    def test_credit_memos_leave_no_gap_in_the_series_of_invoices(self):
        before = self._bill(self._new_order((self.part, 10, {})))
        self.assertRegex(self._credit().service_number, r"^CM/\d{4}/\d{5}$")
        after = self._bill(self._new_order((self.part, 10, {})))
        first, second = (int(m.service_number[-5:]) for m in (before, after))
        self.assertEqual(second, first + 1)

    def test_whole_credit_that_is_closed_is_billed_to_nobody(self):
        self._credit(free=False)
        self.assertEqual(self.invoice.service_status, "reversed")
        self.assertRecordValues(
            self.order,
            [
                {
                    "state": "invoiced",
                    "next_invoice_type": False,
                    "amount_to_invoice": 0,
                    "amount_customer": 300,
                }
            ],
        )
        with self.assertRaisesRegex(UserError, "nothing left to invoice"):
            self.order.with_user(self.clerk).action_create_next_invoice()
        self.assertIn("closed and billed to nobody", self._bodies(self.order))

    def test_credited_lines_are_closed_and_the_invoice_stays_for_the_rest(self):
        credit = self._credit(line_ids=[self.part_line.id])
        self.assertEqual(credit.amount_total, 111)
        self.assertEqual(credit.service_credit_effect, "closed")
        # 333 − 111
        self.assertEqual(self.invoice.amount_residual, 222)
        self.assertEqual(self.invoice.service_status, "partially_adjusted")
        self.assertEqual(self.order.state, "invoiced")
        self.assertEqual(self.order.amount_to_invoice, 0)
        self.assertEqual(self.order.amount_customer, 300)

    def test_freed_amounts_of_lines_are_billed_again_to_the_same_payer(self):
        credit = self._credit(
            line_ids=[[self.part_line.id, 40], [self.labour_line.id, 10]], free=True
        )
        self.assertEqual(credit.amount_total, 55.5)
        self.assertEqual(self.order.state, "to_invoice")
        self.assertEqual(self.order.amount_to_invoice, 50)
        self.assertEqual(self.order.amount_customer, 300)
        again = self._bill(self.order)[-1]
        self.assertEqual(again.partner_id, self.customer)
        self.assertEqual(again.amount_untaxed, 50)
        self.assertSummary(again, material=40, labour=10)
        self.assertEqual(self.order.state, "invoiced")

    def test_rest_after_closed_and_freed_parts_is_what_is_billed_again(self):
        self._credit(line_ids=[[self.part_line.id, 30]])
        self._credit(line_ids=[[self.labour_line.id, 20]], free=True)
        rest = self._credit()
        # 300 − 30 − 20
        self.assertEqual(rest.amount_untaxed, 250)
        self.assertEqual(self.invoice.service_status, "reversed")
        # all but the 30 that are closed: 250 and 20
        self.assertEqual(self.order.amount_to_invoice, 270)
        again = self._bill(self.order) - self.invoice - self.invoice.reversal_move_ids
        self.assertEqual(sorted(again.mapped("amount_untaxed")), [20, 250])
        self.assertEqual(self.order.state, "invoiced")

    def test_resetting_the_credit_memo_takes_its_effect_back(self):
        for answers in (
            {},
            {"free": False},
            {"line_ids": [[self.part_line.id, 40]], "free": True},
            {"line_ids": [[self.part_line.id, 40]]},
        ):
            with self.subTest(answers):
                credit = self._credit(**answers).with_user(self.authorizer)
                credit.line_ids.remove_move_reconcile()
                credit.button_draft()
                self.assertEqual(self.invoice.service_status, "authorized")
                self.assertEqual(self.order.state, "invoiced")
                self.assertEqual(self.order.amount_to_invoice, 0)
                credit.action_service_authorize()
                opened = self.order.amount_to_invoice
                expected = {"free": credit.amount_untaxed, "closed": 0}
                self.assertEqual(opened, expected[credit.service_credit_effect])
                credit.line_ids.remove_move_reconcile()
                credit.button_draft()
                credit.action_service_delete(reason="No")
                self.assertEqual(self.order.amount_to_invoice, 0)

    def test_first_part_taken_back_after_the_rest_keeps_the_amounts_right(self):
        part = self._credit(line_ids=[[self.part_line.id, 30]]).with_user(
            self.authorizer
        )
        self._credit(free=True)
        self.assertEqual(self.order.amount_to_invoice, 270)
        part.line_ids.remove_move_reconcile()
        part.button_draft()
        # the invoice bills 30 again, the other 270 are still to be billed
        self.assertEqual(self.invoice.service_status, "partially_adjusted")
        self.assertEqual(self.order.amount_to_invoice, 270)
        again = self._bill(self.order)[-1]
        self.assertEqual(again.amount_untaxed, 270)

    def test_credit_memo_of_a_part_that_is_billed_again_stays(self):
        credit = self._credit(line_ids=[self.part_line.id], free=True)
        again = self._bill(self.order)[-1]
        credit = credit.with_user(self.authorizer)
        credit.line_ids.remove_move_reconcile()
        with self.assertRaisesRegex(UserError, again.service_number):
            credit.button_draft()
        again.action_service_delete(reason="Not again")
        credit.button_draft()
        self.assertEqual(self.order.state, "invoiced")

    def test_what_is_billed_again_can_be_credited_again(self):
        self._credit(line_ids=[[self.part_line.id, 60]], free=True)
        again = self._bill(self.order)[-1].with_user(self.authorizer)
        again.action_service_authorize()
        line = again.invoice_line_ids.filtered("product_id")
        self._credit(again, line_ids=[[line.id, 25]], free=True)
        self.assertEqual(self.order.amount_to_invoice, 25)
        last = self._bill(self.order)[-1]
        self.assertEqual(last.amount_untaxed, 25)
        self._credit(again)
        # the other 35 of the second invoice
        self.assertEqual(self.order.amount_to_invoice, 35)

    def test_closed_share_stays_closed_when_the_order_is_checked_again(self):
        self._credit(line_ids=[[self.part_line.id, 30]])
        self._credit()
        self.order.action_back_to_check(reason="Other price")
        self.order.action_confirm_check()
        self.assertEqual(self.order.amount_to_invoice, 270)

    def test_return_is_told_on_the_order(self):
        move = self._bill(self._new_order((self.part, 10, {})))
        move.with_user(self.clerk).action_service_return(reason="Price too low")
        self.assertIn(
            f"{move.service_number} was returned", self._bodies(move.work_order_ids)
        )
