from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..common_tcd import TcdCommon


@tagged("post_install", "-at_install")
class TestTcdGuards(TcdCommon):
    """What codes and rows refuse, whoever calls."""

    def test_codes_that_do_not_fit_their_type_are_refused(self):
        included = self._percent_tax(9, price_include_override="tax_included")
        with self.assertRaisesRegex(ValidationError, "needs an account"):
            self._new_code("BAD1", "charge", account_id=False)
        with self.assertRaisesRegex(ValidationError, "choose the taxes"):
            self._new_code("BAD2", "tax")
        with self.assertRaisesRegex(ValidationError, "included in the price"):
            self._new_code("BAD3", "tax", tax_ids=included.ids)
        with self.assertRaisesRegex(ValidationError, "no account of its own"):
            self.levy.account_id = self.account
        self._new_invoice((self.labour, 100, {}), rows=self.levy)
        with self.assertRaisesRegex(UserError, "keeps its type"):
            self.levy.write({"tcd_type": "charge", "account_id": self.account.id})

    def test_codes_can_be_duplicated_with_their_variants(self):
        self.levy.variant_ids = [Command.create({"code": "A"})]
        copy = self.levy.copy()
        self.assertEqual(copy.code, "LEVY (copy)")
        self.assertEqual(copy.variant_ids.mapped("code"), ["A"])

    def test_rate_of_a_tax_is_not_typed(self):
        move = self._new_invoice((self.labour, 100, {}), rows=self.levy)
        with self.assertRaisesRegex(ValidationError, "that of its taxes"):
            move.service_tcd_ids.rate = 4
        charge = self._new_code("CHG", "charge")
        with self.assertRaisesRegex(ValidationError, "positive"):
            move.service_tcd_ids = [Command.create({"tcd_id": charge.id, "rate": -1})]

    def test_fiscal_position_that_includes_the_tax_is_named(self):
        included = self._percent_tax(5.5, price_include_override="tax_included")
        position = self.env["account.fiscal.position"].create({"name": "Retail"})
        included.write(
            {
                "fiscal_position_ids": position.ids,
                "original_tax_ids": self.tax_5.ids,
            }
        )
        move = self._new_invoice(
            (self.labour, 100, {}), rows=self.levy, fiscal_position_id=position.id
        )
        with self.assertRaisesRegex(UserError, "LEVY.*included in the price"):
            self._save(move)

    def test_rows_change_only_by_who_may_change_the_invoice(self):
        move = self._new_invoice((self.labour, 100, {}), rows=self.levy)
        self._save(move)
        rows = move.service_tcd_ids.with_user(self.advisor)
        for change in (
            lambda: rows.write({"sequence": 1}),
            rows.unlink,
            lambda: rows.create({"move_id": move.id, "tcd_id": self.levy.id}),
        ):
            with self.subTest(change), self.assertRaises(AccessError):
                change()
        move.with_user(self.clerk).service_tcd_ids.sequence = 3
        self.assertEqual(move.service_saved_by_id, self.clerk)

    def test_rows_are_for_service_invoices_before_authorization(self):
        plain = self._new_invoice((self.labour, 100, {}), service_invoice_type=False)
        commands = [Command.create({"tcd_id": self.levy.id})]
        with self.assertRaisesRegex(UserError, "only on service invoices"):
            plain.write({"service_tcd_ids": commands})
        moves = [
            self._new_invoice((self.labour, 100, {}), rows=self.levy) for __ in range(3)
        ]
        posted, returned, deleted = moves
        self._authorize(posted)
        for move in (returned, deleted):
            self._save(move)
            move.action_service_return(reason="Wrong")
        deleted.action_service_delete(reason="Wrong")
        returned.service_tcd_ids = commands
        self.assertEqual(len(returned.service_tcd_ids), 2)
        for move in (posted, deleted):
            with self.assertRaises(UserError):
                move.service_tcd_ids = commands
            with self.assertRaises(UserError):
                move.service_tcd_ids.unlink()
        with self.assertRaises(AccessError):
            returned.service_tcd_ids[0].level = "order"
