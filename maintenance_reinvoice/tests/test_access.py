from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.service_invoicing.tests.common_dialogs import OwnDialogsCommon

from .common import MaintenanceCommon


@tagged("post_install", "-at_install")
class TestAccess(OwnDialogsCommon, MaintenanceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.permission = cls._create_closed(cls.vehicle_a, [{"purchase_price": 10.0}])
        cls.maker = cls._create_user("maintenance_reinvoice.group_maintenance_user")

    @classmethod
    def _create_user(cls, groups):
        return new_test_user(
            cls.env, f"user_{len(groups)}", groups=groups, company_id=cls.company.id
        )

    def test_dialogs_are_ones_own(self):
        self.assertDialogsAreOnesOwn("maintenance_reinvoice")

    def test_no_calendar_opens_over_a_dialog(self):
        self.assertNoCalendarOpens("maintenance_reinvoice")

    def test_user_without_a_role_in_service_billing_gives_reasons(self):
        permission = self._create_permission(self.vehicle_a, [], approve=False)
        action = permission.with_user(self.maker).action_cancel()
        dialog = self.env[action["res_model"]].with_user(self.maker)
        dialog = dialog.browse(action["res_id"])
        dialog.reason = "Sold"
        dialog.action_apply()
        self.assertEqual(permission.state, "cancelled")

    def test_user_reads_vehicles_without_a_fleet_right(self):
        permission = self.permission.with_user(self.maker)
        self.assertEqual(permission.vehicle_id.license_plate, "AA-111")
        self.assertFalse(self.maker.has_group("fleet.fleet_group_user"))

    def test_user_makes_permissions_but_no_runs(self):
        permission = self.env["maintenance.permission"].with_user(self.maker)
        permission.create({"vehicle_id": self.vehicle_a.id}).check_access("write")
        with self.assertRaises(AccessError):
            self.env["maintenance.reinvoice.run"].with_user(self.maker).create({})
        run = self._create_run(self.permission)
        for method in ("action_check", "action_execute", "action_stop"):
            with self.assertRaises(AccessError):
                getattr(run.with_user(self.maker), method)()

    def test_who_may_run_needs_no_more_than_that_right(self):
        user = self._create_user("maintenance_reinvoice.group_maintenance_reinvoice")
        run = self.env["maintenance.reinvoice.run"].with_user(user).create({})
        run.action_execute()
        self.assertEqual(run.state, "done")
        self.assertEqual(self.permission.state, "reinvoiced")
        self.assertEqual(run.log_ids.move_id.create_uid, user)

    def test_a_fleet_accountant_needs_one_role_and_does_not_approve(self):
        user = self._create_user("maintenance_reinvoice.group_maintenance_accountant")
        for group in (
            "maintenance_reinvoice.group_maintenance_reinvoice",
            "account.group_account_invoice",
        ):
            self.assertTrue(user.has_group(group), group)
        permission = self._create_permission(
            self.vehicle_a, [{"purchase_price": 10.0}], approve=False
        )
        with self.assertRaises(AccessError):
            permission.with_user(user).action_approve()
        permission.action_approve()
        bill = self._create_bill_as(user, permission)
        self.assertEqual(bill.state, "posted")
        run = self.env["maintenance.reinvoice.run"].with_user(user).create({})
        run.action_execute()
        self.assertEqual(permission.state, "reinvoiced")

    def _create_bill_as(self, user, permission):
        action = permission.with_user(user).action_create_bill("GARAGE-1", "2026-10-06")
        bill = self.env["account.move"].with_user(user).browse(action["res_id"])
        bill.action_post()
        return bill

    def test_results_cannot_be_written(self):
        run = self._execute_run(self.permission)
        for records, vals in (
            (run, {"state": "draft"}),
            (run, {"posting_date": "2026-12-01"}),
            (run.log_ids.move_id, {"maintenance_redistribution_id": run.id}),
        ):
            with self.assertRaises(UserError):
                records.write(vals)
        for records in (run.log_ids, run.line_ids, self.permission.line_ids.row_ids):
            with self.assertRaises(AccessError):
                records.write({"amount": 1.0})
        with self.assertRaisesRegex(UserError, "kept as their record"):
            run.unlink()

    def test_results_cannot_be_given_by_the_context(self):
        permissions = self.env["maintenance.permission"].with_user(self.maker)
        with self.assertRaises(UserError):
            permissions.with_context(default_decision="approved").create(
                {"vehicle_id": self.vehicle_a.id}
            )
        lines = self.env["maintenance.permission.line"].with_user(self.maker)
        with self.assertRaises(AccessError):
            lines.with_context(default_markup_allowed=True).create(
                {"permission_id": self.permission.id, "name": "Extra"}
            )

    def test_documents_of_a_run_cannot_be_reset_by_writing_the_state(self):
        move = self._execute_run(self.permission).log_ids.move_id
        for record in (move, move.maintenance_redistribution_id):
            for state in ("draft", "cancel"):
                with self.subTest(state), self.assertRaises(UserError):
                    record.write({"state": state})
        with self.assertRaisesRegex(UserError, "duplicated"):
            move.copy()

    def test_draft_that_differs_from_its_rows_is_not_posted(self):
        self.company.maintenance_mass_account_id = False
        move = self._execute_run(self.permission).log_ids.move_id
        move.invoice_line_ids.filtered("price_unit").price_unit = 777
        with self.assertRaisesRegex(UserError, "777.00.*10.00"):
            move.action_post()

    def test_what_was_approved_stays_within_the_limit(self):
        approver = self._create_user("maintenance_reinvoice.group_maintenance_approver")
        permission = self._create_permission(
            self.vehicle_a, [{"purchase_price": 10.0}]
        ).with_user(approver)
        self.company.maintenance_approval_limit = 100
        with self.assertRaisesRegex(UserError, permission.name):
            permission.line_ids.purchase_price = 101
        permission.line_ids.purchase_price = 99
        with self.assertRaisesRegex(UserError, "Re-open"):
            permission.vendor_id = self.partner_a

    def test_invoices_cannot_pretend_to_be_collective(self):
        with self.assertRaisesRegex(UserError, "Only maintenance re-invoicing"):
            self.env["account.move"].create(
                {"move_type": "out_invoice", "maintenance_mass_invoice": True}
            )

    def test_outsiders_see_nothing(self):
        user = self._create_user("base.group_user")
        for records in (self.permission, self.contract_a):
            with self.assertRaises(AccessError):
                records.with_user(user).check_access("read")

    def test_auditor_reads(self):
        user = self._create_user("account.group_account_readonly")
        run = self._execute_run(self.permission)
        for records in (self.permission, run, run.line_ids, run.log_ids):
            records.with_user(user).check_access("read")
            with self.assertRaises(AccessError):
                records.with_user(user).check_access("write")


@tagged("post_install", "-at_install")
class TestCompanies(MaintenanceCommon):
    """Two lessors in one database never see or invoice each other's lines."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.setup_other_company()["company"]
        cls.vehicle_a.sudo().company_id = False
        cls.permission = cls._create_closed(cls.vehicle_a, [{"purchase_price": 10.0}])
        cls.abroad = cls._create_abroad(cls.other, cls.vehicle_a)
        cls.contract_abroad = cls.abroad.contract_id

    def test_each_company_has_its_contract_of_the_vehicle(self):
        self.assertEqual(self.permission.contract_id, self.contract_a)
        self.assertEqual(self.abroad.contract_id, self.contract_abroad)

    def test_run_takes_the_lines_of_its_company(self):
        run = self._execute_run()
        self.assertEqual(run.line_ids.permission_id, self.permission)
        self.assertEqual(self.abroad.state, "closed")

    def test_run_of_the_other_company_uses_its_accounts(self):
        """The other company has no clearing account: its invoice stays a draft."""
        runs = self.env["maintenance.reinvoice.run"].with_context(
            allowed_company_ids=self.other.ids
        )
        run = runs.create({"posting_date": "2026-10-31"})
        self.assertEqual(run.company_id, self.other)
        self.assertTrue(run.name.startswith("MR/"))
        run.action_execute()
        move = run.log_ids.move_id
        self.assertEqual(move.company_id, self.other)
        self.assertEqual(move.journal_id.company_id, self.other)
        self.assertEqual(move.state, "draft")
        self.assertEqual(self.permission.state, "closed")

    def test_user_of_one_company_does_not_see_the_other(self):
        user = new_test_user(
            self.env,
            "abroad",
            groups="maintenance_reinvoice.group_maintenance_manager",
            company_id=self.other.id,
            company_ids=[(6, 0, self.other.ids)],
        )
        run = self._execute_run()
        for records in (
            self.permission,
            self.permission.line_ids,
            self.permission.line_ids.row_ids,
            self.contract_a,
            run,
            run.line_ids,
            run.log_ids,
        ):
            own = records.with_user(user).search([])
            self.assertFalse(own & records)
            with self.assertRaises(AccessError):
                records.with_user(user).check_access("read")

    def _get_foreign_values(self, user):
        """Dialogs and values that would show a user of the other company ours."""
        self._execute_run()
        line, bill = self.permission.line_ids, self.permission._get_bills()
        theirs = self.abroad._get_bills()
        envs = self.env(user=user)
        cancel = envs["maintenance.reinvoice.cancel"].create({})
        dialog = envs["maintenance.bill.dialog"].create({"vendor_reference": "x"})
        match = envs["maintenance.bill.match"].create({"move_id": theirs.id})
        return [
            (cancel, {"invoice_id": line.row_ids.move_id.id}),
            (cancel, {"row_ids": [(6, 0, line.row_ids.ids)]}),
            (cancel.line_ids, {"wizard_id": cancel.id, "row_id": line.row_ids.id}),
            (dialog, {"permission_ids": [(6, 0, self.permission.ids)]}),
            (dialog.line_ids, {"dialog_id": dialog.id, "line_id": line.id}),
            (match, {"move_id": bill.id}),
            (match.row_ids, {"dialog_id": match.id, "permission_line_id": line.id}),
            (
                match.row_ids,
                {"dialog_id": match.id, "bill_line_id": bill.invoice_line_ids.id},
            ),
            (
                envs["maintenance.reinvoice.dialog"],
                {"line_ids": [(6, 0, line.ids)]},
            ),
        ]

    def _get_specification(self, model, deep=False):
        """What a form of the dialog reads: everything, and everything of its rows."""
        return {
            name: {"fields": self._get_specification(model[name])}
            if deep and field.relational
            else {}
            for name, field in model._fields.items()
            if deep or not field.relational
        }

    def test_dialogs_filled_from_afar_show_nothing_of_the_other_company(self):
        user = new_test_user(
            self.env,
            "abroad",
            groups="maintenance_reinvoice.group_maintenance_manager,"
            "account.group_account_invoice",
            company_id=self.other.id,
            company_ids=[(6, 0, self.other.ids)],
        )
        for records, vals in self._get_foreign_values(user):
            model = records.browse()
            defaults = {f"default_{name}": value for name, value in vals.items()}
            specification = self._get_specification(model, deep=True)
            with self.assertRaises(AccessError, msg=vals):
                model.create(vals)
            with self.assertRaises(AccessError, msg=vals):
                model.with_context(**defaults).create({})
            with self.assertRaises(AccessError, msg=vals):
                model.onchange(vals, list(vals), specification)
            if records:
                with self.assertRaises(AccessError, msg=vals):
                    records.write(vals)

    def test_dialog_shows_no_bill_to_who_may_not_read_bills(self):
        user = new_test_user(
            self.env, "maker", groups="maintenance_reinvoice.group_maintenance_user"
        )
        bill = self.permission._get_bills()
        with self.assertRaises(AccessError):
            self.env["maintenance.bill.match"].with_user(user).create(
                {"move_id": bill.id}
            )

    def test_run_keeps_its_number_and_moves_only_to_a_company_of_the_users(self):
        user = new_test_user(
            self.env,
            "runner",
            groups="maintenance_reinvoice.group_maintenance_manager",
            company_id=self.company.id,
        )
        run = self._create_run(self.permission).with_user(user)
        with self.assertRaisesRegex(UserError, "keeps its number"):
            run.name = "Mine"
        with self.assertRaisesRegex(AccessError, "a company of yours"):
            run.company_id = self.other.id
        run.write({"name": run.name, "company_id": self.company.id})
        user.company_ids += self.other
        run.company_id = self.other.id
        run.sudo().company_id = self.company.id
        run.action_check()
        with self.assertRaisesRegex(UserError, "make a new run"):
            run.company_id = self.other.id

    def test_records_of_two_companies_do_not_mix(self):
        with self.assertRaises(UserError):
            self.permission.contract_id = self.contract_abroad
        with self.assertRaises(UserError):
            (self.permission + self.abroad).action_create_bill(vendor_reference="X")
