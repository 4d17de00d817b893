"""Ids and amounts as remote clients send them: what is odd gets a sentence."""

from math import isfinite
from numbers import Real

from odoo.exceptions import UserError

from odoo.addons.service_invoicing.tools.guards import LARGEST_NUMBER

# the largest id that the database can hold
LARGEST_ID = 2**31 - 1


def is_id(value):
    """Whether ``value`` can be the id of a record."""
    return type(value) is int and 0 < value <= LARGEST_ID


def is_amount(value):
    """Whether ``value`` is a number that can be billed; texts and ticks are not."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return False
    return isfinite(value) and abs(value) <= LARGEST_NUMBER


def parse_ids(env, ids):
    """The ids, each once, in their order; nothing without any.

    :raise UserError: when it is no list of ids
    """
    if not ids and ids in (None, False, [], ()):
        return []
    if not isinstance(ids, list | tuple) or not all(map(is_id, ids)):
        raise UserError(env._("A list of ids is expected, not: %s", repr(ids)))
    return list(dict.fromkeys(ids))


def parse_partner_id(value):
    """Id of a partner, or False for none; ``[id, name]`` as clients read it is fine.

    :raise ValueError: when it is something else
    """
    if isinstance(value, list | tuple) and len(value) == 2:
        value, name = value
        if not isinstance(name, str) or not is_id(value):
            raise ValueError(value)
    if value is not False and not is_id(value):
        raise ValueError(value)
    return value
