from odoo.exceptions import UserError
from odoo.tests import tagged

from ..common_prepayment import DeductionCommon


@tagged("post_install", "-at_install")
class TestPrepaymentDeduction(DeductionCommon):
    """Advances that bear tax are deducted on the invoice, with their tax.

    The order comes to 1,000 and 110 of tax.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.prepayment = cls._new_prepayment(amount=300)
        cls.invoice = cls._bill_service()

    def test_deducted_at_save_and_closed_at_authorization(self):
        prepayment, invoice = self.prepayment, self.invoice
        self.assertDeducted(
            invoice,
            333,
            777,
            labour=600,
            material=400,
            tax=110,
            total=1110,
            before_adjustment=1110,
            adjusted=333,
            net=777,
        )
        self.assertEqual(prepayment.service_prepayment_open, 333)
        self._authorize(invoice)
        line = invoice._get_deduction_lines()
        self.assertRecordValues(
            line | prepayment._get_prepayment_lines(),
            [
                {"balance": 300, "account_id": self.prepaid.id, "reconciled": True},
                {"balance": -300, "account_id": self.prepaid.id, "reconciled": True},
            ],
        )
        self.assertEqual(line.tax_ids, self.tax_11)
        self.assertEqual(invoice.amount_tax, 77)
        self.assertEqual(invoice.service_status, "partially_adjusted")
        self.assertRecordValues(
            prepayment,
            [{"service_prepayment_used": 333, "service_prepayment_open": 0}],
        )
        self.assertRecordValues(
            invoice.service_adjustment_ids,
            [
                {
                    "source_move_id": prepayment.id,
                    "already_adjusted": 0,
                    "amount": 333,
                    "pending": 333,
                    "undone": False,
                }
            ],
        )
        self.assertFalse(invoice.service_share_warning)

    def test_saving_twice_changes_nothing(self):
        invoice = self.invoice
        before = invoice.line_ids
        values = before.read(["balance", "name", "write_date"])
        invoice.action_service_save()
        self.assertEqual(invoice.line_ids, before)
        self.assertEqual(before.read(["balance", "name", "write_date"]), values)

    def test_without_auto_adjust_nothing_is_deducted(self):
        invoice = self.invoice
        self.assertEqual(invoice._get_deducted_amount(), 333)
        invoice.service_auto_adjust = False
        invoice.action_service_save()
        self.assertDeducted(invoice, 0, 1110, adjusted=0)

    def test_deduction_lines_are_protected(self):
        invoice = self.invoice.with_user(self.clerk)
        line = invoice.invoice_line_ids.filtered("product_id")[0]
        with self.assertRaises(UserError):
            line.service_prepayment_id = self.prepayment
        with self.assertRaises(UserError):
            line.service_deduction_manual = True
        # what is typed over a deduction is brought right by Save
        deduction = invoice._get_deduction_lines()
        deduction.price_unit = 500
        invoice.action_service_save()
        self.assertDeducted(invoice, 333, 777, tax=110)


@tagged("post_install", "-at_install")
class TestDirectDeduction(DeductionCommon):
    """A direct advance of 100 is deducted from the invoices it is chosen for.

    They come to 1,110 and 555.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.direct = cls._new_received_direct(100)
        cls.invoice = cls._bill_service()
        cls.other = cls._bill_service(cls._new_order((cls.labour, 500, {})))

    def test_what_another_took_meanwhile_is_not_deducted(self):
        direct, one, other = self.direct, self.invoice, self.other
        for move in (one, other):
            move.env["service.prepayment.deduction"]._deduct(move, direct)
            self.assertEqual(move._get_deducted_amount(), 111)
        self._authorize(one)
        self._authorize(other)
        self.assertEqual(other._get_deducted_amount(), 0)
        self.assertEqual(other.amount_total, 555)

    def test_two_invoices_authorized_at_once_take_it_once(self):
        direct, one, other = self.direct, self.invoice, self.other
        for move in (one, other):
            move.env["service.prepayment.deduction"]._deduct(move, direct)
        self._authorize(one | other)
        self.assertEqual(one._get_deducted_amount() + other._get_deducted_amount(), 111)
        self.assertTrue(direct._get_prepayment_lines().reconciled)

    def test_direct_prepayment_is_deducted_by_hand_only(self):
        direct, invoice = self.direct, self.invoice
        self.assertDeducted(invoice, 0, 1110)
        invoice.env["service.prepayment.deduction"]._deduct(invoice, direct, gross=55.5)
        self.assertDeducted(invoice, 55.5, 1054.5, tax=110, adjusted=55.5)
        invoice.action_service_save()
        self.assertDeducted(invoice, 55.5, 1054.5)
        invoice.service_auto_adjust = False
        invoice.action_service_save()
        self.assertDeducted(invoice, 55.5, 1054.5)
        self._authorize(invoice)
        self.assertEqual(direct.service_prepayment_open, 55.5)

    def test_direct_prepayment_is_deducted_from_the_order_its_lines_name(self):
        order = self._new_order((self.labour, 500, {}))
        for direct in self.direct | self._new_received_direct(50):
            direct.invoice_line_ids.sudo().service_work_order_id = order
        # 555 - 111 - 55.50
        self.assertDeducted(self._bill_service(order), 166.5, 388.5)

    def test_direct_prepayment_for_two_orders_waits_for_an_invoice_of_both(self):
        orders = [self._new_order((self.labour, 500, {})) for _number in range(2)]
        direct = self._new_direct(("One", 60), ("Two", 40))
        for line, order in zip(direct._get_prepayment_lines(), orders, strict=True):
            line.service_work_order_id = order
        self._authorize(direct)
        self._receive(direct)
        for order in orders:
            self.assertDeducted(self._bill_service(order), 0, 555)


