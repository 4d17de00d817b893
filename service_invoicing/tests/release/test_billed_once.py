from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..common import ServiceInvoicingCommon


@tagged("post_install", "-at_install")
class TestBilledOnce(ServiceInvoicingCommon):
    """Nothing can be billed twice, whichever way it is tried."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._new_order((cls.labour, 100, {"program_id": cls.program.id}))
        cls.order.action_confirm_check()
        cls.moves = cls._bill(cls.order)

    def _assert_billed_once(self):
        live = self.order._get_live_invoices()
        self.assertEqual(len(live), 2)
        self.assertEqual(sum(live.mapped("amount_untaxed")), 100)
        self.assertEqual(self.order.state, "invoiced")

    def test_not_by_the_button_of_a_form_that_is_out_of_date(self):
        with self.assertRaisesRegex(UserError, f"{self.order.name}.*nothing left"):
            self.order.with_user(self.clerk).action_create_next_invoice()
        self._assert_billed_once()

    def test_not_by_the_list_even_when_an_order_is_chosen_twice(self):
        orders = self.order.with_user(self.clerk)
        with self.assertRaisesRegex(UserError, self.order.name):
            orders.action_create_invoices()
        new = self._new_order((self.part, 10, {}))
        new.action_confirm_check()
        (new + self.order + new).with_user(self.clerk).action_create_invoices()
        self.assertEqual(len(new.invoice_ids), 1)
        self._assert_billed_once()

    def test_not_by_taking_an_invoice_off_its_order(self):
        invoice = self.moves[0]
        for record, vals in (
            (self.order, {"invoice_ids": [Command.clear()]}),
            (self.order, {"invoice_ids": [Command.unlink(invoice.id)]}),
            (self.order, {"state": "to_invoice"}),
            (self.order, {"next_invoice_type": "service", "invoice_ids": False}),
            (invoice, {"work_order_ids": [Command.clear()]}),
            (invoice, {"work_order_ids": False}),
            (invoice, {"service_invoice_type": "insurance"}),
            (invoice, {"service_stage": "deleted"}),
        ):
            with self.subTest(vals), self.assertRaises(AccessError):
                record.with_user(self.manager).write(vals)
        with self.assertRaisesRegex(UserError, self.order.name):
            invoice.with_user(self.manager).partner_id = self.sponsor
        with self.assertRaisesRegex(UserError, invoice.service_number):
            invoice.with_user(self.manager).move_type = "out_refund"
        self._assert_billed_once()

    def test_not_what_was_imported_without_a_release(self):
        """The customer's half, and 20.00 of the sponsor's half, were billed by another
        program; 30.00 are left."""
        order = self._new_order((self.labour, 100, {"program_id": self.program.id}))
        order.action_confirm_check()
        for kind, partner, amount in (
            ("service", self.customer, 50),
            ("program", self.sponsor, 20),
        ):
            vals = {
                "name": "Imported",
                "price_unit": amount,
                "service_order_line_id": order.line_ids.id,
            }
            self.env["account.move"].sudo().create(
                {
                    "move_type": "out_invoice",
                    "service_invoice_type": kind,
                    "partner_id": partner.id,
                    "work_order_ids": [Command.set(order.ids)],
                    "invoice_line_ids": [Command.create(vals)],
                }
            )
        self.assertEqual(order.amount_to_invoice, 30)
        move = self._bill(order)[-1]
        self.assertRecordValues(
            move, [{"service_invoice_type": "program", "amount_untaxed": 30}]
        )
        self.assertEqual(order.state, "invoiced")

    def test_not_by_an_invoice_made_by_hand_or_by_the_context(self):
        Move = self.env["account.move"].with_user(self.manager)
        vals = {"move_type": "out_invoice", "partner_id": self.customer.id}
        link = [Command.set(self.order.ids)]
        with self.assertRaises(AccessError):
            Move.create(vals | {"work_order_ids": link})
        with self.assertRaises(AccessError):
            Move.with_context(default_work_order_ids=link).create(vals)
        Order = self.order.with_user(self.manager)
        links = [Command.set(self.moves.ids)]
        with self.assertRaises(AccessError):
            Order.create({"partner_id": self.customer.id, "invoice_ids": links})
        with self.assertRaises(AccessError):
            Order.with_context(default_invoice_ids=links).create(
                {"partner_id": self.customer.id}
            )

    def test_not_by_duplicating_an_invoice(self):
        for move in self.moves:
            with (
                self.subTest(move.service_number),
                self.assertRaisesRegex(
                    UserError, f"{move.service_number}.*{self.order.name}"
                ),
            ):
                move.with_user(self.manager).copy()
        self.moves.with_user(self.authorizer).action_service_authorize()
        with self.assertRaisesRegex(UserError, self.order.name):
            self.moves.with_user(self.manager).copy({"partner_id": self.sponsor.id})
        plain = self._create_invoice_one_line(price_unit=10)
        self.assertTrue(plain.copy(), "other invoices are copied as ever")
        self._assert_billed_once()

    def test_not_by_taking_back_the_credit_memo_of_what_is_billed_again(self):
        moves = self.moves.with_user(self.authorizer)
        moves.action_service_authorize()
        refund = moves[0]._reverse_moves()
        refund.action_post()
        again = self._bill(self.order) - self.moves - refund
        self.assertEqual(again.amount_untaxed, 50)
        with self.assertRaises(UserError):
            refund.button_draft()
        refund.line_ids.remove_move_reconcile()
        with self.assertRaisesRegex(UserError, again.service_number):
            refund.button_draft()
        self._assert_billed_once()

    def test_not_by_setting_a_deleted_invoice_to_draft(self):
        deleted = self.moves[0]
        deleted.action_service_delete(reason="Wrong text")
        self._bill(self.order)
        with self.assertRaisesRegex(UserError, deleted.service_number):
            deleted.with_user(self.authorizer).button_draft()
        with self.assertRaises(UserError):
            deleted.with_user(self.authorizer).write({"state": "draft"})
        self._assert_billed_once()

    def test_not_by_moving_lines_or_claims_to_another_order(self):
        other = self._new_order((self.part, 10, {}))
        for lines, target in (
            (self.order.line_ids, other),
            (other.line_ids, self.order),
        ):
            with (
                self.subTest(target.name),
                self.assertRaisesRegex(UserError, self.order.name),
                self.env.cr.savepoint(),
            ):
                lines.with_user(self.manager).order_id = target
        self.assertEqual(len(self.order.line_ids), 1)

    def test_copy_of_an_order_is_billed_by_itself(self):
        copy = self.order.copy()
        self.assertFalse(copy.invoice_ids)
        self.assertFalse(copy.line_ids.invoice_line_ids)
        self._assert_billed_once()
