from odoo import Command
from odoo.tests import tagged

from ..common import ServiceInvoicingCommon
from ..common_properties import examples, given, st

CURRENCIES = ["USD", "JPY", "IDR", "KWD"]
CATEGORIES = ["labour", "material", "external_repair"]
prices = st.decimals(min_value="0.01", max_value="9999", places=2).map(float)
quantities = st.decimals(min_value="0.01", max_value="50", places=2).map(float)
percentages = st.decimals(min_value=0, max_value=100, places=2).map(float)
lines = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(
                ["plain", "program", "other program", "claim", "other claim"]
            ),
            "cost_category": st.sampled_from(CATEGORIES),
            "price_unit": prices,
            "quantity": quantities,
            "discount": percentages,
            "coverage_percent": percentages,
            "included": st.booleans(),
        }
    ),
    min_size=1,
    max_size=6,
)


@tagged("post_install", "-at_install")
class TestOrderProperties(ServiceInvoicingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tax_included = cls._percent_tax(23, price_include_override="tax_included")
        cls.currencies = cls.env["res.currency"]
        for name in CURRENCIES:
            cls.currencies |= cls._activate_currency(name)
        # no sen is in use: a workshop keeps whole rupiah
        cls.currencies.filtered(lambda c: c.name == "IDR").rounding = 1.0
        cls.program.covers_material = True
        cls.other_program = cls.program.copy(
            {
                "sponsor_id": cls._new_partner("Second sponsor").id,
                "value_type": "amount",
                "value": 77.77,
            }
        )
        cls.other_insurer = cls._new_partner("Second insurer")

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
        other_claim = self._new_claim(
            order,
            order.line_ids,
            name="CLAIM-2",
            insurer_id=self.other_insurer.id,
            deductible=deductible / 3,
        )
        payers = {
            "plain": {},
            "program": {"program_id": self.program.id},
            "other program": {"program_id": self.other_program.id},
            "claim": {"claim_id": claim.id},
            "other claim": {"claim_id": other_claim.id},
        }
        order.line_ids = [
            Command.create(
                {
                    "name": "Line",
                    "cost_category": line["cost_category"],
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
        # an approved claim on no line is refused by the check
        (claim + other_claim).filtered(lambda c: not c.line_ids).action_reject()
        return order

    @examples(4)
    @given(
        drawn=lines,
        currency=st.sampled_from(CURRENCIES),
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

    @examples(2)
    @given(
        drawn=lines,
        currency=st.sampled_from(CURRENCIES),
        vat_payer=st.sampled_from(["insurer", "customer"]),
        percent=percentages,
    )
    def test_moved_shares_are_credited_and_billed_and_still_add_up(
        self, drawn, currency, vat_payer, percent
    ):
        currency = self.currencies.filtered(lambda c: c.name == currency)
        with self.env.cr.savepoint() as savepoint:
            order = self._random_order(drawn, currency, deductible=10)
            order.claim_ids.vat_payer = vat_payer
            moves = self._bill(order)
            self._check_invoices(order, moves)
            for move in moves.filtered("amount_untaxed"):
                self._move_part(move, percent)
            shares = order.amount_customer + order.amount_program
            shares += order.amount_insurance
            self.assertEqual(currency.compare_amounts(shares, order.amount_untaxed), 0)
            self.assertFalse(order.next_invoice_type)
            savepoint.rollback()

    def _move_part(self, move, percent):
        """Move a part of each line to somebody else; both documents are exact."""
        move.action_service_authorize()
        amounts = [
            [key, move.currency_id.round(part.amount * percent / 100)]
            for key, part in self.env["service.payer.change"]._get_parts(move).items()
        ]
        wanted = sum(amount for __, amount in amounts)
        if move.currency_id.compare_amounts(wanted, 0.0) <= 0:
            return
        action = move.action_service_move_share(
            invoice_type="service",
            partner_id=self.sponsor.id,
            reason="Refused",
            amounts=amounts,
        )
        new = self._get_documents(action)
        self._assert_billed(new, new.amount_untaxed, wanted)
        credit = move.reversal_move_ids
        self._assert_billed(credit, credit.amount_untaxed, wanted)

    def _check_invoices(self, order, moves):
        """Each payer is billed his share, and all of them together the order."""
        for payer, share in order._get_payer_shares().items():
            move = moves.filtered(
                lambda m, payer=payer: m._get_service_payer() == payer
            )
            billed = sum(move[f"service_amount_{key}"] for key in CATEGORIES)
            self._assert_billed(moves=move, billed=billed, expected=share)
        for category in CATEGORIES:
            lines = order.line_ids.filtered(
                lambda line, key=category: line.cost_category == key
            )
            self._assert_billed(
                moves=moves,
                billed=sum(moves.mapped(f"service_amount_{category}")),
                expected=sum(lines.mapped("price_subtotal")),
            )

    def _assert_billed(self, moves, billed, expected):
        currency = moves.currency_id or self.env.company.currency_id
        self.assertFalse(
            currency.compare_amounts(billed, expected),
            f"{moves.mapped('name')}: {billed} and not {expected}",
        )
