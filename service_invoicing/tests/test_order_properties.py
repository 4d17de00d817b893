from hypothesis import given, settings
from hypothesis import strategies as st

from odoo import Command
from odoo.tests import tagged

from .common import ServiceInvoicingCommon

prices = st.decimals(min_value="0.01", max_value="9999", places=2).map(float)
quantities = st.decimals(min_value="0.01", max_value="50", places=2).map(float)
percentages = st.decimals(min_value=0, max_value=100, places=2).map(float)
lines = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["plain", "program", "claim"]),
            "price_unit": prices,
            "quantity": quantities,
            "discount": percentages,
            "coverage_percent": percentages,
            "included": st.booleans(),
        }
    ),
    min_size=1,
    max_size=5,
)


@tagged("post_install", "-at_install")
class TestOrderProperties(ServiceInvoicingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tax_included = cls._percent_tax(23, price_include_override="tax_included")
        cls.currencies = cls.env["res.currency"]
        for name in ("USD", "JPY", "KWD"):
            cls.currencies |= cls._activate_currency(name)

    @classmethod
    def _activate_currency(cls, name):
        currency = (
            cls.env["res.currency"]
            .with_context(active_test=False)
            .search([("name", "=", name)])
        )
        currency.active = True
        return currency

    def _random_order(self, drawn, currency, deductible):
        order = self._new_order(
            pricelist_id=self.env["product.pricelist"]
            .create({"name": currency.name, "currency_id": currency.id})
            .id
        )
        claim = self._new_claim(order, order.line_ids, deductible=deductible)
        payers = {
            "plain": {},
            "program": {"program_id": self.program.id},
            "claim": {"claim_id": claim.id},
        }
        order.line_ids = [
            Command.create(
                {
                    "name": "Line",
                    "cost_category": "labour",
                    "price_unit": line["price_unit"],
                    "quantity": line["quantity"],
                    "discount": line["discount"],
                    "tax_ids": (
                        self.tax_included if line["included"] else self.tax_11
                    ).ids,
                    **payers[line["kind"]],
                }
            )
            for line in drawn
        ]
        for record, line in zip(order.line_ids, drawn, strict=True):
            if line["kind"] != "plain":
                record.coverage_percent = line["coverage_percent"]
        return order

    @settings(max_examples=12, deadline=None, derandomize=True)
    @given(
        drawn=lines,
        currency=st.sampled_from(["USD", "JPY", "KWD"]),
        deductible=st.integers(0, 5000),
    )
    def test_shares_add_up_and_invoices_bill_exactly_the_shares(
        self, drawn, currency, deductible
    ):
        currency = self.currencies.filtered(lambda c: c.name == currency)
        with self.env.cr.savepoint() as savepoint:
            order = self._random_order(drawn, currency, deductible)
            for line in order.line_ids:
                parts = line.amount_customer + line.amount_program
                parts += line.amount_insurance
                self.assertEqual(
                    currency.compare_amounts(parts, line.price_subtotal), 0
                )
            self._check_invoices(order, self._bill(order))
            savepoint.rollback()

    def _check_invoices(self, order, moves):
        """Each payer is billed his share, in all invoices of his kind together.

        Core keeps the total of prices that include tax and lets the net of a document
        give way by a smallest unit; that, and no more, may be between the two.
        """
        currency = order.currency_id
        included = order.line_ids.filtered(lambda x: x.tax_ids == self.tax_included)
        for invoice_type in ("service", "program", "insurance"):
            name = "customer" if invoice_type == "service" else invoice_type
            billed = sum(
                moves.filtered(
                    lambda m, kind=invoice_type: m.service_invoice_type == kind
                ).mapped("service_amount_labour")
            )
            slack = currency.rounding if included else 0.0
            difference = abs(currency.round(billed - order[f"amount_{name}"]))
            self.assertLessEqual(difference, slack + currency.rounding / 10, name)
