from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import ServiceInvoicingCommon


@tagged("post_install", "-at_install", "service_alone")
class TestWorkOrderBilling(ServiceInvoicingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._new_order((cls.part, 100, {}))
        cls.move = cls._bill(cls.order)

    def test_button_returns_the_form_of_a_saved_invoice(self):
        order = self._new_order((self.labour, 100, {}))
        order.action_confirm_check()
        action = order.with_user(self.clerk).action_create_next_invoice()
        move = self.env["account.move"].browse(action["res_id"])
        self.assertEqual(move.service_status, "fresh")
        self.assertTrue(move.service_number.startswith("SI/"))
        self.assertEqual(move.service_saved_by_id, self.clerk)
        self.assertEqual(move.work_order_ids, order)
        self.assertFalse(move.name)
        self.assertIn(move.service_number, move.display_name)

    def test_the_invoice_itself_makes_the_next_one(self):
        order = self._new_order(
            (self.part, 300, {}),
            (self.labour, 100, {"program_id": self.program.id}),
        )
        order.action_confirm_check()
        action = order.with_user(self.clerk).action_create_next_invoice()
        service = self.move.browse(action["res_id"]).with_user(self.clerk)
        self.assertEqual(service.service_next_invoice_type, "program")
        action = service.action_service_next_invoice()
        program = service.browse(action["res_id"])
        self.assertEqual(program.service_invoice_type, "program")
        self.assertEqual(program.work_order_ids, order)
        (service | program).invalidate_recordset()
        self.assertEqual(
            (service | program).mapped("service_next_invoice_type"), [False, False]
        )
        with self.assertRaisesRegex(UserError, "nothing left to invoice"):
            program.action_service_next_invoice()
        ordinary = self.init_invoice("out_invoice", amounts=[50])
        with self.assertRaisesRegex(UserError, "one work order alone"):
            ordinary.with_user(self.clerk).action_service_next_invoice()
        with self.assertRaises(AccessError):
            service.with_user(self.advisor).action_service_next_invoice()

    def test_order_that_waits_for_its_invoices_is_not_archived(self):
        waiting = self._new_order((self.part, 100, {}))
        waiting.action_confirm_check()
        with self.assertRaisesRegex(UserError, f"{waiting.name} waits for its"):
            (waiting + self.order).action_archive()
        self.order.action_archive()
        self.assertFalse(self.order.active)
        # its invoice is deleted, so that it is to be invoiced again
        self.move.with_user(self.clerk).action_service_delete(reason="Wrong")
        self.assertEqual(self.order.state, "to_invoice")
        self.assertTrue(self.order.active)

    def test_one_invoice_per_sponsor_and_per_insurer(self):
        other_sponsor = self._new_partner("Second sponsor")
        other_insurer = self._new_partner("Second insurer")
        second = self.program.copy({"sponsor_id": other_sponsor.id})
        order = self._new_order(
            (self.labour, 100, {"program_id": self.program.id}),
            (self.labour, 200, {"program_id": second.id}),
            (self.part, 300, {}),
            (self.part, 400, {}),
        )
        self._new_claim(order, order.line_ids[2])
        self._new_claim(order, order.line_ids[3], insurer_id=other_insurer.id)
        moves = self._bill(order)
        # labour: half of 100 and of 200 stays with the customer
        self.assertEqual(
            [(m.service_invoice_type, m.partner_id, m.amount_untaxed) for m in moves],
            [
                ("service", self.customer, 150),
                ("program", self.sponsor, 50),
                ("program", other_sponsor, 100),
                ("insurance", self.insurer, 300),
                ("insurance", other_insurer, 400),
            ],
        )

    def test_payer_without_share_is_skipped_unless_the_company_wants_zero(self):
        self.program.value = 100
        line = (self.labour, 100, {"program_id": self.program.id})
        moves = self._bill(self._new_order(line))
        self.assertEqual(moves.mapped("service_invoice_type"), ["program"])
        self.env.company.service_issue_zero_invoice = True
        moves = self._bill(self._new_order(line))
        self.assertEqual(moves.mapped("service_invoice_type"), ["service", "program"])
        self.assertEqual(moves.mapped("amount_total"), [0, 111])

    def test_program_that_is_not_invoiceable_is_own_cost(self):
        self.program.invoiceable = False
        order = self._new_order((self.labour, 100, {"program_id": self.program.id}))
        self.assertEqual(order.amount_own_cost, 50)
        moves = self._bill(order)
        self.assertEqual(moves.mapped("amount_untaxed"), [50])
        self.assertEqual(order.state, "invoiced")

    def test_invoices_take_everything_from_their_own_payer(self):
        fiscal_position = self.env["account.fiscal.position"].create(
            {"name": "Sponsor abroad"}
        )
        tax_0 = self._percent_tax(
            0,
            fiscal_position_ids=[Command.set(fiscal_position.ids)],
            original_tax_ids=[Command.set(self.tax_11.ids)],
        )
        self.sponsor.property_account_position_id = fiscal_position
        self.program.payment_term_id = self.pay_terms_b
        self.insurer.property_payment_term_id = self.pay_terms_a
        order = self._new_order(
            (self.labour, 100, {"program_id": self.program.id}),
            (self.part, 100, {}),
            customer_reference="PO 4711",
        )
        self._new_claim(order, order.line_ids[1], deductible=10)
        service, program, insurance = self._bill(order)
        self.assertEqual(program.invoice_line_ids.tax_ids, tax_0)
        self.assertEqual(service.invoice_line_ids.tax_ids, self.tax_11)
        self.assertEqual(program.amount_total, 50)
        self.assertEqual(program.invoice_payment_term_id, self.pay_terms_b)
        self.assertEqual(insurance.invoice_payment_term_id, self.pay_terms_a)
        self.assertEqual((service | program | insurance).mapped("ref"), ["PO 4711"] * 3)

    def test_billing_gets_a_todo_until_the_order_is_billed(self):
        self.env.company.service_billing_user_id = self.clerk
        order = self._new_order((self.part, 5, {}))
        order.with_user(self.advisor).action_confirm_check()
        self.assertEqual(order.activity_ids.user_id, self.clerk)
        order.action_back_to_check(reason="Missing signature")
        self.assertFalse(order.activity_ids)
        order.action_confirm_check()
        self.assertEqual(len(order.activity_ids), 1)
        move = self._bill(order)
        self.assertFalse(order.activity_ids)
        move.action_service_delete(reason="Wrong price")
        self.assertEqual(order.activity_ids.user_id, self.clerk)

    def test_many_orders_are_billed_and_one_failure_stops_no_other(self):
        first = self._new_order((self.labour, 100, {"program_id": self.program.id}))
        bad = self._new_order((self.part, 5, {}))
        last = self._new_order((self.part, 7, {}))
        (first | last).action_confirm_check()
        action = (first | bad | last).with_user(self.clerk).action_create_invoices()
        self.assertEqual(action["tag"], "display_notification")
        self.assertIn(bad.name, action["params"]["message"])
        self.assertEqual((first | bad | last).mapped("invoice_count"), [2, 0, 1])
        with self.assertRaisesRegex(UserError, bad.name):
            bad.with_user(self.clerk).action_create_invoices()
        bad.action_confirm_check()
        action = bad.with_user(self.clerk).action_create_invoices()
        self.assertEqual(action["res_id"], bad.invoice_ids.id)

    def test_a_bug_in_one_order_stops_no_other(self):
        first, bad, last = (self._new_order((self.part, 5, {})) for __ in range(3))
        orders = first | bad | last
        orders.action_confirm_check()
        bill = type(orders)._create_invoices

        def break_one(some):
            if bad in some:
                raise KeyError("odd")
            return bill(some)

        with (
            patch.object(type(orders), "_create_invoices", break_one),
            mute_logger("odoo.addons.service_invoicing.tools.attempt"),
        ):
            action = orders.with_user(self.clerk).action_create_invoices()
        self.assertIn(bad.name, action["params"]["message"])
        self.assertIn("odd", action["params"]["message"])
        self.assertEqual(orders.mapped("invoice_count"), [1, 0, 1])

    def test_invoices_cannot_be_taken_off_the_order(self):
        with self.assertRaises(AccessError):
            self.order.with_user(self.clerk).write({"invoice_ids": [Command.clear()]})

    def test_nothing_is_billed_twice(self):
        with self.assertRaisesRegex(UserError, "nothing left"):
            self.order.with_user(self.clerk).action_create_next_invoice()

    def test_deleted_invoice_is_billed_again(self):
        order, first = self.order, self.move
        first.action_service_delete(reason="Wrong date")
        self.assertEqual(order.state, "to_invoice")
        self.assertEqual(order.next_invoice_type, "service")
        second = self._bill(order) - first
        self.assertEqual(second.amount_total, first.amount_total)

    def test_wholly_credited_invoice_is_billed_again(self):
        order, move = self.order, self.move.with_user(self.authorizer)
        move.action_service_authorize()
        refund = move._reverse_moves()
        refund.action_post()
        self.assertEqual(move.service_status, "reversed")
        self.assertEqual(order.next_invoice_type, "service")
        self.assertEqual(order.state, "to_invoice")
        self.assertIn(refund, order.invoice_ids)

    def test_corrected_invoice_takes_the_place_of_the_credited_one(self):
        order = self._new_order((self.labour, 100, {"program_id": self.program.id}))
        moves = self._bill(order)
        moves.with_user(self.authorizer).action_service_authorize()
        wizard = self.env["account.move.reversal"].with_user(self.authorizer)
        wizard = wizard.with_context(
            active_model="account.move", active_ids=moves.ids
        ).create({"journal_id": moves.journal_id.id, "reason": "Wrong text"})
        wizard.modify_moves()
        self.assertEqual(moves.mapped("service_status"), ["reversed"] * 2)
        new_moves = wizard.new_move_ids
        self.assertEqual(new_moves.service_replaces_id, moves)
        for move in new_moves:
            self.assertEqual(move.partner_id, move.service_replaces_id.partner_id)
            self.assertEqual(move.work_order_ids, order)
            self.assertEqual(move.service_status, "draft")
            self.assertEqual(
                move.invoice_line_ids.service_order_line_id, order.line_ids
            )
        self.assertEqual(order.state, "invoiced")
        with self.assertRaisesRegex(UserError, "nothing left"):
            order.with_user(self.clerk).action_create_next_invoice()
