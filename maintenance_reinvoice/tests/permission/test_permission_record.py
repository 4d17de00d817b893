from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from ..common import MaintenanceCommon


@tagged("post_install", "-at_install")
class TestPermissionRecord(MaintenanceCommon):
    """What a permission keeps: its reading, its reasons, and what a copy takes over."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.maker, cls.approver = (
            new_test_user(
                cls.env,
                group,
                groups=f"maintenance_reinvoice.group_maintenance_{group}",
                company_id=cls.company.id,
            )
            for group in ("user", "approver")
        )

    def _create_waiting(self, price=100.0, **vals):
        """A permission in preparation."""
        return self._create_permission(
            self.vehicle_a, [{"purchase_price": price}], approve=False, **vals
        )

    def _get_error(self, records, method, *args, **kwargs):
        with self.assertRaises(UserError) as caught:
            getattr(records, method)(*args, **kwargs)
        return str(caught.exception)

    # -- the maker's daily work -------------------------------------------------

    def test_user_without_accounting_prepares_permissions(self):
        permission = self._create_waiting().with_user(self.maker)
        with Form(permission) as form:
            with form.line_ids.edit(0) as line:
                line.purchase_price = 80.0
            with form.line_ids.new() as line:
                line.product_id = self.service
                line.purchase_price = 5.0
        self.assertEqual(permission.amount_purchase, 85.0)
        permission.line_ids[1].unlink()
        self.assertEqual(permission.amount_purchase, 80.0)
        permission.copy().unlink()
        permission.action_submit()
        self.assertEqual(permission.state, "to_approve")

    # -- re-open, cancel, copy --------------------------------------------------

    def test_what_is_approved_is_reopened_by_an_approver(self):
        permission = self._create_waiting()
        permission.action_approve()
        with self.assertRaises(AccessError):
            permission.with_user(self.maker).action_reopen()
        permission.with_user(self.approver).action_reopen()
        self.assertEqual(permission.state, "preparation")

    def test_billed_and_finished_permissions_are_not_reopened(self):
        permission = self._create_closed(self.vehicle_a, [{"purchase_price": 5.0}])
        for method in ("action_reopen", "action_cancel"):
            self.assertIn(permission.name, self._get_error(permission, method))
        self._execute_run(permission)
        for method in ("action_reopen", "action_cancel", "action_reject"):
            self.assertIn(permission.name, self._get_error(permission, method))

    def test_copy_has_nothing_of_bills_and_invoices(self):
        self.company.maintenance_bill_tolerance = 5.0
        permission = self._create_permission(
            self.vehicle_a,
            [{"purchase_price": 10.0}, {"purchase_price": 20.0}],
            odometer=500,
        )
        bill = self._create_bill(permission, post=False)
        bill.invoice_line_ids[0].price_unit += 1.0
        bill.action_post()
        self.assertTrue(permission.line_ids.filtered("difference"))
        self._execute_run(permission)
        copy = permission.copy()
        self.assertEqual(copy.state, "preparation")
        self.assertFalse(copy.odometer_id)
        self.assertFalse(copy.odometer)
        self.assertNotEqual(copy.name, permission.name)
        self.assertRecordValues(
            copy.line_ids,
            [
                {
                    "purchase_price": price,
                    "amount_to_reinvoice": price,
                    "bill_posted": False,
                    "amount_billed": 0.0,
                    "sale_invoice_id": False,
                    "posted_invoice_name": False,
                    "reinvoiced": False,
                    "settled": False,
                }
                for price in (10.0, 20.0)
            ],
        )
        self.assertFalse(copy.line_ids.bill_line_ids)
        self.assertFalse(copy.line_ids.row_ids)

    # -- odometer ---------------------------------------------------------------

    def _get_readings(self):
        readings = self.env["fleet.vehicle.odometer"].sudo()
        vehicles = self.vehicle_a + self.vehicle_b
        return readings.search([("vehicle_id", "in", vehicles.ids)])

    def test_one_reading_is_corrected_with_the_permission(self):
        permission = self._create_waiting(odometer=1000).with_user(self.maker)
        permission.odometer = 1010
        permission.date = "2026-10-06"
        permission.vehicle_id = self.vehicle_b
        self.assertRecordValues(
            self._get_readings(),
            [
                {
                    "vehicle_id": self.vehicle_b.id,
                    "value": 1010.0,
                    "date": self._date("2026-10-06"),
                }
            ],
        )
        permission.odometer = 0
        self.assertFalse(self._get_readings())
        permission.odometer = 900
        self.assertEqual(self._get_readings().value, 900.0)
        permission.unlink()
        self.assertFalse(self._get_readings())

    def test_lower_reading_is_warned_of(self):
        self._create_waiting(odometer=1000, date="2026-09-01")
        without = self._create_waiting(odometer=0)
        self.assertIs(without.odometer_warning, False)
        with Form(self._create_waiting(odometer=1200)) as form:
            self.assertIs(form.odometer_warning, False)
            form.odometer = 999
            self.assertIn("lower than 1000", form.odometer_warning)
        self.assertEqual(form.record.odometer, 999)
        form.record.action_approve()
        # a later, higher reading is no reason for a warning
        self._create_waiting(odometer=5000, date="2026-12-01")
        form.record.odometer = 1001
        self.assertFalse(form.record.odometer_warning)

    def test_history_button(self):
        permission = self._create_waiting(odometer=10)
        self._create_waiting(odometer=20)
        self._create_permission(self.vehicle_b, [], approve=False, odometer=30)
        self.assertEqual(permission.odometer_count, 2)
        action = permission.with_user(self.maker).action_view_odometer()
        found = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(sorted(found.mapped("value")), [10.0, 20.0])

    def test_senseless_readings(self):
        with self.assertRaisesRegex(UserError, "not a number"):
            self._create_waiting(odometer=float("nan"))
        permission = self._create_waiting()
        with self.assertRaisesRegex(ValidationError, "cannot be negative"):
            permission.odometer = -1

    def test_reading_cannot_be_chosen(self):
        permission = self._create_waiting(odometer=10)
        with self.assertRaisesRegex(UserError, "cannot be written"):
            permission.odometer_id = False

    # -- reasons ----------------------------------------------------------------

    def _create_reduced(self, **vals):
        line = {"purchase_price": 100.0, **vals}
        return self._create_permission(self.vehicle_a, [line], approve=False)

    def test_charging_less_needs_a_reason(self):
        self.company.maintenance_reason_required = True
        permissions = self.env["maintenance.permission"]
        for vals in (
            {"amount_to_reinvoice": 99.99},
            {"reinvoice": False},
            {"reinvoice_method": "excessive_wear"},
            {"purchase_price": -100.0, "reinvoice": False},
        ):
            permissions += self._create_reduced(**vals)
        error = self._get_error(permissions, "action_approve")
        self.assertEqual(len(error.splitlines()), 4)
        for line in permissions.line_ids:
            self.assertTrue(line.reinvoice_reduced)
            self.assertIn(line.display_name, error)
        permissions.line_ids.reinvoice_reason = "Agreed with the customer"
        permissions.action_approve()
        self.assertEqual(permissions.mapped("state"), ["approved"] * 4)

    def test_charging_all_needs_no_reason(self):
        self.company.maintenance_reason_required = True
        for vals in ({}, {"purchase_price": 0.0, "reinvoice": False}):
            permission = self._create_reduced(**vals)
            self.assertFalse(permission.line_ids.reinvoice_reduced)
            permission.action_approve()
            self.assertIn(permission.state, ("approved", "closed"))

    def test_reason_is_voluntary_by_default(self):
        permission = self._create_reduced(reinvoice=False)
        permission.action_approve()
        self.assertEqual(permission.state, "approved")

    def test_approved_line_is_not_reduced_silently(self):
        self.company.maintenance_reason_required = True
        permission = self._create_reduced()
        permission.action_approve()
        line = permission.line_ids
        with self.assertRaisesRegex(UserError, "Enter the reason"):
            line.amount_to_reinvoice = 50.0
        line.write({"amount_to_reinvoice": 50.0, "reinvoice_reason": "Goodwill"})
        self.assertEqual(line.amount_to_reinvoice, 50.0)

    def test_difference_of_a_bill_needs_no_reason(self):
        self.company.maintenance_reason_required = True
        self.company.maintenance_bill_tolerance = 5.0
        permission = self._create_permission(self.vehicle_a, [{"purchase_price": 10.0}])
        bill = self._create_bill(permission, post=False)
        bill.invoice_line_ids[0].price_unit += 1.0
        bill.action_post()
        self.assertEqual(permission.state, "closed")
        self.assertFalse(any(permission.line_ids.mapped("reinvoice_reduced")))
