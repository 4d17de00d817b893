from datetime import date

from odoo import api, fields, models
from odoo.tools import format_date

from ..tools.guards import raise_together
from ..tools.month import changed_days, iterate_months, month_end, month_start, overlap

# Releases in these states no longer bill their month
DEAD_STATES = ("cancelled", "reprocessed")
# Beyond it there is no month after the month
LAST_DAY = date(9999, 11, 30)


class ServiceAgreement(models.Model):
    _inherit = "service.agreement"

    release_ids = fields.One2many("service.release", "agreement_id", readonly=True)
    release_count = fields.Integer(
        string="Releases", compute="_compute_release_count", compute_sudo=True
    )
    invoice_count = fields.Integer(
        string="Invoices", compute="_compute_release_count", compute_sudo=True
    )
    next_month = fields.Date(
        string="Next Month to Release",
        compute="_compute_next_month",
        store=True,
        index=True,
        help="First day of the first month that has never been released. A month "
        "whose release was cancelled is released again by hand, never by schedule.",
    )

    @api.depends("release_ids.state", "release_ids.move_id")
    def _compute_release_count(self):
        for agreement in self:
            agreement.release_count = len(agreement.release_ids)
            agreement.invoice_count = len(agreement.release_ids.move_id)

    @api.depends(
        "date_start",
        "date_end",
        "line_ids.date_from",
        "line_ids.date_to",
        "release_ids.period_from",
    )
    def _compute_next_month(self):
        for agreement in self:
            months = agreement._iterate_due_months()
            agreement.next_month = next(months, False)

    @api.model
    def _get_protected_fields(self):
        protected = super()._get_protected_fields()
        return protected | {"release_ids": False, "next_month": False}

    def _get_last_day(self):
        """Last day that any line is billed for; ``None`` without an end."""
        self.ensure_one()
        ends = [line.date_to for line in self.line_ids]
        last = max(ends) if ends and all(ends) else self.date_end
        return min(filter(None, (last, self.date_end)), default=None)

    def _iterate_due_months(self, until=None):
        """Months that are to be billed and have never been released.

        :param until: last day that is looked at; without it, and without an end of
            the agreement, there is always one more
        :return: iterator of first days of months
        """
        self.ensure_one()
        if not self.date_start or not self.line_ids:
            return
        released = set(self.release_ids.mapped("period_from"))
        last = min(filter(None, (until, self._get_last_day(), LAST_DAY)))
        for month in iterate_months(self.date_start, last):
            if month not in released and self._get_billed_days(month):
                yield month

    def _get_billed_days(self, month):
        """What is billed in a month, line by line.

        :param month: its first day
        :return: list of (line, first day, last day) in the order of the first days
        """
        self.ensure_one()
        found = [(line, line._get_days(month)) for line in self.line_ids]
        return sorted(
            ((line, *days) for line, days in found if days),
            key=lambda item: item[1],
        )

    def _get_period_factor(self, first, last):
        """Part of a month's amount and included units that some days of it are worth.

        By the calendar days of the month: 10 to 30 June is 21/30.

        :param first: first day that is billed
        :param last: last day that is billed, of the same month
        """
        return ((last - first).days + 1) / month_end(first).day

    def _get_live_releases(self):
        """Releases that bill their month."""
        return self.release_ids.filtered(lambda r: r.state not in DEAD_STATES)

    def _get_month_release(self, month):
        """The release that bills a month, empty when there is none."""
        self.ensure_one()
        return self._get_live_releases().filtered(
            lambda r: r.period_from == month and not r.is_supplement
        )[:1]

    def _get_released_days_errors(self, first, last):
        """Releases that bill some of these days, which cannot be changed any more.

        :return: list of translated sentences, each naming agreement and release
        """
        self.ensure_one()
        return [
            self.env._(
                "%(agreement)s: %(month)s has been released with %(release)s. Cancel "
                "or credit the release first.",
                agreement=self.name,
                month=self._format_month(release.period_from),
                release=release.name,
            )
            for release in self.sudo()._get_live_releases().sorted("period_from")
            if overlap(first, last, release.period_from, release.period_to)
        ]

    def _format_month(self, month):
        return format_date(self.env, month, date_format="LLLL y")

    def write(self, vals):
        """Days of released months are neither added to nor taken from an agreement."""
        dated = self if vals.keys() & {"date_start", "date_end"} else self.browse()
        before = [(agreement.date_start, agreement.date_end) for agreement in dated]
        res = super().write(vals)
        raise_together(
            [
                error
                for agreement, old in zip(dated, before, strict=True)
                for days in changed_days(
                    old, (agreement.date_start, agreement.date_end)
                )
                for error in agreement._get_released_days_errors(*days)
            ]
        )
        return res

    def _check_never_billed(self):
        """:raise UserError: naming agreements with releases that bill a month"""
        raise_together(
            [
                self.env._(
                    "Agreement %(agreement)s has been released (%(releases)s). Close "
                    "it, or cancel the releases first.",
                    agreement=agreement.name,
                    releases=", ".join(releases.mapped("name")),
                )
                for agreement in self
                if (releases := agreement.sudo()._get_live_releases())
            ]
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_released(self):
        raise_together(
            [
                self.env._(
                    "Agreement %s has releases: it is kept for the record.",
                    agreement.name,
                )
                for agreement in self
                if agreement.sudo().release_ids
            ]
        )

    def action_view_releases(self):
        """Releases of the agreements."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_invoicing.service_release_action"
        )
        return {
            **action,
            "domain": [("agreement_id", "in", self.ids)],
            "context": {},
        }

    def action_view_invoices(self):
        """Invoices with releases of the agreements."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_invoicing.account_move_action_service"
        )
        return {
            **action,
            "domain": [("id", "in", self.release_ids.move_id.ids)],
            "context": {},
        }

    @api.model
    def _get_last_month(self):
        """The last month that has ended where the company is, by its first day."""
        today = self.env.company._get_local_today()
        return month_start(fields.Date.subtract(month_start(today), days=1))
