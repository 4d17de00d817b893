import logging
from datetime import date

from psycopg2 import OperationalError

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...tools.actions import open_menu
from ...tools.guards import raise_together
from ...tools.month import (
    FAILED,
    MADE,
    SKIPPED,
    MonthResult,
    changed_days,
    iterate_months,
    month_end,
    month_start,
    overlap,
)
from ...tools.states import RUNNING_STATES

# Releases in these states no longer bill their month
DEAD_STATES = ("cancelled", "reprocessed")
# Beyond it there is no month after the month
LAST_DAY = date(9999, 11, 30)
_logger = logging.getLogger(__name__)
MONTH_INDEX = "service_release_agreement_month_uniq"


class ServiceAgreement(models.Model):
    """The months that are due, and their releases."""

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

    def _check_released_days_kept(self, before):
        """Days of released months are neither added to nor taken from an agreement.

        :param dict before: agreement → first and last day before the change
        """
        raise_together(
            [
                error
                for agreement, old in before.items()
                for days in changed_days(
                    old, (agreement.date_start, agreement.date_end)
                )
                for error in agreement._get_released_days_errors(*days)
            ]
        )

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
        return open_menu(
            self.env,
            "service_invoicing.service_release_action",
            [("agreement_id", "in", self.ids)],
        )

    def action_view_invoices(self):
        """Invoices with releases of the agreements."""
        return open_menu(
            self.env,
            "service_invoicing.account_move_action_service",
            [("id", "in", self.release_ids.move_id.ids)],
        )

    @api.model
    def _get_last_month(self):
        """The last month that has ended where the company is, by its first day."""
        today = self.env.company._get_local_today()
        return month_start(fields.Date.subtract(month_start(today), days=1))

    def _release_chosen(self, month, catch_up):
        """Release a month, even if its release was cancelled.

        :param month: its first day
        :param bool catch_up: also earlier months that have never been released
        :return: list of ``MonthResult``
        """
        results = []
        if catch_up:
            running = self.filtered(lambda a: a.state in RUNNING_STATES)
            results = running._release_until(month_end(month), again=month)
        found = {result.agreement for result in results}
        rest = self.filtered(lambda a: a not in found)
        return results + rest._release_month(month)

    def _release_until(self, until, again=None):
        """Release all months up to a day that have never been released.

        :param until: last day of the last month
        :param again: first day of a month that is released even if its release was
            cancelled
        :return: list of ``MonthResult``, month by month
        """
        due = {}
        for agreement in self:
            months = set(agreement._iterate_due_months(until))
            if again and agreement._get_billed_days(again):
                months.add(again)
            for month in months:
                due.setdefault(month, self.browse())
                due[month] |= agreement
        return [
            result
            for month, agreements in sorted(due.items())
            for result in agreements._release_month(month)
        ]

    def _release_month(self, month):
        """Release a month of many agreements, each apart from the others.

        All at once is fast; when one fails, each is tried alone, and what is wrong is
        said of the one.

        :param month: its first day
        :return: list of ``MonthResult``
        """
        try:
            with self.env.cr.savepoint():
                return self._try_release_month(month)
        except OperationalError:
            # a conflict with another transaction: the whole call is tried again
            raise
        except Exception as error:
            if len(self) > 1:
                return [
                    result
                    for agreement in self
                    for result in agreement._release_month(month)
                ]
            return [self._describe_failure(month, error)]

    def _describe_failure(self, month, error):
        """What went wrong, as a result."""
        self.ensure_one()
        constraint = getattr(getattr(error, "diag", None), "constraint_name", None)
        if constraint == MONTH_INDEX:
            reason = self.env._("Somebody else released this month just now.")
            return MonthResult(self, month, SKIPPED, reason=reason)
        if isinstance(error, UserError):
            return MonthResult(self, month, FAILED, reason=str(error))
        _logger.warning("%s: %s not released", self.name, month, exc_info=error)
        reason = self.env._("Unexpected error: %s", error)
        return MonthResult(self, month, FAILED, reason=reason)

    def _try_release_month(self, month):
        """Release a month of agreements, or fail for all of them."""
        locked = self.try_lock_for_update(allow_referencing=True)
        busy = self.env._("Somebody else is releasing this agreement now.")
        results = [MonthResult(a, month, SKIPPED, reason=busy) for a in self - locked]
        # what others did before the lock was ours
        locked.invalidate_recordset(["release_ids"])
        open_agreements = locked.filtered(lambda a: not a._get_skip_reason(month))
        results += [
            MonthResult(a, month, SKIPPED, reason=a._get_skip_reason(month))
            for a in locked - open_agreements
        ]
        open_agreements._read_odometers(month)
        ready = open_agreements.filtered(lambda a: not a._get_month_errors(month))
        results += [
            MonthResult(a, month, FAILED, reason="\n".join(a._get_month_errors(month)))
            for a in open_agreements - ready
        ]
        return results + ready._make_releases(month)

    def _get_skip_reason(self, month):
        """Why there is nothing to release in a month; empty when there is."""
        self.ensure_one()
        if self.state not in RUNNING_STATES:
            labels = dict(self._fields["state"]._description_selection(self.env))
            return self.env._("The agreement is in state “%s”.", labels[self.state])
        release = self.sudo()._get_month_release(month)
        if release:
            return self.env._("Released already with %s.", release.name)
        if not self._get_billed_days(month):
            return self.env._("Nothing is billed in this month.")
        return ""

    def _get_month_errors(self, month):
        """What is missing before a month can be released.

        :return: list of translated sentences
        """
        self.ensure_one()
        days = self._get_billed_days(month)
        errors = [error for line, __, __ in days for error in line._get_term_errors()]
        metered = any(line._is_metered() for line, __, __ in days)
        if metered and self.next_month and self.next_month < month:
            errors.append(
                self.env._(
                    "%s comes first: meters are billed month by month.",
                    self._format_month(self.next_month),
                )
            )
        for line, first, last in days:
            errors += line._get_usage_errors(first, last)
        return errors

    def _make_releases(self, month):
        """Make the releases of a month; nothing is missing.

        :return: list of ``MonthResult``
        """
        releases = self.env["service.release"].sudo()
        releases = releases.create([a._prepare_release_vals(month) for a in self])
        releases.filtered(
            lambda r: r.company_id.service_monthly_release_confirm
        ).action_confirm()
        self._clear_release_error()
        self._close_ended()
        return [
            MonthResult(agreement, month, MADE, release.with_env(self.env))
            for agreement, release in zip(self, releases, strict=True)
        ]

    def _prepare_release_vals(self, month):
        """Values of the release of a month."""
        self.ensure_one()
        return {
            "release_type": "monthly",
            "invoice_type": "service",
            "agreement_id": self.id,
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "partner_id": self.partner_id.id,
            "payment_term_id": self.payment_term_id.id,
            "customer_reference": self.customer_reference,
            "date": self.company_id._get_local_today(),
            "period_from": month,
            "period_to": month_end(month),
            "line_ids": [
                Command.create(line._prepare_release_line_vals(first, last))
                for line, first, last in self._get_billed_days(month)
            ],
        }

    def _close_ended(self):
        """Agreements that are released until their last day are over."""
        ended = self.filtered(
            lambda a: a.state == "open"
            and a.date_end
            and a.date_end < a.company_id._get_local_today()
            and not a.next_month
        )
        ended.sudo().write({"state": "closed"})
