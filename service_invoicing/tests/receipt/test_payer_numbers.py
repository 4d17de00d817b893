from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from ...tools.payer_checks import is_valid_tax_number
from ..common_receipt import BIC, IBAN, TODAY, ReceiptCommon


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestPayerNumbers(ReceiptCommon):
    """The payer's bank account and tax number, checked before authorization."""

    def test_trusted_account_of_the_payer_is_proposed(self):
        first = self._new_bank()
        self.assertEqual(self._new_move().service_payer_bank_id, first)
        trusted = self._new_bank("SK68 7500 0000 0000 1234 5671")
        self.env.user.group_ids += self.env.ref("account.group_validate_bank_account")
        trusted.allow_out_payment = True
        self.assertEqual(self._new_move().service_payer_bank_id, trusted)
        trusted.active = False
        self.assertEqual(self._new_move().service_payer_bank_id, first)

    def test_electronic_receipt_keeps_iban_and_bic_of_the_day(self):
        bank = self._new_bank(IBAN.lower())
        self.move.write(
            {"service_receipt_method": "electronic", "service_payer_bank_id": bank.id}
        )
        for name in ("service_payer_iban", "service_payer_bic"):
            with self.assertRaises(AccessError):
                self.move[name] = "X"
        self._authorize()
        bank.bank_id.bic = "GIBASKBX"
        bank.sudo().unlink()
        self.assertRecordValues(
            self.move,
            [
                {
                    "service_payer_iban": "SK3112000000198742637541",
                    "service_payer_bic": BIC,
                }
            ],
        )

    def test_regular_receipt_asks_for_no_account(self):
        self._authorize()
        self.assertFalse(self.move.service_payer_iban)

    def test_electronic_receipt_needs_a_valid_account_of_the_payer(self):
        self.move.service_receipt_method = "electronic"
        cases = [
            ({"number": IBAN}, []),
            ({"number": "SK32 1200 0000 1987 4263 7541"}, ["not a valid IBAN"]),
            ({"number": "000123", "bic": "TATR"}, ["not a valid IBAN", "TATR"]),
            ({"number": "DE89370400440532013000", "bic": False}, ["no valid BIC"]),
            ({"number": IBAN, "partner": self.insurer}, ["not one of Customer"]),
            ({"number": "AT611904300234573201", "active": False}, ["archived"]),
        ]
        for vals, expected in cases:
            bank = self._new_bank(**vals)
            self.move.service_payer_bank_id = bank
            with self.subTest(vals=vals):
                errors = self.move._get_receipt_errors()
                self.assertEqual(len(errors), len(expected))
                for error, piece in zip(errors, expected, strict=True):
                    self.assertIn(piece, error)
                    self.assertIn(self.move.service_number, error)
                    self.assertIn(bank.acc_number, error)
                if errors:
                    with self.assertRaises(UserError) as caught:
                        self._authorize()
                    self.assertEqual(str(caught.exception), "\n".join(errors))
        self.move.service_payer_bank_id = False
        with self.assertRaisesRegex(UserError, "needs a bank account of Customer"):
            self._authorize()

    def test_credit_memo_needs_no_account(self):
        self._authorize()
        refund = self.move.with_user(self.authorizer)._reverse_moves(
            [{"invoice_date": TODAY}]
        )
        refund.service_receipt_method = "electronic"
        refund.action_post()
        self.assertEqual(refund.state, "posted")

    # --- tax number of the payer -----------------------------------------------

    def test_wrong_tax_number_warns_blocks_or_nothing(self):
        slovakia = self.env.ref("base.sk")
        with patch.object(type(self.customer), "check_vat", create=True):
            self.customer.write({"country_id": slovakia.id, "vat": "SK2022749618"})
        self.assertIn("SK2022749618", self.move.service_payer_vat_warning)
        self.env.company.service_payer_vat_check = "none"
        self.assertFalse(self.move.service_payer_vat_warning)
        self.env.company.service_payer_vat_check = "block"
        with self.assertRaisesRegex(
            UserError, rf"{self.move.service_number}.*SK2022749618 of Customer"
        ):
            self._authorize()
        self.env.company.service_payer_vat_check = "warning"
        self._authorize()
        self.assertIn("SK2022749618", self.move.message_ids[0].body)

    def test_tax_numbers_are_checked_by_country_and_union(self):
        for number, country, expected in (
            ("SK2020317068", "SK", True),
            ("2020317068", "SK", True),
            ("SK2022749618", "SK", False),
            ("2022749618", "SK", False),
            # registered for tax in another member state
            ("SK2020317068", "CH", True),
            ("SK2020317068", None, True),
            ("EL094259216", "GR", True),
            ("EL094259217", "GR", False),
            ("anything", "US", None),
            ("anything", None, None),
            ("", "SK", None),
            ("/", "SK", None),
            (False, "SK", None),
        ):
            with self.subTest(number=number, country=country):
                self.assertIs(is_valid_tax_number(number, country), expected)

    def test_all_that_is_wrong_is_told_at_once(self):
        self.env.company.service_payer_vat_check = "block"
        with patch.object(type(self.customer), "check_vat", create=True):
            self.customer.write(
                {"country_id": self.env.ref("base.sk").id, "vat": "SK2022749618"}
            )
        bank = self._new_bank("000123", bic=False)
        self.move.write(
            {
                "service_receipt_method": "electronic",
                "service_payer_bank_id": bank.id,
                "service_keep_draft": True,
            }
        )
        self.move.action_service_save()
        errors = self.env["service.authorization"]._get_errors(self.move)
        self.assertEqual(len(errors), 4)
        self.assertIn("kept as a draft", errors[0])
