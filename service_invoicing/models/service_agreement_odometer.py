from odoo import models
from odoo.fields import Domain

from ..tools.month import month_end


class ServiceAgreement(models.Model):
    _inherit = "service.agreement"

    def _read_odometers(self, month):
        """Keep what the odometers showed in a month as readings.

        A reading that somebody typed in the month goes before the odometer's log.
        """
        lines = [
            (line, first, last)
            for agreement in self
            for line, first, last in agreement._get_billed_days(month)
            if line.usage_source == "odometer" and not line._is_released(first)
        ]
        if lines:
            logs = self._get_odometer_logs(lines, month)
            for line, first, last in lines:
                line._read_odometer(logs.get(line.agreement_id.vehicle_id), first, last)

    def _get_odometer_logs(self, lines, month):
        """Log of the odometers; before the month only where billing begins.

        Read for whoever may release: who knows the vehicle's agreement may know what
        it is billed by.

        :return: dict vehicle → entries of its log, the oldest first
        """
        begun = [
            line.agreement_id.vehicle_id.id
            for line, first, __ in lines
            if not line._get_readings().filtered(lambda r, d=first: r.date < d)
        ]
        vehicles = self.vehicle_id
        domain = Domain(
            [
                ("vehicle_id", "in", vehicles.ids),
                ("date", "<=", month_end(month)),
                ("value", ">", 0),
            ]
        ) & (Domain("date", ">=", month) | Domain("vehicle_id", "in", begun))
        logs = self.env["fleet.vehicle.odometer"].sudo()
        return logs.search(domain, order="date, id").grouped("vehicle_id")
