from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..common_tcd import TcdCommon


@tagged("post_install", "-at_install")
class TestTcdTaxable(TcdCommon):
    """The taxable amount is changed where the company allows it, through core's way.

    Indonesia counts 12 % on eleven twelfths of the price: of 1,200,000 on 1,100,000,
    which is 132,000.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.service_allow_taxable_amount = True
        cls.tax_12 = cls._percent_tax(12)
        cls.ppn = cls._new_code("PPN", "tax", tax_ids=cls.tax_12.ids)
        (cls.labour | cls.part | cls.external).taxes_id = cls.tax_12
        cls.typed = cls._new_indonesian(1200)
        cls._type(cls.typed, 1100)

    @classmethod
    def _type(cls, move, amount, row=None):
        (row or move.service_tcd_ids).taxable_amount = amount
        cls._save(move)

    @classmethod
    def _new_indonesian(cls, *prices):
        products = (cls.labour, cls.part, cls.external)
        lines = [
            (product, price, {})
            for product, price in zip(products, prices, strict=False)
        ]
        move = cls._new_invoice(*lines, rows=cls.ppn)
        cls._save(move)
        return move

    def assertTaxed(self, move, base, tax):
        """On the tax lines, of which there is one per account, and in the summary."""
        lines = move.line_ids.filtered(lambda line: line.tax_line_id == self.tax_12)
        # revenue is credited
        self.assertAlmostEqual(sum(lines.mapped("tax_base_amount")), -base)
        self.assertAlmostEqual(sum(lines.mapped("amount_currency")), -tax)
        self.assertSummary(move, tax=tax)
        self.assertEqual(move.amount_tax, tax)

    def test_twelve_percent_on_eleven_twelfths(self):
        move = self._new_indonesian(1200000)
        self.assertTaxed(move, 1200000, 144000)
        self._type(move, 1100000)
        self.assertTaxed(move, 1100000, 132000)
        self.assertRecordValues(
            move.service_tcd_ids,
            [{"taxable_amount": 1100000, "amount": 132000, "taxable_manual": True}],
        )
        # the price stays what it was
        self.assertSummary(move, labour=1200000, total=1332000)
        self.assertSavedTwiceTheSame(move)
        self._authorize(move)
        self.assertTaxed(move, 1100000, 132000)
        self.assertEqual(move.amount_residual, 1332000)

    def test_extra_tax_data_hold_both_amounts_and_every_tax(self):
        withheld = self._percent_tax(-2, service_withholding=True)
        self.labour.taxes_id = self.tax_12 | withheld
        move = self._new_indonesian(1200)
        self._type(move, 1100)
        data = self._find_line(move, self.labour).extra_tax_data
        self.assertEqual(
            data["manual_tax_amounts"],
            {
                str(self.tax_12.id): {
                    "base_amount_currency": 1100,
                    "tax_amount_currency": 132,
                    "base_amount": 1100,
                    "tax_amount": 132,
                },
                str(withheld.id): {},
            },
        )
        # 2 % of 1,200 stays
        self.assertSummary(move, tax=132, withholding=24, total=1332)

    def test_it_is_divided_to_the_cent(self):
        move = self._new_indonesian(100, 100, 100.01)
        # 275.01 as 100 : 100 : 100.01 is 91.667 + 91.667 + 91.676; the largest bears
        # the cent. 12 % of 275.01 is 33.00, as 11.00 + 11.00 + 11.00
        self._type(move, 275.01)
        lines = move.invoice_line_ids.filtered("product_id")
        amounts = [
            line.extra_tax_data["manual_tax_amounts"][str(self.tax_12.id)]
            for line in lines
        ]
        bases = [amount["base_amount_currency"] for amount in amounts]
        self.assertEqual(bases, [91.67, 91.67, 91.67])
        self.assertTaxed(move, 275.01, 33)
        self.assertSavedTwiceTheSame(move)

    def test_charges_and_discounts_bear_their_part(self):
        charge = self._new_code("CHG", "charge", rate=120, tax_ids=self.tax_12.ids)
        discount = self._new_code("DSC", "discount", rate=20)
        move = self._new_invoice(
            (self.labour, 1100, {}), rows=charge | discount | self.ppn
        )
        self._save(move)
        row = move.service_tcd_ids.filtered(lambda row: row.tcd_id == self.ppn)
        self.assertEqual(row.taxable_amount, 1200)
        # 1,100 + 120 - 20 = 1,200, eleven twelfths of which are 1,100
        self._type(move, 1100, row)
        self.assertTaxed(move, 1100, 132)
        self.assertSummary(move, charge=120, discount=20, total=1332)
        self.assertSavedTwiceTheSame(move)

    def test_foreign_currency_is_exact_in_both(self):
        """A unit of the company's currency is three of the invoice's."""
        foreign = self.setup_other_currency("CAD", rates=[("2020-01-01", 3.0)])
        move = self._new_invoice(
            (self.labour, 100, {}),
            (self.part, 100, {}),
            rows=self.ppn,
            currency_id=foreign.id,
        )
        self._save(move)
        self._type(move, 100)
        # base 100 / 3 = 33.33 and tax 12 / 3 = 4.00, whatever the lines' parts
        line = move.line_ids.filtered(lambda line: line.tax_line_id == self.tax_12)
        self.assertRecordValues(
            line, [{"amount_currency": -12, "balance": -4, "tax_base_amount": -33.33}]
        )
        self.assertSavedTwiceTheSame(move)
        move.currency_id = self.env.company.currency_id
        self.assertFalse(move.service_tcd_ids.taxable_manual)
        self._save(move)
        self.assertEqual(move.service_tcd_ids.taxable_amount, 200)
        self.assertTaxed(move, 200, 24)

    def test_emptied_it_is_counted_again(self):
        move = self.typed
        self._type(move, 0)
        self.assertTaxed(move, 1200, 144)
        self.assertFalse(self._find_line(move, self.labour).extra_tax_data)
        self.assertRecordValues(
            move.service_tcd_ids, [{"taxable_amount": 1200, "taxable_manual": False}]
        )
        self._type(move, 1100)
        move.service_tcd_ids.unlink()
        self._save(move)
        self.assertTaxed(move, 1200, 144)

    def test_price_changed_later_is_taxed_on_the_typed_amount_at_save(self):
        move = self.typed
        self._find_line(move, self.labour).price_unit = 2400
        self._save(move)
        self.assertTaxed(move, 1100, 132)
        self.assertSummary(move, labour=2400, total=2532)

    def test_other_lines_and_taxes_are_left_alone(self):
        self.ppn.apply_on = "material"
        move = self._new_indonesian(1000, 1200)
        self._type(move, 1100)
        # 120 of the labour and 132 of the part
        self.assertTaxed(move, 2100, 252)
        self.assertFalse(self._find_line(move, self.labour).extra_tax_data)

    def test_credit_memo_takes_back_the_same_tax(self):
        move = self._authorize(self.typed)
        refund = move._reverse_moves([{"invoice_date": "2026-11-21"}])
        refund.action_service_save()
        self.assertSummary(refund, tax=132, total=1332)
        refund.with_user(self.authorizer).action_post()
        self.assertEqual(move.service_status, "reversed")

    def test_moved_share_is_credited_with_its_part_of_the_tax(self):
        order = self._new_order(
            (self.labour, 1200, {}), tcd_ids=[Command.create({"tcd_id": self.ppn.id})]
        )
        service = self._bill(order)
        self._type(service, 1100)
        self._authorize(service)
        line = self._find_line(service, self.labour)
        service.action_service_move_share(
            invoice_type="program",
            partner_id=self.sponsor.id,
            reason="Half",
            amounts=[[line.id, 300]],
        )
        # a quarter of 132
        self.assertSummary(service.reversal_move_ids, labour=300, tax=33)
        service.action_service_move_share(
            invoice_type="program",
            partner_id=self.sponsor.id,
            reason="Rest",
            amounts=[[line.id, 900]],
        )
        taxes = service.reversal_move_ids.mapped("service_amount_tax")
        self.assertEqual(sum(taxes), 132)

    def test_company_that_does_not_allow_it(self):
        move = self.typed
        self.env.company.service_allow_taxable_amount = False
        row = move.service_tcd_ids
        with self.assertRaisesRegex(UserError, "PPN: the taxable amount cannot"):
            row.write({"taxable_amount": 1000})
        with self.assertRaisesRegex(UserError, "cannot be changed"):
            move.write(
                {"service_tcd_ids": [Command.update(row.id, {"taxable_amount": 1})]}
            )
        with self.assertRaisesRegex(UserError, "cannot be changed"):
            row.create({"move_id": move.id, "tcd_id": self.ppn.id, "taxable_amount": 5})
        result = row.load(
            ["move_id/.id", "tcd_id/.id", "taxable_amount"],
            [[str(move.id), str(self.ppn.id), "5"]],
        )
        self.assertFalse(result["ids"])
        # it may be emptied
        self._type(move, 0)
        self.assertTaxed(move, 1200, 144)

    def test_other_company_has_its_own_option(self):
        other = self._create_company(name="Other company")
        self.assertTrue(self.env.company.service_allow_taxable_amount)
        self.assertFalse(other.service_allow_taxable_amount)

    def test_only_tax_rows_of_invoices_have_it(self):
        charge = self._new_code("CHG", "charge")
        move = self._new_invoice((self.labour, 100, {}), rows=charge)
        with self.assertRaisesRegex(UserError, "only on tax rows of invoices"):
            move.service_tcd_ids.taxable_amount = 50
        order = self._new_order(
            (self.labour, 100, {}), tcd_ids=[Command.create({"tcd_id": self.ppn.id})]
        )
        with self.assertRaisesRegex(UserError, "only on tax rows of invoices"):
            order.tcd_ids.taxable_amount = 50
        with self.assertRaises(AccessError):
            move.service_tcd_ids.taxable_manual = True

    def test_what_cannot_be_divided_is_refused(self):
        fixed = self.env["account.tax"].create(
            {"name": "Fixed", "amount_type": "fixed", "amount": 2}
        )
        code = self._new_code("FIX", "tax", tax_ids=fixed.ids)
        move = self._new_invoice((self.labour, 100, {}), rows=code)
        with self.assertRaisesRegex(UserError, "counted on the quantity"):
            move.service_tcd_ids.taxable_amount = 50
        with self.assertRaisesRegex(UserError, "is positive"):
            self._new_indonesian(100).service_tcd_ids.taxable_amount = -50
        self.ppn.apply_on = "material"
        move = self._new_indonesian(100)
        with self.assertRaisesRegex(UserError, "PPN: there is no line"):
            self._type(move, 50)

    def test_clerk_types_it_in_the_form(self):
        move = self._new_indonesian(1200)
        with Form(move.with_user(self.clerk)) as form:
            with form.service_tcd_ids.edit(0) as row:
                row.taxable_amount = 1100
        move.with_user(self.clerk).action_service_save()
        self.assertTaxed(move, 1100, 132)

    def test_included_tax_leaves_the_net_price(self):
        """Of 1,120 with 12 % inside, 1,000 is the price; half of it is taxed."""
        included = self._percent_tax(
            12.0, name="In", price_include_override="tax_included"
        )
        plus = self._percent_tax(4)
        code = self._new_code("PLUS", "tax", tax_ids=plus.ids)
        self.labour.taxes_id = included
        move = self._new_invoice((self.labour, 1120, {}), rows=code)
        self._save(move)
        self._type(move, 500)
        # 120 inside and 4 % of 500
        self.assertSummary(move, labour=1000, tax=140, total=1140)
        self.assertSavedTwiceTheSame(move)
