from datetime import date

from odoo import Command, api, fields, models
from odoo.tools import format_date
from odoo.tools.misc import formatLang

from ...tools.guards import changes_values, raise_together
from ...tools.month import Usage, changed_days, month_end, overlap


class ServiceAgreementLine(models.Model):
    """What a line comes to in one month."""

    _inherit = "service.agreement.line"

    release_line_ids = fields.One2many(
        "service.release.line", "agreement_line_id", readonly=True
    )
    continued_line_ids = fields.One2many(
        "service.agreement.line", "origin_line_id", readonly=True
    )

    def _check_begins_unreleased(self):
        """A line that begins on a day does not begin in a released month."""
        raise_together(
            [
                error
                for line in self.filtered("date_from")
                for error in line.agreement_id._get_released_days_errors(
                    line.date_from, line.date_to or date.max
                )
            ]
        )

    def _check_released_days_kept(self, before):
        """Days of released months are neither added to nor taken from a line.

        :param dict before: line → first and last day before the change
        """
        raise_together(
            [
                error
                for line, old in before.items()
                for days in changed_days(old, (line.date_from, line.date_to))
                for error in line.agreement_id._get_released_days_errors(*days)
            ]
        )

    def _check_meter_kept(self, vals):
        """:raise UserError: naming released lines that would change their meter"""
        raise_together(
            [
                self.env._(
                    "%s has been released by its own readings: end it with a day and "
                    "continue it with a new line.",
                    line.display_name,
                )
                for line in self
                if line.sudo().release_line_ids
                and changes_values(line, vals, {"origin_line_id"})
            ]
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_released(self):
        """What has been billed stays: such a line ends with a day."""
        raise_together(
            [
                self.env._(
                    "%s has been released: give it a last day instead of removing it.",
                    line.display_name,
                )
                for line in self
                if line.sudo().release_line_ids
            ]
        )

    def _get_days(self, month):
        """Days of a month that the line is billed for.

        :param month: its first day
        :return: (first, last) day; ``None`` when it is not billed in the month
        """
        self.ensure_one()
        agreement = self.agreement_id
        days = overlap(
            month, month_end(month), agreement.date_start, agreement.date_end
        )
        return days and overlap(*days, self.date_from, self.date_to)

    # -- usage ------------------------------------------------------------------

    def _get_period_readings(self, first, last):
        """Readings that some days are billed by, from the opening to the closing one.

        The opening one is the last before these days; at the beginning, the first
        reading or one of the very first day. Fewer than two: something is missing.
        """
        self.ensure_one()
        readings = self._get_readings().filtered(lambda r: r.date <= last)
        before = readings.filtered(lambda r: r.date < first)
        within = readings - before
        opening = (
            before[-1:]
            or within.filtered(lambda r: r.kind == "initial")[:1]
            or within.filtered(lambda r: r.date == first)[:1]
        )
        return opening | within.filtered(lambda r: opening and r.date > opening.date)

    def _get_typed_quantity(self, month):
        """The reading with the quantity of a month, empty when it is missing."""
        self.ensure_one()
        return self._origin.own_reading_ids.filtered(
            lambda r: r.kind == "quantity" and r.month == month
        )

    def _get_usage_errors(self, first, last):
        """What is missing to know what was used in these days of a month.

        :return: list of translated sentences, each naming the line
        """
        self.ensure_one()
        if self.kind != "usage":
            return []
        names = {
            "line": self.name,
            "first": format_date(self.env, first),
            "last": format_date(self.env, last),
        }
        if last >= self.agreement_id.company_id._get_local_today():
            return [
                self.env._("“%(line)s”: it is used until %(last)s.", **names),
            ]
        if not self._is_metered():
            if self._get_typed_quantity(first.replace(day=1)):
                return []
            return [
                self.env._(
                    "“%(line)s”: the quantity from %(first)s to %(last)s is missing.",
                    **names,
                )
            ]
        readings = self._get_period_readings(first, last)
        if not readings:
            return [
                self.env._(
                    "“%(line)s”: the first reading, on or before %(first)s, is "
                    "missing.",
                    **names,
                )
            ]
        if len(readings) == 1:
            return [
                self.env._(
                    "“%(line)s”: a reading from %(first)s to %(last)s is missing.",
                    **names,
                )
            ]
        return []

    def _measure(self, first, last):
        """What was used in these days of a month; nothing is missing.

        :return: ``Usage``
        """
        self.ensure_one()
        factor = self.agreement_id._get_period_factor(first, last)
        included = self._round_units(self.included_units * factor)
        if not self._is_metered():
            typed = self._get_typed_quantity(first.replace(day=1))
            return Usage(typed.value, included)
        readings = self._get_period_readings(first, last)
        used = sum(
            after._get_end_value() - before.value
            for before, after in self._pair_readings(readings)
        )
        return Usage(self._round_units(used), included, readings[0], readings[-1])

    # -- lines of releases ------------------------------------------------------

    def _prepare_release_line_vals(self, first, last):
        """Values of the line that bills these days of a month."""
        self.ensure_one()
        vals = {
            "agreement_line_id": self.id,
            "sequence": self.sequence,
            "product_id": self.product_id.id,
            "cost_category": self.cost_category,
            "product_uom_id": self.product_uom_id.id,
            "tax_ids": [Command.set(self.tax_ids.ids)],
        }
        if self.kind == "fixed":
            return vals | self._prepare_fixed_vals(first, last)
        return vals | self._prepare_usage_vals(first, last, self._measure(first, last))

    def _prepare_fixed_vals(self, first, last):
        """The amount of these days, rounded to the currency."""
        factor = self.agreement_id._get_period_factor(first, last)
        return {
            "name": self._join_text(self._describe_days(first, last)),
            "quantity": 1.0,
            "price_unit": self.currency_id.round(self.amount * factor),
        }

    def _prepare_usage_vals(self, first, last, usage):
        """What was used beyond the included units, at the rate."""
        return {
            "name": self._join_text(
                self._describe_days(first, last), self._describe_usage(usage)
            ),
            "quantity": self._round_units(usage.billable),
            "price_unit": self.rate,
            "used_units": usage.used,
            "included_units": usage.included,
        }

    def _join_text(self, *parts):
        return "\n".join((self.name, *parts))

    def _describe_days(self, first, last):
        """The month or its days, in the bill-to's language."""
        lang = self.agreement_id.partner_id.lang
        if (first.day, last) == (1, month_end(first)):
            return format_date(self.env, first, lang_code=lang, date_format="LLLL y")
        return self.with_context(lang=lang).env._(
            "%(first)s – %(last)s (%(days)s of %(all_days)s days)",
            first=format_date(self.env, first, lang_code=lang),
            last=format_date(self.env, last, lang_code=lang),
            days=(last - first).days + 1,
            all_days=month_end(first).day,
        )

    def _describe_usage(self, usage):
        """How the quantity was found, in the bill-to's language."""
        line = self.with_context(lang=self.agreement_id.partner_id.lang)
        parts = [line.env._("%s used", line._format_units(usage.used))]
        if usage.included:
            parts.append(line.env._("%s included", line._format_units(usage.included)))
        if usage.opening:
            readings = line.env._(
                "from %(opening)s to %(closing)s",
                opening=line._format_number(usage.opening.value),
                closing=line._format_number(usage.closing._get_end_value()),
            )
            parts.insert(0, readings)
        return "; ".join(parts)

    def _format_units(self, value):
        """A number of units with their name."""
        return f"{self._format_number(value)} {self.product_uom_id.name or ''}".rstrip()

    def _format_number(self, value):
        """A number without decimals that say nothing."""
        if value == int(value):
            return formatLang(self.env, value, digits=0)
        return formatLang(self.env, value, dp="Product Unit")
