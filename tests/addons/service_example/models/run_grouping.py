from odoo import models


class MaintenancePermissionLine(models.Model):
    _inherit = "maintenance.permission.line"

    def _get_reinvoice_grouping_keys(self, mass):
        names = super()._get_reinvoice_grouping_keys(mass)
        return [*names, "vehicle_id"] if mass else names
