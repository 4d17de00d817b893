from odoo.tests import tagged

from ..common_cancel import CancelCommon


@tagged("post_install", "-at_install")
class TestCancelRest(CancelCommon):
    """Rows cancelled one after the other take back the invoice, to the cent, in
    whatever order: per tax, per invoice line and for the customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.euro = cls.setup_other_currency("EUR", rates=[("2026-01-01", 1.1834)])
        cls.low_tax = cls._create_tax(10.0, "sale")
        cls.low = cls._create_service("Low", taxes_id=cls.low_tax.ids)
        cls.receivable = cls.company_data["default_account_receivable"]

    def _invoice(self, lines, currency=None):
        """A collective invoice of pairs of service and amount; its rows in order."""
        vals = [
            {"product_id": service.id, "purchase_price": amount}
            for service, amount in lines
        ]
        currency = currency or self.company.currency_id
        self.contract_a.currency_id = currency
        permission = self._create_permission(
            self.vehicle_a, vals, purchase_currency_id=currency.id
        )
        if any(amount < 0 for _service, amount in lines):
            self._bill_with_work(permission)
        else:
            self._create_bill(permission)
        self._execute_run(permission)
        return permission.line_ids.row_ids

    def _cancel_each(self, rows):
        return [self._cancel(row) for row in rows]

    def _assert_nothing_left(self, invoice):
        """In both currencies, on each account and of each tax."""
        moves = invoice + self.env["maintenance.cancellation"]._get_credits(invoice)
        moves += moves.maintenance_redistribution_id
        for key, items in moves.line_ids.grouped(
            lambda item: (item.account_id, item.tax_line_id)
        ).items():
            for name in ("balance", "amount_currency"):
                self.assertAlmostEqual(sum(items.mapped(name)), 0.0, 6, (key, name))
        documents = moves.filtered(lambda move: move.move_type != "entry")
        self.assertEqual(set(documents.mapped("amount_residual")), {0.0})
        for account in (self.output_tax, self.revenue, self.receivable):
            self.assertEqual(self._get_balance(account), 0.0, account.name)
        self._assert_cleared()

    def _assert_totals_printed(self, moves):
        """What is printed of the taxes is what is booked."""
        for move in moves:
            totals = move.tax_totals
            self.assertEqual(
                (totals["base_amount_currency"], totals["tax_amount_currency"]),
                (move.amount_untaxed, move.amount_tax),
            )

    def test_tax_that_is_not_on_the_last_credit_memo(self):
        """66.67 at 23 % are 15.33, but 33.33 and 33.34 are 7.67 each: the second memo
        takes 7.66. 50.00 at 10 % are 5.00; 116.67 + 20.33 = 137.00 = 41 + 41 + 55."""
        rows = self._invoice(
            [(self.service, 33.33), (self.service, 33.34), (self.low, 50.0)]
        )
        self.assertEqual(rows.move_id.amount_total, 137.0)
        credits = self._cancel_each(rows)
        self.assertEqual([c.amount_tax for c in credits], [7.67, 7.66, 5.0])
        self.assertEqual([c.amount_total for c in credits], [41.0, 41.0, 55.0])
        self._assert_totals_printed(credits)
        self._assert_nothing_left(rows.move_id)

    def test_parts_that_are_too_small(self):
        """66.64 at 23 % are 15.33, but 33.32 are 7.66: the second memo takes 7.67."""
        rows = self._invoice(
            [(self.service, 33.32), (self.service, 33.32), (self.low, 50.0)]
        )
        credits = self._cancel_each(rows)
        self.assertEqual([c.amount_tax for c in credits], [7.66, 7.67, 5.0])
        self._assert_totals_printed(credits)
        self._assert_nothing_left(rows.move_id)

    def test_line_that_is_not_on_the_last_credit_memo_in_another_currency(self):
        """At 1.1834: 66.67 are 56.34, but 33.33 and 33.34 are 28.16 and 28.17; the
        second memo takes 28.18. Their tax of 15.3341 is 12.96, and 7.6659 are 6.48:
        left are 15.33 - 7.67 = 7.66 and 12.96 - 6.48 = 6.48."""
        rows = self._invoice(
            [(self.service, 33.33), (self.service, 33.34), (self.low, 50.0)], self.euro
        )
        _first, second, _last = self._cancel_each(rows)
        self.assertRecordValues(
            second.invoice_line_ids, [{"amount_currency": 33.34, "balance": 28.18}]
        )
        self.assertRecordValues(
            second.line_ids.filtered("tax_line_id"),
            [{"amount_currency": 7.66, "balance": 6.48}],
        )
        self._assert_nothing_left(rows.move_id)

    def test_tax_too_small_for_each_part(self):
        """0.03 at 23 % are 0.01, and 0.01 alone bears none: the last memo has a tax
        item that it would not have by itself."""
        rows = self._invoice([(self.service, 0.01)] * 3)
        self.assertEqual(rows.move_id.amount_tax, 0.01)
        credits = self._cancel_each(rows)
        self.assertEqual([c.amount_tax for c in credits], [0.0, 0.0, 0.01])
        item = credits[-1].line_ids.filtered("tax_line_id")
        self.assertRecordValues(
            item, [{"account_id": self.output_tax.id, "balance": 0.01}]
        )
        self.assertEqual(item.tax_repartition_line_id.document_type, "refund")
        self._assert_totals_printed(credits)
        self._assert_nothing_left(rows.move_id)

    def test_compensation_counts_against_what_is_credited(self):
        """90.00 at 23 % are 20.70. The compensation of 10 is charged with 2.30; 33.33
        is credited with 7.67 twice; 20.70 + 2.30 - 15.34 = 7.66 are left."""
        for storno in (False, True):
            with self.subTest(storno=storno):
                self.company.account_storno = storno
                rows = self._invoice(
                    [(self.service, a) for a in (33.33, 33.33, 33.34, -10.0)]
                )
                self.assertEqual(rows.move_id.amount_tax, 20.7)
                claim, *credits = self._cancel_each(rows[3] + rows[:3])
                self.assertRecordValues(
                    claim, [{"move_type": "out_invoice", "amount_tax": 2.3}]
                )
                self.assertEqual([c.amount_tax for c in credits], [7.67, 7.67, 7.66])
                self._assert_totals_printed(credits)
                self._assert_nothing_left(rows.move_id)

    def test_corrected_row_of_a_credit_note_settles_its_rest(self):
        """Work of 100 and a compensation of 500: 400 and 92 of tax are owed to the
        customer. The work is corrected to 30: he is owed 123.00 more, less 36.90.
        When both invoices are taken back, 36.90 are owed and 615.00 charged, which
        492.00 + 86.10 + 36.90 settle, whichever is taken back first."""
        for first in (0, 1):
            with self.subTest(first=first):
                rows = self._invoice([(self.service, a) for a in (100.0, -500.0)])
                work, compensation = rows
                self.assertEqual(rows.move_id.amount_residual, 492.0)
                credit, corrected = self._correct(work, 30.0)
                self.assertEqual(credit.amount_residual, 86.1)
                rest = [compensation, work.line_id.row_ids - work]
                self._cancel_each([rest[first], rest[1 - first]])
                documents = rows.line_id.row_ids.move_id
                cancellation = self.env["maintenance.cancellation"]
                documents |= cancellation._get_credits(documents)
                self.assertEqual(
                    documents.sorted("amount_total").mapped("amount_total"),
                    [36.9, 36.9, 123.0, 492.0, 615.0],
                )
                self._assert_nothing_left(documents)

    def test_early_discount_that_reduces_the_tax(self):
        """VAT of a possible discount of 2 % is left out beforehand: 98.00 at 23 % are
        22.54. Of 33.33 (32.66) and 33.34 (32.67) it is 7.51; 7.52 are left."""
        self.customer.property_payment_term_id = self.env[
            "account.payment.term"
        ].create(
            {
                "name": "Discount",
                "early_discount": True,
                "discount_percentage": 2.0,
                "early_pay_discount_computation": "mixed",
            }
        )
        for currency in (self.company.currency_id, self.euro):
            with self.subTest(currency=currency.name):
                rows = self._invoice([(self.service, 100.0)], currency)
                credit = self._cancel(rows)
                self.assertRecordValues(
                    rows.move_id + credit,
                    [{"amount_tax": 22.54, "amount_total": 122.54}] * 2,
                )
                self._assert_nothing_left(rows.move_id)
                rows = self._invoice(
                    [(self.service, a) for a in (33.33, 33.33, 33.34)], currency
                )
                credits = self._cancel_each(rows)
                self.assertEqual([c.amount_tax for c in credits], [7.51, 7.51, 7.52])
                self._assert_nothing_left(rows.move_id)

    def test_tax_whose_rate_was_edited_since_the_invoice(self):
        """100.00 at 23 % are 23.00. The record says 25 % now: of 33.33 the invoice
        bears 7.67, twice; 7.66 are left. The whole takes back 23.00."""
        for currency in (self.company.currency_id, self.euro):
            with self.subTest(currency=currency.name):
                rows = self._invoice(
                    [(self.service, a) for a in (33.33, 33.33, 33.34)], currency
                )
                whole = self._invoice([(self.service, 100.0)], currency)
                tax = rows.move_id.invoice_line_ids.tax_ids
                tax.amount = 25.0
                credits = self._cancel_each(rows)
                credit = self._cancel(whole)
                tax.amount = 23.0
                self.assertEqual([c.amount_tax for c in credits], [7.67, 7.67, 7.66])
                self.assertEqual(credit.amount_tax, 23.0)
                self._assert_nothing_left(rows.move_id)
                self._assert_nothing_left(whole.move_id)

    def test_credit_memo_keeps_the_customers_reference_and_its_own_reason(self):
        """E-invoices carry the reference as the payer's purchase order."""
        self.contract_a.customer_reference = "PO-4711"
        rows = self._invoice([(self.service, 100.0)])
        self.assertEqual(rows.move_id.ref, "PO-4711")
        self.assertRecordValues(
            self._cancel(rows, reason="Fraud suspected"),
            [{"ref": "PO-4711", "service_credit_reason": "Fraud suspected"}],
        )
