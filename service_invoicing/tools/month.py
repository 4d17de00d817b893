"""Calendar months, days of them, and what agreements come to in one."""

from datetime import date, timedelta
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from odoo import models

ONE_DAY = timedelta(days=1)
# what became of a month
MADE = "made"
SKIPPED = "skipped"
FAILED = "failed"


def month_start(day):
    """First day of the month of ``day``."""
    return day.replace(day=1)


def month_end(day):
    """Last day of the month of ``day``, also of a February of 29 days."""
    return day + relativedelta(day=31)


def next_month(day):
    """First day of the month after that of ``day``."""
    return month_end(day) + ONE_DAY


def iterate_months(first, last):
    """First days of the months from that of ``first`` to that of ``last``."""
    month = month_start(first)
    while month <= last:
        yield month
        month = next_month(month)


def overlap(first, last, date_from, date_to):
    """Days that two periods share.

    :param first: first day of the one period
    :param last: its last day
    :param date_from: first day of the other; empty: since ever
    :param date_to: its last day; empty: for ever
    :return: (first, last) day of what they share; ``None`` when they share nothing
    """
    shared_from = max(first, date_from or first)
    shared_to = min(last, date_to or last)
    return (shared_from, shared_to) if shared_from <= shared_to else None


def changed_days(old, new):
    """Days on which one of two periods holds and the other does not.

    :param old: (first, last) day; an empty first is since ever, an empty last for ever
    :param new: the same
    :return: list of (first, last) day, at most one at each end
    """
    changes = []
    starts = sorted(period[0] or date.min for period in (old, new))
    ends = sorted(period[1] or date.max for period in (old, new))
    if starts[0] != starts[1]:
        changes.append((starts[0], starts[1] - ONE_DAY))
    if ends[0] != ends[1]:
        changes.append((ends[0] + ONE_DAY, ends[1]))
    return changes


class Usage(NamedTuple):
    """What was used in a period of a month, in units of the agreement line."""

    used: float
    # cost nothing, for the days of the period
    included: float
    # first and last reading of the period; empty where the quantity is typed
    opening: models.BaseModel | None = None
    closing: models.BaseModel | None = None

    @property
    def billable(self):
        """What is billed: never less than nothing."""
        return max(self.used - self.included, 0.0)


class MonthResult(NamedTuple):
    """What became of one agreement and month.

    ``status``: MADE with the release; SKIPPED when there is nothing to do; FAILED when
    something is missing or wrong, with the reason in the user's language.
    """

    agreement: models.BaseModel
    month: date
    status: str
    release: models.BaseModel | None = None
    reason: str = ""
