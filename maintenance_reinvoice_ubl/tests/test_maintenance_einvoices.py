from odoo import Command
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

    def test_a_service_without_tax_is_named_before_the_invoice_is_made(self):
        untaxed = self._create_service("Stamps", taxes_id=[Command.clear()])
        self.revenue.tax_ids = False
        permission = self._create_closed(
            self.vehicle_a,
            [
                {"purchase_price": 400.0},
                {"purchase_price": 50.0, "product_id": untaxed.id},
            ],
        )
        run = self._create_run(permission)
        self.customer.invoice_edi_format = "ubl_bis3"
        run.action_check()
        self.assertEqual(
            self._get_reasons(run), dict.fromkeys(permission.line_ids, "no_vat")
        )
        # who wants paper gets it
        self.customer.invoice_edi_format = False
        run.action_check()
        self.assertEqual(
            self._get_reasons(run), dict.fromkeys(permission.line_ids, False)
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

    # -- invoices that a negative group gives back something of ---------------------

    def _read_invoices(self, move):
        """What the credit note names (BT-25, 26), in both formats the same."""
        self.assertEqual(move.move_type, "out_refund")
        tree = self._export(move, "bis3")
        numbers = self._read(tree, REFERENCE)
        cii = self._export(move, "facturx")
        path = f"{HEADER}/InvoiceReferencedDocument/IssuerAssignedID"
        self.assertEqual(self._read(cii, path), numbers)
        return numbers

    def test_negative_group_names_the_invoice_of_its_work(self):
        """400 were invoiced at once, 150 of the same permission are given back."""
        invoice, credit = self._run_negative_after_invoice()
        self.assertEqual(credit.amount_untaxed, 150.0)
        self.assertEqual(self._read_invoices(credit), [invoice.name])
        tree = self._export(credit, "bis3")
        path = REFERENCE.replace("/ID", "/IssueDate")
        self.assertEqual(self._read(tree, path), ["2026-10-20"])
        # the invoice that takes the credit note back names that alone
        invoice = self._cancel(credit.maintenance_row_ids)
        tree = self._export(invoice, "bis3")
        self.assertEqual(self._read(tree, REFERENCE), [credit.name])

    def test_negative_group_names_each_invoice_of_its_work(self):
        permissions, numbers = self.env["maintenance.permission"], []
        for vehicle in (self.vehicle_a, self.vehicle_b):
            permission = self._invoice_individually(vehicle, 400.0, -150.0)
            self._create_bill(permission)
            numbers += permission.line_ids.sale_invoice_id.mapped("name")
            permissions += permission
        credit = self._execute_run(permissions).log_ids.move_id
        self.assertEqual(self._read_invoices(credit), numbers)

    def test_negative_group_names_what_the_garage_credits(self):
        """The garage's bill of 400 was charged on; its credit note of 150 names the
        bill, and is for a permission of its own."""
        work = self._close(self.vehicle_a, 400.0)
        other = self._close(self.vehicle_b, 70.0)
        self._execute_run(work)
        self._execute_run(other)
        back = self._create_permission(self.vehicle_a, [{"purchase_price": -150.0}])
        refund = self._create_bill(back, post=False)
        refund.reversed_entry_id = work._get_bills()
        refund.action_post()
        credit = self._execute_run(back).log_ids.move_id
        invoice = work.line_ids.sale_invoice_id
        self.assertEqual(self._read_invoices(credit), [invoice.name])

    def test_shared_bill_names_the_invoice_of_the_same_vehicle(self):
        """A bill of two vehicles was charged on by two invoices; the garage credits
        something of the first vehicle."""
        self.customer.maintenance_billing_method = "vehicle"
        both = self._create_permission(self.vehicle_a, [{"purchase_price": 400.0}])
        both += self._create_permission(self.vehicle_b, [{"purchase_price": 450.0}])
        bill = self._create_bill(both)
        self._execute_run(both)
        back = self._create_permission(self.vehicle_a, [{"purchase_price": -150.0}])
        refund = self._create_bill(back, post=False)
        refund.reversed_entry_id = bill
        refund.action_post()
        credit = self._execute_run(back).log_ids.move_id
        self.assertEqual(
            self._read_invoices(credit), [both[0].line_ids.sale_invoice_id.name]
        )

    def test_negative_group_names_no_invoice_that_has_nothing_to_do_with_it(self):
        """Invoices of other work; of the same work to another payer; taken back."""
        self._execute_run(self._close(self.vehicle_a, 400.0))
        alone = self._create_closed(self.vehicle_a, [{"purchase_price": -150.0}])
        self.assertEqual(self._read_invoices(self._run_of(alone)), [])
        insurer = self._create_partner("Insurer")
        permission = self._create_permission(
            self.vehicle_a,
            [
                {"purchase_price": 400.0, "reinvoice_partner_id": insurer.id},
                {"purchase_price": -150.0},
            ],
        )
        self._create_bill(permission)
        moves = self._execute_run(permission).log_ids.move_id
        credit = moves.filtered(lambda move: move.partner_id == self.customer)
        self.assertEqual(self._read_invoices(credit), [])
        permission = self._invoice_individually(self.vehicle_a, 400.0, -150.0)
        self._create_bill(permission)
        self._cancel(permission.line_ids.row_ids)
        self.assertEqual(self._read_invoices(self._run_of(permission)), [])

    def test_later_invoice_is_not_named(self):
        permission = self._create_permission(
            self.vehicle_a,
            [
                {"purchase_price": 400.0, "reinvoice_method": "individual"},
                {"purchase_price": -150.0},
            ],
        )
        self._create_bill(permission)
        credit = self._run_of(permission)
        permission.line_ids[0].action_reinvoice(posting_date="2026-11-20")
        self.assertEqual(self._read_invoices(credit), [])

    def _run_of(self, permission):
        return self._execute_run(permission).log_ids.move_id

    def test_individual_credit_note_names_the_invoice_of_its_work(self):
        """An insurer pays 100 of the repair back, after it was charged on."""
        permission = self._close(self.vehicle_a, 400.0)
        invoice = self._run_of(permission)
        permission.line_ids = [
            Command.create(
                {
                    "product_id": self.service.id,
                    "name": "Insurer",
                    "purchase_price": 0.0,
                    "reinvoice": True,
                    "reinvoice_method": "individual",
                    "amount_to_reinvoice": -100.0,
                }
            )
        ]
        extra = permission.line_ids.filtered("extra")
        extra.action_reinvoice(posting_date="2026-11-20")
        self.assertEqual(self._read_invoices(extra.sale_invoice_id), [invoice.name])

    def test_vendor_credit_of_invoiced_work_names_the_invoice(self):
        """The garage credits 150 of 400 that were charged on: the customer's credit
        memo is that of the invoice."""
        permission = self._close(self.vehicle_a, 400.0)
        invoice = self._run_of(permission)
        vals = {"ref": "C-1", "invoice_date": "2026-10-20"}
        refund = permission._get_bills()._reverse_moves([vals])
        refund.invoice_line_ids.price_unit = 150.0
        refund.action_post()
        credit, _new = self._correct(permission.line_ids.row_ids, 250.0)
        self.assertEqual(self._read_invoices(credit), [invoice.name])
