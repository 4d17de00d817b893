from odoo import Command
from odoo.tests import tagged

from odoo.addons.maintenance_reinvoice.tests.common import MaintenanceCommon

from .common import NeighbourMixin


@tagged("post_install", "-at_install", "service_neighbours")
class TestMergedCustomer(NeighbourMixin, MaintenanceCommon):
    """A customer was entered twice; core's wizard makes one of the two."""

    _neighbour_groups = (
        *NeighbourMixin._neighbour_groups,
        "service_invoicing.group_service_manager",
    )

    def _create_work_order(self, partner):
        order = self.env["service.work.order"].create(
            {
                "partner_id": partner.id,
                "line_ids": [
                    Command.create({"product_id": self.service.id, "price_unit": 100.0})
                ],
            }
        )
        order.action_submit_check()
        order.action_confirm_check()
        return order

    def _bill(self, order):
        order.action_create_next_invoice()
        invoice = order.invoice_ids
        invoice.action_service_authorize()
        return invoice

    def _create_sale(self, partner):
        order = self.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "order_line": [
                    Command.create({"product_id": self.service.id, "price_unit": 10.0})
                ],
            }
        )
        order.action_confirm()
        return order

    def test_documents_of_both_go_on_under_one_name(self):
        double = self._create_partner("Customer (double)")
        billed, waiting = (self._create_work_order(double) for _number in range(2))
        invoice = self._bill(billed)
        contract = self._create_contract(
            "C", self._create_vehicle("CC-333"), self.analytic_b, partner_id=double.id
        )
        permission = self._create_closed(
            contract.vehicle_ids, [{"purchase_price": 50.0}]
        )
        sale = self._create_sale(double)
        wizard = self.env["base.partner.merge.automatic.wizard"].sudo()
        wizard._merge((self.customer + double).ids, self.customer)
        self.assertFalse(double.exists())
        documents = (billed, waiting, invoice, contract, sale)
        for document in documents:
            self.assertEqual(document.partner_id, self.customer, document)
        # 100.00 and 23 % stay owed, and no order is billed a second time
        self.assertEqual(invoice.amount_residual, 123.0)
        self.assertFalse(billed.next_invoice_type)
        self.assertEqual(self._bill(waiting).partner_id, self.customer)
        collective = self._execute_run(permission).log_ids.move_id
        self.assertEqual(collective.partner_id, self.customer)
        self.assertEqual(collective.amount_total, 61.5)
        self.assertEqual(sale._create_invoices().amount_total, 12.3)
