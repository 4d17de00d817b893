from odoo import api, fields, models


class ServiceWorkOrder(models.Model):
    """The invoices of the order, for who has no right on Invoicing, too."""

    _inherit = "service.work.order"

    order_invoice_ids = fields.Many2many(
        "service.order.invoice",
        compute="_compute_order_invoice_ids",
        string="Payers' Invoices",
        help="Who was invoiced for the order and what is due of it. Deleted invoices "
        "are left out.",
    )

    @api.depends("invoice_ids")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_order_invoice_ids(self):
        """Read anew each time: what is due changes with every payment."""
        rows = self.env["service.order.invoice"].search(
            [("work_order_ids", "in", self.ids)]
        )
        for order in self:
            order.order_invoice_ids = rows.filtered(
                lambda row, order=order: order._origin in row.work_order_ids
            )
