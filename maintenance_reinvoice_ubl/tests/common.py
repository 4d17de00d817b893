from odoo.addons.maintenance_reinvoice.tests.common_cancel import CancelCommon
from odoo.addons.service_invoicing_ubl.tests.common import ExportCommon


class MaintenanceEinvoiceCommon(ExportCommon, CancelCommon):
    """A German lessor with two contracts of one customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_seller()
        contracts = cls.contract_a + cls.contract_b
        contracts.currency_id = cls.euro
        cls.sale_tax.amount = 20.0
        cls._locate(cls.customer, "DE811569869", ref="BUYER-7", email="c@c.example")
        cls.contract_a.customer_reference = "PO-4711"
        cls.contract_b.customer_reference = "PO-4711"

    @classmethod
    def _close(cls, vehicle, price, **vals):
        """A permission whose bill is posted, 2,000 km on the clock."""
        line = {"purchase_price": price, "name": "Brakes"}
        return cls._create_closed(vehicle, [line], odometer=2000, **vals)

    @classmethod
    def _run_collective(cls):
        """One invoice: 400 for contract A, 5 October, and 450 for B, the 12th."""
        permissions = cls._close(cls.vehicle_a, 400.0)
        permissions += cls._close(cls.vehicle_b, 450.0, date="2026-10-12")
        return cls._execute_run(permissions).log_ids.move_id

    @classmethod
    def _run_detailed(cls):
        """Work of 100 and 50 and a compensation of 30 for A, work of 450 for B."""
        permission = cls._create_permission(
            cls.vehicle_a,
            [
                {"purchase_price": 100.0, "name": "Brakes"},
                {"purchase_price": 50.0, "name": "Wipers"},
                {"purchase_price": -30.0, "name": "Compensation"},
            ],
            odometer=2000,
        )
        cls._bill_with_work(permission)
        permission += cls._close(cls.vehicle_b, 450.0, date="2026-10-12")
        return cls._execute_run(permission).log_ids.move_id

    @classmethod
    def _invoice_individually(cls, vehicle, *prices, **vals):
        """A permission of several lines, of which the first is invoiced at once."""
        lines = [{"purchase_price": price} for price in prices]
        lines[0]["reinvoice_method"] = "individual"
        permission = cls._create_permission(vehicle, lines, odometer=2000, **vals)
        permission.line_ids[0].action_reinvoice(posting_date="2026-10-20")
        return permission

    @classmethod
    def _run_negative_after_invoice(cls):
        """Work of 400 is invoiced, then a run gives 150 of the permission back.

        :return: the invoice and the credit note"""
        permission = cls._invoice_individually(cls.vehicle_a, 400.0, -150.0)
        cls._create_bill(permission)
        invoice = permission.line_ids.sale_invoice_id
        return invoice, cls._execute_run(permission).log_ids.move_id

    @classmethod
    def _run_negative(cls):
        """A compensation of 300 against work of 100: a credit note of 200."""
        permission = cls._create_permission(
            cls.vehicle_a,
            [{"purchase_price": 100.0}, {"purchase_price": -300.0}],
            odometer=2000,
        )
        cls._bill_with_work(permission)
        return cls._execute_run(permission).log_ids.move_id
