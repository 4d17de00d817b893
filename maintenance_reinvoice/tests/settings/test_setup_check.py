from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..common import MaintenanceCommon


@tagged("post_install", "-at_install")
class TestSetupCheck(MaintenanceCommon):
    """What re-invoicing needs, row by row, with the way to what is missing."""

    def _check(self, name):
        """The row of the check whose name begins with ``name``."""
        action = self.env["maintenance.setup.check"].action_check()
        rows = self.env["maintenance.setup.check"].search(action["domain"])
        self.assertEqual(rows.company_id, self.company)
        row = rows.filtered(lambda r: r.name.startswith(name))
        self.assertEqual(len(row), 1, rows.mapped("name"))
        return row

    def _assert(self, name, status, message=""):
        row = self._check(name)
        self.assertEqual(row.status, status, row.message)
        self.assertIn(message, row.message)
        return row

    def test_all_is_fine(self):
        self._create_closed(self.vehicle_a, [{"purchase_price": 10.0}])
        self.company.maintenance_approver_id = self.env.user
        self.company.maintenance_accrual_account_id = self._create_account(
            "ACCR01", "asset_current"
        )
        action = self.env["maintenance.setup.check"].action_check()
        rows = self.env["maintenance.setup.check"].search(action["domain"])
        self.assertGreater(len(rows), 12)
        wrong = rows.filtered(lambda row: row.status != "ok")
        self.assertFalse(wrong.mapped("message"))
        for row in rows:
            self.assertTrue(row.message, row.name)
            if row.res_model != "ir.cron":
                self.assertIn("res_model", row.action_open())

    def test_no_clearing_account(self):
        self.company.maintenance_mass_account_id = False
        row = self._assert("Collective Invoice", "warning", "stay drafts")
        self.assertEqual(row.action_open()["res_model"], "res.config.settings")

    def test_clearing_account_not_reconcilable(self):
        self.mass_account.reconcile = False
        row = self._assert("Collective Invoice", "error", "reconciliation")
        action = row.action_open()
        found = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(found, self.mass_account)

    def test_clearing_account_archived(self):
        self.mass_account.active = False
        self._assert("Collective Invoice", "error", "archived")

    def test_clearing_account_not_at_zero(self):
        permission = self._create_closed(self.vehicle_a, [{"purchase_price": 10.0}])
        move = self._execute_run(permission).log_ids.move_id
        self._assert("Clearing Account at Zero", "ok")
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": "2026-10-31",
                "line_ids": [
                    (0, 0, {"account_id": self.mass_account.id, "debit": 7.0}),
                    (0, 0, {"account_id": self.revenue.id, "credit": 7.0}),
                ],
            }
        )
        entry.action_post()
        row = self._assert("Clearing Account at Zero", "error", "1 items are open")
        self.assertIn("7.00", row.message)
        items = self.env["account.move.line"].search(row.action_open()["domain"])
        self.assertEqual(items.move_id, entry)
        self.assertNotIn(move, items.move_id)

    def test_no_journal(self):
        journals = self.env["account.journal"].search(
            [("type", "=", "sale"), ("company_id", "=", self.company.id)]
        )
        journals.active = False
        for name in ("Journal of Invoices", "Journal of Credit Memos"):
            row = self._assert(name, "error", "no journal")
            self.assertEqual(row.action_open()["res_model"], "account.journal")
        self._assert("Journal of Redistribution", "ok")

    def test_archived_journal(self):
        journal = self.env["account.journal"].create(
            {"name": "Collective", "code": "COL", "type": "sale"}
        )
        self.company.maintenance_invoice_journal_id = journal
        journal.active = False
        self._assert("Journal of Invoices", "error", "archived")

    def test_service_without_tax(self):
        service = self._create_service("Free of tax", taxes_id=[(5,)])
        self._create_permission(
            self.vehicle_a, [{"purchase_price": 10.0, "product_id": service.id}]
        )
        row = self._assert("Customer Taxes", "warning", "Free of tax")
        action = row.action_open()
        self.assertEqual(self.env["product.product"].search(action["domain"]), service)

    def test_tax_due_on_payment_wants_a_base_account(self):
        name = "Base Account"
        self._create_permission(self.vehicle_a, [{"purchase_price": 10.0}])
        self._assert(name, "ok", "No tax")
        self.company.tax_exigibility = True
        self.sale_tax.write(
            {
                "tax_exigibility": "on_payment",
                "cash_basis_transition_account_id": self.mass_account.id,
            }
        )
        row = self._assert(name, "warning", self.sale_tax.name)
        self.assertEqual(row.action_open()["res_model"], "res.config.settings")
        base = self._create_account("BASE01", "asset_current")
        self.company.account_cash_basis_base_account_id = base
        self._assert(name, "ok", "BASE01")

    def test_service_without_revenue_account(self):
        service = self._create_service("Bare", property_account_income_id=False)
        service.categ_id = self.env["product.category"].create(
            {"name": "Bare", "property_account_income_categ_id": False}
        )
        self._create_permission(
            self.vehicle_a, [{"purchase_price": 10.0, "product_id": service.id}]
        )
        self.company.income_account_id = False
        journal = self.company._get_maintenance_journal("invoice")
        journal.default_account_id = False
        self._assert("Revenue Accounts", "error", "Bare")
        journal.default_account_id = self.revenue
        self._assert("Revenue Accounts", "ok")

    def test_dimension_and_contracts(self):
        self.company.maintenance_mass_analytic_account_id = False
        self._assert("Mass Dimension", "warning", "None")
        self.contract_a.analytic_distribution = False
        row = self._assert("Analytic Accounts", "warning", "1 open contracts")
        action = row.action_open()
        found = self.env["maintenance.contract"].search(action["domain"])
        self.assertEqual(found, self.contract_a)

    def test_no_text(self):
        self.company.maintenance_mass_text = False
        self._assert("Standard Invoice Text", "warning", "Empty")

    def test_nobody_is_told_of_what_waits(self):
        self.company.maintenance_approver_id = False
        self._assert("Approver of Permissions", "warning", "nobody gets a to-do")

    def _get_approvers(self):
        group = self.env.ref("maintenance_reinvoice.group_maintenance_approver")
        return group.sudo().display_name

    def test_nobody_approves(self):
        """A company that nobody works in."""
        company = self.env["res.company"].sudo().create({"name": "Empty"})
        self.env.user.sudo().company_ids -= company
        checks = self.env["maintenance.setup.check"].sudo()
        for group in ("approver", "reinvoice"):
            row = checks._check_group(company, group)
            self.assertEqual(row["status"], "error")
            self.assertIn("Nobody has the right", row["message"])
        row = self._assert(f"Users with the Right “{self._get_approvers()}”", "ok")
        self.assertIn(self.env.user.name, row.message)

    def test_no_numbers(self):
        self.env["ir.sequence"].sudo().search(
            [("code", "=", "maintenance.contract")]
        ).unlink()
        self._assert("Numbers: Maintenance Contract", "error", "maintenance.contract")

    def test_scheduler_off(self):
        self.env.ref("maintenance_reinvoice.cron_run_schedules").sudo().active = False
        cron = "Scheduled Action Maintenance: scheduled"
        self._assert(cron, "warning", "Not active")

    def test_each_company_is_checked(self):
        other = self.setup_other_company()["company"]
        both = self.env["maintenance.setup.check"].with_context(
            allowed_company_ids=(self.company + other).ids
        )
        rows = both.search(both.action_check()["domain"])
        clearing = rows.filtered(lambda row: row.name.startswith("Collective"))
        self.assertEqual(
            {row.company_id: row.status for row in clearing},
            {self.company: "ok", other: "warning"},
        )

    def test_only_for_managers(self):
        user = new_test_user(
            self.env,
            "clerk",
            groups="maintenance_reinvoice.group_maintenance_reinvoice",
            company_id=self.company.id,
        )
        with self.assertRaises(AccessError):
            self.env["maintenance.setup.check"].with_user(user).action_check()
