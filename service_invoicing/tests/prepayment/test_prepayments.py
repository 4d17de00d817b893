from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..common_prepayment import PrepaymentCommon


@tagged("post_install", "-at_install")
class TestPrepayments(PrepaymentCommon):
    """Asking for money before the work is billed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.move = cls._ask_prepayment(amount=300)

    def test_prepayment_is_due_at_once_whatever_term_the_work_has(self):
        self.order.payment_term_id = self.pay_terms_b
        prepayment = self._ask_prepayment()
        self.assertFalse(prepayment.invoice_payment_term_id)
        self._authorize(prepayment)
        self.assertEqual(
            prepayment.service_installment_ids.mapped("date_maturity"),
            [prepayment.service_anchor_date],
        )

    def test_prepayment_is_a_liability_without_tax_in_mode_entry(self):
        move = self.move
        self.assertRecordValues(
            move,
            [
                {
                    "service_invoice_type": "prepayment",
                    "service_prepayment_mode": "entry",
                    "service_status": "fresh",
                    "partner_id": self.customer.id,
                    "amount_total": 300,
                    "service_amount_fixed_price": 300,
                    "service_amount_total": 300,
                    "service_amount_net": 300,
                    "work_order_ids": self.order.ids,
                }
            ],
        )
        self.assertTrue(move.service_number.startswith("PP/"))
        line = move._get_prepayment_lines()
        self.assertEqual(line.account_id, self.prepaid)
        self.assertEqual(line.balance, -300)
        self.assertFalse(line.tax_ids)

    def test_prepayment_bears_the_order_s_tax_in_mode_deduction(self):
        self._choose_mode("deduction")
        move = self._ask_prepayment(amount=300)
        self.assertEqual(move._get_prepayment_lines().tax_ids, self.tax_11)
        self.assertEqual(move.amount_total, 333)
        self.assertEqual(move._get_prepayment_lines().balance, -300)

    def test_percentage_counts_on_what_the_payer_bears(self):
        # 1,000 and 11 % tax: 30 % of 1,110 without tax, of 1,000 with the tax on top
        self.assertEqual(self._ask_prepayment(percentage=30).amount_total, 333)
        self._choose_mode("deduction")
        move = self._ask_prepayment(percentage=30)
        self.assertEqual(move.amount_untaxed, 300)
        self.assertEqual(move.amount_total, 333)

    def test_amount_is_split_by_tax_set(self):
        self._choose_mode("deduction")
        part = self.order.line_ids[1]
        part.tax_ids = [Command.set(self._percent_tax(5).ids)]
        # 600 at 11 % and 400 at 5 %: 60 and 40 of 100, 6.60 and 2.00 of tax
        move = self._ask_prepayment(amount=100)
        self.assertEqual(
            sorted(move._get_prepayment_lines().mapped("price_subtotal")), [40, 60]
        )
        self.assertEqual(move.amount_tax, 8.60)

    def test_what_is_withheld_is_not_withheld_from_the_advance(self):
        self._choose_mode("deduction")
        withheld = self._percent_tax(-2, service_withholding=True)
        self.order.line_ids[0].tax_ids = [Command.link(withheld.id)]
        self.assertEqual(self._ask_prepayment(amount=300).amount_total, 333)

    def test_another_payer_of_the_order_may_be_asked(self):
        order = self._new_order((self.labour, 600, {"program_id": self.program.id}))
        # the sponsor bears half of 600, and 11 % tax: 10 % of 333
        move = self._ask_prepayment(order, percentage=10, partner_id=self.sponsor.id)
        self.assertEqual(move.partner_id, self.sponsor)
        self.assertEqual(move.amount_total, 33.3)
        with self.assertRaisesRegex(UserError, self.insurer.name):
            self._ask_prepayment(order, partner_id=self.insurer.id)

    def test_answers_that_make_no_sense_are_refused_together(self):
        for answers, words in (
            ({"amount": 0}, "positive"),
            ({"amount": -5}, "positive"),
            ({"amount": float("nan")}, "number is expected"),
            ({"percentage": 0}, "between 0 and 100"),
            ({"percentage": 101}, "between 0 and 100"),
            ({"amount": 5, "percentage": 5}, "not both"),
        ):
            with self.subTest(answers), self.assertRaisesRegex(UserError, words):
                self.order.action_create_prepayment(**answers)

    def test_percentage_of_an_order_without_work(self):
        order = self._new_order(
            line_ids=[Command.create({"product_id": self.labour.id, "price_unit": 0})]
        )
        with self.assertRaisesRegex(UserError, "bears nothing"):
            self._ask_prepayment(order, percentage=30)
        self._choose_mode("deduction")
        with self.assertRaisesRegex(UserError, "bears nothing"):
            self._ask_prepayment(order, percentage=30)
        # the company's own tax stands for the unknown work: 15 % in the test chart
        self.env.company.account_sale_tax_id = self.tax_11
        self.assertEqual(self._ask_prepayment(order, amount=100).amount_total, 111)

    def test_only_a_billing_clerk_asks_for_one(self):
        with self.assertRaises(AccessError):
            self.order.with_user(self.advisor).action_create_prepayment(amount=5)

    def test_cancelled_and_invoiced_orders_take_none(self):
        self._bill(self.order)
        with self.assertRaisesRegex(UserError, self.order.name):
            self._ask_prepayment()

    def test_without_an_answer_the_dialog_is_opened(self):
        order = self.order.with_user(self.clerk)
        action = order.action_create_prepayment()
        wizard = self.env[action["res_model"]].with_user(self.clerk)
        wizard = wizard.browse(action["res_id"])
        self.assertEqual(wizard.partner_id, self.customer)
        wizard.write({"method": "percentage", "percentage": 30})
        self.assertEqual((wizard.base, wizard.result), (1110, 333))
        move = self._get_documents(wizard.action_apply())
        self.assertEqual(move.amount_total, 333)

    def test_mode_of_a_document_does_not_follow_the_company(self):
        move = self.move
        self._choose_mode("deduction")
        move.journal_id = move.journal_id.copy()
        self._authorize(move)
        self.assertEqual(move.service_prepayment_mode, "entry")
        credit = self._get_documents(
            move.with_user(self.authorizer).action_service_credit(reason="Error")
        )
        self.assertEqual(credit.service_prepayment_mode, "entry")

    def test_account_has_to_be_a_reconcilable_liability(self):
        company = self.env.company
        for vals in (
            {"account_type": "asset_receivable"},
            {"account_type": "income"},
            {"reconcile": False},
        ):
            account = self._new_prepayment_account("250200", **vals)
            with self.subTest(vals), self.assertRaises(ValidationError):
                company.service_prepayment_account_id = account
            account.unlink()
        move = self.move
        move._get_prepayment_lines().account_id = self.company_data[
            "default_account_revenue"
        ]
        with self.assertRaisesRegex(UserError, "current liability"):
            move.with_user(self.clerk).action_service_save()
        with self.assertRaisesRegex(UserError, "current liability"):
            move.with_user(self.authorizer).action_post()

    def test_without_an_account_nothing_is_asked_for(self):
        self.env.company.service_prepayment_account_id = False
        with self.assertRaisesRegex(UserError, "settings"):
            self._ask_prepayment()
        with self.assertRaisesRegex(UserError, "settings"):
            self._new_direct(("Deposit", 10))

    def test_fiscal_position_maps_account_and_tax(self):
        self._choose_mode("deduction")
        abroad = self._new_prepayment_account("250300")
        tax = self._percent_tax(0)
        position = self.env["account.fiscal.position"].create(
            {
                "name": "Abroad",
                "account_ids": [
                    Command.create(
                        {
                            "account_src_id": self.prepaid.id,
                            "account_dest_id": abroad.id,
                        }
                    )
                ],
            }
        )
        tax.write(
            {
                "fiscal_position_ids": [Command.set(position.ids)],
                "original_tax_ids": [Command.set(self.tax_11.ids)],
            }
        )
        self.customer.property_account_position_id = position
        line = self._ask_prepayment()._get_prepayment_lines()
        self.assertEqual(line.account_id, abroad)
        self.assertEqual(line.tax_ids, tax)
        direct = self._new_direct(("Deposit", 10))
        self.assertEqual(direct._get_prepayment_lines().account_id, abroad)

    def test_direct_prepayment_has_lines_with_orders_of_their_own(self):
        move = self._new_direct(("Deposit", 100), ("Parts", 50))
        self.assertTrue(move.service_number.startswith("DP/"))
        first, second = move._get_prepayment_lines()
        second.write(
            {
                "service_work_order_id": self.order.id,
                "service_cost_category": "material",
            }
        )
        self.assertEqual((first | second).account_id, self.prepaid)
        self.assertFalse((first | second).tax_ids)
        self.assertFalse(move.work_order_ids)
        self.assertSummary(move, material=50, additional_charge=100, total=150)
        self._authorize(move)
        self.assertEqual(move.service_status, "authorized")

    def test_tax_on_an_advance_is_refused_in_mode_entry(self):
        move = self.move
        move._get_prepayment_lines().tax_ids = [Command.set(self.tax_11.ids)]
        with self.assertRaisesRegex(UserError, "bears no tax"):
            move.with_user(self.clerk).action_service_save()

    def test_only_what_is_received_can_be_adjusted(self):
        move = self.move
        self.assertPrepayment(move, 0, 0, 0)
        self._authorize(move)
        self.assertPrepayment(move, 0, 0, 0)
        self._receive(move, 100)
        self.assertPrepayment(move, 100, 0, 100)
        self._receive(move, 200)
        self.assertPrepayment(move, 300, 0, 300)
        self.assertRecordValues(
            self.order,
            [
                {
                    "prepayment_count": 1,
                    "amount_prepaid": 300,
                    "amount_prepayment_open": 300,
                }
            ],
        )

    def test_charges_of_the_prepayment_are_no_advance(self):
        charge = self.env["service.tcd"].create(
            {
                "code": "FEE",
                "name": "Fee",
                "tcd_type": "charge",
                "rate": 10,
                "account_id": self.company_data["default_account_revenue"].id,
                "tax_ids": [Command.set(self.tax_11.ids)],
            }
        )
        move = self.move.with_user(self.clerk)
        move.service_tcd_ids = [Command.create({"tcd_id": charge.id})]
        move.action_service_save()
        self._authorize(move)
        # 300 and a fee of 11.10 with tax, which is paid first
        self.assertEqual(move.amount_total, 311.1)
        self._receive(move, 100)
        self.assertPrepayment(move, 100, 0, 88.9)
        self._receive(move, 211.1)
        self.assertPrepayment(move, 311.1, 0, 300)


@tagged("post_install", "-at_install")
class TestPrepaidParts(PrepaymentCommon):
    """What was prepaid of an order that is billed in parts waits for the last invoice,
    unless the clerk says otherwise.

    40 % of 1,000 come to 400 and 44 of tax, the rest to 600 and 66.
    """

    def _release_part(self):
        order = self.order.with_user(self.clerk)
        action = order.action_release_part(percentage=40)
        release = self.env["service.release"].browse(action["res_id"])
        return self._get_documents(
            release.with_user(self.clerk).action_create_invoice()
        )

    def _bill_rest(self):
        self.order.action_confirm_check()
        return self._authorize(self._bill(self.order).sorted("id")[-1])

    def test_an_entry_takes_it_with_the_last_invoice(self):
        """300 of the 666, no tax in it."""
        self._choose_mode("entry")
        prepayment = self._new_prepayment(amount=300)
        first = self._release_part()
        self.assertFalse(first.service_auto_adjust)
        self.assertEqual(self._authorize(first).amount_residual, 444)
        last = self._bill_rest()
        self.assertTrue(last.service_auto_adjust)
        self.assertEqual(last.amount_residual, 366)
        self.assertEqual(prepayment.service_prepayment_open, 0)

    def test_the_last_invoice_deducts_it(self):
        """300 and 33 of tax of the 666."""
        self._choose_mode("deduction")
        prepayment = self._new_prepayment(amount=300)
        first = self._authorize(self._release_part())
        self.assertEqual(first.amount_total, 444)
        self.assertEqual(prepayment.service_prepayment_open, 333)
        last = self._bill_rest()
        self.assertEqual(last.amount_total, 333)
        self.assertEqual(prepayment.service_prepayment_open, 0)

    def test_a_part_takes_it_where_the_clerk_says_so(self):
        self._choose_mode("deduction")
        self._new_prepayment(amount=300)
        first = self._release_part().with_user(self.clerk)
        first.service_auto_adjust = True
        first.action_service_save()
        self.assertEqual(self._authorize(first).amount_total, 111)
        self.assertEqual(self._bill_rest().amount_total, 666)

    def test_the_last_part_before_the_check_is_the_last_invoice(self):
        """Nothing is left for an invoice after it."""
        self._choose_mode("deduction")
        self._new_prepayment(amount=300)
        first = self._release_part()
        order = self.order.with_user(self.clerk)
        action = order.action_release_part(percentage=100)
        release = self.env["service.release"].browse(action["res_id"])
        last = self._get_documents(
            release.with_user(self.clerk).action_create_invoice()
        )
        self.assertEqual(first.amount_total, 444)
        self.assertEqual(last.amount_total, 333)
