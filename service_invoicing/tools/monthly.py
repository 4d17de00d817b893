"""What a monthly run finds and what becomes of it."""

from datetime import date
from typing import NamedTuple

from odoo import models

# States of agreements whose months are released, closed ones until their last day
RUNNING_STATES = ("open", "closed")

MADE = "made"
SKIPPED = "skipped"
FAILED = "failed"


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
