"""Tests of properties: by hypothesis, or skipped where it is not installed.

It is the only place that imports hypothesis. Who runs our tests on a server of his own
need not have it: Odoo imports the tests of all add-ons before it runs any of them.
"""

import importlib
import sys
import unittest
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from odoo.tests import loader
from odoo.tools import float_compare, float_is_zero, float_round

from .common_night import is_night

MISSING = "properties need hypothesis: pip install hypothesis"
try:
    import hypothesis
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import strategies as st
except ImportError:
    hypothesis = None

    class Anything:
        """In the place of strategies, which nothing is drawn from."""

        def __getattr__(self, name):
            return self

        def __call__(self, *args, **kwargs):
            return self

    HealthCheck, Phase, st = (), Anything(), Anything()

    def given(*args, **kwargs):
        return unittest.skip(MISSING)

    def settings(**kwargs):
        return lambda test: test


__all__ = [
    "Phase",
    "PlainCurrency",
    "WithoutHypothesisMixin",
    "examples",
    "given",
    "st",
]
NIGHTLY_TIMES = 10


def examples(few, nightly=None, **more):
    """Settings of a property: ``few`` examples, by night ten times as many, or
    ``nightly``.

    Examples post documents: they take as long as a busy machine makes them take, and
    the same ones are tried everywhere.
    """
    many = nightly or few * NIGHTLY_TIMES
    return settings(
        max_examples=many if is_night() else few,
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


class WithoutHypothesisMixin:
    """The tests of an add-on, imported as where hypothesis is not installed."""

    def assertPropertiesAreSkipped(self, package):
        """They are, with a reason, and nothing else is.

        :param package: that of an add-on's tests
        """
        with self._hide_hypothesis(package):
            methods = self._list_methods(package)
        reasons = {
            name: method.__unittest_skip_why__
            for name, method in methods.items()
            if getattr(method, "__unittest_skip__", False)
        }
        self.assertTrue(reasons)
        self.assertEqual({MISSING}, set(reasons.values()))
        if hypothesis:
            drawn = [
                name
                for name, method in self._list_methods(package).items()
                if getattr(method, "is_hypothesis_test", False)
            ]
            self.assertEqual(set(drawn), set(reasons))

    @contextmanager
    def _hide_hypothesis(self, package):
        """All that was imported with it is imported anew, and forgotten afterwards."""
        hidden = {"hypothesis": None, "hypothesis.strategies": None}
        with ExitStack() as stack:
            stack.enter_context(patch.dict(sys.modules, hidden))
            for imported in (package, __name__):
                parent, name = imported.rsplit(".", 1)
                stack.enter_context(patch.object(sys.modules[parent], name))
            for loaded in [*sys.modules]:
                if f"{loaded}.".startswith((f"{package}.", f"{__name__}.")):
                    del sys.modules[loaded]
            yield

    def _list_methods(self, package):
        importlib.import_module(package)
        addon = package.split(".")[2]
        return {
            f"{type(case).__name__}.{case._testMethodName}": getattr(
                case, case._testMethodName
            )
            for module in loader.get_test_modules(addon)
            for case in loader.get_module_test_cases(module)
        }
