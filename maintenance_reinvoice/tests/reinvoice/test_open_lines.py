from lxml import etree

from odoo.exceptions import AccessError
from odoo.tests import freeze_time, new_test_user, tagged

from ..common import MaintenanceCommon

REPORTS = ("maintenance.margin.report", "maintenance.unbilled.report")


@freeze_time("2026-11-22")
@tagged("post_install", "-at_install")
class TestOpenLines(MaintenanceCommon):
    """What was bought and not yet invoiced, by age; who sees this and the margins.

    A line of 400 on A waits for its invoice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.permission = cls._create_closed(cls.vehicle_a, [{"purchase_price": 400.0}])

    def _get_rows(self, permissions, today="2026-11-22"):
        self.env.flush_all()
        self.env.invalidate_all()
        with freeze_time(today):
            rows = self.env["maintenance.unbilled.report"].search(
                [("permission_id", "in", permissions.ids)], order="id"
            )
            rows.read(["days", "bucket", "amount"])
        return rows

    def test_list_of_lines_begins_with_the_newest(self):
        older = self.permission.line_ids
        newer = self._create_permission(self.vehicle_a, [{}]).line_ids
        view = older.get_view(view_type="list")
        order = etree.fromstring(view["arch"]).get("default_order")
        found = older.search([("id", "in", (older | newer).ids)], order=order)
        self.assertEqual(found, newer + older)

    def test_age_counts_from_the_bill(self):
        """The permission is of 2026-10-05, its bill of 2026-10-10."""
        permission = self._create_permission(
            self.vehicle_a, [{"purchase_price": 400.0, "amount_to_reinvoice": 300.0}]
        )
        self.assertFalse(self._get_rows(permission))
        bill = self._create_bill(permission, post=False)
        self.assertFalse(self._get_rows(permission))
        bill.action_post()
        for today, days, bucket in (
            ("2026-10-01", 0, "00_07"),
            ("2026-10-17", 7, "00_07"),
            ("2026-10-18", 8, "08_30"),
            ("2026-11-10", 31, "31_60"),
            ("2026-12-10", 61, "61_more"),
        ):
            with self.subTest(today):
                self.assertRecordValues(
                    self._get_rows(permission, today),
                    [
                        {
                            "days": days,
                            "bucket": bucket,
                            "amount": 300.0,
                            "reference_date": self._date("2026-10-10"),
                            "line_id": permission.line_ids.id,
                            "partner_id": self.customer.id,
                            "payer_id": self.customer.id,
                            "vendor_id": self.garage.id,
                            "draft_invoice_id": False,
                        }
                    ],
                )

    def test_only_what_customers_are_to_pay_waits(self):
        permission = self._create_closed(
            self.vehicle_a,
            [
                {"purchase_price": 10.0},
                {"purchase_price": 20.0, "reinvoice": False},
                {"purchase_price": 30.0, "reinvoice_method": "excessive_wear"},
                {"purchase_price": 40.0, "amount_to_reinvoice": 0.0},
                {"purchase_price": 50.0, "reinvoice_method": "billing"},
                {"purchase_price": -6.0, "reinvoice_partner_id": self.partner_a.id},
            ],
        )
        rows = self._get_rows(permission)
        self.assertEqual(rows.mapped("amount"), [10.0, 50.0, -6.0])
        self.assertEqual(rows.mapped("reinvoice_method"), ["mass", "billing", "mass"])
        self.assertEqual(rows[2].payer_id, self.partner_a)

    def test_line_waits_until_its_invoice_is_posted_and_again_once_freed(self):
        account = self.company.maintenance_mass_account_id
        self.company.maintenance_mass_account_id = False
        draft = self._execute_run().log_ids.move_id
        self.assertEqual(self._get_rows(self.permission).draft_invoice_id, draft)
        draft.unlink()
        self.company.maintenance_mass_account_id = account
        invoice = self._execute_run().log_ids.move_id
        self.assertFalse(self._get_rows(self.permission))
        invoice.action_maintenance_cancel(
            row_ids=invoice.maintenance_row_ids.ids, posting_date="2026-11-05"
        )
        row = self._get_rows(self.permission)
        self.assertEqual((row.amount, row.days), (400.0, 43))

    def test_credited_and_closed_does_not_wait(self):
        invoice = self._execute_run().log_ids.move_id
        rows = invoice.maintenance_row_ids
        invoice.action_maintenance_cancel(
            row_ids=rows.ids, posting_date="2026-11-05", free=False
        )
        self.assertFalse(self._get_rows(self.permission))

    def test_what_needs_no_bill_waits_since_the_permission_or_since_it_was_added(self):
        permission = self._create_permission(
            self.vehicle_a, [{"purchase_price": 0.0, "amount_to_reinvoice": 5.0}]
        )
        row = self._get_rows(permission)
        self.assertEqual(row.reference_date, self._date("2026-10-05"))
        self.assertFalse(row.bill_posted)
        line = self.env["maintenance.permission.line"].create(
            {
                "permission_id": permission.id,
                "product_id": self.service.id,
                "reinvoice": True,
                "amount_to_reinvoice": 7.0,
            }
        )
        added = self._get_rows(permission)[1]
        self.assertEqual(added.line_id, line)
        self.assertEqual(added.reference_date, line.create_date.date())

    def test_amounts_are_in_the_companys_currency_at_todays_rate(self):
        euro = self.setup_other_currency(
            "EUR", rates=[("2026-01-01", 4.0), ("2026-11-01", 5.0)]
        )
        self.contract_a.currency_id = euro
        permission = self._create_closed(
            self.vehicle_a, [{"purchase_price": 100.0}], purchase_currency_id=euro.id
        )
        # 100 / 4 and 100 / 5
        self.assertEqual(self._get_rows(permission, "2026-10-31").amount, 25.0)
        self.assertEqual(self._get_rows(permission, "2026-11-01").amount, 20.0)

    # -- where the reports are found, and by whom -------------------------------

    def test_margins_of_a_contract_and_of_a_vehicle(self):
        permission_b = self._create_closed(self.vehicle_b, [{"purchase_price": 600.0}])
        margins = self.env["maintenance.margin.report"]
        for record, permission in (
            (self.contract_a, self.permission),
            (self.contract_b, permission_b),
        ):
            action = record.action_view_margins()
            self.assertEqual(
                margins.search(action["domain"]).margin,
                -sum(permission.line_ids.mapped("purchase_price")),
            )
        action = self.vehicle_b.action_view_maintenance_margins()
        row = margins.search(action["domain"])
        self.assertEqual(row.permission_id, permission_b)
        self.assertEqual(row.action_open_line()["res_id"], permission_b.line_ids.id)

    def test_views(self):
        for model in REPORTS:
            reports = self.env[model]
            kinds = ("list", "pivot", "graph", "search")
            views = reports.get_views([(False, kind) for kind in kinds])["views"]
            self.assertEqual(set(views), set(kinds))
            for filter_name in ("group_contract", "group_vehicle", "group_payer"):
                self.assertIn(filter_name, views["search"]["arch"])
            reports.search([]).read()

    def test_rights(self):
        users = [
            new_test_user(self.env, name, groups=group, company_id=self.company.id)
            for name, group in (
                ("maint", "maintenance_reinvoice.group_maintenance_user"),
                ("auditor", "account.group_account_readonly"),
            )
        ]
        outsider = new_test_user(self.env, "outsider", groups="base.group_user")
        for model in REPORTS:
            row = self.env[model].search([])
            for user in users:
                own = row.with_user(user)
                self.assertEqual(own.read(["partner_id"])[0]["id"], row.id)
                self.assertEqual(own.action_open_line()["res_id"], row.line_id.id)
                with self.assertRaises(AccessError):
                    own.check_access("write")
            with self.assertRaises(AccessError):
                row.with_user(outsider).read(["partner_id"])

    def test_companies_see_their_own(self):
        other = self.setup_other_company()["company"]
        user = new_test_user(
            self.env,
            "abroad",
            groups="maintenance_reinvoice.group_maintenance_manager",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        for model in REPORTS:
            row = self.env[model].search([])
            self.assertTrue(row)
            self.assertFalse(self.env[model].with_user(user).search([]))
            with self.assertRaises(AccessError):
                row.with_user(user).action_open_line()