@tagged("post_install", "-at_install")
class TestDeductibleAdvances(DeductionCommon):
    """Which advances are deducted, and how much of them."""

    def test_only_what_was_received_is_deducted(self):
        prepayment = self._authorize(self._ask_prepayment(amount=300))
        invoice = self._bill_service()
        self.assertDeducted(invoice, 0, 1110, adjusted=0)
        # 100 of 333 with 11 % tax: 90.09 and 9.91
        self._receive(prepayment, 100)
        invoice.action_service_save()
        self.assertDeducted(invoice, 100, 1010, tax=110, adjusted=100, net=1010)
        self.assertEqual(invoice._get_deduction_lines().price_subtotal, -90.09)
        self._authorize(invoice)
        self.assertEqual(prepayment._get_prepayment_lines().amount_residual, -209.91)
        self._receive(prepayment, 233)
        self.assertEqual(prepayment.service_prepayment_open, 233)
        # the rest goes on the next invoice of the order, to the cent
        credit = self._credit(invoice)
        self.assertEqual(credit.amount_total, 1010)
        self.assertEqual(prepayment.service_prepayment_open, 333)

    def test_never_more_than_the_invoice_comes_to(self):
        order = self._new_order((self.labour, 100, {}))
        prepayment = self._new_prepayment(order, amount=300)
        invoice = self._bill_service(order)
        self.assertDeducted(invoice, 111, 0, tax=11, adjusted=111, net=0)
        self._authorize(invoice)
        self.assertEqual(invoice.service_status, "adjusted")
        self.assertEqual(prepayment.service_prepayment_open, 222)
        self.assertEqual(prepayment._get_prepayment_lines().amount_residual, -200)

    def test_oldest_first_and_drafts_reserve_nothing(self):
        first = self._new_prepayment(amount=900)
        second = self._new_prepayment(amount=300)
        invoice = self._bill_service()
        # 999 of the first, 111 of the second
        self.assertEqual(
            [
                (line.service_prepayment_id, line.price_total)
                for line in invoice._get_deduction_lines()
            ],
            [(first, -999), (second, -111)],
        )
        self.assertEqual(second.service_prepayment_open, 333)
        self._authorize(invoice)
        self.assertEqual(first.service_prepayment_open, 0)
        self.assertEqual(second.service_prepayment_open, 222)

    def test_decoys_stay_untouched(self):
        """Everything but the order's own received advance."""
        other_order = self._new_order((self.labour, 500, {}))
        currency = self.setup_other_currency("EUR")
        account = self.env["account.account"].create(
            {
                "name": "Other receivable",
                "code": "121999",
                "account_type": "asset_receivable",
                "reconcile": True,
            }
        )
        sponsored = self._new_order((self.labour, 600, {"program_id": self.program.id}))
        asked = {
            "another order": self._ask_prepayment(other_order),
            "another payer": self._ask_prepayment(
                sponsored, partner_id=self.sponsor.id
            ),
            "another receivable account": self._ask_prepayment(),
            "blocked": self._ask_prepayment(),
            "not received": self._ask_prepayment(),
        }
        receivable = asked["another receivable account"]
        receivable._get_receivable_lines().account_id = account
        self._authorize(receivable.union(*asked.values()))
        for name in ("another order", "another payer", "another receivable account"):
            self._receive(asked[name])
        self._receive(asked["blocked"], 100)
        asked["blocked"].with_user(self.clerk).action_service_hold(reason="Dispute")
        decoys = asked | {
            "draft": self._ask_prepayment(),
            "direct": self._new_received_direct(100),
            "another currency": self._new_received_direct(100, currency_id=currency.id),
        }
        self.order.customer_reference = "X"
        before = {name: move.service_prepayment_open for name, move in decoys.items()}
        invoice = self._authorize(self._bill_service())
        self.assertFalse(invoice._get_deduction_lines())
        sponsored_invoice = self._bill_service(sponsored)
        self.assertFalse(sponsored_invoice._get_deduction_lines())
        for name, move in decoys.items():
            with self.subTest(name):
                self.assertEqual(move.service_prepayment_open, before[name])
        fresh = self._bill_service(self._new_order((self.part, 50, {})))
        for name in ("another order", "not received", "draft", "blocked"):
            with self.subTest(name), self.assertRaisesRegex(UserError, "cannot deduct"):
                fresh.env["service.prepayment.deduction"]._deduct(fresh, decoys[name])
