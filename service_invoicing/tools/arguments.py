"""What public methods are called with: what is odd gets a sentence.

Remote clients send what they like. A method says once, by ``expects``, on how many
documents it works and what its arguments are; what follows can rely on it.
"""

from contextlib import suppress
from datetime import date
from functools import wraps
from inspect import signature
from math import isfinite
from numbers import Real

from odoo import fields
from odoo.api import NewId
from odoo.exceptions import AccessError, MissingError, UserError

from .guards import LARGEST_NUMBER, raise_together

# the largest id that the database can hold
LARGEST_ID = 2**31 - 1


def expects(*, one=False, **kinds):
    """Decorator: documents and arguments that a public method works on.

    A method that extends another need not repeat it.

    :param bool one: on exactly one document
    :param kinds: argument → one of the ``parse_*`` functions, or another with the same
        signature; what it returns is what the method gets. Defaults are not parsed.
    :raise UserError: naming the document, and all arguments that are wrong
    """

    def decorate(method):
        form = signature(method)

        @wraps(method)
        def checked(self, *args, **kwargs):
            check_records(self, one)
            if not kinds:
                return method(self, *args, **kwargs)
            bound = form.bind(self, *args, **kwargs)
            given = bound.arguments
            given.update(_parse_arguments(self, kinds, given))
            return method(*bound.args, **bound.kwargs)

        return checked

    return decorate


def check_records(records, one=False):
    """Refuse what can be no record, and another number of records than one.

    :param bool one: whether it must be exactly one
    """
    if not all(isinstance(key, NewId) or is_id(key) for key in records._ids):
        raise MissingError(
            records.env._(
                "%(kind)s: there are no records with these ids: %(ids)s",
                kind=_get_kind(records),
                ids=", ".join(map(repr, records._ids)),
            )
        )
    if one and len(records) != 1:
        raise UserError(
            records.env._(
                "Choose one document (%(kind)s); these are %(count)s.",
                kind=_get_kind(records),
                count=len(records),
            )
        )


def _get_kind(records):
    """What a person calls such a document, in his language."""
    return records.env["ir.model"]._get(records._name).name


def _parse_arguments(records, kinds, given):
    """What the arguments that were given mean.

    :raise UserError: naming the document and each that means nothing
    """
    parsed, errors = {}, []
    for name in filter(given.__contains__, kinds):
        try:
            parsed[name] = kinds[name](records.env, given[name])
        except UserError as error:
            errors.append(_describe(records, name, error))
    raise_together(errors)
    return parsed


def _describe(records, name, error):
    """What is wrong with an argument, on which document."""
    document = _get_kind(records)
    with suppress(AccessError, MissingError):
        if len(records) == 1:
            document = records.display_name
    return records.env._(
        "%(document)s, argument “%(argument)s”: %(problem)s",
        document=document,
        argument=name,
        problem=error.args[0],
    )


# -- kinds of arguments ----------------------------------------------------------------


def is_id(value):
    """Whether ``value`` can be the id of a record."""
    return type(value) is int and 0 < value <= LARGEST_ID


def is_amount(value):
    """Whether ``value`` is a number that can be billed; texts and ticks are not."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return False
    return isfinite(value) and abs(value) <= LARGEST_NUMBER


def is_nothing(value):
    """Whether a remote client says by it that there is no value; some know no null."""
    return value is None or value is False or value == ""


def parse_text(env, value):
    """A text without blanks around it, ``None`` for none."""
    if is_nothing(value):
        return None
    if not isinstance(value, str):
        raise UserError(env._("A text is expected, not: %s", repr(value)))
    return value.strip() or None


def parse_flag(env, value):
    """Yes, no, or ``None`` for neither."""
    if value is not None and not isinstance(value, bool):
        raise UserError(
            env._("Yes or no (a boolean) is expected, not: %s", repr(value))
        )
    return value


def parse_amount(env, value):
    """A number that can be billed, ``None`` for none."""
    if value is not None and not is_amount(value):
        raise UserError(env._("A number is expected, not: %s", repr(value)))
    return value


def parse_day(env, value):
    """A date, also as a text; ``None`` for none."""
    if is_nothing(value):
        return None
    if isinstance(value, str | date):
        with suppress(ValueError):
            return fields.Date.to_date(value)
    raise UserError(env._("“%s” is not a date.", value))


def parse_key(env, value):
    """An id, without a look at the database, which core takes itself."""
    if not is_id(value):
        raise UserError(env._("An id is expected, not: %s", repr(value)))
    return value


def parse_id(model):
    """Kind: id of a record of ``model`` that exists, ``None`` for none."""

    def parse(env, value):
        if is_nothing(value):
            return None
        if not is_id(value) or not env[model].browse(value).exists():
            raise UserError(
                env._(
                    "%(kind)s: there is no record with the id %(id)s.",
                    kind=_get_kind(env[model]),
                    id=repr(value),
                )
            )
        return value

    return parse


def parse_ids(env, value):
    """Ids, each once, in their order; ``None`` for none at all."""
    if value is None:
        return None
    if not isinstance(value, list | tuple) or not all(map(is_id, value)):
        raise UserError(env._("A list of ids is expected, not: %s", repr(value)))
    return list(dict.fromkeys(value))


def parse_texts(env, value):
    """Pairs of an id and a text, ``None`` for none at all."""
    if value is None:
        return None
    pairs = value if isinstance(value, list | tuple) else [()]
    if not all(
        isinstance(pair, list | tuple)
        and len(pair) == 2
        and is_id(pair[0])
        and isinstance(pair[1], str)
        for pair in pairs
    ):
        raise UserError(
            env._(
                "A list of pairs of an id and a text is expected, not: %s", repr(value)
            )
        )
    return [tuple(pair) for pair in pairs]


def parse_amounts(env, value):
    """Pairs of an id and an amount, ``None`` for none at all; an id alone is a pair
    without an amount."""
    if value is None:
        return None
    items = value if isinstance(value, list | tuple) else [()]
    pairs = [(item, None) if is_id(item) else item for item in items]
    if not all(map(_is_pair, pairs)):
        raise UserError(
            env._(
                "A list of ids, or of pairs of an id and an amount, is expected, not: "
                "%s",
                repr(value),
            )
        )
    return [tuple(pair) for pair in pairs]


def _is_pair(item):
    if not isinstance(item, list | tuple) or len(item) != 2:
        return False
    key, amount = item
    return is_id(key) and (amount is None or is_amount(amount))
