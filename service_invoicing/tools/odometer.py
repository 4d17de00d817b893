"""Readings of odometers, as they are told."""

from odoo.tools import formatLang


def format_odometer(vehicle, reading):
    """A reading with the unit of ``vehicle``, empty when it is zero."""
    if not reading:
        return ""
    field = vehicle._fields["odometer_unit"]
    units = dict(field._description_selection(vehicle.env))
    unit = units.get(vehicle.odometer_unit, "")
    return f"{formatLang(vehicle.env, reading, digits=0)} {unit}".strip()
