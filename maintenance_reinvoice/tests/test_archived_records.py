from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import MaintenanceCommon


@tagged("post_install", "-at_install")
class TestArchivedRecords(MaintenanceCommon):
    """What was archived since stays where it was; what is no longer certain is said."""

    def _archive(self, records):
        records.sudo().active = False

    def test_no_relation_of_ours_loses_what_is_archived(self):
        self.assertEqual(self._find_forgetful_fields("maintenance_reinvoice"), {})
        kinds = {
            field.comodel_name
            for field in self._find_own_fields("maintenance_reinvoice")
        }
        self.assertLessEqual(
            {
                "account.tax",
                "account.account",
                "account.journal",
                "fleet.vehicle",
                "maintenance.contract",
                "product.product",
                "res.partner",
            },
            kinds,
        )

    # -- vehicles of a contract

    def test_contract_keeps_its_archived_vehicle(self):
        self._archive(self.vehicle_a)
        self.assertEqual(self.contract_a.vehicle_ids, self.vehicle_a)
        contracts = self.env["maintenance.contract"].search(
            [("vehicle_ids", "ilike", "AA-111")]
        )
        self.assertEqual(contracts, self.contract_a)

    def test_late_permission_of_an_archived_vehicle_gets_its_contract(self):
        self._archive(self.vehicle_a)
        permission = self._create_permission(self.vehicle_a, [{"purchase_price": 9.0}])
        self.assertEqual(permission.contract_id, self.contract_a)
        self.assertEqual(permission.partner_id, self.customer)
        # it stays when the permission changes before it is decided
        late = self._create_permission(
            self.vehicle_a, [{"purchase_price": 9.0}], approve=False
        )
        late.date = "2026-10-06"
        self.assertEqual(late.contract_id, self.contract_a)

    def test_archived_vehicle_is_on_one_open_contract(self):
        self._archive(self.vehicle_a)
        with self.assertRaisesRegex(UserError, "AA-111 is already on contract A"):
            self._create_contract("C", self.vehicle_a, self.analytic_a)

    # -- taxes

    def test_draft_is_posted_with_the_tax_it_was_made_with(self):
        # without a clearing account the collective invoice stays a draft
        self.company.maintenance_mass_account_id = False
        permission = self._create_closed(self.vehicle_a, [{"purchase_price": 100.0}])
        draft = self._execute_run(permission).log_ids.move_id
        self.assertEqual(draft.state, "draft")
        self._archive(self.sale_tax)
        self.company.maintenance_mass_account_id = self.mass_account
        draft.action_post()
        # 100.00 and 23 %
        self.assertRecordValues(
            draft,
            [{"state": "posted", "amount_untaxed": 100.0, "amount_tax": 23.0}],
        )

    def test_service_whose_taxes_are_archived_is_not_invoiced_without_tax(self):
        permission = self._create_closed(self.vehicle_a, [{"purchase_price": 100.0}])
        self._archive(self.sale_tax)
        run = self._create_run(permission)
        run.action_check()
        self.assertEqual(self._get_reasons(run), {permission.line_ids: "archived_tax"})
        self.service.taxes_id = [
            Command.link(self._create_tax(25.0, "sale").id),
            Command.link(self.sale_tax.id),
        ]
        invoice = self._execute_run(permission).log_ids.move_id
        # 100.00 and the new rate of 25 %
        self.assertEqual((invoice.amount_untaxed, invoice.amount_tax), (100.0, 25.0))

    # -- analytic accounts

    def test_lost_analytic_account_of_a_contract_is_in_the_check_report(self):
        """Core lets an analytic account go although contracts are booked on it."""
        permission = self._create_closed(self.vehicle_a, [{"purchase_price": 100.0}])
        other = self._create_closed(self.vehicle_b, [{"purchase_price": 50.0}])
        lost = self._create_analytic("Lost")
        self.contract_a.analytic_distribution = {f"{lost.id},{self.analytic_a.id}": 100}
        lost.unlink()
        run = self._create_run(permission | other)
        run.action_check()
        self.assertEqual(
            self._get_reasons(run),
            {permission.line_ids: "no_analytic", other.line_ids: False},
        )
        self.contract_a.analytic_distribution = {str(self.analytic_a.id): 100}
        self._execute_run(permission)
        self.assertEqual(self._get_analytic_result(self.analytic_a), 0.0)

    def test_archived_analytic_account_is_booked_on(self):
        permission = self._create_closed(self.vehicle_a, [{"purchase_price": 100.0}])
        self._archive(self.analytic_a)
        self._execute_run(permission)
        # cost of 100.00 and revenue of 100.00
        self.assertEqual(self._get_analytic_result(self.analytic_a), 0.0)

    def test_nothing_is_made_for_a_lost_analytic_account(self):
        individual = self._create_closed(
            self.vehicle_a,
            [{"purchase_price": 100.0, "reinvoice_method": "individual"}],
        )
        lost = self._create_analytic("Lost")
        self.contract_a.analytic_distribution = {str(lost.id): 100}
        permission = self._create_permission(self.vehicle_a, [{"purchase_price": 9.0}])
        lost.unlink()
        with self.assertRaisesRegex(UserError, "of these contracts was deleted.*: A"):
            self._create_bill(permission)
        with self.assertRaisesRegex(UserError, "Analytic account of the contract"):
            individual.line_ids.action_reinvoice(posting_date="2026-10-31")

    def test_bill_is_not_posted_on_a_lost_analytic_account(self):
        lost = self._create_analytic("Lost")
        self.contract_a.analytic_distribution = {str(lost.id): 100}
        permission = self._create_permission(self.vehicle_a, [{"purchase_price": 9.0}])
        bill = self._create_bill(permission, post=False)
        lost.unlink()
        with self.assertRaisesRegex(UserError, "account of the line was deleted"):
            bill.action_post()
        bill.invoice_line_ids.analytic_distribution = {str(self.analytic_a.id): 100}
        bill.action_post()
        self.assertEqual(self._get_analytic_result(self.analytic_a), -9.0)

    def test_draft_is_not_posted_on_a_lost_analytic_account(self):
        self.company.maintenance_mass_account_id = False
        permission = self._create_closed(self.vehicle_a, [{"purchase_price": 100.0}])
        lost = self._create_analytic("Lost")
        self.contract_a.analytic_distribution = {str(lost.id): 100}
        draft = self._execute_run(permission).log_ids.move_id
        lost.unlink()
        self.company.maintenance_mass_account_id = self.mass_account
        with self.assertRaisesRegex(UserError, "analytic account of contract A"):
            draft.action_post()

    def test_setup_check_names_contracts_of_lost_analytic_accounts(self):
        lost = self._create_analytic("Lost")
        self.contract_a.analytic_distribution = {str(lost.id): 100}
        check = self.env["maintenance.setup.check"]
        self.assertEqual(check._check_contracts(self.company)["status"], "ok")
        lost.unlink()
        row = check._check_contracts(self.company)
        self.assertEqual(row["status"], "error")
        self.assertIn("deleted, so that they are not re-invoiced: A", row["message"])
