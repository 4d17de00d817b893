from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..common import ServiceInvoicingCommon


@tagged("post_install", "-at_install")
class TestInvoiceTodos(ServiceInvoicingCommon):
    """To-dos for authorizer and preparer, and invoices on hold."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.service_authorization_user_id = cls.authorizer
        cls.move = cls._bill(cls._new_order((cls.part, 100, {})))
        cls.move = cls.move.with_user(cls.clerk)

    def _authorize(self):
        self.move.with_user(self.authorizer).action_service_authorize()

    def _get_todos(self):
        return [
            (todo.activity_type_id.name, todo.user_id)
            for todo in self.move.sudo().activity_ids
        ]

    def _new_open_credit(self):
        """Receivable line of a credit note of 10 for the customer."""
        refund = self._create_invoice_one_line(
            move_type="out_refund", partner_id=self.customer, price_unit=10, post=True
        )
        return refund.line_ids.filtered(lambda x: x.display_type == "payment_term")

    def test_saved_invoice_is_the_authorizers_to_do_until_authorized(self):
        todo = [("Authorize Invoice", self.authorizer)]
        self.assertEqual(self._get_todos(), todo)
        self.move.action_service_save()
        self.assertEqual(self._get_todos(), todo)
        self._authorize()
        self.assertEqual(self._get_todos(), [])

    def test_returned_invoice_is_its_preparers_to_do_with_the_reason(self):
        self.move.with_user(self.authorizer).action_service_return(reason="Wrong price")
        self.assertEqual(self._get_todos(), [("Mend Returned Invoice", self.clerk)])
        self.assertIn("Wrong price", self.move.sudo().activity_ids.note)
        self.move.action_service_save()
        self.assertEqual(self._get_todos(), [("Authorize Invoice", self.authorizer)])

    def test_draft_and_deleted_invoices_are_nobodys_to_do(self):
        self.move.service_keep_draft = True
        self.move.action_service_save()
        self.assertEqual(self._get_todos(), [])
        self.move.service_keep_draft = False
        self.move.action_service_save()
        self.assertEqual(len(self._get_todos()), 1)
        self.move.action_service_delete(reason="Twice")
        self.assertEqual(self._get_todos(), [])

    def test_reset_invoice_is_a_to_do_again(self):
        self._authorize()
        self.move.with_user(self.authorizer).button_draft()
        self.assertEqual(self._get_todos(), [("Mend Returned Invoice", self.clerk)])

    def test_without_a_responsible_person_there_is_no_to_do(self):
        self.env.company.service_authorization_user_id = False
        other = self._bill(self._new_order((self.part, 5, {})))
        self.assertFalse(other.sudo().activity_ids)

    def test_to_dos_of_others_stay(self):
        note = self.move.activity_schedule("mail.mail_activity_data_todo")
        self._authorize()
        self.assertEqual(self.move.sudo().activity_ids, note.sudo())

    def test_many_invoices_get_their_to_dos_together(self):
        moves = self.move | self._bill(self._new_order((self.part, 5, {})))
        moves.with_user(self.authorizer).action_service_return(reason="Look again")
        self.assertEqual(moves.sudo().activity_ids.mapped("user_id"), self.clerk)
        self.assertEqual(len(moves.sudo().activity_ids), 2)

    def test_invoice_on_hold_takes_no_money_by_hand(self):
        self._authorize()
        credit = self._new_open_credit()
        self.move.action_service_hold(reason="Customer complains")
        self.assertEqual(self.move.payment_state, "blocked")
        doors = [
            lambda: self._register_payment(self.move),
            lambda: self.move.action_force_register_payment(),
            lambda: self.move.js_assign_outstanding_line(credit.id),
        ]
        for door in doors:
            with self.subTest(door), self.assertRaisesRegex(UserError, "on hold"):
                door()
        self.move.action_service_release_hold()
        self.move.js_assign_outstanding_line(credit.id)
        # 111 less the credit note of 10
        self.assertEqual(self.move.amount_residual, 101.0)

    def test_hold_asks_for_its_reason_and_keeps_it(self):
        self._authorize()
        action = self.move.action_service_hold()
        self.assertEqual(action["res_model"], "service.reason.wizard")
        wizard = self.move.env[action["res_model"]].browse(action["res_id"])
        wizard.reason = "Customer complains"
        wizard.action_apply()
        self.assertEqual(self.move.payment_state, "blocked")
        self.assertIn("Customer complains", self.move.message_ids[:1].body)

    def test_hold_is_for_authorized_unpaid_invoices(self):
        with self.assertRaisesRegex(UserError, self.move.service_number):
            self.move.action_service_hold(reason="Too early")
        with self.assertRaises(UserError):
            self.move.action_service_release_hold()
        self._authorize()
        with self.assertRaisesRegex(UserError, "not on hold"):
            self.move.action_service_release_hold()
        self._register_payment(self.move.sudo())
        with self.assertRaisesRegex(UserError, self.move.service_number):
            self.move.action_service_hold(reason="Too late")

    def test_hold_is_the_billing_clerks_right(self):
        self._authorize()
        with self.assertRaises(AccessError):
            self.move.with_user(self.advisor).action_service_hold(reason="No right")
        plain = self._new_user("advisor_only", "group_service_advisor")
        plain.group_ids = [
            Command.link(self.env.ref("account.group_account_invoice").id)
        ]
        with self.assertRaises(AccessError):
            self.move.with_user(plain).action_service_hold(reason="No right")

    def test_draft_is_not_adjusted_by_hand(self):
        credit = self._new_open_credit()
        with self.assertRaisesRegex(UserError, "not authorized"):
            self.move.js_assign_outstanding_line(credit.id)
