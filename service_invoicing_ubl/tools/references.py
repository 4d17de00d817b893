"""What electronic documents of all formats call things by."""

from datetime import date
from typing import NamedTuple

# UNTDID 1001: what a document is
PREPAYMENT = "386"
PREPAYMENT_CREDIT = "503"
# UNTDID 1153: what identifies the thing that was worked on
LICENCE_PLATE = "ABZ"


class Period(NamedTuple):
    """First and last day that a document or a line bills."""

    start: date
    end: date

    @classmethod
    def around(cls, periods):
        """The smallest period that holds all of these, ``None`` without any."""
        periods = list(periods)
        if not periods:
            return None
        return cls(min(p.start for p in periods), max(p.end for p in periods))


class LineFacts(NamedTuple):
    """What is known of an invoice line: its period, and pairs of name and value."""

    period: Period | None = None
    properties: tuple = ()


class Reference(NamedTuple):
    """Something a document refers to by its number.

    With ``scheme`` it is the thing that was worked on (BT-18), otherwise a document
    that supports the invoice (BG-24); ``further`` are those that belong to it.
    """

    number: str
    description: str
    scheme: str = ""
    further: tuple = ()
