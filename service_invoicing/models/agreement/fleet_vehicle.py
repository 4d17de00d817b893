from odoo import api, fields, models

from ...tools.actions import open_menu
from ...tools.arguments import expects


class FleetVehicle(models.Model):
    """The vehicle leads to its agreements, and stays as long as one needs it."""

    _name = "fleet.vehicle"
    _inherit = ["fleet.vehicle", "service.kept.mixin"]

    service_agreement_count = fields.Integer(
        string="Agreements",
        compute="_compute_service_agreement_count",
        groups="service_invoicing.group_service_advisor",
        help="Service agreements on the vehicle.",
    )

    @api.model
    def _get_keeping_fields(self):
        return super()._get_keeping_fields() + [
            ("service.work.order", "vehicle_id", ""),
            ("service.agreement", "vehicle_id", ""),
        ]

    def _compute_service_agreement_count(self):
        counts = self._count_on_vehicles(self.env["service.agreement"])
        for vehicle in self:
            vehicle.service_agreement_count = counts[vehicle]

    @expects(one=True)
    def action_view_service_agreements(self):
        """Agreements on the vehicle."""
        return open_menu(
            self.env,
            "service_invoicing.service_agreement_action",
            [("vehicle_id", "=", self.id)],
            default_vehicle_id=self.id,
        )


class FleetVehicleOdometer(models.Model):
    """A new reading lets agreements go on that waited for it."""

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
