from odoo import Command
from odoo.tests import Form, tagged

from .common import WithholdingCommon


@tagged("post_install", "-at_install")
class TestWithholdingParts(WithholdingCommon):
    """Several payments, several invoices, currencies and companies."""

    def test_parts_add_up_to_the_whole(self):
        """20.00 of 1,176.30 left: 400 withhold 6.80, 400 of 776.30 with 13.20 left
        withhold 6.80, the rest 6.40."""
        move = self._new_invoice(
            (1000, "labour", self.services), (330, "material", self.tax_11)
        )
        self.assertEqual(move.amount_total, 1476.30)
        self._adjust(move, 300)
        for amount, withheld in ((400, 6.80), (400, 6.80), (376.30, 6.40)):
            with self.subTest(amount):
                payment = self._pay(move, amount)
                self.assertWithheld(payment, amount - withheld, withheld)
                self.assertSummary(move, withholding=20, net=1156.30)
        self.assertEqual(move.amount_residual, 0)
        lines = move.line_ids.matched_credit_ids.credit_move_id.move_id
        bases = lines.origin_payment_id.withholding_line_ids.mapped("base_amount")
        self.assertAlmostEqual(sum(bases), 1000)

    def test_many_small_parts_lose_no_cent(self):
        # 7 × 33.33 and 99.99 of 333.30 (300.27 and 11 %: 333.30), withheld 6.01
        move = self._new_invoice((300.27, "labour", self.services))
        self.assertEqual(move.amount_total, 333.30)
        amounts = [33.33] * 7 + [99.99]
        payments = [self._pay(move, amount) for amount in amounts]
        withheld = [sum(p.withholding_line_ids.mapped("amount")) for p in payments]
        self.assertAlmostEqual(sum(withheld), 6.01)
        self.assertEqual(move.amount_residual, 0)

    def test_an_adjustment_between_two_payments(self):
        """555 of 1,110 withhold 10; 300 are adjusted; the last 255 withhold 10."""
        move = self._new_invoice((1000, "labour", self.services))
        self.assertWithheld(self._pay(move, 555), 545, 10)
        self._adjust(move, 300)
        self.assertSummary(move, withholding=20, adjusted=300, net=790)
        self.assertWithheld(self._pay(move), 245, 10)

    def test_nobody_withholds_more_than_is_open(self):
        move = self._new_invoice((1000, "labour", self.services))
        self._adjust(move, 1095)
        # 15 are open, and 20 should be withheld of them
        self.assertSummary(move, withholding=15, adjusted=1095, net=0)
        self.assertEqual(move.service_status, "adjusted")
        self.assertWithheld(self._pay(move), 0, 15)
        self.assertEqual(move.amount_residual, 0)

    def test_payer_who_withholds_nothing(self):
        move = self._new_invoice((1000, "labour", self.services))
        wizard = self._open_payment(move)
        wizard.should_withhold_tax = False
        wizard._create_payments()
        self.assertEqual(move.amount_residual, 0)
        self.assertSummary(move, withholding=0, net=1110)

    def test_undone_payment_withholds_again(self):
        move = self._new_invoice((1000, "labour", self.services))
        payment = self._pay(move, 555)
        self.assertEqual(self.env["service.withholding"]._get_withheld_amount(move), 10)
        payment.move_id.line_ids.remove_move_reconcile()
        self.assertEqual(self.env["service.withholding"]._get_withheld_amount(move), 0)
        self.assertSummary(move, withholding=20, net=1090)
        self.assertWithheld(self._pay(move), 1090, 20)

    def test_rest_that_is_written_off_is_settled(self):
        move = self._new_invoice((1000, "labour", self.services))
        wizard = self._open_payment(move)
        wizard.amount = 1100
        self.assertAlmostEqual(wizard.withholding_line_ids.amount, 19.82)
        wizard.payment_difference_handling = "reconcile"
        wizard.writeoff_account_id = self.company_data["default_account_expense"]
        self.assertEqual(wizard.withholding_line_ids.amount, 20)

    def test_amount_entered_in_the_form_of_the_dialog(self):
        move = self._new_invoice((1000, "labour", self.services))
        self._adjust(move, 110)
        with Form(self._open_payment(move)) as form:
            form.amount = 500
        wizard = form.record
        # half of 1,000 that are open
        self.assertRecordValues(
            wizard.withholding_line_ids,
            [{"service_move_id": move.id, "base_amount": 500, "amount": 10}],
        )
        self.assertEqual(wizard.withholding_net_amount, 490)

    def test_one_payment_of_two_invoices(self):
        first = self._new_invoice((1000, "labour", self.services))
        second = self._new_invoice((500, "labour", self.services))
        self._adjust(first, 110)
        payment = self._pay(first | second, group_payment=True)
        self.assertWithheld(payment, 1525, 30)
        self.assertRecordValues(
            payment.withholding_line_ids.sorted("amount"),
            [
                {"service_move_id": second.id, "amount": 10},
                {"service_move_id": first.id, "amount": 20},
            ],
        )
        self.assertSummary(first, withholding=20, adjusted=110, net=980)
        self.assertSummary(second, withholding=10, net=545)

    def test_payment_that_does_not_reach_the_second_invoice(self):
        first, second = (
            self._new_invoice(
                (price, "labour", self.services),
                invoice_date=date,
                invoice_date_due=date,
            )
            for price, date in ((1000, "2026-10-01"), (500, "2026-11-01"))
        )
        payment = self._pay(first | second, amount=1110, group_payment=True)
        self.assertEqual((first | second).mapped("amount_residual"), [0, 555])
        self.assertEqual(payment.withholding_line_ids.service_move_id, first)
        self.assertWithheld(payment, 1090, 20)
        self.assertWithheld(self._pay(second), 545, 10)

    def test_withholding_entered_by_hand_counts(self):
        move = self._new_invoice((1000, "labour", self.services))
        wizard = self._open_payment(move, amount=555)
        wizard.withholding_line_ids.service_move_id = False
        wizard.withholding_line_ids.source_currency_id = False
        wizard.withholding_line_ids.base_amount = 400
        if not wizard.withholding_payment_account_id:
            wizard.withholding_outstanding_account_id = self._get_outstanding(move)
        wizard._create_payments()
        self.assertEqual(self.env["service.withholding"]._get_withheld_amount(move), 8)
        self.assertWithheld(self._pay(move), 543, 12)

    def test_installments_withhold_their_part(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "30/70",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": value, "nb_days": days}
                    )
                    for value, days in ((30, 0), (70, 30))
                ],
            }
        )
        self.customer.property_payment_term_id = term
        move = self._new_invoice((1000, "labour", self.services))
        self.assertEqual(move.invoice_payment_term_id, term)
        first = self._pay(move, 333)
        self.assertWithheld(first, 327, 6)
        self.assertWithheld(self._pay(move, 777), 763, 14)
        self.assertEqual(move.amount_residual, 0)

    def test_invoice_in_another_currency(self):
        """2 units of the foreign currency are one of the company's."""
        currency = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        move = self._new_invoice(
            (1000, "labour", self.services), currency_id=currency.id
        )
        self.assertSummary(move, total=1110, withholding=20, net=1090)
        self._adjust(move, 55)
        # 55 of the company are 110 of the invoice
        self.assertSummary(move, withholding=20, adjusted=110, net=980)
        first = self._pay(move, 500)
        self.assertWithheld(first, 245, 5)
        # the rest in the company's currency: 500 are 250
        company_currency = self.env.company.currency_id
        last = self._pay(move, currency_id=company_currency.id)
        self.assertWithheld(last, 245, 5)
        self.assertEqual(move.amount_residual, 0)
        self.assertSummary(move, withholding=20, net=980)

    def test_two_companies_withhold_their_own(self):
        other = self.setup_other_company()["company"]
        self._set_up_company(other)
        tax = self._withholding_tax(-4, company=other)
        sale_tax = self._percent_tax(11, company_id=other.id)
        mine = self._new_invoice((1000, "labour", self.services))
        env = self.env(context={"allowed_company_ids": [other.id, self.env.company.id]})
        theirs = (
            env["account.move"]
            .with_company(other)
            .create(
                {
                    "move_type": "out_invoice",
                    "service_invoice_type": "service",
                    "partner_id": self.customer.id,
                    "invoice_date": "2026-11-01",
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": "x",
                                "price_unit": 1000,
                                "tax_ids": [Command.set((tax | sale_tax).ids)],
                            }
                        )
                    ],
                }
            )
        )
        theirs.action_service_save()
        theirs.action_service_authorize()
        self.assertSummary(mine, withholding=20, net=1090)
        self.assertSummary(theirs, withholding=40, net=1070)
        for move, withheld in ((mine, 20), (theirs, 40)):
            payment = self._pay(move)
            self.assertEqual(payment.company_id, move.company_id)
            self.assertWithheld(payment, 1110 - withheld, withheld)
