from odoo import fields, models
from odoo.tools import format_date
from odoo.tools.misc import formatLang


class ServiceWorkOrder(models.Model):
    """When the vehicle should come again: a note for the customer, billed nowhere."""

    _inherit = "service.work.order"

    next_service_date = fields.Date(
        copy=False,
        tracking=True,
        help="Printed on the service invoice; may be changed after the document check.",
    )
    next_service_odometer = fields.Float(
        digits=(12, 0),
        copy=False,
        help="Reading at which the vehicle should come again, in its own unit. Printed "
        "on the service invoice.",
    )
    next_service_note = fields.Text(
        copy=False, help="What is due next. Printed on the service invoice."
    )

    def _describe_next_service(self):
        """The next service in words: when, at which reading, what.

        :return: text in the language of the environment, empty without a next service
        """
        self.ensure_one()
        date = format_date(self.env, self.next_service_date)
        reading = self._format_odometer(self.next_service_odometer)
        due = date or reading
        if date and reading:
            due = self.env._(
                "%(date)s or at %(odometer)s, whichever comes first",
                date=date,
                odometer=reading,
            )
        return "\n".join(text for text in (due, self.next_service_note) if text)

    def _format_odometer(self, reading):
        """A reading with the unit of the order's vehicle, empty when it is zero."""
        self.ensure_one()
        if not reading:
            return ""
        field = self.env["fleet.vehicle"]._fields["odometer_unit"]
        units = dict(field._description_selection(self.env))
        unit = units.get(self.vehicle_id.odometer_unit, "")
        return f"{formatLang(self.env, reading, digits=0)} {unit}".strip()
