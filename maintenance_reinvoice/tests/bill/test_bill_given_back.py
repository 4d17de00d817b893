from odoo.exceptions import UserError
from odoo.tests import tagged

from ..common_bill import MaintenanceBillCommon


@tagged("post_install", "-at_install")
class TestBillGivenBack(MaintenanceBillCommon):
    """A garage gives 150 back and charges nothing: with 23 % it owes 184.50."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.permission = cls._create_permission(
            cls.vehicle_a, [{"purchase_price": -150.0}]
        )
        cls.line = cls.permission.line_ids

    def test_credit_note_is_made_and_closes_the_permission(self):
        credit = self._create_bill(self.permission)
        self.assertEqual(credit.move_type, "in_refund")
        self.assertEqual(credit.invoice_line_ids.price_unit, 150.0)
        self.assertEqual(credit.amount_total, 184.5)
        self.assertEqual(credit.state, "posted")
        self.assertEqual(self.line.amount_billed, -150.0)
        self.assertEqual(self.line.amount_credited, 0.0)
        self.assertEqual(self.permission.state, "closed")
        # the contract costs 150 less
        self.assertEqual(self._get_analytic_result(self.analytic_a), 150.0)

    def test_run_credits_the_customer(self):
        self._create_bill(self.permission)
        run = self._execute_run(self.permission)
        invoice = run.log_ids.move_id
        self.assertEqual(invoice.move_type, "out_refund")
        self.assertEqual(invoice.amount_total, 184.5)
        self.assertEqual(self._get_balance(self.mass_account), 0.0)
        self.assertEqual(self.permission.state, "reinvoiced")

    def test_more_given_back_than_charged_is_one_credit_note(self):
        permission = self._create_permission(
            self.vehicle_a, [{"purchase_price": 100.0}, {"purchase_price": -250.0}]
        )
        credit = self._create_bill(permission)
        self.assertEqual(credit.move_type, "in_refund")
        self.assertEqual(
            credit.invoice_line_ids.mapped("price_subtotal"), [-100.0, 250.0]
        )
        self.assertEqual(credit.amount_untaxed, 150.0)
        self.assertEqual(permission.line_ids.mapped("amount_billed"), [100.0, -250.0])
        self.assertEqual(permission.state, "closed")

    def test_less_given_back_than_charged_stays_a_bill(self):
        permission = self._create_permission(
            self.vehicle_a, [{"purchase_price": 400.0}, {"purchase_price": -150.0}]
        )
        bill = self._create_bill(permission)
        self.assertEqual(bill.move_type, "in_invoice")
        self.assertEqual(bill.amount_untaxed, 250.0)
        # a credit note of the whole bill takes both back
        refund = bill._reverse_moves([{"ref": "C-1", "invoice_date": "2026-10-20"}])
        refund.action_post()
        self.assertEqual(permission.line_ids.mapped("amount_billed"), [0.0, 0.0])
        self.assertEqual(permission.line_ids.mapped("amount_credited"), [400.0, -150.0])

    def test_garages_own_credit_note_is_attached(self):
        credit = self._create_vendor_bill(
            (self.permission.name, 150.0), move_type="in_refund"
        )
        self._match_proposal(credit)
        self.assertEqual(credit.invoice_line_ids.maintenance_line_id, self.line)
        credit.action_post()
        self.assertEqual(self.line.amount_billed, -150.0)
        self.assertEqual(self.permission.state, "closed")

    def test_given_back_once(self):
        self._create_bill(self.permission)
        with self.assertRaisesRegex(UserError, "nothing left to bill"):
            self._create_bill(self.permission, reference="F-2")
        second = self._create_vendor_bill(
            (self.permission.name, 150.0), move_type="in_refund"
        )
        second.invoice_line_ids.maintenance_line_id = self.line
        with self.assertRaisesRegex(UserError, "is already on bill"):
            second.action_post()

    def test_number_of_a_credit_note_is_used_once(self):
        credit = self._create_bill(self.permission, reference="C 1")
        copy = credit.copy({"ref": "c1", "invoice_date": "2026-10-12"})
        with self.assertRaisesRegex(UserError, "c1 of Garage is already used on"):
            copy.action_post()
        other = self._create_permission(self.vehicle_b, [{"purchase_price": -20.0}])
        with self.assertRaisesRegex(UserError, "C 1 of Garage is already used on"):
            self._create_bill(other, reference="C 1")
        # a bill may have the number of a credit note
        third = self._create_permission(self.vehicle_b, [{"purchase_price": 20.0}])
        self.assertEqual(self._create_bill(third, reference="C 1").state, "posted")

    def test_reset_opens_it_again_until_the_customer_has_his_credit(self):
        credit = self._create_bill(self.permission)
        credit.button_draft()
        self.assertFalse(self.line.bill_posted)
        credit.action_post()
        self._execute_run(self.permission)
        with self.assertRaisesRegex(UserError, "is on customer invoice"):
            credit.button_draft()

    def test_other_amount_than_agreed_is_a_difference(self):
        self.company.maintenance_bill_tolerance = 5.0
        credit = self._create_bill(self.permission, post=False)
        credit.invoice_line_ids.price_unit = 140.0
        with self.assertRaisesRegex(UserError, "differs by .*10.00"):
            credit.action_post()
        credit.invoice_line_ids.price_unit = 147.0
        credit.action_post()
        difference = self.permission.line_ids - self.line
        # 3 less were given back than agreed
        self.assertEqual(difference.purchase_price, 3.0)
        self.env.flush_all()
        margins = self.env["maintenance.margin.report"].search(
            [("permission_id", "=", self.permission.id)]
        )
        self.assertEqual(set(margins.mapped("bill_date")), {credit.date})

    def test_accrual_takes_it_until_the_customer_is_credited(self):
        self._create_bill(self.permission)
        found = self.line.search(
            self.line._get_accrual_domain(self.company, self._date("2026-12-31"))
        )
        self.assertEqual(found & self.line, self.line)
