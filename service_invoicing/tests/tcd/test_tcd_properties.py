from odoo import Command
from odoo.tests import tagged

from ..common_properties import examples, given, st
from ..common_tcd import TcdCommon

CURRENCIES = ["USD", "JPY", "KWD"]
CATEGORIES = ["labour", "material", "external_repair", False]
SCOPES = ["document", "material", "resource"]
prices = st.decimals(min_value="1", max_value="9999", places=2).map(float)
quantities = st.decimals(min_value="0.01", max_value="50", places=2).map(float)
rates = st.decimals(min_value="0.01", max_value="20", places=2).map(float)
lines = st.lists(
    st.fixed_dictionaries(
        {
            "service_cost_category": st.sampled_from(CATEGORIES),
            "price_unit": prices,
            "quantity": quantities,
            "taxes": st.sampled_from(["none", "added", "included", "withheld"]),
        }
    ),
    min_size=1,
    max_size=5,
)
rows = st.lists(
    st.fixed_dictionaries(
        {
            "tcd_type": st.sampled_from(["tax", "charge", "charge", "discount"]),
            "basis": st.sampled_from(["flat", "percentage", "unit_rate"]),
            "apply_on": st.sampled_from(SCOPES),
            "rate": rates,
            "taxed": st.booleans(),
        }
    ),
    max_size=5,
)


@tagged("post_install", "-at_install")
class TestTcdProperties(TcdCommon):
    """Whatever the rows, lines, taxes and currencies are, the figures add up."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        included = cls._percent_tax(23, price_include_override="tax_included")
        withheld = cls._percent_tax(-2, service_withholding=True)
        cls.line_taxes = {
            "none": cls.env["account.tax"],
            "added": cls.tax_11,
            "included": included,
            "withheld": cls.tax_11 | withheld,
        }
        cls.currencies = {
            name: cls.env["res.currency"]
            .with_context(active_test=False)
            .search([("name", "=", name)])
            for name in CURRENCIES
        }
        for currency in cls.currencies.values():
            currency.active = True

    def _new_codes(self, drawn):
        codes = self.env["service.tcd"]
        for number, row in enumerate(drawn):
            vals = {"apply_on": row["apply_on"]}
            if row["tcd_type"] == "tax":
                vals["tax_ids"] = self.tax_5.ids
            else:
                vals |= {"basis": row["basis"], "rate": row["rate"], "uom_id": False}
            if row["tcd_type"] == "charge" and row["taxed"]:
                vals["tax_ids"] = self.tax_11.ids
            codes |= self._new_code(f"ROW{number}", row["tcd_type"], **vals)
        return codes

    def _prepare_line(self, drawn):
        vals = {name: drawn[name] for name in drawn if name != "taxes"}
        taxes = self.line_taxes[drawn["taxes"]]
        return vals | {"name": "Line", "tax_ids": [Command.set(taxes.ids)]}

    @examples(4)
    @given(
        drawn=lines,
        drawn_rows=rows,
        currency=st.sampled_from(CURRENCIES),
        base=st.sampled_from(["basic", "total"]),
        taxable=st.decimals(min_value="0.5", max_value="1.5", places=2).map(float),
    )
    def test_figures_add_up(self, drawn, drawn_rows, currency, base, taxable):
        with self.env.cr.savepoint() as savepoint:
            self.env.company.service_tcd_base = base
            self.env.company.service_allow_taxable_amount = True
            move = self._new_invoice(
                rows=self._new_codes(drawn_rows),
                currency_id=self.currencies[currency].id,
                invoice_line_ids=[
                    Command.create(self._prepare_line(line)) for line in drawn
                ],
            )
            own = [line.tax_ids for line in move.invoice_line_ids]
            self._save(move)
            self._check_figures(move)
            self.assertSavedTwiceTheSame(move)
            self._check_typed_amount(move, taxable)
            move.service_tcd_ids.unlink()
            self._save(move)
            left = [line.tax_ids for line in move.invoice_line_ids]
            self.assertEqual(left, own, "nothing is left of the rows")
            savepoint.rollback()

    def _check_figures(self, move):
        """The identities of the summary, and rows that say what the lines say."""
        currency = move.currency_id
        categories = sum(
            move[f"service_amount_{name}"]
            for name in ("material", "labour", "external_repair", "additional_charge")
        )
        total = move.service_amount_total
        for found, expected in (
            (total, categories + move.service_amount_tcd),
            (total - move.service_amount_withholding, move.amount_total),
            (move.service_amount_charge, self._sum_rows(move, "charge")),
            (move.service_amount_discount, self._sum_rows(move, "discount")),
            (sum(move.line_ids.mapped("balance")), 0.0),
        ):
            # prices that include tax: core keeps the gross and lets the net give way
            included = self.line_taxes["included"] in move.invoice_line_ids.tax_ids
            slack = (0.1 + included) * currency.rounding
            self.assertLessEqual(abs(found - expected), slack)

    def _sum_rows(self, move, tcd_type):
        rows = move.service_tcd_ids.filtered(lambda row: row.tcd_type == tcd_type)
        return sum(
            row.amount
            for row in rows
            # a discount on nothing reduces nothing
            if tcd_type != "discount" or self._find_line(move, row.tcd_id)
        )

    def _check_typed_amount(self, move, factor):
        """A typed taxable amount is counted to the smallest unit."""
        currency = move.currency_id
        row = move.service_tcd_ids.filtered(
            lambda row: row.tcd_type == "tax"
            and currency.compare_amounts(row.taxable_amount, currency.rounding * 10) > 0
        )[:1]
        if not row:
            return
        row.taxable_amount = currency.round(row.taxable_amount * factor)
        self._save(move)
        expected = currency.round(row.taxable_amount * 0.05)
        self.assertEqual(currency.compare_amounts(row.amount, expected), 0)
        self._check_figures(move)
        self.assertSavedTwiceTheSame(move)
