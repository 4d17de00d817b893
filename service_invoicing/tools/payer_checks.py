"""Formal checks of a payer's numbers, by the rules of python-stdnum."""

from importlib import import_module
from importlib.machinery import SourceFileLoader

import stdnum
from stdnum import bic, get_cc_module
from stdnum.eu import vat as eu_vat


def _let_stdnum_read_its_data():
    """Give stdnum a loader that finds the data files of its numbers.

    Odoo patches stdnum while it is imported and leaves a loader behind that can only
    run code: the structure of IBANs, a data file, could not be opened.
    """
    if not hasattr(stdnum.__spec__.loader, "get_resource_reader"):
        stdnum.__spec__.loader = SourceFileLoader(stdnum.__name__, stdnum.__file__)


_let_stdnum_read_its_data()

# The prefix of Greek numbers is not the code of the country
PREFIXES = {"el": "gr"}


def is_valid_tax_number(number, country_code=None):
    """Whether a tax number is formally right.

    A number is right when the country's own rule accepts it or, with the prefix of a
    member state, the rule of the European Union.

    :param str number: as it was entered
    :param str country_code: of the payer, in two letters
    :return: ``None`` when there is no number or no rule to check it by
    """
    number = (number or "").strip()
    if len(number) <= 1:
        return None
    rules = []
    prefix = number[:2].lower()
    if PREFIXES.get(prefix, prefix) in eu_vat.MEMBER_STATES:
        rules.append(eu_vat)
    country_rule = country_code and get_cc_module(country_code.lower(), "vat")
    if country_rule:
        rules.append(country_rule)
    return any(rule.is_valid(number) for rule in rules) if rules else None


def is_valid_iban(number):
    """Whether this is an IBAN, by its check digits and its country's structure."""
    # read with its data file, hence not before the loader is right
    return import_module("stdnum.iban").is_valid(number or "")


def is_valid_bic(number):
    """Whether this is a bank identifier code of 8 or 11 characters."""
    return bic.is_valid(number or "")


def compact_bic(number):
    """The bank identifier code without blanks, in capital letters."""
    return bic.compact(number or "")
