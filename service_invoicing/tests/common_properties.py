import os

from hypothesis import HealthCheck, settings

from odoo.tools import float_compare, float_is_zero, float_round

NIGHTLY_TIMES = 10


def examples(few, **more):
    """Settings of a property: ``few`` examples, by night ten times as many.

    Examples post documents: they take as long as a busy machine makes them take, and
    the same ones are tried everywhere.
    """
    return settings(
        max_examples=few * (NIGHTLY_TIMES if os.environ.get("SERVICE_NIGHTLY") else 1),
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        **more,
    )


class PlainCurrency:
    """What functions without a database ask of a currency."""

    def __init__(self, digits):
        self.rounding = 10.0**-digits

    def round(self, amount):
        return float_round(amount, precision_rounding=self.rounding)

    def compare_amounts(self, first, second):
        return float_compare(first, second, precision_rounding=self.rounding)

    def is_zero(self, amount):
        return float_is_zero(amount, precision_rounding=self.rounding)
