from odoo import Command
from odoo.tests import tagged

from odoo.addons.maintenance_reinvoice.tests.common import MaintenanceCommon

from .common import NeighbourMixin


@tagged("post_install", "-at_install", "service_neighbours")
class TestNeighbourDocuments(NeighbourMixin, MaintenanceCommon):
    """Tyres bought at 50.00 and sold at 100.00, both with 23 % tax, through the stock;
    no service and no maintenance is concerned."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tyre = cls._create_service(
            "Tyre",
            type="consu",
            standard_price=50.0,
            invoice_policy="delivery",
            **({"is_storable": True} if "stock.picking" in cls.env else {}),
        )

    def _sell(self, quantity=2.0):
        """A confirmed order whose goods have left."""
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.tyre.id,
                            "product_uom_qty": quantity,
                            "price_unit": 100.0,
                        }
                    )
                ],
            }
        )
        order.action_confirm()
        self._move_goods(order)
        return order

    def _buy(self, quantity=3.0):
        """A confirmed purchase whose goods have arrived."""
        order = self._get_neighbour("purchase.order").create(
            {
                "partner_id": self.garage.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.tyre.id,
                            "product_qty": quantity,
                            "price_unit": 50.0,
                        }
                    )
                ],
            }
        )
        order.button_confirm()
        self._move_goods(order)
        return order

    def _move_goods(self, order):
        pickings = self._get_neighbour("stock.picking").search(
            [("origin", "=", order.name)]
        )
        for move in pickings.move_ids:
            move.quantity = move.product_uom_qty
        pickings.move_ids.picked = True
        pickings.button_validate()
        self.assertEqual(set(pickings.mapped("state")), {"done"})

    def _pay(self, moves, **vals):
        """Core's payment dialog."""
        context = {"active_model": "account.move", "active_ids": moves.ids}
        dialog = self.env["account.payment.register"].with_context(**context)
        return dialog.create({"payment_date": "2026-11-05", **vals})._create_payments()

    def _reverse(self, move):
        """Core's credit note dialog, and its draft posted."""
        dialog = self.env["account.move.reversal"].create(
            {
                "move_ids": [Command.set(move.ids)],
                "journal_id": move.journal_id.id,
                "date": "2026-11-06",
                "reason": "returned",
            }
        )
        credit = self.env["account.move"].browse(dialog.refund_moves()["res_id"])
        credit.action_post()
        return credit

    def assertPlain(self, move, untaxed, tax):
        """A document as core makes it: right sums, nothing of ours."""
        self.assertEqual(move.state, "posted")
        self.assertEqual(
            (move.amount_untaxed, move.amount_tax, move.amount_total),
            (untaxed, tax, untaxed + tax),
        )
        self.assertAlmostEqual(sum(move.line_ids.mapped("balance")), 0.0)
        self.assertFalse(move.service_invoice_type)
        self.assertFalse(move.maintenance_redistribution_id)
        self.assertFalse(move.invoice_line_ids.maintenance_line_id)

    def test_sales_order_is_delivered_invoiced_paid_and_credited(self):
        order = self._sell()
        self.assertEqual(order.order_line.qty_delivered, 2.0)
        invoice = order._create_invoices()
        invoice.invoice_date = "2026-11-04"
        invoice.action_post()
        self.assertPlain(invoice, 200.0, 46.0)
        self.assertEqual(order.invoice_status, "invoiced")
        self.assertEqual(self._pay(invoice).amount, 246.0)
        self.assertEqual(invoice.amount_residual, 0.0)
        credit = self._reverse(invoice)
        self.assertPlain(credit, 200.0, 46.0)
        self.assertEqual(credit.reversed_entry_id, invoice)
        self.assertEqual(credit.invoice_line_ids.sale_line_ids, order.order_line)
        self.assertEqual(order.order_line.qty_invoiced, 0.0)
        # sold and taken back
        self.assertEqual(self._get_balance(self.revenue), 0.0)
        self.assertEqual(self._get_balance(self.output_tax), 0.0)

    def test_purchase_is_received_billed_paid_and_credited(self):
        order = self._buy()
        order.action_create_invoice()
        bill = order.invoice_ids
        bill.write({"invoice_date": "2026-11-04", "ref": "G-300"})
        bill.action_post()
        self.assertPlain(bill, 150.0, 34.5)
        self.assertEqual(order.invoice_status, "invoiced")
        self.assertEqual(self._pay(bill).amount, 184.5)
        self.assertEqual(bill.amount_residual, 0.0)
        credit = self._reverse(bill)
        self.assertPlain(credit, 150.0, 34.5)
        self.assertEqual(order.order_line.qty_invoiced, 0.0)
        self.assertEqual(self._get_balance(self.input_tax), 0.0)

    def test_down_payment_of_an_order_is_deducted_as_without_us(self):
        order = self._sell()
        dialog = self.env["sale.advance.payment.inv"].create(
            {
                "sale_order_ids": [Command.set(order.ids)],
                "advance_payment_method": "percentage",
                "amount": 50,
            }
        )
        down = dialog._create_invoices(order)
        down.action_post()
        self.assertPlain(down, 100.0, 23.0)
        rest = order._create_invoices(final=True)
        rest.action_post()
        self.assertPlain(rest, 100.0, 23.0)

    def test_invoices_of_both_kinds_are_paid_together(self):
        """246.00 for tyres and 123.00 for the re-invoiced work: one payment."""
        order = self._sell()
        plain = order._create_invoices()
        plain.invoice_date = "2026-11-04"
        plain.action_post()
        permission = self._create_closed(self.vehicle_a, [{"purchase_price": 100.0}])
        ours = self._execute_run(permission).log_ids.move_id
        payment = self._pay(plain + ours, group_payment=True)
        self.assertEqual(payment.amount, 369.0)
        self.assertEqual((plain + ours).mapped("amount_residual"), [0.0, 0.0])

    def test_repair_is_quoted_and_invoiced(self):
        repair = self._get_neighbour("repair.order").create(
            {
                "partner_id": self.customer.id,
                "product_id": self.tyre.id,
                "move_ids": [
                    Command.create(
                        {
                            "product_id": self.tyre.id,
                            "product_uom_qty": 1.0,
                            "repair_line_type": "add",
                        }
                    )
                ],
            }
        )
        repair.action_validate()
        repair.action_create_sale_order()
        repair.action_repair_start()
        repair.move_ids.write({"quantity": 1.0, "picked": True})
        repair.action_repair_end()
        self.assertEqual(repair.state, "done")
        order = repair.sale_order_id
        order.order_line.price_unit = 80.0
        order.action_confirm()
        self.assertEqual(order.order_line.qty_delivered, 1.0)
        invoice = order._create_invoices()
        invoice.action_post()
        self.assertPlain(invoice, 80.0, 18.4)
