from odoo import api, models


class FleetVehicleOdometer(models.Model):
    _inherit = "fleet.vehicle.odometer"

    @api.model_create_multi
    def create(self, vals_list):
        entries = super().create(vals_list)
        entries._requeue_agreements()
        return entries

    def write(self, vals):
        res = super().write(vals)
        if vals.keys() & {"value", "date", "vehicle_id"}:
            self._requeue_agreements()
        return res

    def _requeue_agreements(self):
        """The schedule may have left agreements out because this was missing."""
        self.env["service.agreement"].sudo().search(
            [
                ("vehicle_id", "in", self.vehicle_id.ids),
                ("release_error_month", "!=", False),
                ("line_ids.usage_source", "=", "odometer"),
            ]
        )._requeue()
