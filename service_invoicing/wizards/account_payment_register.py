from odoo import models


class AccountPaymentRegister(models.TransientModel):
    """Payments of our documents: of which, and for which work order."""

    _inherit = "account.payment.register"

    def _create_payments(self):
        """No money is matched with what nobody has authorized."""
        self.env["service.life.cycle"]._check_payable(self.line_ids.move_id)
        return super()._create_payments()

    def _create_payment_vals_from_wizard(self, batch_result):
        vals = super()._create_payment_vals_from_wizard(batch_result)
        return self._add_work_order(vals, batch_result)

    def _create_payment_vals_from_batch(self, batch_result):
        vals = super()._create_payment_vals_from_batch(batch_result)
        return self._add_work_order(vals, batch_result)

    def _add_work_order(self, vals, batch_result):
        """A receipt for invoices of one work order is the order's, so that what is
        paid too much is adjusted with its next invoice."""
        moves = batch_result["lines"].move_id.sudo()
        if not all(moves.mapped("service_invoice_type")):
            return vals
        orders = moves.work_order_ids
        if len(orders) == 1 and all(move.work_order_ids for move in moves):
            vals["service_work_order_id"] = orders.id
        return vals
