from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.service_invoicing.tests.common import ServiceInvoicingCommon


@tagged("post_install", "-at_install")
class TestServiceChanges(ServiceInvoicingCommon):
    """What the example changes of work orders and their invoices. 11 % tax."""

    def test_a_fourth_payer_is_billed_like_the_others(self):
        """Of 1,000 the sponsor bears half, the dealer 200, the customer the rest."""
        dealer = self.env["res.partner"].create({"name": "Dealer"})
        order = self._new_order(
            (
                self.labour,
                1000,
                {
                    "program_id": self.program.id,
                    "dealer_id": dealer.id,
                    "dealer_amount": 200,
                },
            )
        )
        shares = (order.amount_customer, order.amount_program, order.amount_dealer)
        self.assertEqual(shares, (300, 500, 200))
        moves = self._bill(order)
        self.assertRecordValues(
            moves,
            [
                {"service_invoice_type": "service", "amount_untaxed": 300},
                {"service_invoice_type": "program", "amount_untaxed": 500},
                {"service_invoice_type": "dealer", "amount_untaxed": 200},
            ],
        )
        self.assertEqual(moves[2].partner_id, dealer)
        self.assertTrue(moves[2].service_number.startswith("DI/"))
        self.assertEqual(order.state, "invoiced")
        self.assertIn("Dealer (Dealer Invoice)", order.payer_balance)
        moves.with_user(self.authorizer).action_service_authorize()
        dealer_move = moves[2].with_user(self.authorizer)
        dealer_move.action_service_credit(reason="Refused")
        self.assertEqual(order.amount_to_invoice, 200)
        self.assertEqual(order.next_invoice_type, "dealer")

    def test_a_share_is_moved_to_the_fourth_payer(self):
        order = self._new_order((self.part, 100, {}))
        order.action_confirm_check()
        action = order.with_user(self.clerk).action_move_share(
            invoice_type="dealer", partner_id=self.insurer.id, reason="Goodwill"
        )
        move = self._get_documents(action)
        self.assertEqual(move.service_invoice_type, "dealer")
        self.assertEqual(order.amount_dealer, 100)
        self.assertEqual(order.amount_customer, 0)

    def test_a_further_cost_category_is_summed_and_printed(self):
        self.labour.service_cost_category = "travel"
        order = self._new_order((self.labour, 80, {}), (self.part, 20, {}))
        self.assertEqual(order.line_ids[0].cost_category, "travel")
        move = self._bill(order)
        self.assertSummary(move, travel=80, material=20, total=111)
        self.assertEqual(move.service_release_ids.amount_travel, 80)
        labels = [row["label"] for row in move._get_service_print_summary()]
        self.assertIn("Travel", labels)
        self.assertIn("Travel", move.invoice_line_ids.mapped("name"))

    def test_releases_of_other_references_get_invoices_of_their_own(self):
        orders = self.env["service.work.order"]
        for reference in ("PO 1", "PO 1", "PO 2"):
            orders |= self._new_order(
                (self.part, 100, {}), customer_reference=reference
            )
        orders.action_confirm_check()
        releases = orders.release_ids.with_user(self.clerk)
        releases.filtered(lambda r: r.state == "fresh").action_confirm()
        moves = self._get_documents(releases.action_create_invoice())
        self.assertEqual(sorted(moves.mapped("amount_untaxed")), [100, 200])

    def test_a_field_of_the_order_is_carried_to_the_invoice(self):
        order = self._new_order((self.labour, 100, {"technician": "Ada"}))
        lines = self._bill(order).invoice_line_ids.filtered("product_id")
        self.assertEqual(lines.technician, "Ada")

    def test_a_check_before_billing_is_added_to_the_list(self):
        order = self._new_order((self.part, 100, {}), customer_reference="unsigned")
        with self.assertRaisesRegex(UserError, "is not signed"):
            order.action_confirm_check()

    def test_save_does_a_further_step(self):
        move = self._bill(self._new_order((self.part, 100, {})))
        self.assertEqual(move.authority_number, f"A-{move.service_number}")

    def test_a_further_reason_keeps_an_invoice_from_authorization(self):
        self.customer.comment = "Ask first"
        move = self._bill(self._new_order((self.part, 100, {})))
        with self.assertRaisesRegex(UserError, "payer's notes"):
            move.with_user(self.authorizer).action_service_authorize()

    def test_another_print_uses_what_the_invoice_prints(self):
        move = self._bill(self._new_order((self.part, 100, {})))
        html, __ = self.env["ir.actions.report"]._render_qweb_html(
            "service_example.delivery_note", move.ids
        )
        self.assertIn("111.0", html.decode())
