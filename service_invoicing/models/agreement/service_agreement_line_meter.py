from itertools import pairwise

from odoo import models
from odoo.fields import Domain
from odoo.tools import float_round, format_date
from odoo.tools.misc import formatLang

from ...tools.month import month_end, overlap


class ServiceAgreementLine(models.Model):
    """What a meter, or the vehicle's odometer, says of a line's usage."""

    _inherit = "service.agreement.line"

    def _get_readings(self):
        """Readings of the line's meter, the oldest first."""
        self.ensure_one()
        readings = self._get_meter().meter_reading_ids
        return readings.filtered(lambda r: r.kind != "quantity").sorted("date")

    def _get_reading_pairs(self):
        """Every reading with the one after it, in the order of their days."""
        return self._pair_readings(self._get_readings())

    def _pair_readings(self, readings):
        """Every reading with the one after it; two of them are a period of one meter.

        :param readings: in the order of their days
        """
        return list(pairwise(readings))

    def _describe_backward(self, before, after):
        """Why a reading cannot be right, with both figures.

        :param before: the earlier reading
        :param after: the later one, which is lower
        """
        self.ensure_one()
        return self._describe_lower(
            after._get_end_value(), after.date, before.value, before.date
        )

    def _describe_lower(self, value, date, last_value, last_date):
        self.ensure_one()
        return self.env._(
            "%(line)s: the reading %(value)s of %(date)s is lower than the reading "
            "%(last_value)s of %(last_date)s. Correct it, or enter that the meter was "
            "exchanged.",
            line=self.display_name,
            value=formatLang(self.env, value, dp="Product Unit"),
            date=format_date(self.env, date),
            last_value=formatLang(self.env, last_value, dp="Product Unit"),
            last_date=format_date(self.env, last_date),
        )

    def _round_units(self, quantity):
        """A quantity in the precision of units."""
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        return float_round(quantity, precision_digits=digits)

    def _get_live_releases(self):
        """Releases that bill the line, or others with its meter, in their order."""
        self.ensure_one()
        meter = self._get_meter()
        lines = (
            self if self.usage_source == "typed" else meter | meter.continued_line_ids
        )
        # a copy of a credited release leaves out the lines that came to nothing
        months = set(lines.release_line_ids.release_id.mapped("period_from"))
        releases = self.agreement_id._get_live_releases()
        return releases.filtered(lambda r: r.period_from in months).sorted(
            "period_from"
        )

    def _is_released(self, day):
        """Whether the line's meter is billed for this day, or for later ones."""
        self.ensure_one()
        return any(r.period_to >= day for r in self.sudo()._get_live_releases())

    def _read_odometer(self, logs, first, last):
        """Keep the first reading, where there is none, and that of some days."""
        self.ensure_one()
        if not logs:
            return
        readings = self._get_readings()
        if not readings.filtered(lambda r: r.date <= first or r.kind == "initial"):
            self._keep_log(logs.filtered(lambda log: log.date <= first), "initial")
        typed = readings.filtered(
            lambda r: not r.automatic
            and overlap(r.date, r.date, first, last)
            and r.kind == "reading"
        )
        if not typed:
            # of the days after the exchange, if the meter was exchanged
            known = self._get_readings().filtered(
                lambda r: r.kind != "reading" and r.date <= last
            )[-1:]
            self._keep_log(
                logs.filtered(
                    lambda log: first <= log.date <= last
                    and (not known or log.date > known.date)
                ),
                "reading",
                replaces=readings.filtered(
                    lambda r: r.automatic
                    and r.kind == "reading"
                    and first <= r.date <= last
                ),
            )

    def _keep_log(self, logs, kind, replaces=None):
        """The last entry of a log as a reading of the line.

        :param logs: entries of the odometer's log, the oldest first
        :param replaces: reading of an earlier run, which the log may have overtaken
        """
        self.ensure_one()
        if not logs:
            return
        vals = {"date": logs[-1].date, "value": logs[-1].value}
        if replaces:
            replaces[-1].sudo().write(vals)
            return
        self.env["service.agreement.reading"].sudo().create(
            {**vals, "line_id": self.id, "kind": kind, "automatic": True}
        )


class ServiceAgreement(models.Model):
    """The readings that come from the odometer of the agreement's vehicle."""

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
