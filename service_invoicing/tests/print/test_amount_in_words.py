"""The sentences are written by hand, by the grammar of each language."""

from decimal import Decimal
from unittest.mock import patch

from odoo.tests import TransactionCase, tagged

from ...models.print import res_currency
from ...tools.amount_words import SPELLERS, get_speller
from ...tools.currency_names import CurrencyNames, Noun


@tagged("post_install", "-at_install")
class TestAmountInWords(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        codes = ["AUD", "CHF", "CZK", "EUR", "GBP", "IDR", "JPY", "KWD", "USD", "XPF"]
        found = cls.env["res.currency"].with_context(active_test=False)
        cls.currencies = found.search([("name", "in", codes)]).grouped("name")
        cls.currencies["JPY"].rounding = 1.0
        cls.currencies["KWD"].rounding = 0.001
        for code in set(codes) - {"JPY", "KWD"}:
            cls.currencies[code].rounding = 0.01

    def assertWords(self, lang, currency, expected):
        """``expected``: sentence by amount."""
        for amount, sentence in expected.items():
            with self.subTest(lang=lang, currency=currency, amount=amount):
                words = self.currencies[currency]._get_amount_in_words(amount, lang)
                self.assertEqual(words, sentence)

    # --- English -------------------------------------------------------------

    def test_english_names_one_and_many(self):
        self.assertWords(
            "en_US",
            "EUR",
            {
                0: "Zero euros",
                0.01: "One cent",
                0.3: "Thirty cents",
                1: "One euro",
                1.01: "One euro and one cent",
                2: "Two euros",
                21: "Twenty-one euros",
                1476.3: "One thousand, four hundred and seventy-six euros"
                " and thirty cents",
                1000000: "One million euros",
                1000001: "One million and one euros",
                -3.5: "Minus three euros and fifty cents",
                -0.01: "Minus one cent",
            },
        )
        self.assertWords(
            "en_US", "USD", {1: "One dollar", 1.02: "One dollar and two cents"}
        )
        self.assertWords(
            "en_GB",
            "GBP",
            {
                1.01: "One pound sterling and one penny",
                2.02: "Two pounds sterling and two pence",
            },
        )
        self.assertWords(
            "en_US", "CZK", {1: "One Czech koruna", 2: "Two Czech korunas"}
        )

    def test_english_knows_the_currencies_of_num2words(self):
        self.assertWords("en_AU", "AUD", {2.5: "Two dollars and fifty cents"})

    # --- Indonesian ----------------------------------------------------------

    def test_indonesian_thousand_is_seribu(self):
        self.assertWords(
            "id_ID",
            "IDR",
            {
                0: "Nol rupiah",
                1: "Satu rupiah",
                11: "Sebelas rupiah",
                100: "Seratus rupiah",
                1000: "Seribu rupiah",
                1476: "Seribu empat ratus tujuh puluh enam rupiah",
                2000: "Dua ribu rupiah",
                21000: "Dua puluh satu ribu rupiah",
                101000: "Seratus satu ribu rupiah",
                1000000: "Satu juta rupiah",
                1001000: "Satu juta seribu rupiah",
                1000001000: "Satu miliar seribu rupiah",
                1250000: "Satu juta dua ratus lima puluh ribu rupiah",
                -1500: "Min seribu lima ratus rupiah",
            },
        )
        self.assertWords(
            "id_ID",
            "EUR",
            {1476.3: "Seribu empat ratus tujuh puluh enam euro dan tiga puluh sen"},
        )

    # --- Slovak --------------------------------------------------------------

    def test_slovak_declines_the_euro_and_its_numeral(self):
        self.assertWords(
            "sk_SK",
            "EUR",
            {
                0: "Nula eur",
                0.01: "Jeden cent",
                0.02: "Dva centy",
                0.05: "Päť centov",
                1: "Jedno euro",
                2: "Dve eurá",
                3: "Tri eurá",
                4: "Štyri eurá",
                5: "Päť eur",
                21: "Dvadsaťjeden eur",
                22: "Dvadsaťdva eur",
                101: "Stojeden eur",
                1000: "Tisíc eur",
                2000: "Dvetisíc eur",
                1476.3: "Tisícštyristosedemdesiatšesť eur a tridsať centov",
                -3.5: "Mínus tri eurá a päťdesiat centov",
            },
        )

    def test_slovak_writes_millions_apart(self):
        self.assertWords(
            "sk_SK",
            "EUR",
            {
                1000000: "Milión eur",
                1000001: "Milión jeden eur",
                1001000: "Milión tisíc eur",
                2000005: "Dva milióny päť eur",
                2500000: "Dva milióny päťstotisíc eur",
                5000000: "Päť miliónov eur",
                1002000000: "Miliarda dva milióny eur",
            },
        )

    def test_slovak_agrees_in_gender(self):
        self.assertWords(
            "sk_SK",
            "CZK",
            {
                1.01: "Jedna česká koruna a jeden halier",
                2.02: "Dve české koruny a dva haliere",
                5.05: "Päť českých korún a päť halierov",
            },
        )
        self.assertWords(
            "sk_SK",
            "GBP",
            {
                1.01: "Jedna britská libra a jedna penca",
                2.02: "Dve britské libry a dve pence",
                5.05: "Päť britských libier a päť pencí",
            },
        )
        self.assertWords("sk_SK", "USD", {2: "Dva americké doláre"})

    # --- Czech and German ----------------------------------------------------

    def test_czech_agrees_in_gender_and_writes_hundreds_apart(self):
        self.assertWords(
            "cs_CZ",
            "CZK",
            {
                0: "Nula korun českých",
                1: "Jedna koruna česká",
                2.02: "Dvě koruny české a dva haléře",
                5.05: "Pět korun českých a pět haléřů",
                21: "Dvacet jedna korun českých",
                200: "Dvě stě korun českých",
                1476: "Tisíc čtyři sta sedmdesát šest korun českých",
                2500000: "Dva miliony pět set tisíc korun českých",
                -3.5: "Minus tři koruny české a padesát haléřů",
            },
        )
        self.assertWords(
            "cs_CZ", "EUR", {1.01: "Jedno euro a jeden cent", 2: "Dvě eura"}
        )

    def test_german_one_agrees_with_what_is_counted(self):
        self.assertWords(
            "de_DE",
            "EUR",
            {
                1.01: "Ein Euro und ein Cent",
                21: "Einundzwanzig Euro",
                101: "Einhundertein Euro",
                101000: "Einhunderteintausend Euro",
                1000000: "Eine Million Euro",
            },
        )
        self.assertWords(
            "de_DE",
            "CZK",
            {1: "Eine tschechische Krone", 2: "Zwei tschechische Kronen"},
        )

    # --- French --------------------------------------------------------------

    def test_french_marks_the_plural(self):
        self.assertWords(
            "fr_FR",
            "EUR",
            {
                0: "Zéro euro",
                0.01: "Un centime",
                1: "Un euro",
                1.99: "Un euro et quatre-vingt-dix-neuf centimes",
                2: "Deux euros",
                80: "Quatre-vingts euros",
                81: "Quatre-vingt-un euros",
                200: "Deux cents euros",
                201: "Deux cent un euros",
                1000: "Mille euros",
                1476.3: "Mille quatre cent soixante-seize euros et trente centimes",
                80000: "Quatre-vingt mille euros",
                -1.5: "Moins un euro et cinquante centimes",
            },
        )

    def test_french_million_wants_de(self):
        self.assertWords(
            "fr_FR",
            "EUR",
            {
                1000000: "Un million d'euros",
                2000000.5: "Deux millions d'euros et cinquante centimes",
                1200000: "Un million deux cent mille euros",
                1000000000: "Un milliard d'euros",
            },
        )
        self.assertWords("fr_FR", "USD", {1000000: "Un million de dollars"})

    def test_french_agrees_in_gender(self):
        self.assertWords(
            "fr_FR",
            "GBP",
            {
                1: "Une livre sterling",
                21: "Vingt et une livres sterling",
                71: "Soixante et onze livres sterling",
            },
        )
        self.assertWords("fr_FR", "CZK", {81: "Quatre-vingt-une couronnes tchèques"})

    # --- decimals of the currency ----------------------------------------------

    def test_currency_without_decimals_is_rounded(self):
        self.assertWords(
            "en_US",
            "JPY",
            {1500: "One thousand, five hundred yen", 1.5: "Two yen", 0.4: "Zero yen"},
        )
        self.assertWords("fr_FR", "JPY", {2: "Deux yens"})
        self.currencies["IDR"].rounding = 1.0
        self.assertWords(
            "id_ID", "IDR", {1475.6: "Seribu empat ratus tujuh puluh enam rupiah"}
        )

    def test_thousandths(self):
        self.assertWords(
            "en_US",
            "KWD",
            {
                1.005: "One Kuwaiti dinar and five fils",
                2.25: "Two Kuwaiti dinars and two hundred and fifty fils",
            },
        )
        self.assertWords("sk_SK", "KWD", {2.002: "Dva kuvajtské dináre a dva filsy"})

    def test_rounded_to_the_currency(self):
        self.assertWords(
            "en_US",
            "EUR",
            {1.005: "One euro and one cent", 0.004: "Zero euros", -0.004: "Zero euros"},
        )
        self.currencies["CHF"].rounding = 0.05
        self.assertWords("en_US", "CHF", {1.03: "One Swiss franc and five centimes"})

    def test_finer_rounding_than_the_subunit_names_no_wrong_cents(self):
        """1.2345 euros are 1 euro and 23 cents, not 2,345 cents."""
        self.currencies["EUR"].rounding = 0.0001
        self.assertWords("en_US", "EUR", {1.2345: "One euro and twenty-three cents"})

    # --- what is not known ------------------------------------------------------

    def test_num2words_own_languages(self):
        self.assertWords("de_DE", "EUR", {2.5: "Zwei Euro und fünfzig Cent"})

    def test_unknown_currency_is_left_to_core(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        currency = self.currencies["XPF"]
        for lang in ("fr_FR", "en_US", "id_ID", "de_DE"):
            active = lang if self.env["res.lang"]._get_data(code=lang) else "en_US"
            core = currency.with_context(lang=active).amount_to_text(1476)
            self.assertEqual(currency._get_amount_in_words(1476, lang), core)

    def test_unknown_or_inactive_language_is_left_to_core(self):
        currency = self.currencies["EUR"]
        core = currency.with_context(lang="en_US").amount_to_text(2)
        for lang in ("xx_XX", "ar_001", "es_CO"):
            self.assertEqual(currency._get_amount_in_words(2, lang), core)

    def test_user_language_without_a_partner_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        currency = self.currencies["EUR"].with_context(lang="fr_FR")
        for nothing in (None, False, ""):
            self.assertEqual(currency._get_amount_in_words(2, nothing), "Deux euros")

    def test_core_does_not_lose_the_sign(self):
        words = self.currencies["XPF"]._get_amount_in_words(-0.5, "en_US")
        self.assertTrue(words.startswith("Minus "), words)

    def test_no_amount_fails_in_any_language(self):
        """Several of num2words' languages raise on common amounts."""
        currency = self.currencies["EUR"]
        langs = self.env["res.lang"].with_context(active_test=False).search([])
        langs.active = True
        for lang in langs.mapped("code"):
            for amount in (0, 0.01, 1, 2.5, 21, 1476.3, 1000000, -3.5, 10**12):
                with self.subTest(lang=lang, amount=amount):
                    self.assertTrue(currency._get_amount_in_words(amount, lang))

    def test_number_too_large_for_words_is_no_error(self):
        with patch.object(SPELLERS["en"], "cardinal", side_effect=OverflowError):
            words = self.currencies["EUR"]._get_amount_in_words(1, "en_US")
        self.assertEqual(words, self.currencies["EUR"].amount_to_text(1))

    # --- extension --------------------------------------------------------------

    def test_an_addon_can_add_a_currency(self):
        franc = CurrencyNames(
            Noun("m", ("franc Pacifique", "francs Pacifique")), None, 0
        )
        with patch.object(
            type(self.env["res.currency"]), "_get_currency_names", lambda *args: franc
        ):
            self.assertWords("fr_FR", "XPF", {1000: "Mille francs Pacifique"})

    def test_language_of_a_code(self):
        self.assertIs(get_speller("fr_BE"), SPELLERS["fr"])
        self.assertIsNone(get_speller("fil_PH"))
        self.assertEqual(res_currency.get_language("sr@latin"), "sr")

    def test_cents_are_exact(self):
        """0.29 is no binary fraction: it must not become 28 cents."""
        names = SPELLERS["en"].names["EUR"]
        for cents in range(1, 100):
            amount = Decimal(cents).scaleb(-2)
            words = SPELLERS["en"].spell(amount, names)
            by_float = self.currencies["EUR"]._get_amount_in_words(cents / 100, "en")
            self.assertEqual(by_float.lower(), words)
