from odoo.tests import tagged

from ..common_credits import CreditMemosCommon


class AsInvoicedCommon(CreditMemosCommon):
    """Invoices whose credit memos must take back what was booked, and no more."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tax_21 = cls._percent_tax(21)
        cls.foreign = cls.setup_other_currency(
            "EUR", rates=[("2026-11-01", 1.2), ("2026-11-11", 1.3)]
        )
        cls.pricelist = cls.env["product.pricelist"].create(
            {"name": "Foreign", "currency_id": cls.foreign.id}
        )

    @classmethod
    def _invoice(cls, amounts, tax=None, rounding=None, date="2026-11-01", **vals):
        """An authorized invoice, and its lines in the order of these amounts."""
        tax = tax or cls.tax_21
        order = cls._new_order(
            *((cls.part, amount, {"tax_ids": tax.ids}) for amount in amounts), **vals
        )
        invoice = cls._bill(order)
        invoice.invoice_date = date
        if rounding:
            invoice.invoice_cash_rounding_id = rounding
        invoice.with_user(cls.authorizer).action_service_authorize()
        return invoice, invoice._get_billed_lines().sorted("id")

    def assertNothingLeft(self, invoice):
        """In both currencies, on each account and of each tax."""
        credits = invoice.reversal_move_ids.filtered(lambda m: m.state == "posted")
        for key, items in (
            (invoice | credits)
            .line_ids.grouped(
                lambda item: (item.account_id, item.tax_line_id, item.display_type)
            )
            .items()
        ):
            for name in ("balance", "amount_currency"):
                self.assertAlmostEqual(sum(items.mapped(name)), 0.0, 6, (key, name))
        self.assertEqual({0.0}, set((invoice | credits).mapped("amount_residual")))
        self.assertEqual(invoice.service_status, "reversed")

    def assertNoExchange(self, invoice):
        """The receivables were matched at one rate."""
        partials = self._receivables(invoice).matched_credit_ids
        self.assertTrue(partials)
        self.assertFalse(partials.exchange_move_id)

    def _get_tax(self, move, name="balance"):
        return round(sum(move.line_ids.filtered("tax_line_id").mapped(name)), 2)


@tagged("post_install", "-at_install")
class TestCreditMemoReference(AsInvoicedCommon):
    """E-invoices carry ``ref`` as the payer's purchase order."""

    def test_credit_memo_keeps_the_customers_reference_and_its_own_reason(self):
        for credit_invoice in (self._credit, self._credit_by_core):
            invoice, __ = self._invoice([1000], customer_reference="PO-4711")
            credit = credit_invoice(invoice, reason="Fraud suspected")
            self.assertRecordValues(
                credit,
                [{"ref": "PO-4711", "service_credit_reason": "Fraud suspected"}],
            )
            facts = dict(credit._get_service_print_header())
            self.assertEqual(facts["Credited Invoice"], invoice.name)
            self.assertEqual(facts["Reason"], "Fraud suspected")
            credit.filtered(lambda m: m.state == "draft").action_post()
            self.assertIn("Fraud suspected", self._bodies(invoice))

    def test_invoice_that_replaces_another_keeps_the_customers_reference(self):
        invoice, __ = self._invoice([1000], customer_reference="PO-4711")
        new = self._credit_by_core(invoice, is_modify=True)
        self.assertEqual(new.ref, "PO-4711")
        self.assertEqual(invoice.reversal_move_ids.ref, "PO-4711")

    def test_credit_memo_without_a_customers_reference_shows_none(self):
        invoice, __ = self._invoice([1000])
        self.assertFalse(self._credit(invoice).ref)


