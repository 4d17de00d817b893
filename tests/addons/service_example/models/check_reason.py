from odoo import fields, models


class MaintenanceReinvoiceRunLine(models.Model):
    _inherit = "maintenance.reinvoice.run.line"

    reason = fields.Selection(selection_add=[("disputed", "Disputed by the customer")])


class MaintenancePermissionLine(models.Model):
    _inherit = "maintenance.permission.line"

    disputed = fields.Boolean()

    def _find_refusals(self, method):
        return super()._find_refusals(method) | {"disputed": self.disputed}
