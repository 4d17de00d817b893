from odoo import fields, models


class ServiceWorkOrderLine(models.Model):
    _inherit = "service.work.order.line"

    technician = fields.Char()


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    technician = fields.Char()


class ServiceWorkOrder(models.Model):
    _inherit = "service.work.order"

    def _prepare_invoice_line_vals(self, part, fiscal_position):
        vals = super()._prepare_invoice_line_vals(part, fiscal_position)
        return vals | {"technician": part.order_line.technician}
