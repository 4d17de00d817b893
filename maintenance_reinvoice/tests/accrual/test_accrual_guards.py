from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged

from ..common_accrual import AccrualCommon, AccrualExampleCommon


@freeze_time("2026-11-22")
@tagged("post_install", "-at_install")
class TestAccrualGuards(AccrualCommon):
    """What must be right before a month is accrued."""

    def test_everything_wrong_is_said_at_once(self):
        self.company.maintenance_accrual_account_id = False
        self.company.fiscalyear_lock_date = "2026-10-31"
        wizard = self.wizards.create(
            {"date": "2026-10-31", "reversal_date": "2026-10-30"}
        )
        with self.assertRaises(UserError) as caught:
            wizard.action_post()
        message = str(caught.exception)
        for part in (
            "Choose the accrual account",
            "must be dated after",
            "10/31/2026 is in a closed period",
            "10/30/2026 is in a closed period",
            "Choose 11/01/2026 or later",
            "Everything bought until 10/31/2026",
        ):
            self.assertIn(part, message)
        future = self.wizards.create({"date": "2099-12-31"})
        self.assertIn("12/31/2099 has not come yet", future.problems)

    def test_services_without_revenue_account_are_named_together(self):
        names = ["Tyres", "Glass"]
        services = [self._create_service(name) for name in names]
        self._create_closed(
            self.vehicle_a,
            [{"product_id": s.id, "purchase_price": 10.0} for s in services],
        )
        for service in services:
            service.property_account_income_id = False
            service.categ_id.property_account_income_categ_id = False
        self.company.income_account_id = False
        journal = self.company._get_maintenance_journal("invoice")
        journal.default_account_id = False
        problems = self.wizards.create({"date": "2026-10-31"}).problems
        for name in names:
            self.assertIn(name, problems)

    def test_account_must_be_a_current_asset(self):
        with self.assertRaises(ValidationError):
            self.company.maintenance_accrual_account_id = self.revenue
        settings = self.env["res.config.settings"].create({})
        self.assertEqual(settings.maintenance_accrual_account_id, self.accrual_account)

    def test_setup_check_names_a_missing_account(self):
        def get_row():
            action = self.env["maintenance.setup.check"].action_check()
            rows = self.env["maintenance.setup.check"].search(action["domain"])
            return rows.filtered(
                lambda row: row.name == "Maintenance Accrual Account"
                and row.company_id == self.company
            )

        self.assertEqual(get_row().status, "ok")
        self.accrual_account.active = False
        self.assertIn("archived", get_row().message)
        self.company.maintenance_accrual_account_id = False
        self.assertEqual(get_row().status, "warning")


@freeze_time("2026-11-22")
@tagged("post_install", "-at_install")
class TestAccrualKept(AccrualExampleCommon):
    """A month is accrued once, whole, with its reversal, and by who may."""

    def test_second_accrual_of_a_date_names_the_first(self):
        accrual, _reversal = self._accrue()
        with self.assertRaisesRegex(UserError, accrual.name):
            self._accrue()
        # another date is another accrual
        self.assertIn(
            self.contract_a.permission_ids.line_ids[0], self._get_lines("2026-11-01")
        )

    def test_entry_and_reversal_stay_together(self):
        accrual, reversal = self._accrue()
        for move in (accrual, reversal):
            for method in (move.button_draft, move.button_cancel, move._reverse_moves):
                with self.assertRaisesRegex(UserError, "Take Back Accrual"):
                    method()
            with self.assertRaisesRegex(UserError, accrual.name):
                move.write({"state": "draft"})
        with self.assertRaisesRegex(UserError, "Only maintenance re-invoicing"):
            accrual.maintenance_accrual_date = False
        with self.assertRaises(UserError):
            accrual.maintenance_accrued_line_ids[0].accrual_move_ids = False
        with freeze_time("2026-11-02"):
            pending = self._accrue("2026-11-01", reversal_date="2026-11-15")[1]
        self.assertEqual(pending.state, "draft")
        with self.assertRaisesRegex(UserError, "Take Back Accrual"):
            pending.unlink()

    def test_taking_back_cancels_both_and_frees_the_date(self):
        accrual, reversal = self._accrue()
        accrual.action_maintenance_accrual_undo()
        self.assertEqual((accrual + reversal).mapped("state"), ["cancel", "cancel"])
        self.assertEqual(self._get_balance(self.revenue), 0.0)
        with self.assertRaisesRegex(UserError, "not yet taken back"):
            accrual.action_maintenance_accrual_undo()
        with self.assertRaisesRegex(UserError, "Only accruals"):
            self.contract_a.permission_ids._get_bills().action_maintenance_accrual_undo()
        again, _reversal = self._accrue()
        self.assertEqual(again.state, "posted")
        with self.assertRaisesRegex(UserError, "Take Back Accrual"):
            accrual.button_draft()
        self.company.fiscalyear_lock_date = "2026-10-31"
        with self.assertRaises(UserError):
            again.action_maintenance_accrual_undo()

    def test_rights(self):
        groups = "maintenance_reinvoice.group_maintenance_"
        user = new_test_user(
            self.env, "clerk", groups=f"{groups}user", company_id=self.company.id
        )
        with self.assertRaises(AccessError):
            self.wizards.with_user(user).create({"date": "2026-10-31"})
        runner = new_test_user(
            self.env, "runner", groups=f"{groups}reinvoice", company_id=self.company.id
        )
        wizard = self.wizards.with_user(runner).create({"date": "2026-10-31"})
        action = wizard.action_post()
        moves = self.env["account.move"].search(action["domain"], order="date")
        self.assertEqual(moves.mapped("state"), ["posted", "posted"])
        accrual = moves[0]
        with self.assertRaises(AccessError):
            accrual.with_user(user).action_maintenance_accrual_undo()
        accrual.with_user(runner).action_maintenance_accrual_undo()
        self.assertEqual(accrual.state, "cancel")

    def test_each_company_accrues_its_own(self):
        other = self.setup_other_company()["company"]
        wizard = self.wizards.create({"date": "2026-10-31", "company_id": other.id})
        self.assertEqual(wizard.line_count, 0)
        self.assertEqual(wizard.journal_id.company_id, other)
        self.assertFalse(wizard.account_id)
        self.assertIn(other.name, wizard.problems)
        with self.assertRaises(UserError):
            self.wizards.create(
                {
                    "date": "2026-10-31",
                    "company_id": other.id,
                    "account_id": self.accrual_account.id,
                }
            )
        self._accrue()
        self.assertFalse(wizard._find_accrual())
