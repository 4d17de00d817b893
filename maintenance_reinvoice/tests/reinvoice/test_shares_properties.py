from odoo.tests import BaseCase, tagged

from odoo.addons.service_invoicing.tests.common_properties import (
    PlainCurrency,
    examples,
    given,
    st,
)

from ...tools.agreed_shares import share_by_agreed

prices = st.lists(
    st.integers(-(10**6), 10**6).filter(bool), min_size=1, max_size=6
).map(lambda cents: [cent / 100 for cent in cents])


@tagged("post_install", "-at_install")
class TestSharesProperties(BaseCase):
    """A line of a garage's bill over several agreed prices."""

    @examples(200)
    @given(amount=st.integers(-(10**7), 10**7), prices=prices)
    def test_shares_of_agreed_prices_add_up_to_the_bill(self, amount, prices):
        currency = PlainCurrency(2)
        shares = share_by_agreed(amount / 100, prices, currency)
        self.assertEqual(len(shares), len(prices))
        self.assertEqual(currency.compare_amounts(sum(shares), amount / 100), 0)

    @examples(200)
    @given(prices=prices)
    def test_a_bill_as_agreed_is_shared_as_agreed(self, prices):
        currency = PlainCurrency(2)
        shares = share_by_agreed(sum(prices), prices, currency)
        for share, price in zip(shares, prices, strict=True):
            self.assertEqual(currency.compare_amounts(share, price), 0)
