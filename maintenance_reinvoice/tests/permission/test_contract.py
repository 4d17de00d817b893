from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..common import MaintenanceCommon


@tagged("post_install", "-at_install")
class TestContract(MaintenanceCommon):
    def test_numbers_follow_each_other(self):
        values = {"partner_id": self.customer.id}
        first, second = self.env["maintenance.contract"].create([values, values])
        self.assertTrue(first.name.startswith("MC/"))
        self.assertEqual(int(second.name[-5:]), int(first.name[-5:]) + 1)

    def test_a_new_contract_is_named_without_a_customer(self):
        contract = self.env["maintenance.contract"].new({})
        self.assertEqual(contract.display_name, contract.name)
        contract.partner_id = self.customer
        name = f"{contract.name} ({self.customer.name})"
        self.assertEqual(contract.display_name, name)

    def test_opened_and_closed(self):
        contract = self.env["maintenance.contract"].create(
            {
                "partner_id": self.customer.id,
                "vehicle_ids": [Command.set(self._create_vehicle("CC-1").ids)],
            }
        )
        vehicle = contract.vehicle_ids
        self.assertEqual(contract.state, "draft")
        self.assertFalse(vehicle._get_open_contracts(self.company))
        contract.action_open()
        self.assertEqual(vehicle._get_open_contracts(self.company), contract)
        contract.action_close()
        self.assertEqual(contract.state, "closed")
        self.assertFalse(vehicle._get_open_contracts(self.company))

    def test_contract_of_a_day(self):
        self.contract_a.date_end = "2026-06-30"
        for date, contract in (
            ("2025-12-31", self.env["maintenance.contract"]),
            ("2026-01-01", self.contract_a),
            ("2026-06-30", self.contract_a),
            ("2026-07-01", self.env["maintenance.contract"]),
        ):
            found = self.vehicle_a._get_maintenance_contract(
                self.company, self._date(date)
            )
            self.assertEqual(found, contract, date)

    def test_next_contract_may_follow(self):
        self.contract_a.date_end = "2026-06-30"
        following = self._create_contract(
            "A2", self.vehicle_a, self.analytic_a, date_start="2026-07-01"
        )
        self.assertEqual(following.state, "open")

    def test_permissions_of_the_contract(self):
        permission = self._create_permission(self.vehicle_a, [], approve=False)
        self.assertEqual(self.contract_a.permission_count, 1)
        self.assertEqual(self.contract_b.permission_count, 0)
        action = self.contract_a.action_view_permissions()
        found = self.env["maintenance.permission"].search(action["domain"])
        self.assertEqual(found, permission)

    def test_used_contract_is_kept(self):
        self._create_permission(self.vehicle_a, [], approve=False)
        with self.assertRaisesRegex(UserError, "close them instead: A"):
            (self.contract_a + self.contract_b).unlink()
        self.contract_b.unlink()
        self.assertFalse(self.contract_b.exists())

    def test_settlement_waits_for_approval(self):
        self._create_permission(
            self.vehicle_a,
            [{"purchase_price": 10.0, "reinvoice_method": "billing"}],
            approve=False,
        )
        with self.assertRaisesRegex(UserError, "No line waits"):
            self.contract_a.action_settle(posting_date="2026-10-31")

    def test_settlement_of_several_contracts(self):
        other = self._create_partner("Other")
        self.contract_b.partner_id = other
        lines = self.env["maintenance.permission.line"]
        for vehicle in (self.vehicle_a, self.vehicle_b):
            lines += self._create_permission(
                vehicle, [{"purchase_price": 10.0, "reinvoice_method": "billing"}]
            ).line_ids
        (self.contract_a + self.contract_b).action_settle(posting_date="2026-10-31")
        self.assertEqual(lines.sale_invoice_id.partner_id, self.customer + other)
        self.assertEqual(lines.permission_id.mapped("state"), ["reinvoiced"] * 2)
