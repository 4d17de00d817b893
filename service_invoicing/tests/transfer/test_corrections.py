from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..common_shares import MovedSharesCommon


@tagged("post_install", "-at_install")
class TestCorrections(MovedSharesCommon):
    """The sponsor bears 440 of his share of 500: his invoice alone is corrected. The
    customer has 800, the insurer 1,700. 11 % tax."""

    def _correct(self, move, amount=440, **answers):
        line = move.invoice_line_ids.filtered("price_subtotal")[:1]
        answers = {"reason": "Agreed rate"} | answers
        answers.setdefault("amounts", [[line.id, amount]])
        action = move.with_user(self.authorizer).action_service_correct(**answers)
        return self._get_documents(action)

    def _assert_billed(self, order, **shares):
        """Nothing is left to bill, and the payers are billed that much."""
        self.assertEqual(order.amount_to_invoice, 0)
        self.assertEqual(order.state, "invoiced")
        sums = dict.fromkeys(shares, 0.0)
        for move in order._get_live_invoices():
            credits = move.reversal_move_ids.filtered(lambda m: m.state == "posted")
            net = move.amount_untaxed - sum(credits.mapped("amount_untaxed"))
            sums[move.service_invoice_type] += net
        self.assertEqual(sums, shares)

    def test_before_authorization_a_new_invoice_takes_its_place(self):
        order = self._new_order((self.labour, 1000, {"program_id": self.program.id}))
        service, sponsored = self._bill(order)
        new = self._correct(sponsored)
        self.assertEqual(sponsored.service_status, "deleted")
        self.assertRecordValues(
            new,
            [
                {
                    "service_status": "fresh",
                    "partner_id": self.sponsor.id,
                    "amount_untaxed": 440,
                    "amount_total": 488.4,
                }
            ],
        )
        release = new.service_release_ids
        self.assertEqual(release.origin_id.state, "cancelled")
        self.assertEqual(release.reason, "Agreed rate")
        self.assertEqual(service.service_status, "fresh")
        self._assert_billed(order, service=500, program=440)

    def test_after_it_the_line_is_credited_and_billed_anew_in_one_step(self):
        new = self._correct(self.sponsored)
        credit = self.sponsored.reversal_move_ids
        self.assertEqual(credit.amount_total, 555)
        self.assertEqual(credit.state, "posted")
        self.assertEqual(self.sponsored.service_status, "reversed")
        self.assertEqual(new.amount_total, 488.4)
        self.assertIn("Agreed rate", str(self.sponsored.message_ids.mapped("body")))
        self._assert_billed(self.order, service=800, program=440, insurance=1700)

    def test_the_difference_may_be_the_workshops(self):
        self._correct(self.sponsored, difference="own")
        self.assertEqual(self.order.amount_own_cost, 60)
        self._assert_billed(self.order, service=800, program=440, insurance=1700)

    def test_the_difference_may_be_the_customers(self):
        moves = self._correct(self.sponsored, difference="customer")
        self.assertEqual(moves.mapped("amount_untaxed"), [440, 60])
        self.assertEqual(moves[1].partner_id, self.customer)
        self.assertEqual(self.order.amount_customer, 860)
        self.assertEqual(self.order.amount_program, 440)
        self._assert_billed(self.order, service=860, program=440, insurance=1700)
        with self.assertRaisesRegex(UserError, "customer's own invoice"):
            self._correct(self.service, difference="customer")

    def test_a_share_that_was_corrected_and_moved_leaves_nothing_to_bill(self):
        new = self._correct(self.sponsored).with_user(self.authorizer)
        new.action_service_authorize()
        last = self._move(new)
        self.assertEqual(last.amount_untaxed, 440)
        self.assertEqual(new.service_status, "reversed")
        self._assert_billed(self.order, service=1240, program=0, insurance=1700)

    def test_a_price_typed_on_a_draft_that_is_moved_later_leaves_nothing_either(self):
        order = self._new_order((self.part, 500, {}))
        self._new_claim(order, order.line_ids)
        move = self._bill(order)
        move.invoice_line_ids.filtered("price_subtotal").price_unit = 440
        move.with_user(self.authorizer).action_service_authorize()
        self.assertEqual(self._move(move).amount_untaxed, 440)
        self._assert_billed(order, service=440)

    def test_a_higher_price_is_the_payers_alone(self):
        new = self._correct(self.sponsored, 530)
        self.assertEqual(new.amount_untaxed, 530)
        self._assert_billed(self.order, service=800, program=530, insurance=1700)

    def test_wrong_answers_are_refused_with_a_sentence(self):
        line = self.sponsored.invoice_line_ids.filtered("price_subtotal")
        other = self.insured.invoice_line_ids.filtered("price_subtotal")[:1]
        for answers, words in (
            ({"amounts": [[other.id, 5]]}, "cannot be corrected"),
            ({"amounts": [[line.id, -5]]}, "is no amount"),
            ({"amounts": [[line.id, 500]]}, "no amount was changed"),
            ({"difference": "insurer"}, "no choice"),
            ({"amounts": [[line.id, 600]], "difference": "own"}, "more than"),
        ):
            with self.subTest(answers), self.assertRaisesRegex(UserError, words):
                self._correct(self.sponsored, **answers)
        with self.assertRaises(AccessError):
            self.sponsored.with_user(self.advisor).action_service_correct("Why", [])
        credit = self._get_credit(self._move_back())
        with self.assertRaisesRegex(UserError, "can be corrected"):
            self._correct(credit)

    def _move_back(self):
        self._move(self.insured)
        return self.insured

    def test_the_dialog_bills_what_is_typed(self):
        action = self.sponsored.with_user(self.clerk).action_service_correct()
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        with Form(wizard.with_user(self.clerk)) as form:
            form.reason = "Agreed rate"
            form.difference = "own"
            with form.line_ids.edit(0) as line:
                self.assertEqual(line.billed_amount, 500)
                line.amount = 450
        new = self._get_documents(wizard.with_user(self.clerk).action_apply())
        self.assertEqual(new.amount_untaxed, 450)
        self.assertEqual(self.order.amount_own_cost, 50)
