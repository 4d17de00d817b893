from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..common_prepayment import PrepaymentCommon


@tagged("post_install", "-at_install")
class TestPrepaymentReceipts(PrepaymentCommon):
    """What counts as received of an authorized prepayment of 300."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.move = cls._authorize(cls._ask_prepayment())

    def test_credited_before_and_after_it_was_received(self):
        received = self._new_prepayment()
        for move in (received, self.move):
            received_first = move == received
            line = move._get_prepayment_lines()
            move.with_user(self.authorizer).action_service_credit(
                reason="Too much", line_ids=[[line.id, 100]]
            )
            if not received_first:
                self.assertPrepayment(move, 0, 0, 0)
                self._receive(move, 200)
            with self.subTest(received_first=received_first):
                amount = 300 if received_first else 200
                self.assertPrepayment(move, amount, 0, 200)
                self.assertEqual(line.amount_residual, -200)

    def test_settled_by_another_document_is_not_received(self):
        move = self.move
        entry = self.env["account.move"].create(
            {
                "line_ids": [
                    Command.create({"account_id": account.id, "balance": balance})
                    for account, balance in (
                        (self._receivables(move).account_id, -300),
                        (self.company_data["default_account_revenue"], 300),
                    )
                ]
            }
        )
        entry.action_post()
        (entry.line_ids[0] | self._receivables(move)).reconcile()
        self.assertPrepayment(move, 0, 0, 0)


@tagged("post_install", "-at_install")
class TestReceivedPrepayments(PrepaymentCommon):
    """A received prepayment of 300 is money, and never the payer's invoice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.move = cls._new_prepayment()

    def test_money_back_is_not_received_any_more(self):
        move = self.move
        self._receivables(move).remove_move_reconcile()
        self.assertPrepayment(move, 0, 0, 0)

    def test_entry_on_the_liability_uses_the_prepayment(self):
        move = self.move
        self._use(move, 120)
        self.assertPrepayment(move, 300, 120, 180)
        with self.assertRaisesRegex(UserError, "180"):
            move.with_user(self.authorizer).action_service_credit(reason="Error")

    def _use(self, move, amount):
        """An entry takes a part of the liability, as an adjustment does."""
        rows = (
            (self.prepaid, amount),
            (self._receivables(move).account_id, -amount),
        )
        entry = self.env["account.move"].create(
            {
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": move.partner_id.id,
                            "balance": balance,
                        }
                    )
                    for account, balance in rows
                ]
            }
        )
        entry.action_post()
        line = entry.line_ids.filtered(lambda x: x.account_id == self.prepaid)
        (line | move._get_prepayment_lines()).reconcile()
        return entry

    def test_prepayment_is_no_share(self):
        move = self.move
        self.order.action_confirm_check()
        self.assertRecordValues(
            self.order,
            [
                {
                    "state": "to_invoice",
                    "next_invoice_type": "service",
                    "amount_to_invoice": 1000,
                }
            ],
        )
        self.assertFalse(move.service_share_warning)
        invoice = self._bill(self.order) - move
        self.assertEqual(invoice.service_amount_total, 1110)
        self.assertEqual(self.order.state, "invoiced")
        with self.assertRaisesRegex(UserError, "only shares"):
            move.with_user(self.clerk).action_service_move_share()

    def test_credited_prepayment_changes_no_share(self):
        move = self.move
        self._bill(self.order)
        credit = self._get_documents(
            move.with_user(self.authorizer).action_service_credit(reason="Not needed")
        )
        self.assertEqual(credit.service_status, "authorized")
        self.assertEqual(move.service_status, "reversed")
        self.assertFalse(credit.service_credit_effect)
        self.assertEqual(self.order.state, "invoiced")
        self.assertFalse(self.order.release_ids.copy_ids)
        self.assertEqual(self.order.amount_customer, 1000)
        # the payer's money is his credit now
        self.assertEqual(credit.amount_residual, 300)
        self.assertTrue(move._get_prepayment_lines().reconciled)
        bodies = str(self.order.message_ids.mapped("body"))
        self.assertIn("of the prepayment", bodies)
        self.assertNotIn("another payer", bodies)

    def test_order_goes_back_to_check_with_its_prepayment(self):
        move = self.move
        self._bill(self.order)
        self.order.action_back_to_check(reason="Wrong price")
        self.assertEqual(self.order.state, "checking")
        self.assertEqual(move.service_status, "authorized")
