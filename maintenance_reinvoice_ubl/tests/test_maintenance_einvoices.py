from odoo.tests import tagged

from .common import MaintenanceEinvoiceCommon

AGREEMENT = "SupplyChainTradeTransaction/ApplicableHeaderTradeAgreement"
HEADER = "SupplyChainTradeTransaction/ApplicableHeaderTradeSettlement"
ITEM = "SupplyChainTradeTransaction/IncludedSupplyChainTradeLineItem"
REFERENCE = "BillingReference/InvoiceDocumentReference/ID"


@tagged("post_install", "-at_install")
class TestMaintenanceEinvoices(MaintenanceEinvoiceCommon):
    """What electronic invoices of maintenance say."""

    def test_collective_invoice_has_the_days_of_the_work(self):
        tree = self._export(self._run_collective(), "bis3")
        self.assertEqual(self._read(tree, "InvoicePeriod/StartDate"), ["2026-10-05"])
        self.assertEqual(self._read(tree, "InvoicePeriod/EndDate"), ["2026-10-12"])
        self.assertEqual(
            self._read(tree, "InvoiceLine/InvoicePeriod/StartDate"),
            ["2026-10-05", "2026-10-12"],
        )
        self.assertEqual(self._read(tree, "OrderReference/ID"), ["PO-4711"])
        # two contracts: each line names its own
        self.assertEqual(self._read(tree, "ContractDocumentReference/ID"), [])
        self.assertEqual(
            self._read(tree, "InvoiceLine/Item/AdditionalItemProperty/Value"),
            ["A", "AA-111", "2000 km", "B", "BB-222", "2000 km"],
        )

    def test_collective_invoice_in_factur_x(self):
        move = self._run_collective()
        tree = self._export(move, "facturx")
        names = self._read(tree, f"{ITEM}/SpecifiedTradeProduct/Name")
        lines = move.invoice_line_ids.sorted("sequence")
        self.assertEqual(names, lines.mapped("name"))
        period = f"{HEADER}/BillingSpecifiedPeriod"
        start, end = "StartDateTime/DateTimeString", "EndDateTime/DateTimeString"
        self.assertEqual(self._read(tree, f"{period}/{start}"), ["20261005"])
        self.assertEqual(self._read(tree, f"{period}/{end}"), ["20261012"])

    def test_line_per_permission_line_says_what_is_known_of_it(self):
        """Two permissions of one vehicle, each with its days, and one of another."""
        self.customer.maintenance_line_detail = "line"
        move = self._run_detailed()
        tree = self._export(move, "bis3")
        self.assertEqual(
            self._read(tree, "InvoiceLine/Item/Name"),
            [line.name.replace("\n", " ") for line in move.invoice_line_ids],
        )
        self.assertEqual(
            self._read(tree, "InvoiceLine/LineExtensionAmount"),
            ["100.00", "50.00", "-30.00", "450.00"],
        )
        # what is given back is minus one piece at a positive price
        self.assertEqual(
            self._read(tree, "InvoiceLine/Price/PriceAmount"),
            ["100.0", "50.0", "30.0", "450.0"],
        )
        self.assertEqual(
            self._read(tree, "InvoiceLine/InvoicePeriod/StartDate"),
            ["2026-10-05"] * 3 + ["2026-10-12"],
        )
        self.assertEqual(
            self._read(tree, "InvoiceLine/Item/AdditionalItemProperty/Value"),
            ["A", "AA-111", "2000 km"] * 3 + ["B", "BB-222", "2000 km"],
        )
        self.assertEqual(
            self._read(tree, "LegalMonetaryTotal/TaxExclusiveAmount"),
            # as booked: 100 + 50 - 30 + 450
            ["570.00"],
        )

    def test_individual_invoice_names_permission_contract_and_vehicle(self):
        permission = self._create_permission(
            self.vehicle_a,
            [{"purchase_price": 400.0, "reinvoice_method": "individual"}],
            odometer=2000,
        )
        permission.line_ids.action_reinvoice(posting_date="2026-10-31")
        move = permission.line_ids.sale_invoice_id
        tree = self._export(move, "bis3")
        self.assertEqual(
            self._read(tree, "AdditionalDocumentReference/ID"),
            ["AA-111", permission.name],
        )
        self.assertEqual(self._read(tree, "ContractDocumentReference/ID"), ["A"])
        self.assertEqual(
            self._read(tree, "InvoiceLine/Item/AdditionalItemProperty/Value"),
            ["2000 km"],
        )
        tree = self._export(move, "facturx")
        path = f"{AGREEMENT}/AdditionalReferencedDocument"
        self.assertEqual(
            self._read(tree, f"{path}/IssuerAssignedID"), ["AA-111", permission.name]
        )
        self.assertEqual(self._read(tree, f"{path}/Name"), ["Maintenance permission"])

    def test_credit_memo_of_a_row_names_invoice_and_period(self):
        move = self._run_collective()
        row = move.maintenance_row_ids.filtered(lambda r: r.amount == 450)
        credit = self._cancel(row, reason="Fraud suspected")
        tree = self._export(credit, "bis3")
        self.assertEqual(self._read(tree, REFERENCE), [move.name])
        self.assertEqual(self._read(tree, "OrderReference/ID"), ["PO-4711"])
        self.assertEqual(self._read(tree, "InvoicePeriod/StartDate"), ["2026-10-12"])
        self.assertNotIn("Fraud", " ".join(tree.itertext()))

    def test_group_that_nets_negative_has_its_period(self):
        tree = self._export(self._run_negative(), "bis3")
        self.assertEqual(tree.tag.rpartition("}")[2], "CreditNote")
        self.assertEqual(self._read(tree, "InvoicePeriod/StartDate"), ["2026-10-05"])
        self.assertEqual(self._read(tree, "ContractDocumentReference/ID"), ["A"])
