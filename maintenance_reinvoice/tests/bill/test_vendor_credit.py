from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..common_bill import MaintenanceBillCommon


class VendorCreditCommon(MaintenanceBillCommon):
    """Bills of a garage that it credits afterwards."""

    def _credit_by_vendor(self, permission, amount, post=True):
        """The garage credits ``amount`` of the permission's bill."""
        bill = permission._get_bills().filtered(lambda m: m.move_type == "in_invoice")
        vals = {"ref": f"C-{len(bill.reversal_move_ids)}"}
        refund = bill._reverse_moves([vals | {"invoice_date": "2026-10-20"}])
        refund.invoice_line_ids.price_unit = amount
        if post:
            refund.action_post()
        return refund

    def _get_todos(self, permission):
        xmlid = "maintenance_reinvoice.mail_activity_type_credit_customer"
        todo_type = self.env.ref(xmlid)
        return permission.activity_ids.filtered(
            lambda todo: todo.activity_type_id == todo_type
        )


@tagged("post_install", "-at_install")
class TestVendorCredit(VendorCreditCommon):
    """A garage's credit lowers what was bought: a permission of 100 is billed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.permission = cls._create_closed(cls.vehicle_a, [{"purchase_price": 100.0}])
        cls.line = cls.permission.line_ids

    # -- what is bought ---------------------------------------------------------

    def test_vendor_credit_reduces_what_was_bought(self):
        refund = self._credit_by_vendor(self.permission, 30.0)
        self.assertEqual(refund.invoice_line_ids.maintenance_line_id, self.line)
        self.assertEqual(self.line.amount_billed, 70.0)
        self.assertEqual(self.line.amount_to_reinvoice, 70.0)
        self.assertFalse(self.line.credit_proposed)
        self.assertEqual(self.permission.state, "closed")

    def test_vendor_credit_never_raises_a_reduced_amount(self):
        self.line.amount_to_reinvoice = 60.0
        self._credit_by_vendor(self.permission, 30.0)
        self.assertEqual(self.line.amount_to_reinvoice, 60.0)

    def test_credit_of_what_was_billed_too_much_takes_nothing_away(self):
        self.company.maintenance_bill_tolerance = 5.0
        permission = self._create_permission(
            self.vehicle_a, [{"purchase_price": 100.0}]
        )
        bill = self._create_bill(permission, post=False)
        bill.invoice_line_ids.price_unit = 104.0
        bill.action_post()
        refund = self._credit_by_vendor(permission, 4.0)
        line = permission.line_ids.filtered(lambda row: not row.difference)
        self.assertEqual((line.amount_billed, line.amount_to_reinvoice), (100.0, 100.0))
        refund.button_draft()
        refund.invoice_line_ids.price_unit = 104.0
        refund.action_post()
        # nothing is left, and the customer is never owed the difference
        self.assertEqual((line.amount_billed, line.amount_to_reinvoice), (0.0, 0.0))

    def test_reset_of_the_credit_charges_as_before(self):
        self.line.amount_to_reinvoice = 90.0
        first = self._credit_by_vendor(self.permission, 30.0)
        second = self._credit_by_vendor(self.permission, 20.0)
        self.assertEqual(self.line.amount_to_reinvoice, 50.0)
        first.button_draft()
        self.assertEqual(self.line.amount_to_reinvoice, 80.0)
        second.button_draft()
        self.assertEqual(self.line.amount_to_reinvoice, 90.0)
        self.assertFalse(self.line.amount_before_credit)

    def test_reset_of_the_credit_never_raises_what_somebody_chose(self):
        refund = self._credit_by_vendor(self.permission, 30.0)
        self.line.amount_to_reinvoice = 10.0
        refund.button_draft()
        self.assertEqual(self.line.amount_to_reinvoice, 10.0)

    def test_wholly_credited_work_is_not_charged_without_a_manager(self):
        self._credit_by_vendor(self.permission, 100.0)
        self.assertEqual(self.line.amount_to_reinvoice, 0.0)
        with self.assertRaisesRegex(UserError, "is more than the purchase price"):
            self.line.amount_to_reinvoice = 100.0

    def test_more_than_was_billed_is_not_credited(self):
        first = self._credit_by_vendor(self.permission, 60.0, post=False)
        second = self._credit_by_vendor(self.permission, 60.0, post=False)
        with self.assertRaisesRegex(UserError, "120.00 is more than"):
            (first + second).action_post()
        first.action_post()
        with self.assertRaisesRegex(UserError, "60.00 is more than the .*40.00"):
            second.action_post()

    def test_credit_carries_the_vehicle(self):
        refund = self._credit_by_vendor(self.permission, 30.0)
        self.assertEqual(refund.invoice_line_ids.vehicle_id, self.vehicle_a)

    # -- credits that came by themselves ----------------------------------------

    def test_doubtful_credit_is_left_to_the_accountant(self):
        permission = self._create_closed(
            self.vehicle_b,
            [{"purchase_price": 60.0}, {"purchase_price": 40.0}],
        )
        for amount, lines in (
            (10.0, permission.line_ids.browse()),
            (40.0, permission.line_ids[1]),
            (100.0, permission.line_ids),
        ):
            refund = self._create_vendor_bill(
                (permission.name, amount), move_type="in_refund"
            )
            ((found, proposed),) = (
                self.env["maintenance.bill.matching"]._get_proposal(refund).values()
            )
            self.assertEqual((found, proposed), (permission, lines), amount)

    def test_unbilled_line_is_not_credited(self):
        refund = self._create_vendor_bill(("Work", 5.0), move_type="in_refund")
        with self.assertRaisesRegex(UserError, "is not a billed line of Garage"):
            refund.action_maintenance_match(
                line_ids=[(refund.invoice_line_ids.id, self.line_a.id)]
            )
        refund.invoice_line_ids.maintenance_line_id = self.line_a
        with self.assertRaisesRegex(UserError, "5.00 is more than the .*0.00"):
            refund.action_post()

    def test_credit_of_an_insurers_compensation(self):
        permission = self._create_closed(
            self.vehicle_a,
            [{"purchase_price": 100.0}, {"purchase_price": -40.0, "name": "Insurer"}],
        )
        compensation = permission.line_ids[1]
        self.assertEqual(compensation.amount_to_reinvoice, -40.0)
        bill = permission._get_bills()
        refund = bill._reverse_moves([{"ref": "C-1", "invoice_date": "2026-10-20"}])
        refund.invoice_line_ids = [
            Command.update(line.id, {"price_unit": line.price_unit / 2})
            for line in refund.invoice_line_ids
        ]
        refund.action_post()
        # half of both: 50 and -20
        self.assertEqual(
            permission.line_ids.mapped("amount_to_reinvoice"), [50.0, -20.0]
        )

    def test_credit_before_the_draft_invoice_is_posted_is_proposed_afterwards(self):
        self.company.maintenance_mass_account_id = False
        invoice = self._execute_run(self.permission).log_ids.move_id
        self.assertEqual(invoice.state, "draft")
        self._credit_by_vendor(self.permission, 30.0)
        self.assertFalse(self._get_todos(self.permission))
        invoice.action_post()
        self.assertTrue(self.permission.credit_proposed)
        self.assertTrue(self._get_todos(self.permission))


@tagged("post_install", "-at_install")
class TestCustomerCredit(VendorCreditCommon):
    """A garage's credit reaches the customer: 100 are on a collective invoice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.permission = cls._create_invoiced()
        cls.line = cls.permission.line_ids

    @classmethod
    def _create_invoiced(cls, price=100.0, **line):
        """A permission whose line is on a collective invoice."""
        values = {"purchase_price": price, **line}
        permission = cls._create_closed(cls.vehicle_a, [values])
        cls._execute_run(permission)
        return permission

    def test_vendor_credit_proposes_the_customers_credit(self):
        self.assertTrue(self.line.reinvoiced)
        self.assertFalse(self.line.credit_proposed)
        self._credit_by_vendor(self.permission, 30.0)
        self.assertTrue(self.line.credit_proposed)
        self.assertEqual(self.line.amount_to_reinvoice, 100.0)
        self.line.sale_invoice_id.action_maintenance_cancel(
            row_ids=self.line.row_ids.ids, posting_date="2026-11-01"
        )
        self.assertFalse(self.line.credit_proposed)

    def test_vendor_credit_is_attached_and_proposes_the_customers_credit(self):
        refund = self._create_vendor_bill(
            ("AA-111 too much", 25.0), move_type="in_refund", ref="C-9"
        )
        self.assertEqual(
            self.env["maintenance.bill.matching"]._get_candidates(refund), self.line
        )
        self._match_proposal(refund)
        self.assertEqual(refund.invoice_line_ids.vehicle_id, self.vehicle_a)
        refund.action_post()
        self.assertEqual(
            (self.line.amount_billed, self.line.amount_after_credit), (75.0, 75.0)
        )
        self.assertTrue(self.line.credit_proposed)
        self.assertTrue(self.permission.credit_proposed)
        self.assertTrue(refund.maintenance_credit_proposed)

    def test_todo_of_the_responsible_goes_when_the_customer_is_credited(self):
        responsible = new_test_user(
            self.env,
            "credits",
            groups="maintenance_reinvoice.group_maintenance_reinvoice",
            company_id=self.company.id,
        )
        self.company.maintenance_credit_user_id = responsible
        self.assertFalse(self._get_todos(self.permission))
        self._credit_by_vendor(self.permission, 30.0)
        self._credit_by_vendor(self.permission, 10.0)
        todo = self._get_todos(self.permission)
        self.assertEqual((len(todo), todo.user_id), (1, responsible))
        row = self.line.row_ids
        row.move_id.action_maintenance_cancel(
            row_ids=row.ids, posting_date="2026-11-01"
        )
        self.assertFalse(self._get_todos(self.permission))
        self.assertEqual(self.line.amount_to_reinvoice, 60.0)

    def test_todo_of_the_maker_goes_when_the_credit_is_reset(self):
        refund = self._credit_by_vendor(self.permission, 30.0)
        self.assertEqual(
            self._get_todos(self.permission).user_id, self.permission.create_uid
        )
        refund.button_draft()
        self.assertFalse(self.permission.credit_proposed)
        self.assertFalse(self._get_todos(self.permission))

    def test_one_click_opens_the_cancellation_with_the_right_amount(self):
        refund = self._credit_by_vendor(self.permission, 30.0)
        for action in (
            self.line.action_credit_customer(),
            self.permission.action_credit_customer(),
            refund.action_maintenance_credit_customer(),
        ):
            dialog = self.env[action["res_model"]].browse(action["res_id"])
            self.assertEqual(dialog.row_ids, self.line.row_ids)
            self.assertEqual(dialog.line_ids.corrected_amount, 70.0)
        dialog.posting_date = "2026-11-01"
        dialog.action_confirm()
        self.assertFalse(self.line.credit_proposed)
        self.assertEqual(
            (self.line.amount_to_reinvoice, self.line.reinvoiced), (70.0, True)
        )
        self.assertFalse(self._get_todos(self.permission))
        # 100 invoiced, credited, and 70 invoiced anew
        self.assertEqual(self._get_balance(self.revenue), -70.0)
        self.assertEqual(self._get_balance(self.mass_account), 0.0)

    def test_markup_of_the_customer_shrinks_with_the_credit(self):
        self.contract_a.markup_percent = 10.0
        permission = self._create_invoiced()
        line = permission.line_ids
        self.assertTrue(line.reinvoiced)
        self.assertEqual(line.amount_to_reinvoice, 110.0)
        self._credit_by_vendor(permission, 30.0)
        # (100 - 30) + 10 %
        self.assertEqual(line.amount_after_credit, 77.0)
        self.assertTrue(line.credit_proposed)

    def test_markup_allowed_for_one_line_shrinks_with_the_credit(self):
        permission = self._create_invoiced(
            amount_to_reinvoice=120.0, markup_allowed=True
        )
        self.assertTrue(permission.line_ids.reinvoiced)
        self._credit_by_vendor(permission, 30.0)
        # 120 × 70 / 100
        self.assertEqual(permission.line_ids.amount_after_credit, 84.0)
        self.assertTrue(permission.credit_proposed)

    def test_customer_who_paid_less_is_owed_nothing(self):
        permission = self._create_invoiced(amount_to_reinvoice=60.0)
        self.assertTrue(permission.line_ids.reinvoiced)
        refund = self._credit_by_vendor(permission, 30.0)
        self.assertFalse(permission.credit_proposed)
        self.assertFalse(self._get_todos(permission))
        with self.assertRaisesRegex(UserError, "has credited nothing"):
            permission.line_ids.action_credit_customer()
        with self.assertRaisesRegex(UserError, "has credited nothing"):
            refund.action_maintenance_credit_customer()

    def test_who_may_not_reinvoice_credits_no_customer(self):
        refund = self._credit_by_vendor(self.permission, 30.0, post=False)
        clerk = new_test_user(
            self.env,
            "credit_clerk",
            groups="maintenance_reinvoice.group_maintenance_user,"
            "account.group_account_invoice",
            company_id=self.company.id,
        )
        refund.with_user(clerk).action_post()
        self.assertTrue(self.permission.credit_proposed)
        with self.assertRaises(AccessError):
            self.line.with_user(clerk).action_credit_customer()
        with self.assertRaises(AccessError):
            refund.with_user(clerk).action_maintenance_credit_customer()
        for name in ("amount_before_credit", "credit_proposed"):
            with self.assertRaises(UserError):
                self.line.with_user(clerk).write({name: 5})
        with self.assertRaises(UserError):
            self.permission.with_user(clerk).credit_proposed = False
