from math import inf, nan

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ...tools.computed import get_computed_names
from ..common import MaintenanceCommon


@tagged("post_install", "-at_install")
class TestPermissionGuards(MaintenanceCommon):
    """What a remote call, an import or a context cannot do to a permission either."""

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
        cls.approver.sudo().maintenance_approval_limit = 1000.0
        cls.closed = cls._create_closed(cls.vehicle_a, [{"purchase_price": 1.0}])

    def _create_one(self, price=10.0, approve=True, **vals):
        return self._create_permission(
            self.vehicle_a, [{"purchase_price": price}], approve=approve, **vals
        )

    def _get_extra_vals(self, permission, **vals):
        return {
            "permission_id": permission.id,
            "product_id": self.service.id,
            "name": "Extra",
            **vals,
        }

    # -- work that nobody approved ----------------------------------------------

    def test_line_stays_on_its_permission(self):
        line = self._create_one(5000.0, approve=False).line_ids.with_user(self.maker)
        cancelled = self._create_one()
        cancelled.action_cancel(reason="No")
        waiting = self._create_one(approve=False)
        waiting.action_submit()
        for target in (self._create_one(), self.closed, cancelled, waiting):
            with self.assertRaisesRegex(UserError, f"stays on its.*{target.name}"):
                line.permission_id = target.id
            with self.assertRaisesRegex(UserError, "stays on its"):
                target.with_user(self.maker).line_ids = [Command.link(line.id)]
            result = line.load(
                [".id", "permission_id/.id"], [[str(line.id), str(target.id)]]
            )
            self.assertIn("stays on its", result["messages"][0]["message"])
        other = self._create_one(approve=False)
        line.permission_id = other.id
        self.assertEqual(other.amount_purchase, 5010.0)

    def test_approved_line_does_not_leave_its_permission(self):
        line = self._create_one().line_ids.with_user(self.approver)
        with self.assertRaisesRegex(UserError, "stays on its"):
            line.permission_id = self._create_one(approve=False).id

    def test_context_buys_nothing_after_closing(self):
        lines = self.env["maintenance.permission.line"].with_user(self.maker)
        vals = self._get_extra_vals(self.closed)
        with self.assertRaisesRegex(UserError, "without purchase price"):
            lines.with_context(default_purchase_price=5.0).create(vals)
        del vals["permission_id"]
        extra = lines.with_context(
            default_permission_id=self.closed.id, default_reinvoice_method="mass"
        ).create(vals)
        self.assertTrue(extra.extra)
        self.assertEqual(extra.reinvoice_method, "individual")

    def test_kept_default_buys_nothing_after_closing(self):
        lines = self.env["maintenance.permission.line"].with_user(self.maker)
        self.env["ir.default"].sudo().set(
            lines._name, "purchase_price", 5.0, user_id=self.maker.id
        )
        with self.assertRaisesRegex(UserError, "without purchase price"):
            lines.create(self._get_extra_vals(self.closed))

    def test_extra_line_stays_without_purchase(self):
        lines = self.env["maintenance.permission.line"].with_user(self.maker)
        extra = lines.create(self._get_extra_vals(self.closed))
        for line in (extra.with_user(self.approver), extra.with_env(self.env)):
            with self.assertRaisesRegex(UserError, "without purchase price"):
                line.purchase_price = 5.0

    def test_limit_holds_as_long_as_the_permission_lives(self):
        permission = self._create_permission(
            self.vehicle_a,
            [
                {"purchase_price": 10.0, "reinvoice_method": "individual"},
                {"purchase_price": 0.0, "reinvoice_method": "individual"},
            ],
        )
        permission.line_ids[1].amount_to_reinvoice = 5.0
        permission.line_ids.action_reinvoice(posting_date="2026-10-31")
        self.assertEqual(permission.state, "reinvoiced")
        free = permission.line_ids[1].with_user(self.approver)
        with self.assertRaisesRegex(UserError, f"above your limit.*{permission.name}"):
            free.purchase_price = 5000.0
        free.purchase_price = 500.0

    def _create_compensated(self):
        return self._create_permission(
            self.vehicle_a, [{"purchase_price": 1500.0}, {"purchase_price": -600.0}]
        ).with_user(self.approver)

    def test_compensation_is_not_deleted_above_the_limit(self):
        permission = self._create_compensated()
        with self.assertRaisesRegex(UserError, f"above your limit.*{permission.name}"):
            permission.line_ids[1].unlink()

    def test_compensation_is_not_taken_off_the_permission(self):
        permission = self._create_compensated()
        work = permission.line_ids[0]
        permission.write({"line_ids": [Command.delete(work.id)]})
        self.assertEqual(permission.amount_purchase, -600.0)
        permission = self._create_compensated()
        compensation = permission.line_ids[1].id
        with self.assertRaisesRegex(UserError, "above your limit"):
            permission.write({"line_ids": [Command.delete(compensation)]})

    def test_date_with_a_dearer_rate_is_not_above_the_limit(self):
        # 600 EUR are 600 in September and 1,200 in October
        euro = self.setup_other_currency(
            "EUR", rates=[("2026-01-01", 1.0), ("2026-10-01", 0.5)]
        )
        permission = self._create_permission(
            self.vehicle_a,
            [{"purchase_price": 600.0, "reinvoice": False}],
            date="2026-09-01",
            purchase_currency_id=euro.id,
        ).with_user(self.approver)
        with self.assertRaisesRegex(UserError, "above your limit"):
            permission.write({"date": "2026-10-02"})
        permission.write({"date": "2026-09-02"})

    # -- what is computed -------------------------------------------------------

    def test_nothing_computed_can_be_written(self):
        permission = self._create_one(approve=False)
        known = {
            "maintenance.permission": {
                "amount_purchase",
                "amount_sale",
                "credit_proposed",
                "state",
            },
            "maintenance.permission.line": {
                "amount_billed",
                "company_id",
                "contract_id",
                "partner_id",
                "sale_invoice_id",
                "vehicle_id",
            },
        }
        for records in (permission, permission.line_ids):
            names = get_computed_names(records)
            self.assertLessEqual(known[records._name], names)
            for name in names:
                with self.subTest(name), self.assertRaisesRegex(UserError, "cannot be"):
                    records.write({name: records[name] and False or 1})
                self.assertNotIn(name, records.copy_data()[0])

    def test_computed_values_cannot_be_given_at_creation(self):
        permissions = self.env["maintenance.permission"].with_user(self.maker)
        vals = {"vehicle_id": self.vehicle_a.id}
        with self.assertRaisesRegex(UserError, "cannot be written"):
            permissions.create({**vals, "amount_purchase": 1.0})
        with self.assertRaisesRegex(UserError, "cannot be written"):
            permissions.with_context(default_amount_sale=1.0).create(vals)
        # an empty value of a form means nothing
        permission = permissions.create({**vals, "state": False})
        self.assertEqual(permission.state, "preparation")

    def test_line_belongs_to_its_permissions_customer(self):
        permission = self._create_one(approve=False)
        lines = self.env["maintenance.permission.line"].with_user(self.maker)
        vals = self._get_extra_vals(permission)
        with self.assertRaisesRegex(UserError, "Customer"):
            lines.create({**vals, "partner_id": self.garage.id})
        # a default for permissions is none for their lines
        line = lines.with_context(default_partner_id=self.garage.id).create(
            {**vals, "company_id": False}
        )
        self.assertEqual(line.partner_id, self.customer)
        self.assertEqual(line.company_id, self.company)

    def test_own_links_cannot_be_written(self):
        bill = self.closed._get_bills()
        line = self.closed.line_ids
        for vals in ({"difference_bill_id": bill.id}, {"amount_before_credit": 5.0}):
            with self.assertRaisesRegex(UserError, "cannot be written"):
                line.write(vals)
            with self.assertRaisesRegex(UserError, "cannot be written"):
                line.create(self._get_extra_vals(self.closed, **vals))

    # -- what was approved ------------------------------------------------------

    def test_approved_permission_is_corrected_by_an_approver(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 1.0)])
        for permission in (self._create_one(), self.closed):
            for vals in (
                {"contract_id": self.contract_b.id},
                {"vehicle_id": self.vehicle_b.id},
                {"partner_id": self.garage.id},
                {"date": "2026-10-06"},
                {"sale_currency_id": euro.id},
                {"name": f"{permission.name} B"},
            ):
                with self.subTest(vals), self.assertRaises(AccessError):
                    permission.with_user(self.maker).write(vals)
                permission.with_user(self.approver).write(vals)
            permission.with_user(self.maker).write(
                {"customer_reference": "PO-9", "odometer": 12, "name": permission.name}
            )

    def test_number_and_date_stay_once_invoiced(self):
        self._execute_run(self.closed)
        for vals in ({"name": "Other"}, {"date": "2026-10-06"}):
            with self.assertRaisesRegex(UserError, "have invoiced lines"):
                self.closed.write(vals)

    # -- bad input --------------------------------------------------------------

    def test_senseless_limits(self):
        company_fields = (
            "maintenance_approval_limit",
            "maintenance_bill_tolerance",
            "maintenance_minimum_amount",
        )
        cases = [(self.company, name) for name in company_fields]
        cases.append((self.approver.sudo(), "maintenance_approval_limit"))
        cases.append((self.customer, "maintenance_minimum_amount"))
        for record, name in cases:
            for value in (nan, inf, "abc", -1.0):
                with self.subTest(f"{name} {value}"), self.assertRaises(UserError):
                    record.write({name: value})
            record.write({name: 0.0})
        with self.assertRaisesRegex(UserError, "negative"):
            self.env["res.partner"].create(
                {"name": "X", "maintenance_minimum_amount": -1.0}
            )

    def test_markup_in_words(self):
        for record, name in (
            (self.contract_a, "markup_percent"),
            (self.customer, "maintenance_markup_percent"),
        ):
            with self.assertRaisesRegex(UserError, "“ten” is not a percentage"):
                record.write({name: "ten"})

    def test_dates_that_are_none(self):
        line = {"purchase_price": 1.0, "reinvoice_method": "individual"}
        single = self._create_permission(self.vehicle_a, [line])
        settled = self._create_permission(
            self.vehicle_a, [{**line, "reinvoice_method": "billing"}]
        )
        for value, text in (
            ("abc", "“abc” is not a date"),
            (5, "“5” is not a date"),
            ("9999-01-01", "9999-01-01 is more than 10 years away"),
        ):
            for action in (
                lambda date: single.line_ids.action_reinvoice(posting_date=date),
                lambda date: single.line_ids.action_reinvoice("2026-10-31", date),
                lambda date: self.contract_a.action_settle(posting_date=date),
                lambda date: single.action_mass_reinvoice(posting_date=date),
                lambda date: single.action_create_bill("B-1", date=date),
            ):
                with self.subTest(text), self.assertRaisesRegex(UserError, text):
                    action(value)
        self.assertFalse((single + settled).line_ids.sale_invoice_id)
