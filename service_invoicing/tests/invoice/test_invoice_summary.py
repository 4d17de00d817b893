from odoo import Command
from odoo.tests import tagged

from ..common import ServiceInvoicingCommon


@tagged("post_install", "-at_install")
class TestInvoiceSummary(ServiceInvoicingCommon):
    def _typed_invoice(self, *line_vals, **vals):
        return self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "service_invoice_type": "service",
                "partner_id": self.customer.id,
                "invoice_date": "2026-12-01",
                "invoice_line_ids": [Command.create(line) for line in line_vals],
                **vals,
            }
        )

    def _line(self, price, category, taxes=None):
        return {
            "name": category or "none",
            "price_unit": price,
            "service_cost_category": category,
            "tax_ids": [Command.set((self.tax_11 if taxes is None else taxes).ids)],
        }

    def test_every_category_has_its_column(self):
        categories = dict(
            self.env["account.move.line"]._fields["service_cost_category"].selection
        )
        move = self._typed_invoice(
            *[self._line(10 + i, key) for i, key in enumerate(categories)]
        )
        for i, key in enumerate(categories):
            self.assertEqual(move[f"service_amount_{key}"], 10 + i)
        # 10 + 11 + ... + 16 = 91, and 11 % of each: 1.10 + 1.21 + ... + 1.76 = 10.01
        self.assertSummary(move, tax=10.01, total=101.01, net=101.01)
        self.assertEqual(move.amount_total, 101.01)

    def assertThree(self, move, net, total, due, sign=1):
        """Net, total and due, and what lists add up: negative on credit memos."""
        self.assertSummary(
            move,
            untaxed=net,
            total=total,
            due=due,
            untaxed_signed=sign * net,
            total_signed=sign * total,
            due_signed=sign * due,
        )

    def test_net_is_before_tax_total_with_it_and_due_what_is_still_to_be_paid(self):
        """600 and 400 with 11 % are 1,110, of which 110 are paid."""
        move = self._typed_invoice(
            self._line(600, "labour"), self._line(400, "material")
        )
        move.action_service_save()
        self.assertThree(move, net=1000, total=1110, due=1110)
        move.with_user(self.authorizer).action_service_authorize()
        self._register_payment(move, amount=110)
        self.assertThree(move, net=1000, total=1110, due=1000)

    def test_lists_take_off_what_credit_memos_take_back(self):
        move = self._typed_invoice(self._line(100, "labour"))
        move.action_service_save()
        move.with_user(self.authorizer).action_service_authorize()
        refund = move._reverse_moves([{"invoice_date": "2026-12-02"}])
        self.assertThree(refund, net=100, total=111, due=111, sign=-1)
        self.assertEqual(sum((move | refund).mapped("service_amount_due_signed")), 0)

    def test_deleted_invoices_are_not_due(self):
        move = self._typed_invoice(self._line(100, "labour"))
        move.action_service_save()
        move.action_service_delete(reason="Wrong")
        self.assertThree(move, net=100, total=111, due=0)

    def test_line_without_category_is_an_additional_charge(self):
        move = self._typed_invoice(self._line(10, False))
        self.assertSummary(move, additional_charge=10, total=11.10)

    def test_included_taxes_leave_the_net_in_the_category(self):
        self.tax_11.price_include_override = "tax_included"
        move = self._typed_invoice(self._line(111, "labour"))
        self.assertSummary(move, labour=100, tax=11, total=111)

    def test_cash_rounding_is_a_charge_or_a_discount(self):
        # 10.02 and 11 % tax are 11.12: down to 11.10 or up to 11.15
        for method, charge, discount in (("DOWN", 0, 0.02), ("UP", 0.03, 0)):
            self.cash_rounding_a.rounding_method = method
            move = self._typed_invoice(
                self._line(10.02, "labour"),
                invoice_cash_rounding_id=self.cash_rounding_a.id,
            )
            with self.subTest(method):
                self.assertSummary(
                    move,
                    labour=10.02,
                    tax=1.10,
                    charge=charge,
                    discount=discount,
                    total=11.12 + charge - discount,
                )
                self.assertEqual(move.amount_total, move.service_amount_total)

    def test_foreign_currency_is_summed_in_the_documents_currency(self):
        currency = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        move = self._typed_invoice(self._line(100, "labour"), currency_id=currency.id)
        self.assertSummary(move, labour=100, tax=11, total=111)

    def test_storno_company_shows_credit_memos_positive(self):
        self.env.company.account_storno = True
        move = self._typed_invoice(self._line(100, "labour"))
        move.action_service_save()
        move.with_user(self.authorizer).action_service_authorize()
        refund = move._reverse_moves([{"invoice_date": "2026-12-02"}])
        self.assertSummary(refund, labour=100, tax=11, total=111)

    def test_untyped_invoices_have_no_summary(self):
        move = self._typed_invoice(
            self._line(100, "labour"), service_invoice_type=False
        )
        self.assertSummary(move, labour=0, total=0, net=0)
