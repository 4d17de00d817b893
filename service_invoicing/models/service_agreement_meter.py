from itertools import pairwise

from odoo import models
from odoo.tools import float_round, format_date
from odoo.tools.misc import formatLang


class ServiceAgreementLine(models.Model):
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
