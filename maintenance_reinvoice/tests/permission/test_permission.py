from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from ..common import MaintenanceCommon


@tagged("post_install", "-at_install")
class TestPermission(MaintenanceCommon):
    """Status, approval, and what may be changed when."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.line = cls._create_line(purchase_price=100.0)
        cls.maker, cls.approver = map(cls._create_user, ("user", "approver"))

    @classmethod
    def _create_user(cls, role):
        return new_test_user(
            cls.env,
            role,
            groups=f"maintenance_reinvoice.group_maintenance_{role}",
            company_id=cls.company.id,
        )

    @classmethod
    def _create_line(cls, **vals):
        """The line of a permission in preparation."""
        return cls._create_permission(cls.vehicle_a, [vals], approve=False).line_ids

    # -- proposals --------------------------------------------------------------

    def test_vehicle_proposes_contract_customer_and_currency(self):
        self.contract_a.customer_reference = "PO-1"
        with Form(self.env["maintenance.permission"]) as form:
            form.vehicle_id = self.vehicle_a
            form.vendor_id = self.garage
            with form.line_ids.new() as line:
                line.product_id = self.service
                line.purchase_price = 50.0
                line.reinvoice = True
        permission = form.record
        self.assertRecordValues(
            permission,
            [
                {
                    "contract_id": self.contract_a.id,
                    "partner_id": self.customer.id,
                    "customer_reference": "PO-1",
                    "sale_currency_id": self.company.currency_id.id,
                    "state": "preparation",
                }
            ],
        )
        self.assertTrue(permission.name.startswith("MP/"))
        self.assertEqual(permission.line_ids.amount_to_reinvoice, 50.0)

    def test_ended_contract_is_not_proposed(self):
        self.contract_a.date_end = "2026-06-30"
        newer = self._create_contract(
            "A2", self.vehicle_a, self.analytic_a, date_start="2026-07-01"
        )
        permission = self._create_permission(self.vehicle_a, [], approve=False)
        self.assertEqual(permission.contract_id, newer)

    def test_vehicle_is_on_one_contract_at_a_time(self):
        with self.assertRaisesRegex(ValidationError, "already on contract A"):
            self._create_contract("A3", self.vehicle_a, self.analytic_a)

    def test_odometer_history(self):
        self._create_permission(self.vehicle_a, [], approve=False, odometer=1234)
        self.assertEqual(self.vehicle_a.sudo().odometer, 1234)

    # -- approval ---------------------------------------------------------------

    def test_approval_within_the_limit(self):
        self.company.maintenance_approval_limit = 500.0
        small, large = (
            self._create_permission(
                self.vehicle_a, [{"purchase_price": price}], approve=False
            )
            for price in (500.0, 500.01)
        )
        (small + large).with_user(self.approver).action_approve()
        self.assertEqual(small.state, "approved")
        self.assertEqual(large.state, "to_approve")
        with self.assertRaisesRegex(UserError, "Above your approval limit"):
            large.with_user(self.approver).action_approve()
        large.action_approve()
        self.assertEqual(large.state, "approved")

    def test_limit_of_the_user_goes_before_the_companys(self):
        self.company.maintenance_approval_limit = 500.0
        self.approver.sudo().maintenance_approval_limit = 900.0
        permission = self._create_permission(
            self.vehicle_a, [{"purchase_price": 800.0}], approve=False
        )
        permission.with_user(self.approver).action_approve()
        self.assertEqual(permission.state, "approved")

    def test_limit_is_compared_in_company_currency(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5)])
        self.company.maintenance_approval_limit = 500.0
        # 300 EUR are 600 in company currency
        permission = self._create_permission(
            self.vehicle_a,
            [{"purchase_price": 300.0}],
            approve=False,
            purchase_currency_id=euro.id,
        )
        permission.with_user(self.approver).action_approve()
        self.assertEqual(permission.state, "to_approve")

    def test_user_cannot_approve(self):
        permission = self.line.permission_id.with_user(self.maker)
        permission.action_submit()
        self.assertEqual(permission.state, "to_approve")
        with self.assertRaises(AccessError):
            permission.action_approve()

    def test_empty_permission_is_not_approved(self):
        permission = self._create_permission(self.vehicle_a, [], approve=False)
        with self.assertRaisesRegex(UserError, "have no lines"):
            permission.action_approve()

    def test_reject_asks_the_reason(self):
        permission = self.line.permission_id
        action = permission.action_reject()
        dialog = self.env[action["res_model"]].browse(action["res_id"])
        with self.assertRaisesRegex(UserError, "give a reason"):
            dialog.action_apply()
        dialog.reason = "Too dear"
        dialog.action_apply()
        self.assertEqual(permission.state, "rejected")
        permission.action_reopen()
        self.assertEqual(permission.state, "preparation")

    def test_cancel_is_refused_once_billed(self):
        permission = self._create_permission(self.vehicle_a, [{"purchase_price": 1.0}])
        self._create_bill(permission, post=False)
        with self.assertRaisesRegex(UserError, "already have bills"):
            permission.action_cancel(reason="no")
        with self.assertRaisesRegex(UserError, "already have bills"):
            permission.action_reopen()

    def test_status_cannot_be_written(self):
        permission = self.line.permission_id
        for vals in ({"state": "approved"}, {"decision": "approved"}):
            with self.assertRaisesRegex(UserError, "cannot be written"):
                permission.write(vals)
            with self.assertRaisesRegex(UserError, "cannot be written"):
                permission.copy(vals)
        permission.action_approve()
        with self.assertRaisesRegex(UserError, "cannot be written"):
            permission.write({"decision": "preparation"})

    # -- lines ------------------------------------------------------------------

    def test_reinvoicing_proposes_the_price_and_may_be_reduced(self):
        line = self._create_line(purchase_price=100.0, reinvoice=False)
        self.assertEqual(line.amount_to_reinvoice, 0.0)
        line.reinvoice = True
        self.assertEqual(line.amount_to_reinvoice, 100.0)
        line.amount_to_reinvoice = 80.0
        line.reinvoice_method = "individual"
        self.assertEqual(line.amount_to_reinvoice, 80.0)

    def test_not_more_than_bought(self):
        with self.assertRaisesRegex(ValidationError, "more than the purchase price"):
            self._create_line(purchase_price=100.0, amount_to_reinvoice=100.01)

    def test_same_sign_as_bought(self):
        with self.assertRaisesRegex(ValidationError, "sign of the purchase price"):
            self._create_line(purchase_price=-100.0, amount_to_reinvoice=50.0)

    def test_manager_may_allow_a_markup(self):
        with self.assertRaises(AccessError):
            self.line.with_user(self.maker).markup_allowed = True
        self.line.write({"markup_allowed": True, "amount_to_reinvoice": 110.0})
        self.assertEqual(self.line.amount_to_reinvoice, 110.0)

    def test_line_without_purchase_price_is_free(self):
        line = self._create_line(purchase_price=0.0, amount_to_reinvoice=75.0)
        self.assertEqual(line.amount_to_reinvoice, 75.0)

    def test_excessive_wear_stays_our_cost(self):
        self.line.reinvoice_method = "excessive_wear"
        self.assertEqual(self.line.amount_to_reinvoice, 0.0)
        with self.assertRaisesRegex(ValidationError, "excessive wear stays our cost"):
            self.line.amount_to_reinvoice = 1.0

    def test_proposal_in_the_currency_of_the_sale(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5)])
        self.contract_a.currency_id = euro
        line = self._create_line(purchase_price=100.0)
        self.assertEqual(line.amount_to_reinvoice, 50.0)
        line.amount_to_reinvoice = 50.0
        with self.assertRaises(ValidationError):
            line.amount_to_reinvoice = 50.01

    # -- status by itself -------------------------------------------------------

    def test_closes_when_every_bill_is_posted(self):
        permission = self._create_permission(
            self.vehicle_a, [{"purchase_price": 10.0}, {"purchase_price": 0.0}]
        )
        self.assertEqual(permission.state, "approved")
        bill = self._create_bill(permission, post=False)
        self.assertEqual(permission.state, "approved")
        bill.action_post()
        self.assertEqual(permission.state, "closed")
        bill.button_draft()
        self.assertEqual(permission.state, "approved")

    def test_reinvoiced_before_the_bill_comes(self):
        permission = self._create_permission(
            self.vehicle_a,
            [{"purchase_price": 10.0, "reinvoice_method": "individual"}],
        )
        permission.line_ids.action_reinvoice(posting_date="2026-10-31")
        self.assertEqual(permission.state, "reinvoiced")
        self._create_bill(permission)
        self.assertEqual(permission.state, "reinvoiced")

    def test_nothing_more_is_bought_after_closing(self):
        permission = self._create_closed(self.vehicle_a, [{"purchase_price": 10.0}])
        with self.assertRaisesRegex(UserError, "only a line without purchase price"):
            permission.line_ids = [
                Command.create({"product_id": self.service.id, "purchase_price": 1.0})
            ]

    # -- frozen -----------------------------------------------------------------

    def test_billed_price_is_frozen(self):
        permission = self._create_closed(self.vehicle_a, [{"purchase_price": 10.0}])
        with self.assertRaisesRegex(UserError, "garage's bill"):
            permission.line_ids.purchase_price = 9.0

    def test_approved_lines_change_by_an_approver_only(self):
        permission = self._create_permission(self.vehicle_a, [{"purchase_price": 10.0}])
        line = permission.line_ids.with_user(self.maker)
        with self.assertRaises(AccessError):
            line.purchase_price = 20.0
        with self.assertRaises(AccessError):
            line.copy()
        with self.assertRaises(AccessError):
            line.unlink()
        line.amount_to_reinvoice = 8.0
        self.assertEqual(line.amount_to_reinvoice, 8.0)

    def test_links_cannot_be_written(self):
        for name, value in (
            ("reinvoiced", True),
            ("bill_posted", True),
            ("posted_invoice_name", "INV/1"),
            ("extra", True),
        ):
            for new in (value, False):
                with self.assertRaisesRegex(UserError, "cannot be written"):
                    self.line.write({name: new})
