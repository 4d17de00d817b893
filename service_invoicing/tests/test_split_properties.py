from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged
from odoo.tools import float_compare, float_is_zero, float_round

from ..tools.split import split_amount
from .common_properties import examples

amounts = st.integers(-(10**9), 10**9)
weights = st.lists(st.integers(0, 10**8), min_size=1, max_size=12)


class FakeCurrency:
    """The one method of a currency that splitting needs."""

    def __init__(self, digits):
        self.rounding = 10.0**-digits

    def round(self, amount):
        return float_round(amount, precision_rounding=self.rounding)


@tagged("post_install", "-at_install")
class TestSplitProperties(BaseCase):
    @examples(300)
    @given(amount=amounts, weights=weights, digits=st.sampled_from([0, 2, 3]))
    def test_parts_add_up_to_the_amount(self, amount, weights, digits):
        currency = FakeCurrency(digits)
        amount = currency.round(amount / 10**digits)
        parts = split_amount(amount, weights, currency)
        self.assertEqual(len(parts), len(weights))
        expected = amount if sum(weights) else 0.0
        self.assertEqual(
            float_compare(sum(parts), expected, precision_rounding=currency.rounding), 0
        )

    @examples(300)
    @given(amount=amounts, weights=weights)
    def test_each_part_is_near_its_proportion(self, amount, weights):
        currency = FakeCurrency(2)
        amount = currency.round(amount / 100)
        parts = split_amount(amount, weights, currency)
        total = sum(weights) or 1
        for part, weight in zip(parts, weights, strict=True):
            exact = amount * weight / total
            self.assertLessEqual(abs(part - exact), 0.005 * len(weights) + 1e-6)
            if not weight and len(set(weights)) > 1:
                self.assertTrue(float_is_zero(part, precision_rounding=0.01))

    def test_nothing_is_split_without_weights(self):
        self.assertEqual(split_amount(10, [], FakeCurrency(2)), [])
        self.assertEqual(split_amount(10, [0, 0], FakeCurrency(2)), [0, 0])
