from odoo import fields
from odoo.tests import tagged

from .common import EinvoiceCommon

TOTAL = "LegalMonetaryTotal"
HEADER = "SupplyChainTradeTransaction/ApplicableHeaderTradeSettlement"
SUMMATION = f"{HEADER}/SpecifiedTradeSettlementHeaderMonetarySummation"
TYPE = "ExchangedDocument/TypeCode"
PROCESS = "ExchangedDocumentContext/BusinessProcessSpecifiedDocumentContextParameter/ID"


@tagged("post_install", "-at_install")
class TestEinvoicePrepayments(EinvoiceCommon):
    """Prepayments, their credits and the invoices that take them up."""

    def _read_type(self, move, kind):
        tree = self._export(move, kind)
        if kind == "facturx":
            return self._read(tree, TYPE)[0]
        name = "CreditNote" if move.move_type == "out_refund" else "Invoice"
        return self._read(tree, f"{name}TypeCode")[0]

    def test_prepayment_says_so_where_the_format_allows_it(self):
        prepayment = self._new_prepayment(self._new_order((self.part, 500, {})))
        self.assertEqual(self._read_type(prepayment, "facturx"), "386")
        # the German rules warn of the code, also on Peppol
        self.assertEqual(self._read_type(prepayment, "xrechnung"), "380")
        self.assertEqual(self._read_type(prepayment, "bis3"), "380")
        self.customer.country_id = self.env.ref("base.at")
        self.assertEqual(self._read_type(prepayment, "bis3"), "386")
        self.assertEqual(self._read_type(prepayment, "xrechnung"), "380")

    def test_credit_of_a_prepayment_is_a_credit_note(self):
        prepayment = self._new_prepayment(self._new_order((self.part, 500, {})))
        credit = self._credit(prepayment)
        for kind in ("bis3", "xrechnung", "facturx"):
            self.assertEqual(self._read_type(credit, kind), "381", kind)
        tree = self._export(credit, "bis3")
        self.assertEqual(
            self._read(tree, "BillingReference/InvoiceDocumentReference/ID"),
            [prepayment.name],
        )

    def test_french_documents_have_codes_of_their_own(self):
        prepayment, final = self._bill_prepaid("entry")
        unused = self._new_prepayment(self._new_order((self.part, 500, {})))
        credit = self._credit(unused)
        goods = self._new_typed((self.part, 100, {}))
        services = self._new_typed((self.labour, 100, {}))
        self.company.partner_id.country_id = self.env.ref("base.fr")
        for move, code, process in (
            (prepayment, "386", "S1"),
            (credit, "503", "S1"),
            # labour and a part, after a prepayment
            (final, "380", "M4"),
            (goods, "380", "B1"),
            (services, "380", "S1"),
        ):
            with self.subTest(code=code, process=process):
                tree = self._export(move, "facturx")
                self.assertEqual(self._read(tree, TYPE), [code])
                self.assertEqual(self._read(tree, PROCESS), [process])

    def test_process_is_told_by_french_sellers_alone(self):
        tree = self._export(self._new_typed((self.part, 100, {})), "facturx")
        self.assertEqual(self._read(tree, PROCESS), [])

    # -- the final invoice -----------------------------------------------------

    def test_final_invoice_after_a_prepayment_without_tax(self):
        """1,000 + 20 % = 1,200, of which 300 were paid in advance: 900 are due."""
        prepayment, final = self._bill_prepaid("entry")
        for kind in ("bis3", "xrechnung"):
            tree = self._export(final, kind)
            path = "BillingReference/InvoiceDocumentReference/ID"
            self.assertEqual(self._read(tree, path), [prepayment.name])
            self.assertEqual(
                self._read(tree, f"{TOTAL}/TaxInclusiveAmount"), ["1200.00"]
            )
            self.assertEqual(self._read(tree, f"{TOTAL}/PrepaidAmount"), ["300.00"])
            self.assertEqual(self._read(tree, f"{TOTAL}/PayableAmount"), ["900.00"])
        tree = self._export(final, "facturx")
        path = f"{HEADER}/InvoiceReferencedDocument/IssuerAssignedID"
        self.assertEqual(self._read(tree, path), [prepayment.name])
        self.assertEqual(self._read(tree, f"{SUMMATION}/GrandTotalAmount"), ["1200.00"])
        self.assertEqual(
            self._read(tree, f"{SUMMATION}/TotalPrepaidAmount"), ["300.00"]
        )
        self.assertEqual(self._read(tree, f"{SUMMATION}/DuePayableAmount"), ["900.00"])

    def test_final_invoice_after_a_prepayment_with_tax(self):
        """1,000 less 300 = 700, 20 % on it 140: 840 are due, 360 were paid before."""
        prepayment, final = self._bill_prepaid("deduction")
        tree = self._export(final, "bis3")
        path = "BillingReference/InvoiceDocumentReference/ID"
        self.assertEqual(self._read(tree, path), [prepayment.name])
        self.assertEqual(self._read(tree, f"{TOTAL}/TaxExclusiveAmount"), ["700.00"])
        self.assertEqual(self._read(tree, f"{TOTAL}/TaxInclusiveAmount"), ["840.00"])
        self.assertEqual(self._read(tree, f"{TOTAL}/PayableAmount"), ["840.00"])
        # the deduction: minus one at a positive price
        lines = zip(
            self._read(tree, "InvoiceLine/InvoicedQuantity"),
            self._read(tree, "InvoiceLine/Price/PriceAmount"),
            self._read(tree, "InvoiceLine/LineExtensionAmount"),
            strict=True,
        )
        deducted = [row for row in lines if row[0].startswith("-")]
        self.assertEqual(deducted, [("-1.0", "300.0", "-300.00")])

    def test_final_invoice_names_what_was_credited_of_a_prepayment(self):
        """100 of 300 paid in advance are credited; both adjust 1,200: 900 are due."""
        self.company.service_prepayment_mode = "entry"
        order = self._new_order((self.labour, 600, {}), (self.part, 400, {}))
        prepayment = self._new_prepayment(order)
        line = prepayment.invoice_line_ids.filtered(lambda x: x.price_subtotal)
        credit = self._credit(prepayment, line_ids=[(line.id, 100)])
        final = self._authorize(self._bill(order) - prepayment - credit)
        tree = self._export(final, "bis3")
        path = "BillingReference/InvoiceDocumentReference/ID"
        self.assertEqual(self._read(tree, path), [prepayment.name, credit.name])
        self.assertEqual(self._read(tree, f"{TOTAL}/PayableAmount"), ["900.00"])

    def test_what_is_credited_later_does_not_precede_the_final_invoice(self):
        self.company.service_prepayment_mode = "entry"
        order = self._new_order((self.labour, 600, {}), (self.part, 400, {}))
        prepayment = self._new_prepayment(order)
        line = prepayment.invoice_line_ids.filtered(lambda x: x.price_subtotal)
        later = fields.Date.add(fields.Date.today(), days=1)
        credit = self._credit(prepayment, line_ids=[(line.id, 100)], date=later)
        final = self._authorize(self._bill(order) - prepayment - credit)
        self.assertLess(final.invoice_date, credit.invoice_date)
        tree = self._export(final, "bis3")
        path = "BillingReference/InvoiceDocumentReference/ID"
        self.assertEqual(self._read(tree, path), [prepayment.name])

    def test_adjustment_that_was_undone_is_not_named(self):
        __, final = self._bill_prepaid("entry")
        final.service_adjustment_ids.action_undo(reason="Wrong order")
        tree = self._export(final, "bis3")
        self.assertEqual(self._read(tree, "BillingReference"), [])
        self.assertEqual(self._read(tree, f"{TOTAL}/PayableAmount"), ["1200.00"])

    def test_credit_of_a_final_invoice_names_the_invoice_alone(self):
        __, final = self._bill_prepaid("deduction")
        tree = self._export(self._credit(final), "bis3")
        path = "BillingReference/InvoiceDocumentReference/ID"
        self.assertEqual(self._read(tree, path), [final.name])

    # -- received --------------------------------------------------------------

    def test_prepayment_in_factur_x_can_be_read(self):
        """Core knows no document of these types and would take none in."""
        prepayment = self._new_prepayment(self._new_order((self.part, 500, {})))
        credit = self._credit(prepayment)
        self.company.partner_id.country_id = self.env.ref("base.fr")
        builder = self.env["account.edi.xml.cii"]
        for move, expected in ((prepayment, "invoice"), (credit, "refund")):
            tree = self._export(move, "facturx")
            self.assertEqual(
                builder._get_import_document_amount_sign(tree), (expected, 1)
            )

    # -- an advance without tax in Factur-X ------------------------------------

    def test_prepayment_without_tax_has_a_category(self):
        self.company.service_prepayment_mode = "entry"
        prepayment = self._new_prepayment(
            self._new_order((self.part, 500, {})), is_received=False
        )
        for tax, reason in (
            (False, "Exempt from tax"),
            (
                self._new_zero_tax(),
                "Exempt based on article 132 of Council Directive 2006/112/EC",
            ),
        ):
            with self.subTest(reason=reason):
                self.company.service_untaxed_tax_id = tax
                tree = self._export(prepayment, "facturx")
                total = f"{HEADER}/ApplicableTradeTax"
                self.assertEqual(self._read(tree, f"{total}/CategoryCode"), ["E"])
                self.assertEqual(self._read(tree, f"{total}/BasisAmount"), ["300.00"])
                self.assertEqual(
                    self._read(tree, f"{total}/CalculatedAmount"), ["0.00"]
                )
                self.assertEqual(self._read(tree, f"{total}/ExemptionReason"), [reason])
                self.assertEqual(
                    self._read(tree, f"{SUMMATION}/DuePayableAmount"), ["300.00"]
                )
