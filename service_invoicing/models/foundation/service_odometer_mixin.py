from odoo import fields, models


class ServiceOdometerMixin(models.AbstractModel):
    """A document for which a vehicle came in: one reading in the vehicle's odometer
    history, corrected and removed with it. The history is ours to write: whoever writes
    the document needs no Fleet right.

    Such a document has ``vehicle_id`` and ``odometer``.
    """

    _name = "service.odometer.mixin"
    _description = "Document with an Odometer Reading"

    # the field with the day of the reading
    _odometer_date = "date"

    odometer_id = fields.Many2one(
        "fleet.vehicle.odometer",
        string="Odometer Reading",
        copy=False,
        readonly=True,
        index="btree_not_null",
        help="This document's reading in the vehicle's odometer history.",
    )

    def _has_odometer_reading(self):
        """Whether the vehicle's history is to have a reading of the document."""
        self.ensure_one()
        return bool(self.vehicle_id and self.odometer > 0)

    def _prepare_odometer_vals(self):
        """Values of the document's reading in the vehicle's history."""
        self.ensure_one()
        return {
            "vehicle_id": self.vehicle_id.id,
            "value": self.odometer,
            "date": self[self._odometer_date],
        }

    def _update_odometer_reading(self):
        """Correct the documents' readings, add those that are missing and take away
        those that were a slip."""
        wanted = self.sudo().filtered(lambda document: document._has_odometer_reading())
        (self.sudo() - wanted).odometer_id.unlink()
        for document in wanted.filtered("odometer_id"):
            document.odometer_id.write(document._prepare_odometer_vals())
        missing = wanted.filtered(lambda document: not document.odometer_id)
        readings = self.env["fleet.vehicle.odometer"].sudo()
        readings = readings.create([d._prepare_odometer_vals() for d in missing])
        for document, reading in zip(missing, readings, strict=True):
            document.odometer_id = reading

    def unlink(self):
        readings = self.sudo().odometer_id
        result = super().unlink()
        readings.unlink()
        return result

    def _get_odometer_history(self):
        """Readings of the documents' vehicles, whoever entered them.

        :return: dict vehicle → readings
        """
        readings = self.env["fleet.vehicle.odometer"].sudo()
        vehicles = self.vehicle_id._origin
        return readings.search([("vehicle_id", "in", vehicles.ids)]).grouped(
            "vehicle_id"
        )

    def _get_earlier_reading(self, history):
        """The highest reading of the vehicle before that of the document.

        :param dict history: of ``_get_odometer_history``
        :return: ``fleet.vehicle.odometer``; empty when there is none
        """
        self.ensure_one()
        readings = history.get(self.vehicle_id._origin)
        date = self[self._odometer_date]
        if not readings or not date:
            return self.env["fleet.vehicle.odometer"]
        # of one day the one that was entered first
        own = (date, self.odometer_id.id or float("inf"))
        earlier = readings.filtered(lambda r: r.date and (r.date, r.id) < own)
        return earlier.sorted("value")[-1:]
