from odoo import Command
from odoo.tests import tagged

from .common import WithholdingCommon


@tagged("post_install", "-at_install")
class TestWithholdingSummary(WithholdingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        services = cls.labour | cls.external
        services.taxes_id = [Command.link(cls.withheld.id)]

    def _new_tcd(self, code, kind, rate, **vals):
        return self.env["service.tcd"].create(
            {
                "code": code,
                "name": code,
                "tcd_type": kind,
                "rate": rate,
                "account_id": self.company_data["default_account_revenue"].id,
                **vals,
            }
        )

    def _bill_worked_example(self):
        return self._bill(self._new_worked_example())

    def _new_worked_example(self):
        """Labour 1,000 half paid by a program, parts 2,000 but for 300 paid by an
        insurer, external repair 500, a charge of 80 and a discount of 50."""
        charge = self._new_tcd(
            "C", "charge", 80, tax_ids=[Command.set(self.tax_11.ids)]
        )
        discount = self._new_tcd("D", "discount", 50, apply_on="material")
        order = self._new_order(
            (self.labour, 1000, {"program_id": self.program.id}),
            (self.part, 2000, {}),
            (self.external, 500, {}),
            tcd_ids=[Command.create({"tcd_id": tcd.id}) for tcd in (charge, discount)],
        )
        self._new_claim(order, order.line_ids[1], deductible=300)
        return order

    def test_worked_example_to_the_cent(self):
        service, program, insurance = self._bill_worked_example()
        # labour 500 + external repair 500, thereof 2 %
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
        self.assertSummary(program, total=555, withholding=10, net=545)
        self.assertSummary(insurance, total=1887, withholding=0, net=1887)
        # nothing of it stands on the invoice
        self.assertEqual(service.amount_total, 1476.30)

    def test_worked_example_after_an_adjustment(self):
        """Core withholds 20 × 1,176.30 / 1,476.30 = 15.94."""
        service = self._bill_worked_example()[0]
        service.with_user(self.authorizer).action_service_authorize()
        self._adjust(service, 300)
        self.assertSummary(service, withholding=20, adjusted=300, net=1156.30)
        self.assertEqual(service.service_status, "partially_adjusted")
        payment = self._pay(service)
        self.assertWithheld(payment, received=1156.30, withheld=20)
        self.assertSummary(service, withholding=20, adjusted=300, net=1156.30)
        self.assertRecordValues(
            service,
            [{"amount_residual": 0, "service_status": "partially_adjusted"}],
        )

    def test_worked_example_with_its_prepayment(self):
        account = self._new_prepayment_account()
        self.env.company.service_prepayment_account_id = account
        order = self._new_worked_example()
        action = order.action_create_prepayment(amount=300)
        prepayment = self._get_documents(action)
        prepayment.with_user(self.authorizer).action_service_authorize()
        receipt = self._open_payment(prepayment)._create_payments()
        self.assertFalse(receipt.withholding_line_ids)
        service = (self._bill(order) - prepayment).sorted("id")[0]
        service.with_user(self.authorizer).action_service_authorize()
        row = service.service_adjustment_ids
        self.assertEqual(row.source_move_id, prepayment)
        self.assertSummary(
            service,
            total=1476.30,
            withholding=20,
            before_adjustment=1456.30,
            adjusted=300,
            net=1156.30,
        )
        payment = self._pay(service)
        self.assertWithheld(payment, received=1156.30, withheld=20)
        self.assertEqual(service.amount_residual, 0)
        # undone, the 300 are open again and all of the 20 was withheld already
        row.action_undo(reason="Other order")
        self.assertSummary(service, withholding=20, adjusted=0, net=1456.30)
        last = self._pay(service)
        self.assertFalse(last.withholding_line_ids)
        self.assertEqual(last.amount, 300)

    def test_certificate_and_base_name_the_invoice(self):
        move = self._new_invoice((1000, "labour", self.services))
        self._adjust(move, 110)
        payment = self._pay(move)
        self.assertRecordValues(
            payment.withholding_line_ids,
            [
                {
                    "service_move_id": move.id,
                    "base_amount": 1000,
                    "amount": 20,
                }
            ],
        )
        # the number is of the tax's own sequence
        self.assertRegex(payment.withholding_line_ids.name, r"^\d{4}$")

    def test_draft_shows_what_will_be_withheld_and_follows_its_lines(self):
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "service_invoice_type": "service",
                "partner_id": self.customer.id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "x",
                            "price_unit": 1000,
                            "tax_ids": [Command.set(self.services.ids)],
                        }
                    )
                ],
            }
        )
        self.assertSummary(move, tax=110, total=1110, withholding=20, net=1090)
        move.invoice_line_ids.price_unit = 500
        self.assertSummary(move, withholding=10, net=545)
        # not a cent of the invoice changes by that
        move.invoice_line_ids.tax_ids = self.tax_11
        self.assertSummary(move, withholding=0, total=555, net=555)

    def test_both_kinds_of_withholding_add_up(self):
        on_invoice = self._percent_tax(-1, service_withholding=True)
        move = self._new_invoice((1000, "labour", self.services | on_invoice))
        # 1,110 less 10 on the invoice, less 20 on payment
        self.assertSummary(move, total=1110, withholding=30, net=1080)
        self.assertEqual(move.amount_total, 1100)
        self.assertWithheld(self._pay(move), received=1080, withheld=20)

    def test_credit_memo_takes_the_withholding_back(self):
        move = self._new_invoice(
            (1000, "labour", self.services), (100, "material", self.tax_11)
        )
        refund = move._reverse_moves([{"invoice_date": "2026-11-02"}])
        refund.invoice_line_ids.filtered(
            lambda line: line.service_cost_category == "labour"
        ).price_unit = 500
        refund.invoice_line_ids.filtered(
            lambda line: line.service_cost_category == "material"
        ).unlink()
        refund.action_post()
        self._reconcile(move, refund)
        # 555 of labour are credited, of which 545 would have been paid
        self.assertSummary(refund, total=555, withholding=10, adjusted=545, net=0)
        self.assertSummary(move, total=1221, withholding=20, adjusted=545, net=656)
        # 666 are open: 500 of labour, 100 of parts and 66 tax, 10 is withheld
        self.assertWithheld(self._pay(move), received=656, withheld=10)
        self.assertSummary(move, withholding=20, net=656)

    def test_wholly_credited_invoice_leaves_nothing(self):
        move = self._new_invoice((1000, "labour", self.services))
        refund = move._reverse_moves([{"invoice_date": "2026-11-02"}])
        refund.action_post()
        self._reconcile(move, refund)
        self.assertSummary(move, withholding=20, adjusted=1090, net=0)
        self.assertEqual(move.service_status, "reversed")

    def test_credit_memo_is_paid_out_less_what_was_withheld(self):
        move = self._new_invoice((1000, "labour", self.services))
        self._pay(move)
        refund = move._reverse_moves([{"invoice_date": "2026-11-04"}])
        refund.action_post()
        self.assertSummary(refund, total=1110, withholding=20, net=1090)
        self.assertWithheld(self._pay(refund), received=-1090, withheld=-20)
        self.assertEqual(refund.amount_residual, 0)

    def test_prints_say_what_is_withheld(self):
        move = self._new_invoice((1000, "labour", self.services))
        rows = [
            (row["label"], row["amount"]) for row in move._get_service_print_summary()
        ]
        self.assertEqual(
            rows,
            [
                ("Labour", 1000),
                ("Taxes", 110),
                ("Total Amount", 1110),
                ("Withholding Tax", -20),
                ("Payable", 1090),
            ],
        )

    def test_mail_asks_for_what_is_left_after_withholding(self):
        """1,110 less 20; half of it, 555 less 10, is paid and half withheld."""
        move = self._new_invoice((1000, "labour", self.services))
        self.assertEqual(move._get_service_due_amount(), 1090)
        send = self.env["account.move.send"]
        template = send._get_default_mail_template_id(move)
        body = send._get_default_mail_body(move, template, "en_US")
        self.assertIn("1,090.00", body)
        self.assertNotIn("1,110.00", body)
        self._adjust(move, 555)
        self.assertEqual(move._get_service_due_amount(), 535)
        self.assertSummary(move, untaxed=1000, total=1110, due=535, due_signed=535)
        self._pay(move)
        self.assertEqual(move._get_service_due_amount(), 0)

    def test_credit_limit_counts_the_invoice_with_the_withholding(self):
        # 1,000 and 11 %: nothing is taken off the invoice
        order = self._new_order((self.labour, 1000, {}))
        order.action_confirm_check()
        self.assertEqual(order._get_share_total(order._get_next_share()), 1110)

    def test_what_the_insurer_withholds_stays_on_his_invoice(self):
        order = self._new_order((self.labour, 1000, {}))
        self._new_claim(order, order.line_ids, vat_payer="customer")
        service, insurance = self._bill(order)
        self.assertSummary(insurance, tax=0, withholding=20, total=1000)
        self.assertSummary(service, tax=110, withholding=0, total=110)

    def test_other_invoices_are_paid_as_core_does(self):
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_date": "2026-11-01",
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "x",
                            "price_unit": 1000,
                            "tax_ids": [Command.set(self.services.ids)],
                        }
                    )
                ],
            }
        )
        move.action_post()
        self.assertSummary(move, withholding=0, net=0)
        self._adjust(move, 555)
        # half is left: core withholds half
        payment = self._pay(move)
        self.assertWithheld(payment, received=545, withheld=10)
        self.assertFalse(payment.withholding_line_ids.service_move_id)
