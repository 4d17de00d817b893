from odoo import models


class MaintenancePermissionLine(models.Model):
    _inherit = "maintenance.permission.line"

    def _get_reinvoice_grouping_key(self, mass, cache):
        key = super()._get_reinvoice_grouping_key(mass, cache)
        return (*key, ("vehicle_id", self.vehicle_id.id)) if mass else key
