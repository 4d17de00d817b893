from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..common_prepayment import DeductionCommon
from ..common_properties import Phase, examples, given, st

cents = st.integers(min_value=1, max_value=99999)


@tagged("post_install", "-at_install")
class TestCreditedDeduction(DeductionCommon):
    """What is credited gives the advance back that the invoice had deducted.

    The order comes to 1,000 and 110 of tax, the advance to 300 and 33.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.prepayment = cls._new_prepayment(amount=300)
        cls.invoice = cls._authorize(cls._bill_service())

    def test_whole_credit_frees_the_prepayment(self):
        prepayment, invoice = self.prepayment, self.invoice
        credit = self._credit(invoice)
        self.assertEqual(credit.amount_total, 777)
        self.assertEqual(invoice.service_status, "reversed")
        self.assertSummary(credit, total=1110, tax=110, adjusted=1110, net=0)
        # the work was 1,000 before tax, whatever of it had been prepaid
        self.assertSummary(invoice, untaxed=1000, total=1110, due=0)
        self.assertEqual(invoice.amount_residual, 0)
        self.assertEqual(prepayment.service_prepayment_open, 333)
        self.assertEqual(prepayment._get_prepayment_lines().amount_residual, -300)
        self.assertTrue(all(credit._get_deduction_lines().mapped("reconciled")))
        self.assertTrue(invoice.service_adjustment_ids[0].undone)
        # billed again, the next invoice deducts it
        again = self._bill_service() - invoice - credit
        self.assertDeducted(again, 333, 777, adjusted=333)
        self._authorize(again)
        self.assertEqual(prepayment.service_prepayment_open, 0)

    def test_core_s_credit_note_frees_it_too(self):
        prepayment, invoice = self.prepayment, self.invoice
        credit = invoice._reverse_moves([{"invoice_date": invoice.invoice_date}])
        credit.with_user(self.authorizer).action_post()
        self.assertEqual(credit.amount_total, 777)
        self.assertEqual(invoice.service_status, "reversed")
        self.assertEqual(prepayment.service_prepayment_open, 333)
        self.assertEqual(prepayment._get_prepayment_lines().amount_residual, -300)

    def test_credit_of_a_line_leaves_the_deduction(self):
        prepayment, invoice = self.prepayment, self.invoice
        part = invoice.invoice_line_ids.filtered(lambda x: x.product_id == self.part)
        credit = self._credit(invoice, line_ids=part.ids)
        self.assertEqual(credit.amount_total, 444)
        self.assertEqual(invoice.amount_residual, 333)
        self.assertEqual(prepayment.service_prepayment_used, 333)
        self.assertEqual(invoice.service_amount_adjusted, 777)

    def test_deduction_credited_in_part(self):
        prepayment, invoice = self.prepayment, self.invoice
        labour = invoice.invoice_line_ids.filtered(
            lambda x: x.product_id == self.labour
        )
        line = invoice._get_deduction_lines()
        # 600 of labour less 100 of the advance: 555 with tax
        credit = self._credit(invoice, line_ids=[[labour.id, 600], [line.id, -100]])
        self.assertEqual(credit.amount_total, 555)
        self.assertRecordValues(
            prepayment,
            [{"service_prepayment_used": 222, "service_prepayment_open": 111}],
        )
        self.assertEqual(prepayment._get_prepayment_lines().amount_residual, -100)
        self.assertEqual(
            sum(invoice.service_adjustment_ids.mapped("live_amount"))
            - credit.amount_total,
            222,
        )

    def _correct(self, labour, part):
        amounts = {self.labour: labour, self.part: part}
        lines = self.invoice.invoice_line_ids.filtered("product_id")
        action = self.invoice.with_user(self.authorizer).action_service_correct(
            reason="Agreed rate",
            amounts=[[line.id, amounts[line.product_id]] for line in lines],
        )
        return self._get_documents(action)

    def test_a_corrected_invoice_deducts_the_prepayment_again(self):
        """1,110 are credited, more than the 777 that were to be paid: all of the
        invoice goes. 800 and 88 of tax are billed anew, less 333."""
        again = self._correct(500, 300)
        credit = self.invoice.reversal_move_ids
        self.assertEqual(credit.amount_total, 777)
        self.assertEqual(self.invoice.service_status, "reversed")
        self.assertDeducted(again, 333, 555, adjusted=333)
        self.assertEqual(self.prepayment.service_prepayment_open, 333)
        self._authorize(again)
        self.assertEqual(self.prepayment.service_prepayment_open, 0)
        self.assertEqual(again.amount_residual, 555)

    def test_a_small_correction_leaves_the_deduction_where_it_is(self):
        """600 of labour are credited with 66 of tax, within the 777 to be paid."""
        again = self._correct(500, 400)
        self.assertEqual(self.invoice.reversal_move_ids.amount_total, 666)
        self.assertDeducted(again, 0, 555)
        self.assertEqual(self.invoice.amount_residual, 111)
        self.assertEqual(self.prepayment.service_prepayment_used, 333)

    def test_credit_memos_of_a_used_prepayment_are_counted_together(self):
        """Of 333 an invoice has taken the 111 that were paid, so 222 can be credited:
        twice 120 and 13.20 of tax are too much, once is not."""
        order = self._new_order((self.labour, 600, {}), (self.part, 400, {}))
        prepayment = self._authorize(self._ask_prepayment(order))
        self._receive(prepayment, 111)
        self._authorize(self._bill_service(order))
        self.assertEqual(prepayment.service_prepayment_used, 111)
        vals = {"invoice_date": prepayment.invoice_date}
        credits = prepayment._reverse_moves([vals])
        credits += prepayment._reverse_moves([vals])
        credits.invoice_line_ids.price_unit = 120
        credits = credits.with_user(self.authorizer)
        with self.assertRaisesRegex(UserError, "no more than"):
            credits.action_post()
        credits[0].action_post()
        self.assertEqual(credits[0].amount_total, 133.2)

    def test_deductions_are_not_undone_behind_the_invoice(self):
        invoice = self.invoice.with_user(self.authorizer)
        lines = self.prepayment._get_prepayment_lines().with_user(self.authorizer)
        with self.assertRaisesRegex(UserError, "Credit the invoice"):
            lines.remove_move_reconcile()
        with self.assertRaisesRegex(UserError, "Credit the invoice"):
            invoice.service_adjustment_ids.action_undo(reason="Error")
        with self.assertRaisesRegex(UserError, "cannot be reset"):
            invoice.button_draft()
        with (
            self.subTest("used prepayment is not credited"),
            self.assertRaisesRegex(UserError, "no more than"),
        ):
            self._credit(self.prepayment)


@tagged("post_install", "-at_install")
class TestDeductionAmounts(DeductionCommon):
    """What is deducted is right to the cent, whatever is taxed how.

    The order comes to 1,000 and 110 of tax.
    """

    def test_several_tax_sets_and_cents(self):
        """Each tax of the advance comes back to the cent, also in parts."""
        low = self._percent_tax(5)
        order = self._new_order(
            (self.labour, 333.33, {}), (self.part, 666.67, {}), (self.part, 0.05, {})
        )
        order.line_ids[1].tax_ids = [Command.set(low.ids)]
        prepayment = self._authorize(self._ask_prepayment(order, amount=100.01))
        total = prepayment.amount_total
        self._receive(prepayment, 33.33)
        invoice = self._bill_service(order)
        plain = invoice.service_amount_total
        tax = invoice.service_amount_tax
        self.assertDeducted(invoice, 33.33, plain - 33.33)
        self._receive(prepayment)
        invoice.action_service_save()
        self.assertEqual(invoice.service_amount_tax, tax)
        self.assertDeducted(invoice, total, invoice.currency_id.round(plain - total))
        self._authorize(invoice)
        self.assertTrue(all(prepayment._get_prepayment_lines().mapped("reconciled")))
        self.assertEqual(prepayment.service_prepayment_open, 0)

    def _new_example(self):
        """Labour 1,000 (half the program's), parts 2,000 (the insurer's less 300),
        external repair 500; charge 80 and discount 50; 2 % withheld on services."""
        withheld = self._percent_tax(-2, service_withholding=True)
        (self.labour | self.external).taxes_id = [Command.link(withheld.id)]
        income = self.company_data["default_account_revenue"]
        charge, discount = self.env["service.tcd"].create(
            [
                {
                    "code": kind,
                    "name": kind,
                    "tcd_type": kind,
                    "rate": rate,
                    "apply_on": scope,
                    "account_id": income.id,
                    "tax_ids": [Command.set(taxes.ids)],
                }
                for kind, rate, scope, taxes in (
                    ("charge", 80, "document", self.tax_11),
                    ("discount", 50, "material", self.env["account.tax"]),
                )
            ]
        )
        order = self._new_order(
            (self.labour, 100, {"quantity": 10, "program_id": self.program.id}),
            (self.part, 2000, {}),
            (self.external, 500, {}),
            tcd_ids=[Command.create({"tcd_id": x.id}) for x in charge | discount],
        )
        self._new_claim(order, order.line_ids[1], deductible=300)
        return order

    def test_worked_example_in_mode_deduction(self):
        order = self._new_example()
        prepayment = self._new_prepayment(order, amount=300)
        self.assertEqual(prepayment.amount_total, 333)
        invoice = self._bill_service(order)
        expected = {
            "material": 300,
            "labour": 500,
            "external_repair": 500,
            "tax": 146.30,
            "charge": 80,
            "discount": 50,
            "total": 1476.30,
            "withholding": 20,
            "before_adjustment": 1456.30,
            "adjusted": 333,
            "net": 1123.30,
        }
        self.assertDeducted(invoice, 333, 1123.30, **expected)
        invoice.action_service_save()
        self.assertDeducted(invoice, 333, 1123.30, **expected)
        self._authorize(invoice)
        self.assertDeducted(invoice, 333, 1123.30, **expected)
        self.assertEqual(invoice.amount_residual, 1123.30)
        self.assertEqual(invoice.service_status, "partially_adjusted")
        self.assertEqual(prepayment.service_prepayment_open, 0)
        names = invoice.invoice_line_ids.sorted("sequence").mapped("name")
        self.assertEqual(
            names[-2:], ["Prepayments", f"Less prepayment {prepayment.name}"]
        )

    def test_worked_example_in_mode_entry(self):
        self._choose_mode("entry")
        order = self._new_example()
        prepayment = self._new_prepayment(order, amount=300)
        self.assertEqual(prepayment.amount_total, 300)
        invoice = self._authorize(self._bill_service(order))
        self.assertDeducted(
            invoice,
            0,
            1456.30,
            tax=146.30,
            total=1476.30,
            before_adjustment=1456.30,
            adjusted=300,
            net=1156.30,
        )
        self.assertEqual(prepayment.service_prepayment_open, 0)

    def test_foreign_currency_ends_at_zero_in_both_currencies(self):
        currency = self.setup_other_currency("EUR", rates=[("2020-01-01", 3.0)])
        direct = self._new_received_direct(100.01, currency_id=currency.id)
        self.env["res.currency.rate"].create(
            {"name": "2026-01-01", "rate": 2.9, "currency_id": currency.id}
        )
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "service_invoice_type": "service",
                "partner_id": self.customer.id,
                "currency_id": currency.id,
                "invoice_line_ids": [
                    Command.create({"product_id": self.part.id, "price_unit": 500})
                ],
            }
        )
        move.action_service_save()
        move.env["service.prepayment.deduction"]._deduct(move, direct)
        # 555 less 111.01
        self.assertDeducted(move, 111.01, 443.99, tax=55, total=555)
        self._authorize(move)
        line = direct._get_prepayment_lines()
        self.assertRecordValues(
            line | move._get_deduction_lines(),
            [{"amount_residual": 0, "amount_residual_currency": 0}] * 2,
        )

    def test_storno_company(self):
        self.env.company.account_storno = True
        prepayment = self._new_prepayment(amount=300)
        invoice = self._authorize(self._bill_service())
        self.assertDeducted(invoice, 333, 777, tax=110, adjusted=333)
        self.assertTrue(prepayment._get_prepayment_lines().reconciled)
        self._credit(invoice)
        self.assertEqual(prepayment.service_prepayment_open, 333)

    def test_tax_included_prices(self):
        included = self.tax_11.copy({"price_include_override": "tax_included"})
        order = self._new_order((self.labour, 1110, {}))
        order.line_ids.tax_ids = [Command.set(included.ids)]
        prepayment = self._new_prepayment(order, amount=300)
        self.assertEqual(prepayment.amount_total, 333)
        invoice = self._bill_service(order)
        self.assertDeducted(invoice, 333, 777, tax=110, total=1110)
        self._authorize(invoice)
        self.assertTrue(prepayment._get_prepayment_lines().reconciled)

    @examples(2, phases=[Phase.generate])
    @given(
        prices=st.lists(cents, min_size=1, max_size=3),
        advances=st.lists(cents, min_size=1, max_size=2),
        received=st.integers(min_value=1, max_value=100),
    )
    def test_deductions_change_nothing_but_what_is_to_be_paid(
        self, prices, advances, received
    ):
        savepoint = self.env.cr.savepoint()
        try:
            self._check_deductions(prices, advances, received)
        finally:
            savepoint.close(rollback=True)

    def _check_deductions(self, prices, advances, received):
        """An order with prepayments against its twin without any.

        :param prices: of lines at 11 and at 5 % by turns, in cents
        :param advances: before tax, in cents
        :param received: percentage of each prepayment
        """
        self.labour.taxes_id = self._percent_tax(5)
        lines = [
            ((self.part, self.labour)[i % 2], price / 100, {})
            for i, price in enumerate(prices)
        ]
        order, twin = self._new_order(*lines), self._new_order(*lines)
        prepayments = self.env["account.move"]
        for advance in advances:
            move = self._authorize(self._ask_prepayment(order, advance / 100))
            part = self.env.company.currency_id.round(
                move.amount_total * received / 100
            )
            if part:
                self._receive(move, part)
            prepayments |= move
        paid = sum(prepayments.mapped("service_prepayment_open"))
        invoice = self._authorize(self._bill(order) - prepayments)
        plain = self._authorize(self._bill(twin))
        for name in ("material", "labour", "tax", "total", "before_adjustment"):
            name = f"service_amount_{name}"
            self.assertAlmostEqual(invoice[name], plain[name], 2, name)
        deducted = invoice.service_amount_adjusted
        self.assertAlmostEqual(deducted, min(paid, plain.amount_total), 2)
        self.assertAlmostEqual(invoice.amount_total, plain.amount_total - deducted, 2)
        used = prepayments.mapped("service_prepayment_used")
        self.assertAlmostEqual(sum(used), deducted, 2)
        rows = invoice.service_adjustment_ids
        self.assertAlmostEqual(sum(rows.mapped("amount")), deducted, 2)
        # the taxes of these tests have no account of their own and stand here, too
        liability = self.env["account.move.line"].search(
            [
                ("account_id", "=", self.prepaid.id),
                ("parent_state", "=", "posted"),
                ("display_type", "=", "product"),
            ]
        )
        self.assertAlmostEqual(
            sum(liability.mapped("balance")),
            sum(prepayments._get_prepayment_lines().mapped("amount_residual")),
            2,
        )
