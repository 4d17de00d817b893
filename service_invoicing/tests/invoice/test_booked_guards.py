from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..release.test_billing_guards import BillingGuardsCommon


@tagged("post_install", "-at_install")
class TestBookedGuards(BillingGuardsCommon):
    """The ledger of an authorized invoice of 100 and 11 % stays as it was posted."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.move.with_user(cls.authorizer).action_service_authorize()

    def _assert_booked(self, change):
        """Nobody who may post changes it, with or without core's own leave."""
        for context in ({}, {"skip_readonly_check": True}):
            with (
                self.assertRaisesRegex(UserError, "after authorization|readonly"),
                self.env.cr.savepoint(),
            ):
                change(self.move.with_user(self.authorizer).with_context(**context))
        self.assertEqual(self.move.payment_state, "not_paid")
        self.assertEqual(self.move.amount_total, 111.0)
        # 100 and 11 % for the customer, who owes 111
        self.assertCountEqual(
            self.move.line_ids.filtered("balance").mapped("balance"),
            [111.0, -100.0, -11.0],
        )

    def test_header_of_an_authorized_invoice_stays_as_booked(self):
        for vals in (
            {"invoice_currency_rate": 2.0},
            {"payment_state": "paid"},
            {"amount_total": 1.0},
            {"amount_residual": 0.0},
            {"name": "INV/9"},
            {"move_type": "out_refund"},
            {"posted_before": False},
            {"commercial_partner_id": self.insurer.id},
            {"partner_id": self.insurer.id},
            {"date": "2026-01-01"},
            {"invoice_date": "2026-01-01"},
            {"invoice_line_ids": [Command.create({"name": "x", "price_unit": 5})]},
            {"line_ids": [Command.delete(self.line.id)]},
        ):
            with self.subTest(vals):
                self._assert_booked(lambda move, vals=vals: move.write(vals))

    def test_items_of_an_authorized_invoice_stay_as_booked(self):
        due = self.move.line_ids.filtered(lambda x: x.display_type == "payment_term")
        other = self.company_data["default_account_expense"]
        for vals in (
            {"account_id": other.id},
            {"partner_id": self.insurer.id},
            {"balance": -50.0},
            {"credit": 50.0},
            {"amount_currency": -50.0},
            {"amount_residual": 5.0},
            {"tax_tag_ids": [Command.create({"name": "x", "applicability": "taxes"})]},
        ):
            for line in (self.line, due):
                line = line.with_user(self.authorizer)
                with self.subTest(vals):
                    self._assert_booked(
                        lambda move, line=line, vals=vals: line.with_env(
                            move.env
                        ).write(vals)
                    )

    def test_authorized_invoice_gains_and_loses_no_items(self):
        vals = {"move_id": self.move.id, "name": "x", "price_unit": 5.0}
        self._assert_booked(lambda move: self.line.with_env(move.env).create(vals))
        self._assert_booked(
            lambda move: self.line.with_env(move.env)
            .with_context(_force_unlink=True)
            .unlink()
        )

    def test_same_values_are_no_change_of_what_is_booked(self):
        move = self.move.with_user(self.authorizer)
        move.with_context(skip_readonly_check=True).write(
            {
                "name": move.name,
                "partner_id": move.partner_id.id,
                "invoice_date": str(move.invoice_date),
                "ref": "PO-4711",
                "narration": "Thank you",
            }
        )
        line = self.line.with_user(self.authorizer)
        line.write({"account_id": line.account_id.id, "balance": line.balance})
        self.assertEqual(move.ref, "PO-4711")

    def test_core_still_pays_holds_hashes_and_resets_what_is_booked(self):
        move = self.move.with_user(self.authorizer)
        move.action_toggle_block_payment()
        self.assertEqual(move.payment_state, "blocked")
        move.action_toggle_block_payment()
        self.assertEqual(move.payment_state, "not_paid")
        register = self.env["account.payment.register"].with_user(self.authorizer)
        register = register.with_context(
            active_model="account.move", active_ids=move.ids
        )
        payment = register.create({})._create_payments()
        self.assertIn(move.payment_state, ("paid", "in_payment"))
        move.line_ids.remove_move_reconcile()
        self.assertEqual(move.payment_state, "not_paid")
        payment.action_draft()
        move.button_draft()
        self.assertEqual(move.service_status, "returned")
        move.action_service_authorize()
        move.journal_id.sudo().restrict_mode_hash_table = True
        move.sudo().button_hash()
        self.assertTrue(move.inalterable_hash)
        self.assertEqual(move.amount_residual, 111.0)

    def test_ordinary_invoices_are_changed_as_core_allows(self):
        invoice = self.init_invoice(
            "out_invoice", self.customer, amounts=[100.0], post=True
        )
        other = self.company_data["default_account_expense"]
        line = invoice.invoice_line_ids.with_user(self.authorizer)
        line.account_id = other
        invoice.with_user(self.authorizer).name = "INV/2019/09999"
        self.assertEqual(line.account_id, other)
        self.assertEqual(invoice.name, "INV/2019/09999")
