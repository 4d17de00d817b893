from odoo import Command
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

    def test_a_correction_names_its_credit_memo_and_opens_the_invoice(self):
        """One that is not authorized needs none."""
        line = self.sponsored.invoice_line_ids.filtered("price_subtotal")
        action = self.sponsored.with_user(self.authorizer).action_service_correct(
            "Agreed rate", [[line.id, 440]]
        )
        credit = self.sponsored.reversal_move_ids
        self.assertIn(credit._get_service_label(), action["params"]["message"])
        new = self._get_documents(action)
        self.assertEqual((new.move_type, new.amount_untaxed), ("out_invoice", 440))
        line = new.invoice_line_ids.filtered("price_subtotal")
        action = new.action_service_correct("Agreed rate", [[line.id, 430]])
        self.assertEqual(action["res_model"], "account.move")

    def test_a_part_that_is_corrected_says_what_it_is_of_the_whole(self):
        """500 of 1,000 are billed, and corrected to 440: of 940 with the other
        half."""
        order = self._new_order((self.labour, 1000, {"quantity": 1}))
        labour = order.line_ids
        answers = {"partner_id": self.customer.id, "amounts": [[labour.id, 500]]}
        action = order.with_user(self.clerk).action_release_part(**answers)
        release = self.env["service.release"].browse(action["res_id"])
        half = self._get_documents(release.action_create_invoice())
        line = half.invoice_line_ids.filtered("price_subtotal")
        self.assertRegex(line.name, r"Share: .*500\.00 of .*1,000\.00")
        new = self._correct(half)
        line = new.invoice_line_ids.filtered("price_subtotal")
        self.assertRegex(line.name, r"Share: .*440\.00 of .*940\.00")
        # by hand on the draft, likewise
        line.with_user(self.clerk).price_unit = 430
        self.assertRegex(line.name, r"Share: .*430\.00 of .*930\.00")

    def test_a_text_says_the_whole_where_the_customer_bears_the_difference(self):
        """The sponsor bears 440 of 1,000, the customer 560."""
        sponsored = self._correct(self.sponsored, difference="customer")[0]
        line = sponsored.invoice_line_ids.filtered("price_subtotal")
        self.assertRegex(line.name, r"440\.00 of .*1,000\.00")

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
            ({"amounts": [[line.id, 500]]}, "no amount and no text"),
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

    def test_own_cost_adds_up_over_corrections_and_credits(self):
        """500 to 440 and to 400 are 100 of own cost, whatever is credited and billed
        again."""
        first = self._correct(self.sponsored, difference="own")
        second = self._correct(first, 400, difference="own")
        self.assertEqual(self.order.amount_own_cost, 100)
        second.with_user(self.authorizer).action_service_authorize()
        second.with_user(self.authorizer).action_service_credit("Again", free=True)
        self.assertEqual(self.order.amount_own_cost, 100)
        again = self._bill(self.order)[-1]
        self.assertEqual(again.amount_untaxed, 400)
        self.assertEqual(self.order.amount_own_cost, 100)
        rows = self.order._get_payer_balance()
        self.assertEqual([row["waived"] for row in rows], [0.0] * len(rows))
        shares = self.order.amount_customer + self.order.amount_program
        self.assertEqual(shares + self.order.amount_insurance, 3000)

    def test_own_cost_stays_when_the_rest_is_moved(self):
        new = self._correct(self.sponsored, difference="own")
        new.with_user(self.authorizer).action_service_authorize()
        self._move(new)
        self.assertEqual(self.order.amount_own_cost, 60)
        self.assertEqual(self.order.amount_customer, 1240)
        rows = self.order._get_payer_balance()
        self.assertEqual([row["waived"] for row in rows], [0.0] * len(rows))

    def test_a_share_with_own_risk_is_credited_and_billed_anew_as_a_whole(self):
        """2,000 less 300 become 1,900 less 300."""
        new = self._correct(self.insured, 1900)
        self.assertEqual(self.insured.reversal_move_ids.amount_untaxed, 1700)
        self.assertEqual(new.amount_untaxed, 1600)
        self._assert_billed(self.order, service=800, program=500, insurance=1600)

    def test_taxes_of_pieces_go_with_what_the_customer_takes_over(self):
        """Four tyres at 500.00, a levy of 10.00 each: of 40.00 the insurer bears 30.00
        with 1,500, the customer 10.00 with 500."""
        levy = self._percent_tax(10, name="Levy", amount_type="fixed")
        taxes = self.tax_11 | levy
        order = self._new_order((self.part, 500, {"quantity": 4, "tax_ids": taxes.ids}))
        self._new_claim(order, order.line_ids)
        insured = self._bill(order)[-1]
        moves = self._correct(insured, 1500, difference="customer")
        sums = [
            -sum(
                move.line_ids.filtered(lambda i: i.tax_line_id == levy).mapped(
                    "balance"
                )
            )
            for move in moves
        ]
        self.assertEqual(sums, [30, 10])

    def test_a_share_whose_tax_the_customer_pays_is_not_corrected_alone(self):
        order = self._new_order((self.part, 2000, {}))
        self._new_claim(order, order.line_ids, vat_payer="customer")
        insured = self._bill(order)[-1]
        with self.assertRaisesRegex(UserError, "pays the tax"):
            self._correct(insured, 1000)

    def test_what_was_typed_on_a_draft_is_on_its_replacement(self):
        order = self._new_order((self.labour, 1000, {"program_id": self.program.id}))
        move = self._bill(order)[1]
        move.ref = "PO 7"
        move.invoice_line_ids = [
            Command.create({"name": "Coffee", "price_unit": 50, "tax_ids": False})
        ]
        move.action_service_save()
        new = self._correct(move)
        self.assertEqual(new.ref, "PO 7")
        self.assertEqual(new.amount_untaxed, 490)
        self.assertEqual(new.service_status, "fresh")

    def test_a_credit_memo_that_waits_is_no_gift(self):
        line = self.sponsored.invoice_line_ids.filtered("price_subtotal")
        self.sponsored.with_user(self.clerk).action_service_correct(
            "Agreed rate", [[line.id, 440]], "own"
        )
        self.assertEqual(self.sponsored.reversal_move_ids.state, "draft")
        rows = self.order._get_payer_balance()
        self.assertEqual([row["waived"] for row in rows], [0.0] * len(rows))

    def test_a_text_is_corrected_without_another_amount(self):
        line = self.sponsored.invoice_line_ids.filtered("price_subtotal")
        new = self._correct(
            self.sponsored, amounts=[], texts=[[line.id, "Labour by contract 12"]]
        )
        self.assertEqual(new.amount_untaxed, 500)
        self.assertEqual(
            new.invoice_line_ids.filtered("price_subtotal").name,
            "Labour by contract 12",
        )
        self.assertEqual(self.order.amount_own_cost, 0)
        self._assert_billed(self.order, service=800, program=500, insurance=1700)
        with self.assertRaisesRegex(UserError, "pairs of an id and a text"):
            self._correct(new, texts=[[line.id, 5]])
