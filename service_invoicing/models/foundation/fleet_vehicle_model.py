from odoo import api, models


class FleetVehicleModel(models.Model):
    """Models stay as long as a program or a job names them."""

    _name = "fleet.vehicle.model"
    _inherit = ["fleet.vehicle.model", "service.kept.mixin"]

    @api.model
    def _get_keeping_fields(self):
        return super()._get_keeping_fields() + [
            ("service.program", "vehicle_model_ids", ""),
            ("service.job", "vehicle_model_ids", ""),
        ]
