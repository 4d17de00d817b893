from odoo import models


class FleetVehicle(models.Model):
    """What electronic invoices say of a vehicle."""

    _inherit = "fleet.vehicle"

    def _get_einvoice_odometer(self, reading):
        """A reading with the unit of the vehicle, as systems read it."""
        units = dict(self._fields["odometer_unit"]._description_selection(self.env))
        return f"{reading:.0f} {units.get(self.odometer_unit, '')}".strip()
