from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..common_adjust import AdjustPrepaymentCommon
from ..common_prepayment import DeductionCommon


@tagged("post_install", "-at_install")
class TestPrepaymentDoors(DeductionCommon):
    """What was paid in advance is taken by the add-on's own methods alone.

    The order comes to 1,000 and 110 of tax, prepayments to 300 and 33.
    """

    def _prepare_deduction(self, prepayment, **vals):
        return {
            "name": "By hand",
            "price_unit": 1,
            "quantity": -300,
            "account_id": self.prepaid.id,
            "tax_ids": [Command.set(self.tax_11.ids)],
            "service_prepayment_id": prepayment.id,
            **vals,
        }

    def test_nobody_makes_a_deduction_by_hand(self):
        other_order = self._new_order((self.labour, 1000, {}))
        other_order.partner_id = self._new_partner("Other customer")
        other = self._new_prepayment(other_order)
        invoice = self._bill_service().with_user(self.clerk)
        line = self._prepare_deduction(other)
        manual = line | {"service_deduction_manual": True}
        for vals in (line, manual):
            with self.assertRaises(AccessError):
                invoice.write({"invoice_line_ids": [Command.create(vals)]})
        del line["service_prepayment_id"]
        context = {
            "default_service_prepayment_id": other.id,
            "default_service_deduction_manual": True,
        }
        with self.assertRaises(AccessError):
            self.env["account.move.line"].with_user(self.clerk).with_context(
                **context
            ).create(line | {"move_id": invoice.id})
        self.assertEqual(other.service_prepayment_open, 333)

    def test_save_keeps_no_deduction_that_the_invoice_may_not_have(self):
        other = self._new_prepayment(self._new_order((self.labour, 1000, {})))
        invoice = self._bill_service()
        vals = self._prepare_deduction(other, service_deduction_manual=True)
        invoice.sudo().write({"invoice_line_ids": [Command.create(vals)]})
        invoice.with_user(self.clerk).action_service_save()
        self.assertFalse(invoice._get_deduction_lines())
        self.assertEqual(invoice.amount_total, 1110)

    def test_credit_of_too_much_work_names_the_deduction(self):
        self._new_prepayment(amount=900)
        invoice = self._authorize(self._bill_service())
        work = invoice._get_billed_lines() - invoice._get_deduction_lines()
        with self.assertRaisesRegex(UserError, "choose its line"):
            self._credit(invoice, line_ids=work.ids)

    def test_rows_of_a_form_stand_on_the_prepayment_account(self):
        revenue = self.company_data["default_account_revenue"]
        direct = self._new_direct(
            ("Deposit", 100),
            invoice_line_ids=[
                Command.create(
                    {
                        "name": "Deposit",
                        "price_unit": 100,
                        "account_id": revenue.id,
                        "tax_ids": [],
                    }
                )
            ],
        )
        self.assertEqual(direct._get_prepayment_lines().account_id, self.prepaid)
        self.assertEqual(direct.service_status, "fresh")

    def test_printed_lines_of_no_document_are_no_prepayment(self):
        line = self.env["account.move.line"].new({"name": "Text"})
        self.assertEqual(line._get_prepayment_print_facts(), "")


