from odoo import models

from odoo.addons.service_invoicing_ubl.tools.references import LineFacts, Period


class MaintenanceReinvoiceRow(models.Model):
    """What an electronic invoice says of the rows on one of its lines."""

    _inherit = "maintenance.reinvoice.row"

    def _prepare_einvoice_line(self, has_contract, has_vehicle):
        """Period and properties of the line that stands for these rows.

        :param has_contract: whether the line names its contract
        :param has_vehicle: whether the line names its vehicle, if it is one alone
        :return: ``LineFacts``
        """
        permissions = self.permission_id
        days = [day for day in permissions.mapped("date") if day]
        vehicle = permissions.vehicle_id
        properties = []
        if has_contract:
            contracts = ", ".join(self.contract_id.mapped("name"))
            properties.append((self.env._("Contract"), contracts))
        if has_vehicle and len(vehicle) == 1 and vehicle.license_plate:
            properties.append((self.env._("Vehicle"), vehicle.license_plate))
        if len(permissions) == 1 and permissions.odometer:
            properties.append((self.env._("Odometer"), self._format_odometer()))
        return LineFacts(
            Period(min(days), max(days)) if days else None, tuple(properties)
        )

    def _format_odometer(self):
        """Reading of the one permission of these rows, with its unit."""
        permission = self.permission_id
        field = permission.vehicle_id._fields["odometer_unit"]
        labels = dict(field._description_selection(self.env))
        unit = labels.get(permission.vehicle_id.odometer_unit, "")
        return f"{permission.odometer:.0f} {unit}".strip()
