from unittest.mock import patch

from odoo import Command
from odoo.tests import Form, new_test_user, tagged

from odoo.addons.maintenance_reinvoice.tests.common import MaintenanceCommon

from .common import NeighbourMixin


@tagged("post_install", "-at_install", "service_neighbours")
class TestChargedOnce(NeighbourMixin, MaintenanceCommon):
    """Oil that is re-invoiced at cost, and a confirmed sales order of the project
    whose analytic account is that of contract A."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.oil = cls._create_service(
            "Oil", expense_policy="cost", invoice_policy="delivery"
        )
        cls.order = cls.env["sale.order"].create(
            {
                "partner_id": cls.customer.id,
                "order_line": [
                    Command.create({"product_id": cls.service.id, "price_unit": 5.0})
                ],
            }
        )

    def setUp(self):
        super().setUp()
        if "project_id" in self.order._fields:
            self.order.project_id = self._create_project()
        else:
            self._find_order()
        self.order.action_confirm()

    def _create_project(self):
        return self._get_neighbour("project.project").create(
            {
                "name": "Fleet of the customer",
                "account_id": self.analytic_a.id,
                "allow_billable": True,
                "partner_id": self.customer.id,
            }
        )

    def _find_order(self):
        """Say which order a bill belongs to, as the add-ons of projects do."""
        finder = patch.object(
            self.registry["account.move.line"],
            "_sale_determine_order",
            lambda lines: dict.fromkeys(lines.ids, self.order),
        )
        self.startPatcher(finder)

    def _create_plain_bill(self, **line):
        bill = self.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": self.garage.id,
                "ref": "G-200",
                "invoice_date": "2026-10-10",
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": self.oil.id,
                            "price_unit": 20.0,
                            "analytic_distribution": {str(self.analytic_a.id): 100.0},
                            **line,
                        }
                    )
                ],
            }
        )
        bill.action_post()
        return bill

    def _get_costs(self):
        """Prices of the order's lines that come from vendor bills."""
        return self.order.order_line.filtered("is_expense").mapped("price_unit")

    def test_bill_of_a_permission_is_charged_by_the_run_alone(self):
        permission = self._create_closed(
            self.vehicle_a, [{"product_id": self.oil.id, "purchase_price": 20.0}]
        )
        self.assertEqual(self._get_costs(), [])
        invoice = self._execute_run(permission).log_ids.move_id
        # 20.00 and 23 %
        self.assertEqual(invoice.amount_total, 24.6)
        self.assertEqual(permission.state, "reinvoiced")
        self.assertEqual(self._get_costs(), [])
        # cost 20.00 and revenue 20.00
        self.assertEqual(self._get_analytic_result(self.analytic_a), 0.0)

    def test_other_bills_are_charged_by_the_order(self):
        self._create_plain_bill()
        self.assertEqual(self._get_costs(), [20.0])

    def test_bill_that_was_matched_is_charged_by_the_run_alone(self):
        permission = self._create_permission(
            self.vehicle_a, [{"product_id": self.oil.id, "purchase_price": 20.0}]
        )
        bill = self._create_plain_bill(maintenance_line_id=permission.line_ids.id)
        self.assertEqual(permission.state, "closed")
        self.assertEqual(self._get_costs(), [])
        # posted once more it would be a second cost
        bill.button_draft()
        bill.action_post()
        self.assertEqual(self._get_costs(), [])

    def test_month_end_needs_no_right_on_sales_purchases_or_projects(self):
        """Bill, run and cancellation by somebody with our own roles alone."""
        user = new_test_user(
            self.env,
            "month.end",
            groups="maintenance_reinvoice.group_maintenance_manager",
            company_id=self.company.id,
        )
        permission = self._create_permission(
            self.vehicle_a, [{"product_id": self.oil.id, "purchase_price": 20.0}]
        ).with_user(user)
        bill = self._create_bill(permission).with_user(user)
        self.assertEqual(bill.state, "posted")
        run = self._create_run(permission).with_user(user)
        run.action_execute()
        invoice = run.log_ids.move_id
        self.assertEqual(invoice.amount_total, 24.6)
        for document in (permission, bill, invoice, run):
            Form(document)
        invoice.action_maintenance_cancel(
            row_ids=permission.line_ids.row_ids.ids, posting_date="2026-11-15"
        )
        self.assertEqual(permission.state, "closed")
        self.assertEqual(self._get_costs(), [])
