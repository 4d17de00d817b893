from unittest.mock import patch

from odoo import Command
from odoo.tests import tagged

from .common import EinvoiceCommon

REFERENCE = "BillingReference/InvoiceDocumentReference"
HEADER = "SupplyChainTradeTransaction/ApplicableHeaderTradeSettlement"
AGREEMENT = "SupplyChainTradeTransaction/ApplicableHeaderTradeAgreement"
ITEM = "SupplyChainTradeTransaction/IncludedSupplyChainTradeLineItem"


@tagged("post_install", "-at_install")
class TestEinvoiceReferences(EinvoiceCommon):
    """What a document refers to: invoices, orders, contracts, periods, vehicles."""

    def _read_invoices(self, tree, kind):
        """Pairs of number and day of the invoices that a document names."""
        if kind == "facturx":
            path = f"{HEADER}/InvoiceReferencedDocument"
            days = f"{path}/FormattedIssueDateTime/DateTimeString"
            numbers = f"{path}/IssuerAssignedID"
        else:
            numbers, days = f"{REFERENCE}/ID", f"{REFERENCE}/IssueDate"
        found = zip(self._read(tree, numbers), self._read(tree, days), strict=True)
        return [(number, day.replace("-", "")) for number, day in found]

    def _read_order(self, tree, kind):
        if kind == "facturx":
            path = f"{AGREEMENT}/BuyerOrderReferencedDocument/IssuerAssignedID"
        else:
            path = "OrderReference/ID"
        return self._read(tree, path)

    def test_credit_memo_names_its_invoice_and_the_payers_order(self):
        invoice = self._bill_order()
        credit = self._credit(invoice)
        for kind in ("bis3", "xrechnung", "facturx"):
            with self.subTest(kind=kind):
                tree = self._export(credit, kind)
                day = f"{invoice.invoice_date:%Y%m%d}"
                self.assertEqual(self._read_invoices(tree, kind), [(invoice.name, day)])
                self.assertEqual(self._read_order(tree, kind), ["PO-4711"])
                # the reason is ours
                self.assertNotIn("Fraud", " ".join(tree.itertext()))

    def test_corrected_invoice_names_the_one_it_replaces(self):
        invoice = self._bill_order()
        wizard = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        wizard = wizard.create({"journal_id": invoice.journal_id.id})
        corrected = self._authorize(self._get_documents(wizard.modify_moves()))
        tree = self._export(corrected, "bis3")
        self.assertEqual(self._read(tree, f"{REFERENCE}/ID"), [invoice.name])

    def test_invoice_names_no_other_invoice(self):
        invoice = self._bill_order()
        for kind in ("bis3", "facturx"):
            self.assertEqual(self._read_invoices(self._export(invoice, kind), kind), [])

    def test_dutch_credit_memo_names_the_invoice_without_an_order_number(self):
        """Core puts the customer's reference in the place of the invoice."""
        dutch = {"country_id": self.env.ref("base.nl").id, "peppol_eas": "0106"}
        for partner, number in (
            (self.company.partner_id, "82777822"),
            (self.customer, "12345677"),
        ):
            partner.write({**dutch, "vat": False, "company_registry": number})
            partner.peppol_endpoint = number
        self.env["res.partner.bank"].create(
            {"acc_number": "NL20INGB0001234567", "partner_id": self.customer.id}
        )
        invoice = self._bill_order(customer_reference=False)
        tree = self._export(self._credit(invoice), "bis3")
        self.assertEqual(self._read(tree, f"{REFERENCE}/ID"), [invoice.name])

    def _new_department(self, name, **vals):
        return self._new_partner(
            name,
            parent_id=self.customer.id,
            type="invoice",
            country_id=self.germany.id,
            **vals,
        )

    def test_buyer_reference_is_that_of_the_nearest_contact(self):
        department = self._new_department("Fleet")
        move = self._new_typed((self.labour, 100, {}), partner_id=department.id)
        for ref, expected in ((False, "BUYER-7"), ("FLEET-1", "FLEET-1")):
            department.ref = ref
            tree = self._export(move, "bis3")
            self.assertEqual(self._read(tree, "BuyerReference"), [expected])
            tree = self._export(move, "facturx")
            self.assertEqual(
                self._read(tree, f"{AGREEMENT}/BuyerReference"), [expected]
            )

    def test_routing_number_of_an_authority_comes_first(self):
        department = self._new_department("Office", ref="FLEET-1")
        department.write({"peppol_eas": "0204", "peppol_endpoint": "991-12345-06"})
        move = self._new_typed((self.labour, 100, {}), partner_id=department.id)
        tree = self._export(move, "xrechnung")
        self.assertEqual(self._read(tree, "BuyerReference"), ["991-12345-06"])

    def test_our_number_is_no_order_of_the_payer(self):
        move = self._new_typed((self.labour, 100, {}), ref=False)
        for kind in ("bis3", "facturx"):
            tree = self._export(move, kind)
            self.assertEqual(self._read_order(tree, kind), [], kind)
        # one of both has to be there: then core's stand-in is better than nothing
        self.customer.ref = False
        tree = self._export(move, "bis3")
        self.assertEqual(self._read_order(tree, "bis3"), [move.name])
        self.assertEqual(self._read_order(self._export(move, "facturx"), "facturx"), [])

    # -- contracts and periods -------------------------------------------------

    def test_monthly_invoice_names_contract_and_periods(self):
        agreement, move = self._new_monthly_invoice()
        tree = self._export(move, "bis3")
        self.assertEqual(
            self._read(tree, "ContractDocumentReference/ID"), [agreement.name]
        )
        self.assertEqual(self._read(tree, "InvoicePeriod/StartDate"), ["2026-01-01"])
        self.assertEqual(self._read(tree, "InvoicePeriod/EndDate"), ["2026-02-28"])
        self.assertEqual(
            sorted(self._read(tree, "InvoiceLine/InvoicePeriod/EndDate")),
            ["2026-01-31", "2026-02-28"],
        )

    def test_monthly_invoice_names_contract_and_periods_in_factur_x(self):
        agreement, move = self._new_monthly_invoice()
        tree = self._export(move, "facturx")
        path = f"{AGREEMENT}/ContractReferencedDocument/IssuerAssignedID"
        self.assertEqual(self._read(tree, path), [agreement.name])
        start, end = "StartDateTime/DateTimeString", "EndDateTime/DateTimeString"
        period = f"{HEADER}/BillingSpecifiedPeriod"
        self.assertEqual(self._read(tree, f"{period}/{start}"), ["20260101"])
        self.assertEqual(self._read(tree, f"{period}/{end}"), ["20260228"])
        period = f"{ITEM}/SpecifiedLineTradeSettlement/BillingSpecifiedPeriod"
        self.assertEqual(
            sorted(self._read(tree, f"{period}/{start}")), ["20260101", "20260201"]
        )

    def test_credit_memo_of_a_month_names_its_period(self):
        __, move = self._new_monthly_invoice()
        line = move.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
            and line.service_release_id.period_from.month == 1
        )
        tree = self._export(self._credit(move, line_ids=[(line.id, 100)]), "bis3")
        self.assertEqual(self._read(tree, "InvoicePeriod/StartDate"), ["2026-01-01"])
        self.assertEqual(self._read(tree, "InvoicePeriod/EndDate"), ["2026-01-31"])

    def test_invoice_of_an_order_bills_no_period(self):
        """Core takes the days from invoice to due date for one."""
        tree = self._export(self._bill_order(), "facturx")
        self.assertEqual(
            self._read(tree, f"{HEADER}/BillingSpecifiedPeriod/StartDateTime"), []
        )

    # -- claims and vehicles ---------------------------------------------------

    def _bill_insurance(self):
        order = self._new_order(
            (self.part, 2000, {}), vehicle_id=self.vehicle.id, odometer=12345
        )
        self._new_claim(order, order.line_ids, policy_number="P-9", deductible=300)
        return self._authorize(self._bill(order))

    def test_insurer_finds_claim_policy_and_vehicle(self):
        service, insurance = self._bill_insurance()
        tree = self._export(insurance, "bis3")
        path = "AdditionalDocumentReference"
        self.assertEqual(
            self._read(tree, f"{path}/ID"), ["1-ABC-234", "CLAIM-1", "P-9"]
        )
        # the vehicle is the object that is billed, by its licence plate
        self.assertEqual(self._read(tree, f"{path}/DocumentTypeCode"), ["130"])
        schemes = [n.get("schemeID") for n in tree.findall(f"{{*}}{path}/{{*}}ID")]
        self.assertEqual(schemes, ["ABZ", None, None])
        self.assertEqual(
            self._read(tree, f"{path}/DocumentDescription"),
            ["Insurance claim", "Insurance policy"],
        )
        # the customer's own share is no matter of the claim
        tree = self._export(service, "bis3")
        self.assertEqual(self._read(tree, f"{path}/ID"), ["1-ABC-234"])

    def test_insurer_finds_claim_policy_and_vehicle_in_factur_x(self):
        __, insurance = self._bill_insurance()
        tree = self._export(insurance, "facturx")
        path = f"{AGREEMENT}/AdditionalReferencedDocument"
        self.assertEqual(
            self._read(tree, f"{path}/IssuerAssignedID"), ["1-ABC-234", "CLAIM-1"]
        )
        self.assertEqual(self._read(tree, f"{path}/TypeCode"), ["130", "916"])
        self.assertEqual(self._read(tree, f"{path}/ReferenceTypeCode"), ["ABZ"])
        self.assertEqual(
            self._read(tree, f"{path}/Name"), ["Insurance claim, Insurance policy P-9"]
        )
        # French rules leave no room for what they are
        self.company.partner_id.country_id = self.env.ref("base.fr")
        tree = self._export(insurance, "facturx")
        self.assertEqual(
            self._read(tree, f"{path}/IssuerAssignedID"),
            ["1-ABC-234", "CLAIM-1", "P-9"],
        )
        self.assertEqual(self._read(tree, f"{path}/Name"), [])

    def test_odometer_stands_on_the_lines(self):
        move = self._bill_order()
        tree = self._export(move, "bis3")
        path = "InvoiceLine/Item/AdditionalItemProperty"
        self.assertEqual(self._read(tree, f"{path}/Name"), ["Odometer", "Odometer"])
        self.assertEqual(self._read(tree, f"{path}/Value"), ["12345 km", "12345 km"])

    def test_lines_of_a_collective_invoice_name_their_vehicles(self):
        move = self._bill_collective()
        plates = ["B-AB 1", "B-AB 2"]
        tree = self._export(move, "bis3")
        values = self._read(tree, "InvoiceLine/Item/AdditionalItemProperty/Value")
        self.assertEqual([value for value in values if value in plates], plates)
        self.assertEqual(self._read(tree, "AdditionalDocumentReference/ID"), [])
        tree = self._export(move, "facturx")
        path = f"{ITEM}/SpecifiedTradeProduct/ApplicableProductCharacteristic/Value"
        values = self._read(tree, path)
        self.assertEqual([value for value in values if value in plates], plates)

    def test_descriptions_are_in_the_language_of_the_payer(self):
        self._speak_french()
        self.insurer.lang = "fr_FR"
        __, insurance = self._bill_insurance()
        tree = self._export(insurance, "bis3")
        french = insurance.with_context(lang="fr_FR").env._("Insurance claim")
        self.assertIn(
            french, self._read(tree, "AdditionalDocumentReference/DocumentDescription")
        )

    # -- what is not ours ------------------------------------------------------

    def test_ordinary_documents_are_left_to_core(self):
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_line_ids": [
                    Command.create({"product_id": self.labour.id, "price_unit": 100})
                ],
            }
        )
        move.action_post()
        tree = self._export(move, "bis3")
        self.assertEqual(self._read_order(tree, "bis3"), [move.name])
        refund = move._reverse_moves([{}])
        refund.action_post()
        self.assertEqual(self._read_invoices(self._export(refund, "bis3"), "bis3"), [])
        # core's own idea of a period
        path = f"{HEADER}/BillingSpecifiedPeriod/StartDateTime/DateTimeString"
        tree = self._export(move, "facturx")
        self.assertEqual(self._read(tree, path), [f"{move.invoice_date:%Y%m%d}"])

    def _count_queries(self, move, kind, is_core):
        """What the export of a document costs, with empty caches."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        with patch.object(
            self.env.registry["service.einvoice"],
            "_has_facts",
            lambda self, move: not is_core,
        ):
            self._export(move, kind)
        return self.env.cr.sql_log_count - before

    def test_long_documents_cost_no_query_per_line(self):
        """Core asks for the text and the unit of each line; we ask for nothing more."""
        for kind in ("bis3", "facturx"):
            added = []
            for number in (2, 10, 30):
                lines = [(self.labour, 100 + i, {}) for i in range(number)]
                move = self._bill_order(*lines)
                core = self._count_queries(move, kind, is_core=True)
                added.append(self._count_queries(move, kind, is_core=False) - core)
            # the first of them filled caches that stay
            self.assertEqual(added[1], added[2], f"{kind}: {added}")
