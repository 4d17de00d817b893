from odoo import models

from odoo.addons.service_invoicing.tools.arguments import expects


class FleetVehicle(models.Model):
    """The vehicle leads to its margins."""

    _inherit = "fleet.vehicle"

    @expects(one=True)
    def action_view_maintenance_margins(self):
        """What the maintenance of the vehicle cost and what it brought."""
        return self.env["maintenance.margin.report"]._get_action("vehicle_id", self)
