from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..common_credits import CreditMemosCommon


@tagged("post_install", "-at_install")
class TestCreditMemoAmounts(CreditMemosCommon):
    """Money and taxes: exact to the cent, and receipts are never touched."""

    def test_only_the_newest_adjustments_that_are_in_the_way_are_undone(self):
        old, middle, new = (self._adjust(amount) for amount in (100, 50, 83))
        receipt = self._register_payment(self.invoice, amount=60)
        # 333 − 100 − 50 − 83 − 60
        self.assertEqual(self.invoice.amount_residual, 40)
        # 150.45 of lines, 16.55 tax: 167; 40 open, 83 and 50 are undone
        credit = self._credit(line_ids=[[self.labour_line.id, 150.45]])
        self.assertEqual(credit.amount_total, 167)
        self.assertEqual(credit.amount_residual, 0)
        self.assertEqual(old.amount_residual, 0)
        self.assertEqual(middle.amount_residual, -50)
        self.assertEqual(new.amount_residual, -83)
        # 40 + 50 + 83 − 167
        self.assertEqual(self.invoice.amount_residual, 6)
        self.assertTrue(receipt.is_reconciled)
        for document in (self.invoice, credit, middle.move_id, self.order):
            self.assertIn("was undone", self._bodies(document))

    def test_credit_memos_authorized_together_have_room_together(self):
        old, new = (self._adjust(amount) for amount in (111, 222))
        credits = self._credit(user=self.clerk, line_ids=[self.part_line.id])
        credits |= self._credit(user=self.clerk, line_ids=[[self.labour_line.id, 50]])
        other = self._bill(self._new_order((self.part, 50, {})))
        other.with_user(self.authorizer).action_service_authorize()
        credits |= self._credit(other, user=self.clerk)
        credits.with_user(self.authorizer).action_service_authorize()
        # 111 and 55.50 are credited; the 222 are enough
        self.assertEqual(old.amount_residual, 0)
        self.assertEqual(new.amount_residual, -222)
        self.assertEqual(credits.mapped("amount_residual"), [0, 0, 0])
        self.assertEqual(self.invoice.amount_residual, 55.5)
        self.assertEqual(other.amount_residual, 0)

    def test_no_adjustment_is_undone_when_enough_is_open(self):
        line = self._adjust(100)
        self._credit(line_ids=[self.part_line.id])
        self.assertEqual(line.amount_residual, 0)
        # 333 − 100 − 111
        self.assertEqual(self.invoice.amount_residual, 122)

    def test_own_credit_memos_are_not_undone_for_the_next(self):
        first = self._credit(line_ids=[self.part_line.id])
        line = self._adjust(222)
        self.assertEqual(self.invoice.service_status, "adjusted")
        second = self._credit()
        self.assertEqual(first.amount_residual, 0)
        self.assertEqual(second.amount_residual, 0)
        self.assertEqual(line.amount_residual, -222)
        self.assertEqual(self.invoice.service_status, "reversed")

    def test_paid_invoices_leave_the_payer_a_credit_and_their_receipts(self):
        for paid, left in ((333, 333), (100, 100)):
            order = self._new_order((self.part, 300, {}))
            invoice = self._bill(order).with_user(self.authorizer)
            invoice.action_service_authorize()
            self._register_payment(invoice.sudo(), amount=paid)
            partials = self._receivables(invoice).matched_credit_ids
            credit = self._credit(invoice)
            # of 333 credited, what is not paid is matched
            self.assertEqual(credit.amount_residual, left)
            self.assertTrue(partials.exists())
            self.assertEqual(invoice.service_status, "reversed")
            self.assertEqual(order.state, "to_invoice")
            self.assertIn("stays open as a credit", self._bodies(invoice))

    def test_statement_line_of_the_bank_stays_matched(self):
        statement_line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.company_data["default_journal_bank"].id,
                "payment_ref": "Transfer",
                "partner_id": self.customer.id,
                "amount": 200,
            }
        )
        suspense = statement_line.move_id.line_ids.filtered(
            lambda line: line.account_id
            == statement_line.journal_id.suspense_account_id
        )
        suspense.account_id = self._receivables(self.invoice).account_id
        (suspense + self._receivables(self.invoice)).reconcile()
        adjusted = self._adjust(133)
        credit = self._credit()
        self.assertEqual(suspense.amount_residual, 0)
        self.assertEqual(adjusted.amount_residual, -133)
        # 333 − 200 received
        self.assertEqual(credit.amount_residual, 200)

    def test_foreign_currency_is_credited_at_the_rate_of_the_invoice(self):
        euro = self.setup_other_currency(
            "EUR", rates=[("2026-01-01", 2.0), ("2026-11-30", 4.0)]
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "Euro", "currency_id": euro.id}
        )
        order = self._new_order((self.part, 300, {}), pricelist_id=pricelist.id)
        invoice = self._bill(order)
        invoice.invoice_date = "2026-11-01"
        invoice.with_user(self.authorizer).action_service_authorize()
        credit = self._credit(invoice, date="2026-11-30")
        # 333 euro at 2 to the dollar, and not at 4
        self.assertEqual(self._receivables(invoice).balance, 166.5)
        self.assertEqual(self._receivables(credit).balance, -166.5)
        self.assertEqual(invoice.amount_residual, 0)
        self.assertEqual(credit.amount_residual, 0)
        self.assertEqual(invoice.service_status, "reversed")

    def test_undoing_an_adjustment_in_another_currency_takes_its_exchange_back(self):
        euro = self.setup_other_currency(
            "EUR", rates=[("2026-01-01", 2.0), ("2026-11-30", 4.0)]
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "Euro", "currency_id": euro.id}
        )
        order = self._new_order(
            (self.part, 300, {}), (self.part, 100, {}), pricelist_id=pricelist.id
        )
        first, second = (
            self._bill(order),
            self._bill(
                self._new_order((self.part, 100, {}), pricelist_id=pricelist.id)
            ),
        )
        first.invoice_date = "2026-11-01"
        second.invoice_date = "2026-11-30"
        (first | second).with_user(self.authorizer).action_service_authorize()
        self._register_payment(second, amount=111, payment_date="2026-11-30")
        other = self._credit(second, date="2026-11-30")
        self.assertEqual(other.amount_residual, 111)
        (self._receivables(other) + self._receivables(first)).reconcile()
        self.assertEqual(first.amount_residual, 333)
        credit = self._credit(first, date="2026-11-30")
        self.assertEqual(first.amount_residual, 0)
        self.assertEqual(credit.amount_residual, 0)
        self.assertEqual(other.amount_residual, 111)
        self.assertEqual(self._receivables(first).amount_residual, 0)

    def test_credit_memo_is_due_at_once_and_takes_the_first_instalment_first(self):
        self.customer.property_payment_term_id = self.pay_terms_b
        order = self._new_order((self.part, 1000, {}))
        invoice = self._bill(order).with_user(self.authorizer)
        invoice.action_service_authorize()
        first, second = self._receivables(invoice).sorted("date_maturity")
        line = invoice.invoice_line_ids.filtered("product_id")
        credit = self._credit(invoice, line_ids=[[line.id, 100]])
        self.assertEqual(len(self._receivables(credit)), 1)
        # 30 % of 1,110 are 333, less 111
        self.assertEqual(first.amount_residual, 222)
        self.assertEqual(second.amount_residual, 777)

    def test_credit_goes_to_the_account_the_invoice_is_on(self):
        other = self.company_data["default_account_receivable"].copy()
        self.customer.property_account_receivable_id = other
        credit = self._credit()
        self.assertEqual(credit.amount_residual, 0)
        self.assertEqual(self.invoice.amount_residual, 0)

    def _invoice_with_taxes(self):
        """Prices that include 23 %, 11 % on top, withholding, a charge and a
        discount."""
        self.env.company.tax_calculation_rounding_method = "round_globally"
        included = self._percent_tax(23, price_include_override="tax_included")
        withheld = self._percent_tax(-2, service_withholding=True)
        tcds = self.env["service.tcd"].create(
            [
                {
                    "code": kind,
                    "name": kind,
                    "tcd_type": kind,
                    "basis": "flat",
                    "rate": 7.77,
                    "account_id": self.company_data["default_account_revenue"].id,
                }
                for kind in ("charge", "discount")
            ]
        )
        order = self._new_order(
            (self.part, 33.33, {"tax_ids": included.ids}),
            (self.part, 99.99, {"tax_ids": included.ids}),
            (self.labour, 77.77, {"tax_ids": (self.tax_11 | withheld).ids}),
            (self.part, 55.55, {}),
            tcd_ids=[Command.create({"tcd_id": tcd.id}) for tcd in tcds],
        )
        invoice = self._bill(order)
        invoice.with_user(self.authorizer).action_service_authorize()
        return invoice

    def _sum_by_account(self, moves):
        """Balances by account and tax, without the receivable."""
        sums = {}
        for line in moves.line_ids - self._receivables(moves):
            if line.display_type in ("product", "tax", "rounding"):
                key = (line.account_id, line.tax_line_id, line.display_type)
                sums[key] = sums.get(key, 0) + line.balance
        return {key: round(amount, 2) for key, amount in sums.items()}

    def test_whole_credit_takes_back_every_tax_to_the_cent(self):
        invoice = self._invoice_with_taxes()
        credit = self._credit(invoice)
        sums = self._sum_by_account(invoice)
        self.assertEqual(
            self._sum_by_account(credit), {key: -value for key, value in sums.items()}
        )
        self.assertEqual(credit.amount_total, invoice.amount_total)
        for name in ("charge", "discount", "withholding", "tax", "material", "total"):
            field = f"service_amount_{name}"
            self.assertEqual(credit[field], invoice[field], name)

    def test_last_part_takes_what_the_others_left_of_each_tax(self):
        invoice = self._invoice_with_taxes()
        for share in (0.111, 0.333, 0.277):
            amounts = [
                [key, invoice.currency_id.round(amount * share)]
                for key, amount in self.env["service.crediting"]
                ._get_amounts(invoice)
                .items()
            ]
            self._credit(invoice, line_ids=amounts)
        self._credit(invoice)
        sums = self._sum_by_account(invoice | invoice.reversal_move_ids)
        # all is taken back, and nothing more
        self.assertFalse([key for key, value in sums.items() if value])
        self.assertEqual(invoice.amount_residual, 0)
        self.assertEqual(invoice.service_status, "reversed")

    def test_taxes_of_an_insured_share_are_credited_with_the_rest_only(self):
        order = self._new_order((self.labour, 50, {}), (self.part, 200, {}))
        self._new_claim(order, order.line_ids[1], vat_payer="customer")
        moves = self._bill(order)
        moves.with_user(self.authorizer).action_service_authorize()
        service = moves[0]
        # 50 + 11 % and the tax on 200
        self.assertEqual(service.amount_total, 77.5)
        pair = service.invoice_line_ids.filtered("service_tax_claim_id")
        with self.assertRaisesRegex(UserError, "cannot be credited"):
            self._credit(service, line_ids=pair[:1].ids)
        line = service.invoice_line_ids.filtered(lambda line: line.price_subtotal == 50)
        self._credit(service, line_ids=[[line.id, 20]])
        self._credit(service)
        self.assertEqual(service.amount_residual, 0)
        self.assertEqual(service.service_status, "reversed")

    def test_storno_company_is_credited_with_negative_amounts_by_both_buttons(self):
        self.env.company.account_storno = True
        order = self._new_order((self.part, 300, {}))
        other = self._new_order((self.part, 300, {}))
        moves = self._bill(order) | self._bill(other)
        moves.with_user(self.authorizer).action_service_authorize()
        core = self._credit_by_core(moves[1])
        core.action_post()
        for credit in (self._credit(moves[0]), core):
            lines = credit.line_ids.filtered("balance").sorted("balance")
            # receivable, tax and part
            self.assertEqual(
                [(line.debit, line.credit) for line in lines],
                [(-333, 0), (0, -33), (0, -300)],
            )
