from odoo import models


class ServiceWorkOrder(models.Model):
    """Many work orders are billed in the background."""

    _inherit = "service.work.order"

    def action_create_invoices(self):
        """With many orders: open the run that bills them in the background."""
        run = self.env["service.billing.run"]._take_over("orders", self)
        return run or super().action_create_invoices()

    def _create_collective_invoices(self, partners=None):
        vals = {"partner_ids": partners.ids if partners else []}
        run = self.env["service.billing.run"]._take_over("collective", self, **vals)
        return run or super()._create_collective_invoices(partners)

    def _prepare_billing_item_vals(self):
        """Values of the item of a billing run that bills these."""
        return {"work_order_ids": self.ids}
