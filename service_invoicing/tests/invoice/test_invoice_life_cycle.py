from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..common import ServiceInvoicingCommon


@tagged("post_install", "-at_install", "service_alone")
class TestInvoiceLifeCycle(ServiceInvoicingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._new_order((cls.part, 100, {}))
        cls.move = cls._bill(cls.order).with_user(cls.clerk)

    def _authorize(self):
        self.move.with_user(self.authorizer).action_service_authorize()

    def test_document_number_comes_with_the_first_save_and_stays(self):
        # numbers that were drawn stay drawn, also by tests that are rolled back
        move = self._bill(self._new_order((self.part, 7, {}))).with_user(self.clerk)
        number = move.service_number
        move.action_service_save()
        self.assertEqual(move.service_number, number)
        other = self._bill(self._new_order((self.part, 5, {})))
        self.assertEqual(
            int(other.service_number[-5:]), int(number[-5:]) + 1, "no gap between"
        )

    def test_draft_box_keeps_the_invoice_a_draft(self):
        self.move.service_keep_draft = True
        self.move.action_service_save()
        self.assertEqual(self.move.service_status, "draft")
        with self.assertRaises(UserError):
            self._authorize()
        self.move.service_keep_draft = False
        self.move.action_service_save()
        self._authorize()
        self.assertEqual(self.move.service_status, "authorized")

    def test_a_draft_is_saved_and_authorized_in_one_press(self):
        draft = self._new_draft(self.authorizer)
        self.assertTrue(draft.service_can_authorize)
        draft.action_service_authorize()
        self.assertRecordValues(
            draft,
            [
                {
                    "service_status": "authorized",
                    "service_saved_by_id": self.authorizer.id,
                    # 100 + 11 %
                    "amount_total": 111,
                }
            ],
        )
        self.assertTrue(draft.service_number)

    def _new_draft(self, user):
        """An invoice that nobody has saved for authorization."""
        line = {"name": "Labour", "price_unit": 100, "tax_ids": self.tax_11.ids}
        return (
            self.env["account.move"]
            .with_user(user)
            .create(
                {
                    "move_type": "out_invoice",
                    "service_invoice_type": "service",
                    "partner_id": self.customer.id,
                    "invoice_line_ids": [Command.create(line)],
                }
            )
        )

    def test_what_nobody_saved_is_not_returned(self):
        draft = self._new_draft(self.clerk)
        with self.assertRaisesRegex(UserError, "has not been saved yet"):
            draft.action_service_return(reason="Price too low")
        draft.service_keep_draft = True
        draft.action_service_save()
        draft.action_service_return(reason="Price too low")
        self.assertEqual(draft.service_status, "returned")

    def test_the_form_offers_to_authorize_to_whoever_may(self):
        self.assertFalse(self.move.service_can_authorize, "a clerk may not")
        invoice = self.move.with_user(self.authorizer)
        self.assertTrue(invoice.service_can_authorize)
        invoice.service_keep_draft = True
        self.assertFalse(invoice.service_can_authorize, "it is kept as a draft")
        self.env.company.service_maker_not_authorizer = True
        invoice.service_keep_draft = False
        self.assertEqual(invoice.service_saved_by_id, self.clerk)
        self.assertTrue(invoice.service_can_authorize, "the clerk saved it")
        invoice.action_service_save()
        self.assertFalse(invoice.service_can_authorize)
        self.assertTrue(self.move.with_user(self.manager).service_can_authorize)
        draft = self._new_draft(self.authorizer)
        self.assertFalse(draft.service_can_authorize, "its preparer would authorize it")

    def test_authorizing_posts_with_the_legal_number(self):
        self._authorize()
        self.assertRecordValues(
            self.move, [{"state": "posted", "service_status": "authorized"}]
        )
        self.assertTrue(self.move.name)

    def test_clerk_may_not_authorize_by_any_way(self):
        for way in (
            self.move.action_service_authorize,
            self.move.action_post,
            self.move._post,
            self.move.action_validate_moves_with_confirmation,
            lambda: self.move.write({"state": "posted"}),
        ):
            with self.subTest(way), self.assertRaises(AccessError):
                way()
        self.assertEqual(self.move.state, "draft")

    def test_returned_invoice_is_not_posted_but_saved_again(self):
        self.move.action_service_return(reason="Price too low")
        self.assertEqual(self.move.service_status, "returned")
        self.assertIn("Price too low", self.move.message_ids[0].body)
        with self.assertRaises(UserError):
            self.move.with_user(self.authorizer).action_post()
        self.move.invoice_line_ids.filtered("product_id").price_unit = 120
        self.move.action_service_save()
        self._authorize()
        self.assertEqual(self.move.service_amount_material, 120)

    def test_return_and_delete_ask_for_the_reason(self):
        for method in ("action_service_return", "action_service_delete"):
            dialog = getattr(self.move, method)()
            self.assertEqual(dialog["res_model"], "service.reason.wizard")
        self.assertEqual(self.move.service_status, "fresh")
        wizard = self.env["service.reason.wizard"].with_user(self.clerk)
        wizard = wizard.browse(dialog["res_id"])
        wizard.reason = "Twice"
        wizard.action_apply()
        self.assertRecordValues(
            self.move, [{"state": "cancel", "service_status": "deleted"}]
        )

    def test_reason_dialog_calls_nothing_else(self):
        wizard = self.env["service.reason.wizard"].create(
            {
                "res_model": "account.move",
                "res_ids": self.move.ids,
                "method": "unlink",
                "reason": "Mischief",
            }
        )
        with self.assertRaises(UserError):
            wizard.action_apply()
        self.assertTrue(self.move.exists())

    def test_deleted_invoice_stays_deleted_and_kept(self):
        self.move.action_service_delete(reason="Twice")
        with self.assertRaises(UserError):
            self.move.with_user(self.authorizer).button_draft()
        with self.assertRaises(UserError):
            self.move.with_user(self.manager).unlink()
        with self.assertRaises(UserError):
            self._authorize()

    def test_core_cancel_is_refused(self):
        with self.assertRaisesRegex(UserError, "Delete"):
            self.move.button_cancel()
        with self.assertRaisesRegex(UserError, "Delete"):
            self.move.write({"state": "cancel"})

    def test_numbered_invoice_cannot_be_unlinked(self):
        with self.assertRaisesRegex(UserError, self.move.service_number):
            self.move.with_user(self.manager).unlink()

    def test_draft_cannot_be_paid(self):
        with self.assertRaisesRegex(UserError, self.move.service_number):
            self.move.action_force_register_payment()

    def test_maker_may_not_authorize_if_the_company_says_so(self):
        self.env.company.service_maker_not_authorizer = True
        self.move.with_user(self.authorizer).action_service_save()
        # it names who may, and nobody of another company
        other = self.env["res.company"].create({"name": "Other"})
        self.authorizer.copy(
            {"login": "elsewhere", "name": "Elsewhere", "company_id": other.id}
            | {"company_ids": [Command.set(other.ids)]}
        )
        with self.assertRaisesRegex(UserError, "Somebody else") as refused:
            self._authorize()
        self.assertIn(self.manager.name, str(refused.exception))
        self.assertNotIn("Elsewhere", str(refused.exception))
        self.assertNotIn(self.clerk.name, str(refused.exception))
        self.move.with_user(self.manager).action_service_authorize()
        self.assertEqual(self.move.service_status, "authorized")

    def test_the_refusal_says_if_nobody_else_may_authorize(self):
        self.env.company.service_maker_not_authorizer = True
        self.move.with_user(self.authorizer).action_service_save()
        move = self.move.with_user(self.authorizer)
        move.env["service.authorization"]._get_others(move).active = False
        with self.assertRaisesRegex(UserError, "nobody else has the right"):
            self._authorize()

    def test_whoever_changes_the_figures_may_not_authorize_them(self):
        self.env.company.service_maker_not_authorizer = True
        line = self.move.invoice_line_ids.filtered("product_id")
        line.with_user(self.authorizer).price_unit = 9999
        with self.assertRaisesRegex(UserError, "Somebody else"):
            self._authorize()
        self.move.with_user(self.manager).action_service_authorize()
        self.assertEqual(self.move.service_saved_by_id, self.authorizer)

    def test_saved_invoice_does_not_become_a_credit_memo(self):
        with self.assertRaisesRegex(UserError, self.move.service_number):
            self.move.action_switch_move_type()

    def test_draft_cannot_be_paid_by_the_payment_dialog(self):
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=self.move.ids
        )
        with self.assertRaisesRegex(UserError, self.move.service_number):
            wizard.create({}).action_create_payments()

    def test_resetting_by_writing_the_state_returns_the_invoice(self):
        self._authorize()
        self.move.with_user(self.authorizer).write({"state": "draft"})
        self.assertEqual(self.move.service_status, "returned")

    def test_reset_is_the_authorizers_and_leads_to_returned(self):
        self._authorize()
        with self.assertRaises(AccessError):
            self.move.button_draft()
        self.move.with_user(self.authorizer).button_draft()
        self.assertEqual(self.move.service_status, "returned")

    def test_reset_is_refused_when_money_was_received_or_credited(self):
        self._authorize()
        refund = self.move.with_user(self.authorizer)._reverse_moves()
        with self.assertRaisesRegex(UserError, "credited"):
            self.move.with_user(self.authorizer).button_draft()
        refund.action_service_delete(reason="Not needed")
        self._register_payment(self.move.sudo(), amount=10)
        with self.assertRaisesRegex(UserError, "received"):
            self.move.with_user(self.authorizer).button_draft()

    def test_payment_is_no_adjustment_but_a_credit_memo_is(self):
        self._authorize()
        self._register_payment(self.move.sudo(), amount=11)
        self.assertEqual(self.move.service_status, "authorized")
        refund = self.move.with_user(self.authorizer)._reverse_moves()
        refund.invoice_line_ids.filtered("product_id").price_unit = 50
        refund.action_post()
        # 50 and 11 % tax are credited of 111
        self.assertRecordValues(
            self.move,
            [
                {
                    "service_status": "partially_adjusted",
                    "service_amount_adjusted": 55.5,
                    "service_amount_net": 55.5,
                }
            ],
        )

    def test_protected_fields_cannot_be_set_by_hand(self):
        move = self.move.with_user(self.manager)
        for vals in (
            {"service_stage": "fresh"},
            {"service_number": "X1"},
            {"service_saved_by_id": self.manager.id},
            {"service_invoice_type": "program"},
            {"work_order_ids": [(5,)]},
        ):
            with self.subTest(vals), self.assertRaises(AccessError):
                move.write(vals)
        vals = {"move_type": "out_invoice", "service_invoice_type": "service"}
        with self.assertRaises(AccessError):
            move.create(vals | {"service_number": "X1"})
        with self.assertRaises(AccessError):
            move.with_context(default_service_stage="fresh").create(vals)

    def test_posting_by_itself_on_a_later_day_is_refused(self):
        with self.assertRaisesRegex(ValidationError, self.move.service_number):
            self.move.write({"auto_post": "at_date", "date": "2099-01-01"})

    def test_list_does_not_leave_a_future_invoice_to_the_cron(self):
        self.move.write({"invoice_date": "2099-01-01", "date": "2099-01-01"})
        self.assertEqual(str(self.move.date), "2099-01-01")
        with self.assertRaisesRegex(ValidationError, self.move.service_number):
            self.move.with_user(self.authorizer)._post(soft=True)

    def test_copy_is_an_invoice_that_was_never_saved(self):
        by_hand = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "service_invoice_type": "service",
                "partner_id": self.customer.id,
                "invoice_line_ids": [Command.create({"name": "x", "price_unit": 5})],
            }
        )
        by_hand.action_service_save()
        self.assertRecordValues(
            by_hand.copy(),
            [
                {
                    "service_status": "draft",
                    "service_number": False,
                    "service_saved_by_id": False,
                    "work_order_ids": [],
                }
            ],
        )

    def test_payer_of_a_work_order_cannot_be_exchanged(self):
        with self.assertRaisesRegex(UserError, self.order.name):
            self.move.partner_id = self.sponsor
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        with self.assertRaisesRegex(UserError, self.order.name):
            self.move.currency_id = euro

    def test_several_are_saved_and_authorized_from_the_list(self):
        moves = self.move | self._bill(self._new_order((self.part, 5, {})))
        moves.with_user(self.authorizer).action_service_authorize()
        self.assertEqual(moves.mapped("service_status"), ["authorized"] * 2)
        with self.assertRaises(UserError) as caught:
            moves.action_service_save()
        for number in moves.mapped("service_number"):
            self.assertIn(number, str(caught.exception))

    def test_other_invoices_are_untouched(self):
        invoice = self._create_invoice_one_line(price_unit=100)
        self.assertFalse(invoice.hide_post_button)
        self.assertTrue(self.move.hide_post_button)
        invoice.action_post()
        invoice.button_draft()
        invoice.button_cancel()
        self.assertRecordValues(
            invoice, [{"service_status": False, "service_amount_total": 0}]
        )
        with self.assertRaises(UserError):
            invoice.action_service_save()
