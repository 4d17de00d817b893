from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..common_shares import MovedSharesCommon


@tagged("post_install", "-at_install")
class TestShareCreditMemos(MovedSharesCommon):
    """The credit memos of moved shares, and those of core beside them."""

    def test_what_another_credit_memo_took_cannot_be_moved(self):
        self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=self.insured.ids
        ).create({"journal_id": self.insured.journal_id.id}).reverse_moves()
        credit = self._get_credit(self.insured)
        # the draft credit memo of core takes 1,200; 500 are left
        credit.invoice_line_ids.filtered("product_id").price_unit = 1500
        with self.assertRaisesRegex(UserError, "has not been credited"):
            self._move(self.insured)

    def test_documents_speak_the_language_of_their_payer(self):
        self._speak_french()
        self.customer.lang = "fr_FR"
        new = self._move(self.insured)
        self.assertIn("Repris de Insurer", new.invoice_line_ids[1].name)
        credit = self._get_credit(self.insured)
        self.assertFalse(credit.ref)
        self.assertTrue(credit.service_credit_reason)

    def test_clerk_prepares_both_documents_and_the_credit_memo_is_first(self):
        new = self._move(self.insured, user=self.clerk)
        credit = self._get_credit(self.insured)
        self.assertEqual(credit.service_status, "fresh")
        authorizer = new.with_user(self.authorizer)
        with self.assertRaisesRegex(UserError, credit.service_number):
            authorizer.action_service_authorize()
        (credit | new).with_user(self.authorizer).action_service_authorize()
        self.assertEqual(self.insured.service_status, "reversed")

    def test_deleting_the_credit_memo_undoes_the_move_unless_it_is_billed(self):
        new = self._move(self.insured, user=self.clerk)
        credit = self._get_credit(self.insured)
        with self.assertRaisesRegex(UserError, new.service_number):
            credit.action_service_delete(reason="Insurer pays after all")
        new.action_service_delete(reason="Insurer pays after all")
        credit.action_service_delete(reason="Insurer pays after all")
        moved = self.order.release_ids.filtered("is_moved")
        self.assertEqual(moved.state, "cancelled")
        self.assertEqual(self.order.amount_insurance, 1700)
        self.assertEqual(self.order.state, "invoiced")

    def test_paid_invoice_leaves_its_payer_a_credit(self):
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=self.insured.ids
        ).create({})._create_payments()
        new = self._move(self.insured)
        credit = self._get_credit(self.insured)
        self.assertEqual(credit.state, "posted")
        self.assertEqual(credit.amount_residual, 1887)
        self.assertEqual(new.amount_total, 1887)
        self.assertEqual(self.insured.service_status, "reversed")
        self.assertEqual(self.order.amount_insurance, 0)

    def test_moved_share_is_neither_billed_again_nor_closed(self):
        self._move(self.insured)
        credit = self._get_credit(self.insured)
        self.assertFalse(credit.service_credit_effect)
        bodies = str(self.order.message_ids.mapped("body"))
        self.assertIn("which another payer bears: Refused", bodies)

    def test_storno_company_credits_with_negative_credits(self):
        self.env.company.account_storno = True
        self._move(self.insured)
        credit = self._get_credit(self.insured)
        # receivable, deductible, tax and part: each on the side where the invoice had
        # it, with the opposite sign
        self.assertEqual(
            [
                (line.debit, line.credit)
                for line in credit.line_ids.filtered("balance").sorted("balance")
            ],
            [(-1887, 0), (-300, 0), (0, -187), (0, -2000)],
        )

    def test_credit_memo_is_not_shifted_out_of_a_closed_period(self):
        self.env.company.sale_lock_date = "2026-03-31"
        with self.assertRaisesRegex(UserError, "2026 is in a closed period"):
            self._move(self.insured, date="2026-03-15")
        self._move(self.insured, date="2026-04-01")
        credit = self._get_credit(self.insured)
        self.assertEqual(credit.invoice_date, fields.Date.to_date("2026-04-01"))
        self.assertEqual(credit.date, credit.invoice_date)

    def _credit_by_core(self, move):
        wizard = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=move.ids
        )
        wizard.create({"journal_id": move.journal_id.id}).reverse_moves()
        return move.reversal_move_ids.filtered(lambda m: m.state == "draft")

    def test_no_credit_memo_takes_back_what_was_moved_before(self):
        line = self.insured.invoice_line_ids.filtered(
            lambda line: line.price_subtotal == 2000
        )
        self._move(self.insured, amounts=[[line.id, 400]])
        credit = self._credit_by_core(self.insured)
        credit.action_service_save()
        # 1,700 less the 400 that were moved
        with self.assertRaisesRegex(UserError, r"only \$.1,300\.00"):
            credit.with_user(self.authorizer).action_service_authorize()
        part = credit.invoice_line_ids.filtered(
            lambda line: line.price_subtotal == 2000
        )
        part.price_unit = 1600
        credit.with_user(self.authorizer).action_service_authorize()
        self.assertEqual(self.insured.amount_residual, 0)
        self.assertEqual(self.insured.service_status, "reversed")

    def test_two_credit_memos_do_not_take_back_the_same(self):
        first = self._credit_by_core(self.insured)
        second = self._credit_by_core(self.insured) - first
        (first | second).action_service_save()
        both = (first | second).with_user(self.authorizer)
        action = both.action_service_authorize()
        self.assertIn(second.service_number, action["params"]["message"])
        self.assertEqual((first.state, second.state), ("posted", "draft"))
        with self.assertRaisesRegex(UserError, second.service_number):
            second.with_user(self.authorizer).action_service_authorize()