@tagged("post_install", "-at_install")
class TestCreditMemoRate(AsInvoicedCommon):
    """1,000 at 1.20 are 833.33 of ours; 21 % are 210, 175.00 of ours. At 1.30, ten
    days later, the tax would be 161.54."""

    def _invoice_foreign(self, amounts, **vals):
        return self._invoice(amounts, pricelist_id=self.pricelist.id, **vals)

    def test_credit_memo_takes_the_rate_of_its_invoice(self):
        invoice, __ = self._invoice_foreign([1000])
        self.assertEqual(self._get_tax(invoice), -175.0)
        credit = self._credit(invoice, date="2026-11-11")
        self.assertEqual(credit.invoice_currency_rate, 1.2)
        self.assertEqual(self._get_tax(credit), 175.0)
        # 1,210 at 1.20
        self.assertEqual(self._receivables(credit).balance, -1008.33)
        self.assertNoExchange(invoice)
        self.assertNothingLeft(invoice)

    def test_rate_typed_on_the_invoice_is_that_of_the_credit_memo(self):
        order = self._new_order(
            (self.part, 1000, {"tax_ids": self.tax_21.ids}),
            pricelist_id=self.pricelist.id,
        )
        invoice = self._bill(order)
        invoice.write({"invoice_date": "2026-11-01", "invoice_currency_rate": 1.25})
        invoice.with_user(self.authorizer).action_service_authorize()
        credit = self._credit(invoice, date="2026-11-11")
        # 210 at 1.25
        self.assertEqual(self._get_tax(credit), 168.0)
        self.assertNothingLeft(invoice)

    def test_another_date_of_a_prepared_credit_memo_changes_no_rate(self):
        invoice, __ = self._invoice_foreign([1000])
        credit = self._credit(invoice, user=self.clerk, date="2026-11-05")
        credit.with_user(self.clerk).invoice_date = "2026-11-11"
        credit.refresh_invoice_currency_rate()
        credit.with_user(self.authorizer).action_service_authorize()
        self.assertEqual(self._get_tax(credit), 175.0)
        self.assertNothingLeft(invoice)

    def test_parts_together_take_back_the_balances_of_the_invoice(self):
        """333.33 + 333.33 + 333.34 at 1.20 are 277.78 twice and 277.78, together
        833.34, but the invoice line of 1,000 is 833.33; their tax is 70.00 each and
        58.33 of ours, 174.99 of 175.00."""
        invoice, line = self._invoice_foreign([1000])
        for amount in (333.33, 333.33):
            credit = self._credit(
                invoice, date="2026-11-11", line_ids=[[line.id, amount]]
            )
            self.assertEqual(self._get_tax(credit), 58.33)
        last = self._credit(invoice, date="2026-11-12")
        # 175.00 − 2 × 58.33; 833.33 − 2 × 277.78
        self.assertEqual(self._get_tax(last), 58.34)
        self.assertEqual(last._get_billed_lines().balance, 277.77)
        self.assertNothingLeft(invoice)

    def test_a_line_is_finished_before_the_invoice_is(self):
        """66.67 at 1.20 are 55.56, but 33.33 and 33.34 are 27.78 each."""
        invoice, lines = self._invoice_foreign([66.67, 50])
        for line, amount in ((lines[0], 33.33), (lines[0], 33.34), (lines[1], 50)):
            self._credit(invoice, date="2026-11-11", line_ids=[[line.id, amount]])
        self.assertNothingLeft(invoice)

    def test_rest_is_found_anew_when_a_prepared_credit_memo_was_deleted(self):
        invoice, line = self._invoice_foreign([1000])
        first = self._credit(invoice, user=self.clerk, line_ids=[[line.id, 333.33]])
        second = self._credit(invoice, user=self.clerk)
        first.with_user(self.clerk).action_service_delete(reason="Typed twice")
        second.with_user(self.authorizer).action_service_authorize()
        self._credit(invoice, date="2026-11-11")
        self.assertNothingLeft(invoice)

    def test_core_dialog_takes_the_rate_of_the_invoice(self):
        invoice, __ = self._invoice_foreign([1000])
        credit = self._credit_by_core(invoice, date="2026-11-11")
        self.assertEqual(credit.invoice_date.isoformat(), "2026-11-11")
        credit.with_user(self.authorizer).action_post()
        self.assertEqual(self._get_tax(credit), 175.0)
        self.assertNoExchange(invoice)
        self.assertNothingLeft(invoice)

    def test_each_of_several_invoices_is_credited_at_its_own_rate(self):
        """Each has a credit memo of its own: 210 at 1.20 and at 1.30."""
        first, __ = self._invoice_foreign([1000])
        second, __ = self._invoice_foreign([1000], date="2026-11-11")
        self._credit(first | second, date="2026-11-12")
        self.assertEqual(self._get_tax(first.reversal_move_ids), 175.0)
        self.assertEqual(self._get_tax(second.reversal_move_ids), 161.54)
        for invoice in (first, second):
            self.assertNothingLeft(invoice)

    def test_moved_share_is_credited_at_the_rate_of_the_invoice(self):
        invoice, __ = self._invoice_foreign([1000], customer_reference="PO-4711")
        invoice.with_user(self.authorizer).action_service_move_share(
            "program", self.sponsor.id, "Warranty", "2026-11-11"
        )
        credit = invoice.reversal_move_ids
        self.assertEqual(self._get_tax(credit), 175.0)
        self.assertRecordValues(
            credit, [{"ref": "PO-4711", "service_credit_reason": "Warranty"}]
        )
        self.assertNothingLeft(invoice)

    def test_prepayment_is_credited_at_its_own_rate(self):
        self.env.company.service_prepayment_account_id = self._new_prepayment_account()
        order = self._new_order((self.part, 1000, {}), pricelist_id=self.pricelist.id)
        action = order.with_user(self.clerk).action_create_prepayment(percentage=30)
        invoice = self._get_documents(action)
        invoice.invoice_date = "2026-11-01"
        invoice.with_user(self.authorizer).action_service_authorize()
        credit = self._credit(invoice, date="2026-11-11")
        self.assertEqual(credit.invoice_currency_rate, 1.2)
        self.assertNothingLeft(invoice)


