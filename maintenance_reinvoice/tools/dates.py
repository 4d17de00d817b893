"""Dates from forms, imports and remote calls."""

from odoo import fields
from odoo.exceptions import UserError

from odoo.addons.service_invoicing.tools.arguments import parse_day

# a document further away from today has a mistyped year
LARGEST_DISTANCE = 10


def parse_date(env, value):
    """``value`` as a date of a document; what is empty stays empty.

    :param value: a date, or what a remote call gives for one
    :raise UserError: when it is no date, or one that nobody can mean
    """
    date = parse_day(env, value)
    today = fields.Date.today()
    if date and abs(date.year - today.year) > LARGEST_DISTANCE:
        raise UserError(
            env._(
                "%(date)s is more than %(years)s years away. Correct the date.",
                date=date,
                years=LARGEST_DISTANCE,
            )
        )
    return date
