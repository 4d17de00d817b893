from decimal import Decimal

from num2words import num2words

from odoo import models
from odoo.tools import float_repr, get_lang

from ...tools.amount_words import get_language, get_speller

# The languages in which num2words gets its own currencies right by itself
NUM2WORDS_LANGUAGES = ("de", "nl")
# What num2words raises on a number, language or currency it cannot do
SPELLING_ERRORS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class ResCurrency(models.Model):
    """Amounts in words, in the payer's language."""

    _inherit = "res.currency"

    def _get_amount_in_words(self, amount, lang_code=None):
        """Sentence for ``amount``, rounded to the currency, in a language.

        ``lang_code`` is that of a partner (``sk_SK``), the user's without it.
        Never fails: what we cannot spell, core does.
        """
        self.ensure_one()
        lang_code = lang_code or get_lang(self.env).code
        value = Decimal(float_repr(self.round(amount), self.decimal_places))
        words = self._spell_amount(value, lang_code)
        if not words:
            words = self._spell_amount_by_core(value, lang_code)
        return words[:1].upper() + words[1:]

    def _spell_amount(self, value, lang_code):
        """Words for a Decimal, nothing if language or currency is unknown.

        Extend it for languages which are not spelled here.
        """
        speller = get_speller(lang_code)
        try:
            if speller:
                names = self._get_currency_names(speller)
                return names and speller.spell(value, names)
            return self._spell_amount_by_num2words(value, get_language(lang_code))
        except (NotImplementedError, *SPELLING_ERRORS):
            return ""

    def _get_currency_names(self, speller):
        """Names of this currency in the speller's language, or None.

        Extend it to add a currency: it returns a ``CurrencyNames``.
        """
        return speller.names.get(self.name)

    def _spell_amount_by_num2words(self, value, language):
        """num2words' own sentence; it counts in hundredths only."""
        if language not in NUM2WORDS_LANGUAGES or self.decimal_places != 2:
            return ""
        return num2words(value, lang=language, to="currency", currency=self.name)

    def _spell_amount_by_core(self, value, lang_code):
        """Core's words; it loses the sign of amounts above minus one."""
        currency = self.with_context(lang=get_lang(self.env, lang_code).code)
        try:
            words = currency.amount_to_text(abs(float(value)))
        except SPELLING_ERRORS:
            currency = self.with_context(lang="en_US")
            words = currency.amount_to_text(abs(float(value)))
        return currency.env._("minus %s", words) if value < 0 else words