@tagged("post_install", "-at_install")
class TestCreditMemoEditedTax(AsInvoicedCommon):
    """The rate of a tax record is edited in place, 20 → 23 %: credit memos take back
    the 200 that an invoice of 1,000 bears, not 230."""

    def _edit(self, amount=23, **vals):
        tax = self._percent_tax(20, name=f"20 to {amount}", **vals)
        invoice, lines = self._invoice([600, 400], tax=tax)
        tax.amount = amount
        return invoice, lines

    def assertCredited(self, credit, net, tax):
        self.assertRecordValues(
            credit,
            [{"amount_untaxed": net, "amount_tax": tax, "service_amount_tax": tax}],
        )
        totals = credit.tax_totals
        self.assertEqual(
            [round(totals[f"{name}_amount_currency"], 2) for name in ("base", "tax")],
            [net, tax],
        )

    def test_whole_credit_takes_back_the_tax_of_the_invoice(self):
        for amount in (23, 17, 0):
            invoice, __ = self._edit(amount)
            self.assertCredited(self._credit(invoice), 1000, 200)
            self.assertNothingLeft(invoice)

    def test_tax_that_was_zero_is_not_credited(self):
        tax = self._percent_tax(0)
        invoice, __ = self._invoice([600, 400], tax=tax)
        tax.amount = 20
        self.assertCredited(self._credit(invoice), 1000, 0)
        self.assertNothingLeft(invoice)

    def test_parts_take_back_their_part_and_the_last_one_the_rest(self):
        """20 % of 333.33 are 66.67, of 266.67 53.33; 200 − 120 = 80 are left."""
        invoice, lines = self._edit()
        first = self._credit(invoice, line_ids=[[lines[0].id, 333.33]])
        self.assertCredited(first, 333.33, 66.67)
        second = self._credit(invoice, line_ids=[[lines[0].id, 266.67]])
        self.assertCredited(second, 266.67, 53.33)
        self.assertCredited(self._credit(invoice), 400, 80)
        self.assertNothingLeft(invoice)

    def test_price_that_includes_the_tax(self):
        """600 and 400 with 20 % are 500 and 333.33; of the half 250, 50 are tax."""
        invoice, lines = self._edit(price_include_override="tax_included")
        self.assertEqual(lines.mapped("price_subtotal"), [500, 333.33])
        first = self._credit(invoice, line_ids=[[lines[0].id, 250]])
        self.assertCredited(first, 250, 50)
        self.assertEqual(first._get_billed_lines().price_unit, 300)
        # 833.33 − 250, 166.67 − 50
        last = self._credit(invoice)
        self.assertCredited(last, 583.33, 116.67)
        self.assertNothingLeft(invoice)

    def test_core_dialog_takes_back_the_tax_of_the_invoice(self):
        invoice, __ = self._edit()
        credit = self._credit_by_core(invoice)
        credit.with_user(self.authorizer).action_post()
        self.assertEqual(credit.amount_tax, 200)
        self.assertNothingLeft(invoice)


