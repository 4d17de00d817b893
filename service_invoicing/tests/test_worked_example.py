from odoo import Command
from odoo.tests import tagged

from .common_prepayment import PrepaymentCommon


@tagged("post_install", "-at_install", "service_alone")
class TestWorkedExample(PrepaymentCommon):
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
        cls.example = cls._example_order()
        cls.invoices = cls._bill(cls.example)

    @classmethod
    def _example_order(cls):
        order = cls._new_order(
            (cls.labour, 100, {"quantity": 10, "program_id": cls.program.id}),
            (cls.part, 2000, {}),
            (cls.external, 500, {}),
            tcd_ids=[
                Command.create({"tcd_id": cls.charge.id}),
                Command.create({"tcd_id": cls.discount.id}),
            ],
        )
        cls._new_claim(order, order.line_ids[1], deductible=300)
        return order

    def test_shares_of_the_order(self):
        self.assertRecordValues(
            self.example,
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
        service, program, insurance = self.invoices
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
        service = self.invoices[0]
        service.with_user(self.authorizer).action_service_authorize()
        refund = service._reverse_moves([{"invoice_date": "2026-12-01"}])
        self.assertEqual(refund.move_type, "out_refund")
        self.assertSummary(
            refund, material=300, tax=146.30, charge=80, discount=50, total=1476.30
        )

    def _order_with_two_instalments(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "30 % now, 70 % in 30 days",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 30}),
                    Command.create(
                        {"value": "percent", "value_amount": 70, "nb_days": 30}
                    ),
                ],
            }
        )
        term.line_ids[0].nb_days = 0
        order = self._example_order()
        order.payment_term_id = term
        return order

    def _bill_after_prepayment(self, mode):
        """The authorized service invoice of 2026-12-01, after a received prepayment
        of 300 before tax.

        :return: (prepayment, service invoice)
        """
        self._choose_mode(mode)
        order = self._order_with_two_instalments()
        prepayment = self._new_prepayment(order, 300)
        service = (self._bill(order) - prepayment).filtered(
            lambda move: move.service_invoice_type == "service"
        )
        service.invoice_date = "2026-12-01"
        self.assertEqual(str(service.service_anchor_date), "2026-12-01")
        return prepayment, self._authorize(service)

    def _get_schedule(self, move):
        return [
            (
                str(row.date_maturity),
                row.service_due_amount,
                row.service_adjusted_amount,
                row.service_remaining_amount,
            )
            for row in move.service_installment_ids.sorted("date_maturity")
        ]

    def test_prepayment_by_entry_and_its_schedule_to_the_cent(self):
        prepayment, service = self._bill_after_prepayment("entry")
        self.assertEqual(prepayment.amount_total, 300)
        # 30 % of 1,456.30 = 436.89
        self.assertEqual(
            self._get_schedule(service),
            [
                ("2026-12-01", 436.89, 300, 136.89),
                ("2026-12-31", 1019.41, 0, 1019.41),
            ],
        )
        self.assertSummary(
            service,
            tax=146.30,
            total=1476.30,
            withholding=20,
            before_adjustment=1456.30,
            adjusted=300,
            net=1156.30,
        )
        self.assertEqual(service.amount_total, 1456.30)
        self.assertEqual(service.amount_residual, 1156.30)
        self.assertEqual(service.service_status, "partially_adjusted")
        self.assertEqual(service.service_adjustment_ids.source_move_id, prepayment)

    def test_taxed_prepayment_is_deducted_with_its_tax_to_the_cent(self):
        prepayment, service = self._bill_after_prepayment("deduction")
        # 300 and 11 % of it
        self.assertEqual(prepayment.amount_total, 333)
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
            adjusted=333,
            net=1123.30,
        )
        self.assertEqual(service.amount_total, 1123.30)
        # 30 % of 1,123.30 = 336.99: what is deducted is never due
        self.assertEqual(
            self._get_schedule(service),
            [("2026-12-01", 336.99, 0, 336.99), ("2026-12-31", 786.31, 0, 786.31)],
        )
        self.assertEqual(service.service_status, "partially_adjusted")
        self.assertTrue(prepayment._get_prepayment_lines().reconciled)
