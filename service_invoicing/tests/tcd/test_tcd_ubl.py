import unittest

from lxml import etree

from odoo import Command
from odoo.tests import tagged

from ..common_tcd import TcdCommon

BIS3 = "account.edi.xml.ubl_bis3"
TAG = "{*}LegalMonetaryTotal/{*}%s"


@tagged("post_install", "-at_install")
class TestTcdUbl(TcdCommon):
    """A Belgian invoice with all kinds of rows is a valid BIS Billing 3.0 document."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if BIS3 not in cls.env:
            raise unittest.SkipTest(
                "core's electronic invoices (account_edi_ubl_cii) are not installed"
            )
        belgium = cls.env.ref("base.be")
        cls.env.company.partner_id.write(
            {
                "country_id": belgium.id,
                "vat": "BE0202239951",
                "company_registry": "0202239951",
                "street": "Chaussée de Namur 40",
                "zip": "1367",
                "city": "Ramillies",
            }
        )
        cls.customer.write(
            {
                "country_id": belgium.id,
                "vat": "BE0477472701",
                "company_registry": "0477472701",
                "street": "Rue des Bourlottes 9",
                "zip": "1367",
                "city": "Ramillies",
                "ref": "PO-1",
            }
        )
        cls.tax_21 = cls._percent_tax(21)
        cls.tax_0 = cls._percent_tax(0)
        cls.vat = cls._new_code("VAT", "tax", tax_ids=cls.tax_21.ids)
        cls.handling = cls._new_code(
            "HANDLING", "charge", rate=80, tax_ids=cls.tax_21.ids
        )
        cls.stamp = cls._new_code("STAMP", "charge", rate=5)
        cls.discount = cls._new_code("DSC", "discount", rate=50)
        cls.withheld = cls._percent_tax(-2, service_withholding=True)
        cls.labour.taxes_id = cls.withheld
        cls.part.taxes_id = cls.tax_21

    def _new_document(self, **vals):
        """Labour 1,000 taxed by the row alone, 2 % of it withheld; parts 500."""
        self.part.taxes_id = self.tax_21
        return self._authorize(
            self._new_invoice(
                (self.labour, 1000, {}),
                (self.part, 500, {}),
                rows=self.handling | self.stamp | self.discount | self.vat,
                ref="PO-1",
                **vals,
            )
        )

    def _export(self, move):
        content, errors = self.env[BIS3]._export_invoice(move)
        return etree.fromstring(content), errors

    def _read(self, tree, name):
        return float(tree.findtext(TAG % name) or 0.0)

    def test_document_is_valid_and_its_sums_agree(self):
        self.env.company.service_untaxed_tax_id = self.tax_0
        move = self._new_document()
        # 1,500 + 80 + 5 - 50 = 1,535, of which 1,530 bear 21 %: 321.30
        # withheld are 2 % of the labour less its part of the discount; of
        # 50 on 1,000 : 500 that is 33.33: 2 % of 966.67 is 19.33
        self.assertSummary(
            move,
            labour=1000,
            material=500,
            charge=85,
            discount=50,
            tax=321.3,
            total=1856.3,
            withholding=19.33,
        )
        self.assertEqual(move.amount_total, 1836.97)
        tree, errors = self._export(move)
        self.assertFalse(errors)
        self._check_sums(tree)
        for name, amount in (
            ("TaxExclusiveAmount", 1535),
            ("TaxInclusiveAmount", 1856.3),
            ("PrepaidAmount", 19.33),
            ("PayableAmount", 1836.97),
        ):
            self.assertAlmostEqual(self._read(tree, name), amount, 2, name)
        self.assertEqual(self._read_subtotals(tree), {21: (1530, 321.3), 0: (5, 0)})

    def _check_sums(self, tree):
        """The rules BR-CO-10 to BR-CO-16 of the standard."""
        lines = tree.findall("{*}InvoiceLine/{*}LineExtensionAmount")
        lines += tree.findall("{*}CreditNoteLine/{*}LineExtensionAmount")
        extension = self._read(tree, "LineExtensionAmount")
        self.assertAlmostEqual(sum(float(line.text) for line in lines), extension, 2)
        exclusive = self._read(tree, "TaxExclusiveAmount")
        self.assertAlmostEqual(
            extension
            - self._read(tree, "AllowanceTotalAmount")
            + self._read(tree, "ChargeTotalAmount"),
            exclusive,
            2,
        )
        subtotals = self._read_subtotals(tree).values()
        self.assertAlmostEqual(sum(base for base, __ in subtotals), exclusive, 2)
        tax = sum(amount for __, amount in subtotals)
        inclusive = self._read(tree, "TaxInclusiveAmount")
        self.assertAlmostEqual(exclusive + tax, inclusive, 2)
        self.assertAlmostEqual(
            inclusive
            - self._read(tree, "PrepaidAmount")
            + self._read(tree, "PayableRoundingAmount"),
            self._read(tree, "PayableAmount"),
            2,
        )

    def _read_subtotals(self, tree):
        """Percent → (taxable amount, tax)."""
        return {
            float(node.findtext("{*}TaxCategory/{*}Percent")): (
                float(node.findtext("{*}TaxableAmount")),
                float(node.findtext("{*}TaxAmount")),
            )
            for node in tree.findall("{*}TaxTotal/{*}TaxSubtotal")
        }

    def test_untaxed_charge_without_a_tax_of_zero_is_named_by_the_export(self):
        move = self._new_document()
        self.assertFalse(self._find_line(move, self.stamp).tax_ids)
        errors = self._export(move)[1]
        self.assertIn("Each invoice line should have at least one tax.", errors)

    def test_charge_has_a_tax_of_zero_of_its_own(self):
        self.stamp.tax_ids = self.tax_0
        tree, errors = self._export(self._new_document())
        self.assertFalse(errors)
        self._check_sums(tree)

    def test_credit_memo_is_valid_too(self):
        self.env.company.service_untaxed_tax_id = self.tax_0
        move = self._new_document()
        refund = move._reverse_moves([{"invoice_date": "2026-11-21", "ref": "PO-1"}])
        refund.action_service_save()
        refund.action_post()
        tree, errors = self._export(refund)
        self.assertFalse(errors)
        self._check_sums(tree)
        self.assertAlmostEqual(self._read(tree, "TaxInclusiveAmount"), 1856.3, 2)
        self.assertEqual(self._read_subtotals(tree), {21: (1530, 321.3), 0: (5, 0)})

    def test_order_brings_a_valid_document(self):
        self.env.company.service_untaxed_tax_id = self.tax_0
        order = self._new_order(
            (self.part, 500, {"quantity": 2}),
            customer_reference="PO-1",
            tcd_ids=[
                Command.create({"tcd_id": code.id})
                for code in self.handling | self.stamp | self.discount | self.vat
            ],
        )
        move = self._authorize(self._bill(order))
        tree, errors = self._export(move)
        self.assertFalse(errors)
        self._check_sums(tree)
        # 1,000 + 80 - 50 = 1,030 bear 21 %: 216.30
        self.assertEqual(self._read_subtotals(tree), {21: (1030, 216.3), 0: (5, 0)})