@tagged("post_install", "-at_install")
class TestCreditMemoCashRounding(AsInvoicedCommon):
    """Cash is rounded to 1.00: what was rounded up or down is taken back, too."""

    @classmethod
    def _rounding(cls, strategy="add_invoice_line"):
        revenue = cls.company_data["default_account_revenue"]
        expense = cls.company_data["default_account_expense"]
        return cls.env["account.cash.rounding"].create(
            {
                "name": "Whole",
                "rounding": 1.0,
                "strategy": strategy,
                "profit_account_id": revenue.copy().id,
                "loss_account_id": expense.copy().id,
            }
        )

    def _credit_each(self, invoice, lines):
        return [self._credit(invoice, line_ids=line.ids).amount_total for line in lines]

    def test_last_part_takes_what_was_rounded_up(self):
        """500 and 333 + 21 % are 1,007.93, rounded to 1,008: 605.00 and 402.93 + 0.07
        are credited."""
        for strategy in ("add_invoice_line", "biggest_tax"):
            with self.subTest(strategy):
                invoice, lines = self._invoice(
                    [500, 333], rounding=self._rounding(strategy)
                )
                self.assertEqual(invoice.amount_total, 1008)
                self.assertEqual(self._credit_each(invoice, lines), [605, 403])
                self.assertNothingLeft(invoice)

    def test_last_part_takes_what_was_rounded_down(self):
        """1,000 and 1,000.33 + 21 % are 2,420.40, rounded to 2,420: 1,210.00 and
        1,210.40 − 0.40 are credited."""
        for strategy in ("add_invoice_line", "biggest_tax"):
            with self.subTest(strategy):
                invoice, lines = self._invoice(
                    [1000, 1000.33], rounding=self._rounding(strategy)
                )
                self.assertEqual(invoice.amount_total, 2420)
                self.assertEqual(self._credit_each(invoice, lines), [1210, 1210])
                self.assertNothingLeft(invoice)

    def test_whole_credit_takes_the_rounding(self):
        invoice, __ = self._invoice([500, 333], rounding=self._rounding())
        self.assertEqual(self._credit(invoice).amount_total, 1008)
        self.assertNothingLeft(invoice)
        invoice, __ = self._invoice([500, 333], rounding=self._rounding())
        self._credit_by_core(invoice).with_user(self.authorizer).action_post()
        self.assertNothingLeft(invoice)

    def test_part_takes_no_more_than_the_payer_owes(self):
        """All but 0.10 of 2,420.40, 2,420.28, is more than the 2,420 he owes: 0.28 of
        the rounding go with it. The 0.12 of the rest are the 0.12 left of it."""
        invoice, lines = self._invoice([1000, 1000.33], rounding=self._rounding())
        credit = self._credit(invoice, line_ids=[lines[0].id, [lines[1].id, 1000.23]])
        self.assertEqual(credit.amount_total, 2420)
        self.assertEqual(invoice.service_status, "adjusted")
        self.assertEqual(self._credit(invoice).amount_total, 0)
        self.assertNothingLeft(invoice)

    def test_part_that_is_rounded_by_hand_leaves_the_rest_to_the_last(self):
        """402.93 paid back in cash are 403.00: the 605 have nothing of the 0.07."""
        rounding = self._rounding()
        invoice, lines = self._invoice([500, 333], rounding=rounding)
        credit = self._credit(invoice, user=self.clerk, line_ids=lines[1].ids)
        credit.invoice_cash_rounding_id = rounding
        self.assertEqual(credit.amount_total, 403)
        credit.with_user(self.authorizer).action_service_authorize()
        last = self._credit(invoice)
        self.assertEqual(last.amount_total, 605)
        self.assertEqual((invoice | credit | last).mapped("amount_residual"), [0] * 3)
        self.assertEqual(invoice.service_status, "reversed")

    def test_rounding_in_a_foreign_currency(self):
        """0.07 at 1.20 are 0.06 of ours; at 1.30 they would be 0.05."""
        invoice, lines = self._invoice(
            [500, 333], rounding=self._rounding(), pricelist_id=self.pricelist.id
        )
        self._credit(invoice, date="2026-11-11", line_ids=lines[0].ids)
        last = self._credit(invoice, date="2026-11-11")
        self.assertEqual(last._get_rounding_lines().balance, 0.06)
        self.assertNothingLeft(invoice)
