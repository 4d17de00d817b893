"""Functions that need no database, with hundreds of examples each."""

from datetime import date, timedelta
from decimal import Decimal

from odoo.tests import BaseCase, tagged

from ..tools.advance import AdvancePart, take_gross
from ..tools.amount_words import SPELLERS
from ..tools.month import ONE_DAY, changed_days, iterate_months, month_end, overlap
from ..tools.split import split_amount
from .common_properties import PlainCurrency, examples, given, st

amounts = st.integers(-(10**9), 10**9)
weights = st.lists(st.integers(0, 10**8), min_size=1, max_size=12)
digits = st.sampled_from([0, 2, 3])
days = st.dates(date(2020, 1, 1), date(2029, 12, 31))
# net and tax in cents
advances = st.lists(
    st.tuples(st.integers(1, 10**7), st.integers(0, 10**6)), min_size=1, max_size=5
)


@tagged("post_install", "-at_install")
class TestSplitProperties(BaseCase):
    @examples(200)
    @given(amount=amounts, weights=weights, digits=digits)
    def test_parts_add_up_to_the_amount(self, amount, weights, digits):
        currency = PlainCurrency(digits)
        amount = currency.round(amount / 10**digits)
        parts = split_amount(amount, weights, currency)
        self.assertEqual(len(parts), len(weights))
        expected = amount if sum(weights) else 0.0
        self.assertEqual(currency.compare_amounts(sum(parts), expected), 0)

    @examples(200)
    @given(amount=amounts, weights=weights)
    def test_each_part_is_near_its_proportion(self, amount, weights):
        currency = PlainCurrency(2)
        amount = currency.round(amount / 100)
        parts = split_amount(amount, weights, currency)
        total = sum(weights) or 1
        for part, weight in zip(parts, weights, strict=True):
            exact = amount * weight / total
            self.assertLessEqual(abs(part - exact), 0.005 * len(weights) + 1e-6)
            if not weight and len(set(weights)) > 1:
                self.assertTrue(currency.is_zero(part))

    def test_nothing_is_split_without_weights(self):
        self.assertEqual(split_amount(10, [], PlainCurrency(2)), [])
        self.assertEqual(split_amount(10, [0, 0], PlainCurrency(2)), [0, 0])


@tagged("post_install", "-at_install")
class TestAdvanceProperties(BaseCase):
    """What an invoice takes of prepayments with tax."""

    def _make_parts(self, drawn):
        parts = {}
        for number, (net, tax) in enumerate(drawn):
            part = parts[number] = AdvancePart()
            part.net, part.gross = net / 100, (net + tax) / 100
            part.taxes = {"tax": [net / 100, tax / 100]}
        return parts

    @examples(200)
    @given(drawn=advances, percent=st.integers(0, 150))
    def test_what_is_taken_comes_to_the_amount_or_to_all_there_is(self, drawn, percent):
        currency, parts = PlainCurrency(2), self._make_parts(drawn)
        total = sum(part.gross for part in parts.values())
        gross = currency.round(total * percent / 100)
        taken = take_gross(parts, gross, currency)
        found = sum(part.gross for part in taken.values())
        self.assertEqual(currency.compare_amounts(found, min(gross, total)), 0)

    @examples(200)
    @given(drawn=advances, percent=st.integers(1, 99))
    def test_each_part_bears_its_tax_to_the_cent(self, drawn, percent):
        currency, parts = PlainCurrency(2), self._make_parts(drawn)
        gross = sum(part.gross for part in parts.values()) * percent / 100
        for key, part in take_gross(parts, currency.round(gross), currency).items():
            self.assertLessEqual(part.gross, parts[key].gross + 0.005)
            tax = part.taxes["tax"][1]
            self.assertEqual(currency.compare_amounts(part.net + tax, part.gross), 0)

    def test_half_a_cent_of_tax_is_borne_or_not_but_the_part_adds_up(self):
        """Half of 94,959.61 and 0.01 of tax: 47,479.81, of which 0.01 or nothing is
        tax."""
        currency, parts = PlainCurrency(2), self._make_parts([(9495961, 1)])
        part = take_gross(parts, 47479.81, currency)[0]
        self.assertEqual(part.gross, 47479.81)
        tax = part.taxes["tax"][1]
        self.assertEqual(currency.compare_amounts(part.net + tax, 47479.81), 0)

    def test_reverse_charges_are_no_part_of_the_gross_amount(self):
        """Half of 100.01 with 20 % that the payer declares himself: 50.01, of which
        nothing is tax; 10.00 are declared."""
        currency, part = PlainCurrency(2), AdvancePart()
        part.net = part.gross = 100.01
        part.taxes = {"tax": [100.01, 20.0]}
        taken = take_gross({0: part}, 50.01, currency)[0]
        self.assertEqual((taken.net, taken.gross), (50.01, 50.01))
        self.assertEqual(taken.taxes["tax"][1], 10.0)


@tagged("post_install", "-at_install")
class TestMonthProperties(BaseCase):
    """Months, and days that periods share or do not."""

    @examples(200)
    @given(first=days, length=st.integers(0, 2000))
    def test_every_day_is_in_one_month(self, first, length):
        last = first + timedelta(length)
        months = list(iterate_months(first, last))
        shared = [overlap(first, last, month, month_end(month)) for month in months]
        self.assertEqual((shared[0][0], shared[-1][1]), (first, last))
        for (_first, end), (begin, _last) in zip(shared, shared[1:], strict=False):
            self.assertEqual(end + ONE_DAY, begin)

    @examples(200)
    @given(drawn=st.lists(days, min_size=4, max_size=4), day=days)
    def test_a_day_has_changed_when_one_period_holds_it_alone(self, drawn, day):
        # both periods hold a day in common, as a shortened or prolonged line does
        first, second, third, fourth = sorted(drawn)
        for old, new in (
            ((first, third), (second, fourth)),
            ((first, fourth), (second, third)),
            ((None, third), (first, None)),
        ):
            in_old, in_new = (self._holds(period, day) for period in (old, new))
            changed = any(self._holds(span, day) for span in changed_days(old, new))
            self.assertEqual(changed, in_old != in_new, (old, new))

    def _holds(self, period, day):
        return (period[0] or day) <= day <= (period[1] or day)


@tagged("post_install", "-at_install")
class TestWordsProperties(BaseCase):
    """Amounts in words, whatever the language and the amount."""

    amounts = st.integers(0, 10**9)

    def _spell(self, speller, cents):
        names = next(names for names in speller.names.values() if names.digits == 2)
        return speller.spell(Decimal(cents) / 100, names)

    @examples(200)
    @given(first=amounts, second=amounts)
    def test_two_amounts_never_read_the_same(self, first, second):
        for language, speller in SPELLERS.items():
            words = [self._spell(speller, cents) for cents in (first, second)]
            self.assertEqual(words[0] == words[1], first == second, (language, words))
            self.assertFalse(any(letter.isdigit() for letter in "".join(words)))

    @examples(200)
    @given(cents=st.integers(1, 10**9))
    def test_a_debt_reads_as_the_amount_with_minus_before_it(self, cents):
        for speller in SPELLERS.values():
            words = self._spell(speller, cents)
            self.assertEqual(
                self._spell(speller, -cents), f"{speller.minus} {words}", cents
            )
