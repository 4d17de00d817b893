from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from ..common import MaintenanceCommon


@tagged("post_install", "-at_install")
class TestRunRules(MaintenanceCommon):
    """Minimum amounts, dates told beforehand, selected permissions, clearing items.

    Two permissions are closed: a small one of 30, and one of 100."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.small = cls._create_amount(30.0)
        cls.permission = cls._create_amount(100.0)
        cls.line = cls.permission.line_ids

    @classmethod
    def _create_amount(cls, amount):
        return cls._create_closed(cls.vehicle_a, [{"purchase_price": amount}])

    def _check(self, permissions, **vals):
        run = self._create_run(permissions, **vals)
        run.action_check()
        return run

    # -- minimum invoice amount -------------------------------------------------

    def test_small_amounts_wait_until_they_add_up(self):
        self.company.maintenance_minimum_amount = 50.0
        run = self._check(self.small)
        self.assertEqual(self._get_reasons(run), {self.small.line_ids: "below_minimum"})
        self.assertIn("Carried forward", run.line_ids.reason_text)
        with self.assertRaisesRegex(UserError, "Carried forward.*: 1"):
            run.action_execute()
        other = self._create_amount(20.0)
        move = self._execute_run(self.small + other).log_ids.move_id
        # 30 + 20 reach the minimum exactly
        self.assertEqual(move.amount_untaxed, 50.0)
        self.assertEqual(set((self.small + other).mapped("state")), {"reinvoiced"})

    def test_customers_own_minimum_comes_first(self):
        self.company.maintenance_minimum_amount = 50.0
        self.customer.maintenance_minimum_amount = 10.0
        self.assertFalse(
            self._get_reasons(self._check(self.small))[self.small.line_ids]
        )
        self.customer.maintenance_minimum_amount = 30.01
        self.company.maintenance_minimum_amount = 0.0
        self.assertEqual(
            self._get_reasons(self._check(self.small)),
            {self.small.line_ids: "below_minimum"},
        )

    def test_contact_takes_what_his_company_agreed_on(self):
        contact = self.env["res.partner"].create(
            {"name": "Depot North", "parent_id": self.customer.id}
        )
        self.company.maintenance_minimum_amount = 50.0
        self.company.maintenance_billing_method = "vehicle"
        self.assertEqual(contact._get_maintenance_minimum(self.company), 50.0)
        self.assertEqual(
            contact._get_maintenance_billing_method(self.company), "vehicle"
        )
        self.customer.maintenance_minimum_amount = 10.0
        self.customer.maintenance_billing_method = "contract"
        self.assertEqual(contact._get_maintenance_minimum(self.company), 10.0)
        self.assertEqual(
            contact._get_maintenance_billing_method(self.company), "contract"
        )
        contact.maintenance_minimum_amount = 0.01
        self.assertEqual(contact._get_maintenance_minimum(self.company), 0.01)

    def test_minimum_is_of_who_pays_and_of_each_invoice(self):
        insurer = self._create_partner("Insurer", maintenance_minimum_amount=25.0)
        permission = self._create_closed(
            self.vehicle_a,
            [
                {"purchase_price": 20.0},
                {"purchase_price": 20.0, "reinvoice_partner_id": insurer.id},
            ],
        )
        reasons = self._get_reasons(self._check(permission))
        self.assertEqual(
            [reasons[line] for line in permission.line_ids], [False, "below_minimum"]
        )

    def test_minimum_in_another_currency(self):
        """A minimum of 50 is 100 EUR at 2 EUR per company unit; 99.98 are 49.99."""
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        self.company.maintenance_minimum_amount = 50.0
        for amount, reason in ((99.98, "below_minimum"), (100.0, False)):
            permission = self._create_closed(
                self.vehicle_a,
                [{"purchase_price": amount, "currency_id": euro.id}],
                purchase_currency_id=euro.id,
            )
            reasons = self._get_reasons(self._check(permission))
            self.assertEqual(reasons, {permission.line_ids: reason})

    def test_what_the_customer_gets_back_never_waits(self):
        self.company.maintenance_minimum_amount = 500.0
        back = self._create_permission(self.vehicle_a, [{"purchase_price": -30.0}])
        work = self._create_permission(
            self.vehicle_a, [{"purchase_price": 90.0, "reinvoice": False}]
        )
        self._create_bill(work + back)
        move = self._execute_run(back).log_ids.move_id
        self.assertRecordValues(
            move, [{"move_type": "out_refund", "amount_untaxed": 30.0}]
        )

    def test_individual_invoices_have_no_minimum(self):
        self.company.maintenance_minimum_amount = 500.0
        self.small.line_ids.reinvoice_method = "individual"
        self.small.line_ids.action_reinvoice(posting_date="2026-10-31")
        self.assertEqual(self.small.state, "reinvoiced")

    def test_run_may_take_small_amounts_too(self):
        self.company.maintenance_minimum_amount = 50.0
        run = self._check(self.small)
        self.assertEqual(run.state, "checked")
        run.ignore_minimum = True
        self.assertEqual(run.state, "draft")
        run.action_execute()
        self.assertEqual(run.log_ids.move_id.amount_untaxed, 30.0)

    def test_minimum_is_looked_at_again_when_executing(self):
        """What somebody else took meanwhile leaves less than the minimum."""
        self.company.maintenance_minimum_amount = 50.0
        both = self.small + self._create_amount(40.0)
        run = self._check(both)
        self.assertEqual(run.taken_count, 2)
        both[1].line_ids.reinvoice = False
        run.action_execute()
        self.assertEqual(
            self._get_reasons(run),
            {both[0].line_ids: "below_minimum", both[1].line_ids: "not_reinvoice"},
        )
        self.assertEqual(run.log_ids.posting_state, "none")

    def test_minimum_is_not_negative(self):
        with self.assertRaisesRegex(UserError, "must not be negative"):
            self.customer.maintenance_minimum_amount = -1.0

    def test_minimum_is_each_companys_own(self):
        other = self.setup_other_company()["company"]
        self.customer.maintenance_minimum_amount = 70.0
        other.maintenance_minimum_amount = 5.0
        self.assertEqual(self.customer._get_maintenance_minimum(self.company), 70.0)
        self.assertEqual(self.customer._get_maintenance_minimum(other), 5.0)

    # -- dates ------------------------------------------------------------------

    def test_form_tells_the_shifted_date_before(self):
        self.company.sale_lock_date = "2026-11-15"
        self.company.maintenance_closed_period = "shift"
        with Form(self.env["maintenance.reinvoice.run"]) as form:
            form.posting_date = "2026-10-31"
            self.assertEqual(form.effective_posting_date, self._date("2026-11-16"))
            self.assertIn("10/31/2026 is in a closed period", form.notes)
            self.assertIn("11/16/2026", form.notes)
            form.posting_date = "2026-11-30"
            self.assertEqual(form.effective_posting_date, self._date("2026-11-30"))
            self.assertFalse(form.notes)

    def test_form_tells_a_refused_date_before(self):
        self.company.sale_lock_date = "2026-11-15"
        run = self._create_run()
        self.assertFalse(run.effective_posting_date)
        self.assertIn("Choose 11/16/2026 or later", run.notes)

    def test_vat_date_in_a_closed_vat_period(self):
        """The VAT return of September is filed: its VAT date is refused or shifted,
        while the posting date stays as it is."""
        self.company.tax_lock_date = "2026-09-30"
        run = self._create_run(self.permission, vat_date="2026-09-15")
        self.assertIn("VAT date 09/15/2026 is in a closed VAT period", run.notes)
        with self.assertRaisesRegex(UserError, "closed VAT period"):
            run.action_execute()
        self.company.maintenance_closed_period = "shift"
        run.invalidate_recordset()
        self.assertEqual(run.effective_vat_date, self._date("2026-10-01"))
        run.action_execute()
        self.assertRecordValues(
            run.log_ids.move_id,
            [
                {
                    "invoice_date": self._date("2026-10-31"),
                    "date": self._date("2026-10-31"),
                    "taxable_supply_date": self._date("2026-10-01"),
                }
            ],
        )

    def test_only_vat_locks_bind_the_vat_date(self):
        self.company.sale_lock_date = "2026-09-30"
        move = self._execute_run(self.permission, vat_date="2026-09-15").log_ids.move_id
        self.assertEqual(move.taxable_supply_date, self._date("2026-09-15"))

    def test_both_dates_refused_are_told_at_once(self):
        self.company.write(
            {"tax_lock_date": "2026-09-30", "sale_lock_date": "2026-11-15"}
        )
        run = self._create_run(self.permission, vat_date="2026-09-15")
        with self.assertRaisesRegex(UserError, "(?s)closed period.*closed VAT period"):
            run.action_execute()

    def test_individual_invoice_asks_for_an_open_vat_period_too(self):
        self.company.tax_lock_date = "2026-09-30"
        self.line.reinvoice_method = "individual"
        with self.assertRaisesRegex(UserError, "closed VAT period"):
            self.line.action_reinvoice(posting_date="2026-10-31", vat_date="2026-09-15")

    def test_credit_memo_asks_for_an_open_vat_period_too(self):
        invoice = self._execute_run(self.permission).log_ids.move_id
        self.company.tax_lock_date = "2026-09-30"
        vals = {"posting_date": "2026-11-15", "vat_date": "2026-09-15"}
        rows = self.line.row_ids
        with self.assertRaisesRegex(UserError, "closed VAT period"):
            invoice.action_maintenance_cancel(row_ids=rows.ids, **vals)
        self.company.maintenance_closed_period = "shift"
        action = invoice.action_maintenance_cancel(row_ids=rows.ids, **vals)
        credit = self.env["account.move"].browse(action["res_id"])
        self.assertEqual(credit.taxable_supply_date, self._date("2026-10-01"))

    def test_drafts_are_told_before(self):
        self.company.maintenance_mass_account_id = False
        run = self._create_run(self.permission)
        self.assertIn("the invoices stay drafts", run.notes)
        run.action_execute()
        self.assertIn("the invoices stay drafts", run.log_ids.posting_note)
        self.assertFalse(run.notes)

    def test_draft_that_is_posted_later_follows_the_same_choice(self):
        """Made on 31 October and posted when its period is closed until 15 November:
        refused, or of 16 November, but not on the day that core would take."""
        self.company.maintenance_mass_account_id = False
        move = self._execute_run(self.permission).log_ids.move_id
        self.company.sale_lock_date = "2026-11-15"
        with self.assertRaisesRegex(UserError, "10/31/2026 is in a closed period"):
            move.action_post()
        self.assertIn("closed period", move.tax_lock_date_message)
        self.company.maintenance_closed_period = "shift"
        move.action_post()
        self.assertEqual(move.date, self._date("2026-11-16"))
        self.assertEqual(move.invoice_date, self._date("2026-11-16"))

    def test_missing_journals_are_told_before(self):
        companies = type(self.company)
        nothing = self.env["account.journal"]
        with patch.object(companies, "_get_first_journal", lambda *args: nothing):
            run = self._create_run()
            self.assertIn("needs a sales and a miscellaneous journal", run.notes)

    def test_unknown_field_in_the_filter_is_named(self):
        run = self._create_run(filter_domain="[('no_such_field', '=', 1)]")
        with self.assertRaisesRegex(UserError, "filter of run.*no_such_field"):
            run.action_check()

    # -- guards -----------------------------------------------------------------

    def test_run_goes_on_in_nobody_elses_name(self):
        run = self._create_run()
        boss = self.env.ref("base.user_admin")
        for vals in ({"user_id": boss.id}, {"schedule_date": "2026-10-31"}):
            with self.assertRaisesRegex(UserError, "follows from checking"):
                run.write(vals)
            with self.assertRaisesRegex(UserError, "follows from checking"):
                self._create_run(**vals)
        with self.assertRaisesRegex(UserError, "follows from checking"):
            self.env["maintenance.reinvoice.run"].with_context(
                default_user_id=boss.id
            ).create({})
        self.assertEqual(self._create_run(user_id=self.env.uid).user_id, self.env.user)

    # -- selected permissions ---------------------------------------------------

    def _run_server_action(self, name, permissions):
        action = self.env.ref(f"maintenance_reinvoice.{name}")
        return action.with_context(
            active_model=permissions._name,
            active_ids=permissions.ids,
            active_id=permissions[:1].id,
        ).run()

    @freeze_time("2026-11-05")
    def test_one_of_several_server_actions(self):
        """Core's action that executes several others takes ours as a child."""
        ours = self.env.ref("maintenance_reinvoice.action_server_mass_reinvoice_today")
        actions = self.env["ir.actions.server"].sudo()
        model = self.env["ir.model"].sudo()._get("maintenance.permission")
        note = {
            "name": "Note",
            "model_id": model.id,
            "state": "code",
            "code": "records.message_post(body='Month end')",
        }
        # a child belongs to its parent: the user copies ours
        child = ours.sudo().copy({"binding_model_id": False})
        several = actions.create(
            {
                "name": "Month end",
                "model_id": model.id,
                "state": "multi",
                "child_ids": [Command.create(note), Command.link(child.id)],
            }
        )
        result = (
            several.with_user(self.env.user)
            .with_context(
                active_model=self.permission._name,
                active_ids=self.permission.ids,
                active_id=self.permission.id,
            )
            .run()
        )
        run = self.env["maintenance.reinvoice.run"].browse(result["res_id"])
        self.assertEqual(run.posting_date, self._date("2026-11-05"))
        self.assertEqual(self.permission.state, "reinvoiced")
        self.assertIn("Month end", self.permission.message_ids[0].body)

    def test_server_actions_of_the_list(self):
        checked = self._run_server_action("action_server_mass_check", self.permission)
        run = self.env["maintenance.reinvoice.run"].browse(checked["res_id"])
        self.assertEqual(run.line_ids.permission_id, self.permission)
        asked = self._run_server_action("action_server_mass_reinvoice", self.permission)
        with Form(
            self.env["maintenance.reinvoice.run"].with_context(**asked["context"])
        ) as form:
            form.posting_date = "2026-10-31"
        form.record.action_execute()
        self.assertEqual(self.permission.state, "reinvoiced")

    def test_server_actions_need_the_right(self):
        user = new_test_user(
            self.env,
            "preparer",
            groups="maintenance_reinvoice.group_maintenance_user",
            company_id=self.company.id,
        )
        with self.assertRaises(AccessError):
            self.permission.with_user(user).action_mass_reinvoice_today()
        with self.assertRaises(AccessError):
            self.permission.with_user(user).action_mass_check()

    def test_selection_of_two_companies_makes_a_run_for_each(self):
        other = self.setup_other_company()["company"]
        here = self.permission
        vehicle = self._create_vehicle("XX-9")
        vehicle.sudo().company_id = False
        env = self.env(context={**self.env.context, "allowed_company_ids": other.ids})
        product = env["product.product"].create({"name": "Work", "type": "service"})
        env["maintenance.contract"].create(
            {
                "name": "X",
                "partner_id": self.customer.id,
                "vehicle_ids": [Command.set(vehicle.ids)],
                "state": "open",
            }
        )
        line = {"product_id": product.id, "purchase_price": 5.0, "reinvoice": True}
        there = env["maintenance.permission"].create(
            {
                "vehicle_id": vehicle.id,
                "vendor_id": self.garage.id,
                "line_ids": [Command.create(line)],
            }
        )
        both = here + there.with_env(self.env)
        action = both.with_context(
            allowed_company_ids=(self.company + other).ids
        ).action_mass_check()
        runs = self.env["maintenance.reinvoice.run"].search(action["domain"])
        found = {run.company_id: run.line_ids.permission_id for run in runs.sudo()}
        self.assertEqual(found, {self.company: here, other: there})

    # -- open items on the clearing account -------------------------------------

    def _get_clearing_items(self):
        action = self.env["account.move.line"].action_view_maintenance_clearing()
        return self.env["account.move.line"].search(action["domain"])

    def test_open_items_are_listed_also_of_an_earlier_account(self):
        move = self._execute_run(self.permission).log_ids.move_id
        self.assertFalse(self._get_clearing_items())
        mass = move.invoice_line_ids
        # a program undoes the reconciliation, and the company takes another account
        mass.sudo().remove_move_reconcile()
        self.company.maintenance_mass_account_id = self._create_account(
            "MASS02", "asset_current", True
        )
        items = self._get_clearing_items()
        self.assertEqual(sorted(items.mapped("amount_residual")), [-100.0, 100.0])
        self.assertEqual(items.maintenance_contract_id, self.contract_a)

    def test_action_of_open_items_has_its_own_views(self):
        action = self.env["account.move.line"].action_view_maintenance_clearing()
        views = self.env["account.move.line"].get_views(
            [*action["views"], (action["search_view_id"][0], "search")]
        )["views"]
        self.assertIn("amount_residual", views["list"]["arch"])
        self.assertIn("group_contract", views["search"]["arch"])
