import logging

from psycopg2 import OperationalError

from odoo import Command, models
from odoo.exceptions import UserError

from ..tools.month import month_end
from ..tools.monthly import FAILED, MADE, RUNNING_STATES, SKIPPED, MonthResult

_logger = logging.getLogger(__name__)

MONTH_INDEX = "service_release_agreement_month_uniq"


class ServiceAgreement(models.Model):
    _inherit = "service.agreement"

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