@tagged("post_install", "-at_install")
class TestDeductionDoors(DeductionCommon):
    """The same where the saved invoice deducts the prepayment of 333."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.prepayment = cls._new_prepayment()
        cls.invoice = cls._bill_service()

    def test_untyped_documents_neither_use_nor_free_a_prepayment(self):
        prepayment = self.prepayment
        bookkeeper = new_test_user(
            self.env, "plain_invoicing", groups="account.group_account_invoice"
        )
        for move_type, quantity in (("out_refund", -1), ("out_invoice", -1)):
            line = {"name": "By hand", "price_unit": 333, "tax_ids": []}
            vals = {
                "move_type": move_type,
                "partner_id": self.customer.id,
                "invoice_line_ids": [
                    Command.create(line),
                    Command.create(
                        line
                        | {
                            "quantity": quantity,
                            "service_prepayment_id": prepayment.id,
                        }
                    ),
                ],
            }
            Move = self.env["account.move"]
            with self.subTest(move_type), self.assertRaises(AccessError):
                Move.with_user(bookkeeper).create(vals)
            # nor did it count if there were one
            Move.sudo().create(vals | {"invoice_date": "2026-11-02"}).action_post()
            self.assertEqual(prepayment.service_prepayment_open, 333)

    def test_context_of_a_caller_undoes_no_deduction(self):
        invoice = self._authorize(self.invoice)
        partial = invoice.service_adjustment_ids.partial_id
        spoofed = partial.with_user(self.authorizer).with_context(
            service_undo_reason="x"
        )
        with self.assertRaisesRegex(UserError, "deducted on the invoice"):
            spoofed.unlink()

    def test_corrected_invoice_deducts_anew(self):
        prepayment, invoice = self.prepayment, self._authorize(self.invoice)
        wizard = (
            self.env["account.move.reversal"]
            .with_user(self.authorizer)
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"journal_id": invoice.journal_id.id, "reason": "Wrong text"})
        )
        again = self.env["account.move"].browse(wizard.modify_moves()["res_id"])
        self.assertFalse(again._get_deduction_lines())
        self.assertEqual(again.amount_total, 1110)
        self.assertEqual(again.amount_tax, 110)
        self.assertEqual(prepayment.service_prepayment_open, 333)
        again.with_user(self.clerk).action_service_save()
        self.assertDeducted(again, 333, 777, tax=110)


@tagged("post_install", "-at_install")
class TestAdjustmentDoors(AdjustPrepaymentCommon):
    """The same where an entry has moved the 300 to the invoice of 1,110."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._new_prepayment()
        cls.invoice = cls._bill_service()

    def test_matchings_by_rpc_follow_the_rules_of_the_buttons(self):
        invoice = self.invoice
        row = invoice.service_adjustment_ids
        self.assertEqual(row.amount, 300)
        receivable = invoice._get_receivable_lines()
        stranger = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": self._new_partner("Stranger").id,
                "invoice_date": "2026-11-02",
                "invoice_line_ids": [
                    Command.create({"name": "x", "price_unit": 77, "tax_ids": []})
                ],
            }
        )
        stranger.action_post()
        own = stranger.copy({"partner_id": self.customer.id})
        own.invoice_date = "2026-11-02"
        own.action_post()
        credits = {
            "different accounts": (row.source_move_id._get_prepayment_lines(), 10),
            "no credit of the payer": (stranger._get_receivable_lines(), 77),
            "more than is open": (own._get_receivable_lines(), 500),
        }
        Partial = self.env["account.partial.reconcile"].with_user(self.clerk)
        for message, (credit, amount) in credits.items():
            vals = {
                "debit_move_id": receivable.id,
                "credit_move_id": credit.id,
                "amount": amount,
                "debit_amount_currency": amount,
                "credit_amount_currency": amount,
            }
            with (
                self.subTest(message),
                self.assertRaisesRegex(UserError, message),
                self.env.cr.savepoint(),
            ):
                Partial.create(vals)
        with self.assertRaises(AccessError):
            row.partial_id.with_user(self.clerk).write({"debit_amount_currency": 1})
        self.assertEqual(invoice.amount_residual, 810)

    def test_undone_entries_stay_undone(self):
        invoice = self.invoice
        row = invoice.service_adjustment_ids
        entry = row.entry_move_id
        row.with_user(self.authorizer).action_undo(reason="Too early")
        lines = entry.reversal_move_ids.line_ids
        for user in (self.clerk, self.manager):
            with self.assertRaisesRegex(UserError, "belongs to an adjustment"):
                lines.with_user(user).remove_move_reconcile()
        credit = entry.line_ids.filtered(lambda line: line.balance < 0)
        with self.assertRaisesRegex(UserError, "belongs to an adjustment"):
            invoice.with_user(self.clerk).action_service_adjust(line_ids=credit.ids)
        self.assertEqual(invoice.amount_residual, 1110)
