from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import BUILDERS, EinvoiceCommon

ITEM = "SupplyChainTradeTransaction/IncludedSupplyChainTradeLineItem"
HEADER = "SupplyChainTradeTransaction/ApplicableHeaderTradeSettlement"
SUMMATION = f"{HEADER}/SpecifiedTradeSettlementHeaderMonetarySummation"
TOTALS = (
    "LineTotalAmount",
    "TaxTotalAmount",
    "GrandTotalAmount",
    "TotalPrepaidAmount",
    "DuePayableAmount",
)


@tagged("post_install", "-at_install")
class TestEinvoiceAmounts(EinvoiceCommon):
    """Charges, discounts, withholding, rounding and taxes per piece."""

    def assertTotals(self, tree, *expected):
        """Sums of a Factur-X document, in the order of ``TOTALS``."""
        found = [self._read(tree, f"{SUMMATION}/{name}")[0] for name in TOTALS]
        self.assertEqual([float(text) for text in found], list(expected))

    def assertBreakdown(self, tree, *expected):
        """Rows (category, rate, basis, tax) of a Factur-X document."""
        path = f"{HEADER}/ApplicableTradeTax"
        names = ("CategoryCode", "RateApplicablePercent", "BasisAmount")
        names += ("CalculatedAmount",)
        columns = [self._read(tree, f"{path}/{name}") for name in names]
        rows = [
            (category, *(float(text) for text in row))
            for category, *row in zip(*columns, strict=True)
        ]
        self.assertEqual(sorted(rows), sorted(expected))

    def test_lines_that_core_makes_otherwise_are_refused(self):
        """Told by their order, each would say what another one is about."""
        move = self._new_typed((self.part, 100, {}), (self.labour, 100, {}))
        fewer = move._get_billed_lines()[:1]
        builder = self.env[BUILDERS["facturx"]]
        with patch.object(type(move), "_get_billed_lines", lambda self: fewer):
            _content, errors = builder._export_invoice(move)
        self.assertIn(f"{move.display_name}: Odoo makes other lines", "".join(errors))
        self.assertFalse(builder._export_invoice(move)[1])

    def test_lines_without_product_are_called_what_they_say(self):
        rows = self._new_code(
            "HANDLING", "charge", rate=80, tax_ids=self.tax_20.ids
        ) | self._new_code("DSC", "discount", rate=50)
        move = self._new_typed((self.labour, 1000, {}), rows=rows)
        tree = self._export(move, "facturx")
        names = self._read(tree, f"{ITEM}/SpecifiedTradeProduct/Name")
        self.assertEqual(names, ["Labour", "HANDLING", "DSC"])
        prices = self._read(
            tree,
            f"{ITEM}/SpecifiedLineTradeAgreement/NetPriceProductTradePrice/ChargeAmount",
        )
        self.assertEqual([float(price) for price in prices], [1000.0, 80.0, 50.0])
        # 1,000 + 80 - 50 = 1,030, 20 % on it 206
        self.assertTotals(tree, 1030, 206, 1236, 0, 1236)

    def test_untaxed_charge_has_its_category(self):
        """1,000 bear 20 %; the stamp of 5 bears none."""
        self.company.service_untaxed_tax_id = self._new_zero_tax()
        stamp = self._new_code("STAMP", "charge", rate=5)
        move = self._new_typed((self.labour, 1000, {}), rows=stamp)
        tree = self._export(move, "facturx")
        self.assertBreakdown(tree, ("S", 20, 1000, 200), ("E", 0, 5, 0))
        self.assertTotals(tree, 1005, 200, 1205, 0, 1205)

    def test_withholding_counts_as_paid(self):
        """2 % of 1,000 are withheld: 1,800 less 20 are due."""
        withheld = self._percent_tax(-2, service_withholding=True)
        taxes = self.tax_20 | withheld
        move = self._new_typed(
            (self.labour, 1000, {"tax_ids": [Command.set(taxes.ids)]}),
            (self.part, 500, {}),
        )
        tree = self._export(move, "facturx")
        self.assertBreakdown(tree, ("S", 20, 1500, 300))
        self.assertTotals(tree, 1500, 300, 1800, 20, 1780)
        notes = " ".join(self._read(tree, "ExchangedDocument/IncludedNote/Content"))
        self.assertIn("20.00", notes)
        path = f"{ITEM}/SpecifiedLineTradeSettlement/ApplicableTradeTax"
        rates = self._read(tree, f"{path}/RateApplicablePercent")
        self.assertEqual(rates, ["20.0", "20.0"])

    def test_cash_rounding_stands_apart(self):
        """333.33 + 66.67 = 400.00; 333.00 + 66.60 = 399.60 is rounded to 400."""
        rounding = self._new_cash_rounding()
        for price, total, rounded in ((333.0, 399.6, 0.4), (334.0, 400.8, 0.2)):
            move = self._new_typed(
                (self.labour, price, {}), invoice_cash_rounding_id=rounding.id
            )
            with self.subTest(price=price):
                tree = self._export(move, "facturx")
                due = total + rounded
                self.assertTotals(tree, price, round(price * 0.2, 2), total, 0, due)
                found = self._read(tree, f"{SUMMATION}/RoundingAmount")
                self.assertEqual([float(text) for text in found], [rounded])
                tree = self._export(move, "bis3")
                found = self._read(tree, "LegalMonetaryTotal/PayableRoundingAmount")
                self.assertEqual([float(text) for text in found], [rounded])

    def test_tax_per_piece_bears_no_vat(self):
        """10 tyres at 50 with 20 %, and 2 a piece on which there is none."""
        levy = self._percent_tax(2, amount_type="fixed", name="Tyre levy")
        taxes = self.tax_20 | levy
        move = self._new_typed(
            (self.part, 50, {"quantity": 10, "tax_ids": [Command.set(taxes.ids)]})
        )
        tree = self._export(move, "facturx")
        names = self._read(tree, f"{ITEM}/SpecifiedTradeProduct/Name")
        self.assertEqual(names, ["Part", "Tyre levy"])
        self.assertBreakdown(tree, ("S", 20, 500, 100), ("E", 0, 20, 0))
        self.assertTotals(tree, 520, 100, 620, 0, 620)
        self.assertEqual(move.amount_total, 620)
        quantities = self._read(
            tree, f"{ITEM}/SpecifiedLineTradeDelivery/BilledQuantity"
        )
        self.assertEqual([float(text) for text in quantities], [10.0, 10.0])

    def test_shares_whose_tax_another_pays(self):
        """The insurer pays 1,000 without tax, the customer the 200 of it."""
        self.company.service_untaxed_tax_id = self._new_zero_tax()
        order = self._new_order((self.part, 1000, {}), (self.labour, 100, {}))
        self._new_claim(order, order.line_ids[0], vat_payer="customer")
        service, insurance = self._authorize(self._bill(order))
        tree = self._export(insurance, "facturx")
        self.assertBreakdown(tree, ("E", 0, 1000, 0))
        self.assertTotals(tree, 1000, 0, 1000, 0, 1000)
        # 1,000 taxed and given back without tax, and his own labour of 100
        tree = self._export(service, "facturx")
        self.assertBreakdown(tree, ("S", 20, 1100, 220), ("E", 0, -1000, 0))
        self.assertTotals(tree, 100, 220, 320, 0, 320)

    # -- refused before it is posted -------------------------------------------

    def _new_stamped(self, **vals):
        stamp = self._new_code("STAMP", "charge", rate=5)
        return self._new_typed((self.labour, 1000, {}), rows=stamp, **vals)

    def test_line_without_category_is_refused_before_posting(self):
        self.customer.invoice_edi_format = "xrechnung"
        with self.assertRaisesRegex(UserError, "VAT category.*“STAMP”"):
            self._new_stamped()

    def test_payer_on_paper_needs_no_category(self):
        self.customer.invoice_edi_format = False
        self.assertEqual(self._new_stamped().state, "posted")

    def test_tax_of_untaxed_shares_is_the_category(self):
        self.customer.invoice_edi_format = "xrechnung"
        self.company.service_untaxed_tax_id = self._new_zero_tax()
        self.assertEqual(self._new_stamped().state, "posted")

    def test_typed_taxable_amount_is_refused_before_posting(self):
        self.company.service_allow_taxable_amount = True
        code = self._new_code("VAT", "tax", tax_ids=self.tax_20.ids)
        self.customer.invoice_edi_format = "ubl_bis3"
        rows = [Command.create({"tcd_id": code.id, "taxable_amount": 800})]
        with self.assertRaisesRegex(UserError, "taxable amounts.*“Labour”"):
            self._new_typed((self.labour, 1000, {}), service_tcd_ids=rows)
        self.customer.invoice_edi_format = False
        move = self._new_typed((self.labour, 1000, {}), service_tcd_ids=rows)
        self.assertEqual(move.amount_tax, 160)

    def test_advance_without_tax_is_not_refused(self):
        self.company.service_prepayment_mode = "entry"
        self.customer.invoice_edi_format = "facturx"
        order = self._new_order((self.part, 500, {}))
        self.assertEqual(self._new_prepayment(order).state, "posted")

    def test_claim_is_approved_with_a_category_for_its_share(self):
        order = self._new_order((self.part, 1000, {}))
        claim = self._new_claim(
            order, order.line_ids, approved=False, vat_payer="customer"
        )
        self.insurer.invoice_edi_format = "ubl_bis3"
        with self.assertRaisesRegex(UserError, "CLAIM-1: Insurer gets electronic"):
            claim.action_approve()
        self.company.service_untaxed_tax_id = self._new_zero_tax()
        claim.action_approve()
        self.assertEqual(claim.state, "approved")
