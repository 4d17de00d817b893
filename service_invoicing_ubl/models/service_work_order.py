from odoo import models


class ServiceWorkOrder(models.Model):
    """What electronic invoices say of an order."""

    _inherit = "service.work.order"

    def _get_einvoice_odometer(self):
        """Reading with its unit."""
        self.ensure_one()
        labels = dict(self._fields["odometer_unit"]._description_selection(self.env))
        unit = labels.get(self.odometer_unit, self.odometer_unit or "")
        return f"{self.odometer:.0f} {unit}".strip()
