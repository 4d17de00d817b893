"""Amounts of money as a sentence, by the grammar of each language.

To teach one more language, derive from :class:`Speller` and register it with
:func:`speller`.
"""

import re

from num2words import num2words

from .currency_names import CZECH, ENGLISH, FRENCH, GERMAN, INDONESIAN, SLOVAK

SPELLERS = {}


def speller(language):
    """Register a class as the one that spells ``language`` (ISO 639-1)."""

    def register(cls):
        cls.language = language
        SPELLERS[language] = cls()
        return cls

    return register


def get_speller(lang_code):
    """The speller of a language code such as ``sk_SK``, or None."""
    return SPELLERS.get(lang_code) or SPELLERS.get(get_language(lang_code))


def get_language(lang_code):
    """The language of a code: ``sr`` of ``sr_RS`` and of ``sr@latin``."""
    return re.split("[_@]", lang_code)[0]


class Speller:
    """Number and noun put together; a language changes what is its own."""

    language = None
    names = {}
    joiner = " "
    minus = "minus"

    def spell(self, amount, names):
        """Sentence without a capital for a Decimal ``amount``.

        A part which is zero is left out, unless both are. What is smaller than
        the currency's subunit cannot be paid and is rounded to it.
        """
        scale = 10**names.digits
        whole, part = divmod(round(abs(amount) * scale), scale)
        counted = []
        if whole or not part:
            counted.append(self.count(whole, names.unit))
        if part:
            counted.append(self.count(part, names.subunit))
        sign = f"{self.minus} " if amount < 0 and (whole or part) else ""
        return sign + self.joiner.join(counted)

    def count(self, number, noun):
        """``number`` and the form of ``noun`` it asks for."""
        return f"{self.cardinal(number, noun.gender)} {self.inflect(number, noun)}"

    def cardinal(self, number, gender):
        """The whole ``number`` in words, agreeing with ``gender``."""
        return num2words(number, lang=self.language)

    def inflect(self, number, noun):
        """The form of ``noun`` after ``number``."""
        return noun.forms[number != 1]


@speller("en")
class EnglishSpeller(Speller):
    names = ENGLISH
    joiner = " and "


@speller("id")
class IndonesianSpeller(Speller):
    names = INDONESIAN
    joiner = " dan "
    minus = "min"

    def cardinal(self, number, gender):
        """A single thousand is ``seribu``, after millions too (num2words: not)."""
        words = super().cardinal(number, gender)
        return re.sub(r"(?<!puluh)(?<!ratus) satu ribu\b", " seribu", words)

    def inflect(self, number, noun):
        return noun.forms[0]


@speller("sk")
class SlovakSpeller(Speller):
    names = SLOVAK
    joiner = " a "
    minus = "mínus"
    # alone they agree with the noun; as part of a number they stay as they are
    agreeing = {
        1: {"m": "jeden", "f": "jedna", "n": "jedno"},
        2: {"m": "dva", "f": "dve", "n": "dve"},
    }

    def cardinal(self, number, gender):
        """Millions are words of their own (num2words glues what follows them)."""
        if number in self.agreeing:
            return self.agreeing[number][gender]
        millions, rest = divmod(number, 10**6)
        words = self._spell_millions(millions)
        if rest or not number:
            words.append(num2words(rest, lang="sk"))
        return " ".join(words)

    def _spell_millions(self, millions):
        """Words of the groups of three digits from the million on."""
        words = []
        power = 6
        while millions:
            millions, group = divmod(millions, 1000)
            if group:
                words.insert(0, num2words(group * 10**power, lang="sk"))
            power += 3
        return words

    def inflect(self, number, noun):
        if number == 1:
            return noun.forms[0]
        return noun.forms[1 if 2 <= number <= 4 else 2]


@speller("cs")
class CzechSpeller(SlovakSpeller):
    names = CZECH
    minus = "minus"
    agreeing = {
        1: {"m": "jeden", "f": "jedna", "n": "jedno"},
        2: {"m": "dva", "f": "dvě", "n": "dvě"},
    }

    def cardinal(self, number, gender):
        """Hundreds are words of their own (num2words writes them together)."""
        if number in self.agreeing:
            return self.agreeing[number][gender]
        words = num2words(number, lang="cz")
        return re.sub(r"(?<=\w)(stě|sta|set)\b", r" \1", words)


@speller("de")
class GermanSpeller(Speller):
    names = GERMAN
    joiner = " und "

    def cardinal(self, number, gender):
        """A last ``eins`` agrees with what is counted, and is no part of a thousand:
        einhunderteintausend."""
        words = super().cardinal(number, gender).replace("einstausend", "eintausend")
        return re.sub(r"eins$", "eine" if gender == "f" else "ein", words)


@speller("fr")
class FrenchSpeller(Speller):
    names = FRENCH
    joiner = " et "
    minus = "moins"

    def cardinal(self, number, gender):
        """Only a last ``un`` agrees: vingt et une livres."""
        words = super().cardinal(number, gender)
        return re.sub(r"\bun$", "une", words) if gender == "f" else words

    def inflect(self, number, noun):
        """None and one are singular; a round million wants its ``de``."""
        name = noun.forms[number > 1]
        if not number or number % 10**6:
            return name
        return f"d'{name}" if name[0] in "aeiouhéè" else f"de {name}"
