from odoo import Command
from odoo.tests import tagged

from .common import ServiceInvoicingCommon


@tagged("post_install", "-at_install", "service_alone")
class TestWorkedExample(ServiceInvoicingCommon):
    """Labour 1,000, parts 2,000, external repair 500, 11 % tax; the program pays half
    of labour, the insurer the parts less a deductible of 300; the customer also gets
    a taxed charge of 80 and a discount of 50; 2 % is withheld on services."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.withholding = cls.env["account.tax"].create(
            {
                "name": "Withholding 2 %",
                "amount": -2,
                "type_tax_use": "sale",
                "service_withholding": True,
            }
        )
        services = cls.labour | cls.external
        services.taxes_id = [Command.link(cls.withholding.id)]
        income = cls.company_data["default_account_revenue"]
        cls.charge = cls.env["service.tcd"].create(
            {
                "code": "ENV",
                "name": "Environmental charge",
                "tcd_type": "charge",
                "rate": 80,
                "account_id": income.id,
                "tax_ids": [Command.set(cls.tax_11.ids)],
            }
        )
        cls.discount = cls.env["service.tcd"].create(
            {
                "code": "LOYAL",
                "name": "Loyalty discount",
                "tcd_type": "discount",
                "rate": 50,
                "apply_on": "material",
                "account_id": income.id,
            }
        )

    def _example_order(self):
        order = self._new_order(
            (self.labour, 100, {"quantity": 10, "program_id": self.program.id}),
            (self.part, 2000, {}),
            (self.external, 500, {}),
            tcd_ids=[
                Command.create({"tcd_id": self.charge.id}),
                Command.create({"tcd_id": self.discount.id}),
            ],
        )
        self._new_claim(order, order.line_ids[1], deductible=300)
        return order

    def test_shares_of_the_order(self):
        order = self._example_order()
        self.assertRecordValues(
            order,
            [
                {
                    "amount_untaxed": 3500,
                    "amount_customer": 1300,
                    "amount_program": 500,
                    "amount_insurance": 1700,
                }
            ],
        )

    def test_three_invoices_to_the_cent(self):
        service, program, insurance = self._bill(self._example_order())
        self.assertRecordValues(
            service | program | insurance,
            [
                {
                    "service_invoice_type": "service",
                    "partner_id": self.customer.id,
                    "service_status": "fresh",
                },
                {
                    "service_invoice_type": "program",
                    "partner_id": self.sponsor.id,
                    "service_status": "fresh",
                },
                {
                    "service_invoice_type": "insurance",
                    "partner_id": self.insurer.id,
                    "service_status": "fresh",
                },
            ],
        )
        self.assertSummary(
            service,
            material=300,
            labour=500,
            external_repair=500,
            tax=146.30,
            charge=80,
            discount=50,
            total=1476.30,
            withholding=20,
            before_adjustment=1456.30,
            net=1456.30,
        )
        self.assertSummary(
            program,
            material=0,
            labour=500,
            external_repair=0,
            tax=55,
            charge=0,
            discount=0,
            total=555,
            withholding=10,
            before_adjustment=545,
            net=545,
        )
        self.assertSummary(
            insurance,
            material=1700,
            labour=0,
            external_repair=0,
            tax=187,
            charge=0,
            discount=0,
            total=1887,
            withholding=0,
            before_adjustment=1887,
            net=1887,
        )
        self.assertEqual(
            (service | program | insurance).mapped("amount_total"), [1456.30, 545, 1887]
        )

    def test_credit_memo_shows_the_summary_positive(self):
        service = self._bill(self._example_order())[0]
        service.with_user(self.authorizer).action_service_authorize()
        refund = service._reverse_moves([{"invoice_date": "2026-12-01"}])
        self.assertEqual(refund.move_type, "out_refund")
        self.assertSummary(
            refund, material=300, tax=146.30, charge=80, discount=50, total=1476.30
        )
