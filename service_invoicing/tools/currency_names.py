"""Names of currencies, as each language declines them.

num2words spells the numbers; of currencies it knows few, and in most languages
neither their gender nor all their forms. What an invoice needs is here.
"""

from typing import NamedTuple

from num2words import CONVERTER_CLASSES


class Noun(NamedTuple):
    """A name that is counted.

    ``forms`` are the language's own: one and many (English, French, German), one, two
    to four and five (Slovak, Czech), or a single one (Indonesian).
    ``gender``: m, f, n, or empty where the language has none.
    """

    gender: str
    forms: tuple


class CurrencyNames(NamedTuple):
    """``digits``: decimals of the subunit, 2 for a hundredth, 3 for a thousandth.

    A currency without a subunit in use has None for it, and no digits.
    """

    unit: Noun
    subunit: Noun = None
    digits: int = 2


def _names(gender, unit, subgender="", subunit="", digits=2):
    """Names from forms parted by a slash: ``euro/eurá/eur``."""
    if not subunit:
        return CurrencyNames(Noun(gender, tuple(unit.split("/"))), None, 0)
    return CurrencyNames(
        Noun(gender, tuple(unit.split("/"))),
        Noun(subgender, tuple(subunit.split("/"))),
        digits,
    )


# num2words is right on English currencies but for the plural of the euro
ENGLISH = {
    code: CurrencyNames(Noun("", unit[:2]), Noun("", subunit[:2]))
    for code, (unit, subunit) in CONVERTER_CLASSES["en"].CURRENCY_FORMS.items()
} | {
    "CHF": _names("", "Swiss franc/Swiss francs", "", "centime/centimes"),
    "CZK": _names("", "Czech koruna/Czech korunas", "", "haler/halers"),
    "EUR": _names("", "euro/euros", "", "cent/cents"),
    "IDR": _names("", "rupiah/rupiah", "", "sen/sen"),
    "JPY": _names("", "yen/yen"),
    "KWD": _names("", "Kuwaiti dinar/Kuwaiti dinars", "", "fils/fils", 3),
    "SGD": _names("", "Singapore dollar/Singapore dollars", "", "cent/cents"),
}

INDONESIAN = {
    "CHF": _names("", "franc Swiss", "", "rappen"),
    "CZK": _names("", "koruna Ceko", "", "haler"),
    "EUR": _names("", "euro", "", "sen"),
    "GBP": _names("", "pound sterling", "", "penny"),
    "IDR": _names("", "rupiah", "", "sen"),
    "JPY": _names("", "yen"),
    "KWD": _names("", "dinar Kuwait", "", "fils", 3),
    "SGD": _names("", "dolar Singapura", "", "sen"),
    "USD": _names("", "dolar Amerika", "", "sen"),
}

SLOVAK = {
    "CHF": _names(
        "m",
        "švajčiarsky frank/švajčiarske franky/švajčiarskych frankov",
        "m",
        "centim/centimy/centimov",
    ),
    "CZK": _names(
        "f",
        "česká koruna/české koruny/českých korún",
        "m",
        "halier/haliere/halierov",
    ),
    "EUR": _names("n", "euro/eurá/eur", "m", "cent/centy/centov"),
    "GBP": _names(
        "f", "britská libra/britské libry/britských libier", "f", "penca/pence/pencí"
    ),
    "IDR": _names(
        "f",
        "indonézska rupia/indonézske rupie/indonézskych rupií",
        "m",
        "sen/seny/senov",
    ),
    "JPY": _names("m", "jen/jeny/jenov"),
    "KWD": _names(
        "m",
        "kuvajtský dinár/kuvajtské dináre/kuvajtských dinárov",
        "m",
        "fils/filsy/filsov",
        3,
    ),
    "USD": _names(
        "m",
        "americký dolár/americké doláre/amerických dolárov",
        "m",
        "cent/centy/centov",
    ),
}

FRENCH = {
    "CHF": _names("m", "franc suisse/francs suisses", "m", "centime/centimes"),
    "CZK": _names("f", "couronne tchèque/couronnes tchèques", "m", "heller/hellers"),
    "EUR": _names("m", "euro/euros", "m", "centime/centimes"),
    "GBP": _names("f", "livre sterling/livres sterling", "m", "penny/pence"),
    "IDR": _names("f", "roupie indonésienne/roupies indonésiennes", "m", "sen/sens"),
    "JPY": _names("m", "yen/yens"),
    "KWD": _names("m", "dinar koweïtien/dinars koweïtiens", "m", "fils/fils", 3),
    "USD": _names("m", "dollar/dollars", "m", "cent/cents"),
}

CZECH = {
    "CHF": _names(
        "m",
        "švýcarský frank/švýcarské franky/švýcarských franků",
        "m",
        "centim/centimy/centimů",
    ),
    "CZK": _names(
        "f",
        "koruna česká/koruny české/korun českých",
        "m",
        "haléř/haléře/haléřů",
    ),
    "EUR": _names("n", "euro/eura/eur", "m", "cent/centy/centů"),
    "GBP": _names(
        "f", "britská libra/britské libry/britských liber", "f", "pence/pence/pencí"
    ),
    "IDR": _names(
        "f",
        "indonéská rupie/indonéské rupie/indonéských rupií",
        "m",
        "sen/seny/senů",
    ),
    "JPY": _names("m", "jen/jeny/jenů"),
    "KWD": _names(
        "m",
        "kuvajtský dinár/kuvajtské dináry/kuvajtských dinárů",
        "m",
        "fils/filsy/filsů",
        3,
    ),
    "USD": _names(
        "m",
        "americký dolar/americké dolary/amerických dolarů",
        "m",
        "cent/centy/centů",
    ),
}

GERMAN = {
    "CHF": _names("m", "Schweizer Franken/Schweizer Franken", "m", "Rappen/Rappen"),
    "CZK": _names("f", "tschechische Krone/tschechische Kronen", "m", "Heller/Heller"),
    "EUR": _names("m", "Euro/Euro", "m", "Cent/Cent"),
    "GBP": _names("n", "Pfund Sterling/Pfund Sterling", "m", "Penny/Pence"),
    "IDR": _names("f", "indonesische Rupiah/indonesische Rupiah", "m", "Sen/Sen"),
    "JPY": _names("m", "Yen/Yen"),
    "KWD": _names("m", "Kuwait-Dinar/Kuwait-Dinar", "m", "Fils/Fils", 3),
    "USD": _names("m", "US-Dollar/US-Dollar", "m", "Cent/Cent"),
}
