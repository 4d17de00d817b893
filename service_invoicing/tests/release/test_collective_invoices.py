from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..common import ServiceInvoicingCommon


class CollectiveCommon(ServiceInvoicingCommon):
    """Two checked orders, one of them early, of a sponsor and an insurer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.sponsor | cls.insurer).service_collective_invoice = True
        cls.order = cls._new_checked_order()
        cls.early = cls._new_checked_order(
            order_date=fields.Date.add(fields.Date.today(), days=-40),
            customer_reference="PO 4711",
        )
        cls.orders = cls.order | cls.early

    @classmethod
    def _new_checked_order(cls, labour=100, part=200, **vals):
        """Half of the labour is the sponsor's, the part is the insurer's."""
        order = cls._new_order(
            (cls.labour, labour, {"program_id": cls.program.id}),
            (cls.part, part, {}),
            **vals,
        )
        cls._new_claim(order, order.line_ids[1])
        order.action_confirm_check()
        return order

    @classmethod
    def _make_collective(cls, orders):
        action = orders.with_user(cls.clerk).action_create_collective_invoices()
        return cls._get_documents(action)


@tagged("post_install", "-at_install")
class TestCollectiveInvoices(CollectiveCommon):
    """Sponsor and insurer get one invoice over many work orders."""

    def test_button_bills_the_customer_and_leaves_the_rest_to_the_collective(self):
        order = self.order
        self.assertEqual(self._bill(order).mapped("partner_id"), self.customer)
        self.assertRecordValues(
            order,
            [
                {
                    "state": "to_invoice",
                    "next_invoice_type": False,
                    "waits_for_collective": True,
                    "amount_to_invoice": 250,
                }
            ],
        )
        with self.assertRaisesRegex(UserError, "Collective Invoices"):
            order.with_user(self.clerk).action_create_next_invoice()

    def test_one_invoice_per_payer_over_all_orders(self):
        orders = self.order | self._new_checked_order(300, 500)
        self._bill(orders[0])
        self._bill(orders[1])
        moves = self._make_collective(orders)
        self.assertRecordValues(
            moves,
            [
                {
                    "service_invoice_type": "program",
                    "partner_id": self.sponsor.id,
                    # 50 + 150
                    "amount_untaxed": 200,
                    "work_order_ids": orders.ids,
                    "service_status": "fresh",
                },
                {
                    "service_invoice_type": "insurance",
                    "partner_id": self.insurer.id,
                    "amount_untaxed": 700,
                    "work_order_ids": orders.ids,
                    "service_status": "fresh",
                },
            ],
        )
        self.assertEqual(orders.mapped("state"), ["invoiced"] * 2)
        self.assertEqual(orders.mapped("amount_to_invoice"), [0, 0])

    def test_currencies_terms_and_companies_are_kept_apart(self):
        foreign = self.setup_other_currency("EUR")
        pricelist = self.env["product.pricelist"].create(
            {"name": "Euro", "currency_id": foreign.id}
        )
        orders = self.order | self._new_checked_order(pricelist_id=pricelist.id)
        moves = self._make_collective(orders)
        self.assertEqual(len(moves), 4)
        self.assertEqual(moves.currency_id, foreign | self.env.company.currency_id)

    def test_another_grouping_of_orders_is_a_field_more(self):
        """Sponsor 50 and insurer 200 of each order, one of which is PO 4711."""
        orders = type(self.orders)
        names = [*self.orders._get_collective_grouping_keys(), "customer_reference"]
        with patch.object(orders, "_get_collective_grouping_keys", lambda _o: names):
            moves = self._make_collective(self.orders)
        self.assertEqual(sorted(moves.mapped("amount_untaxed")), [50, 50, 200, 200])

    def test_payer_that_fails_is_named_and_stops_no_other(self):
        order = self.order
        self.sponsor.company_id = self._create_company(name="Other company")
        action = order.with_user(self.clerk).action_create_collective_invoices()
        self.assertEqual(action["tag"], "display_notification")
        self.assertIn("Sponsor", action["params"]["message"])
        self.assertEqual(order.invoice_ids.partner_id, self.insurer)

    def test_dialog_takes_the_orders_of_the_period_and_the_chosen_payers(self):
        today = fields.Date.today()
        wizard = Form(self.env["service.collective.wizard"].with_user(self.clerk))
        self.assertEqual(wizard.work_order_count, 2)
        wizard.date_to = fields.Date.add(today, days=-30)
        self.assertEqual(wizard.work_order_count, 1)
        wizard.partner_ids.add(self.insurer)
        moves = self._get_documents(wizard.save().action_create())
        self.assertEqual(moves.partner_id, self.insurer)
        self.assertEqual(moves.work_order_ids, self.early)
        self.assertFalse(self.order.invoice_ids)
        wizard.date_to = fields.Date.add(today, days=-50)
        with self.assertRaisesRegex(UserError, "No work order until"):
            wizard.save().action_create()

    def test_advisor_makes_no_collective_invoice(self):
        order = self.order
        with self.assertRaises(AccessError):
            order.with_user(self.advisor).action_create_collective_invoices()

    def test_choice_is_made_per_company(self):
        other = self._create_company(name="Other company")
        self.env.user.company_ids = [Command.link(other.id)]
        self.assertFalse(self.sponsor.with_company(other).service_collective_invoice)


@tagged("post_install", "-at_install")
class TestMadeCollectiveInvoices(CollectiveCommon):
    """What becomes of the two invoices over both orders."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.moves = cls._make_collective(cls.orders)

    def test_each_order_has_a_section_with_what_it_is_known_by(self):
        order, other = self.early, self.order
        move = self.moves[0]
        sections = move.invoice_line_ids.filtered(
            lambda line: line.display_type == "line_section"
        )
        self.assertEqual(len(sections), 2)
        self.assertIn(order.name, sections[0].name)
        self.assertIn("PO 4711", sections[0].name)
        self.assertEqual(
            move.invoice_line_ids.mapped("display_type"),
            ["line_section", "line_subsection", "product"] * 2,
        )
        self.assertEqual(
            move.invoice_line_ids.service_order_line_id.order_id, order | other
        )

    def test_collective_invoice_is_made_once(self):
        with self.assertRaisesRegex(UserError, "None of these work orders"):
            self._make_collective(self.order)

    def test_deleted_or_credited_collective_invoice_frees_all_its_orders(self):
        orders = self.orders
        program, insurance = self.moves
        program.action_service_delete(reason="Wrong month")
        insurance.with_user(self.authorizer).action_service_authorize()
        insurance._reverse_moves(cancel=True)
        self.assertEqual(orders.mapped("waits_for_collective"), [True, True])
        again = self._make_collective(orders)
        self.assertEqual(again.mapped("amount_untaxed"), [100, 400])

    def test_refused_order_is_moved_out_of_the_collective_invoice(self):
        orders = self.orders
        insurance = self.moves[1]
        insurance.with_user(self.authorizer).action_service_authorize()
        line = orders[1].line_ids[1].invoice_line_ids
        action = insurance.with_user(self.authorizer).action_service_move_share(
            invoice_type="service",
            partner_id=self.customer.id,
            reason="Not insured",
            amounts=[[line.id, 200]],
        )
        new = self._get_documents(action)
        self.assertEqual(new.work_order_ids, orders[1])
        self.assertEqual(new.amount_untaxed, 200)
        self.assertEqual(orders.mapped("amount_insurance"), [200, 0])

    def test_order_does_not_go_back_alone_from_a_collective_invoice(self):
        orders = self.orders
        with self.assertRaisesRegex(UserError, orders[1].name):
            orders[0].action_back_to_check(reason="Wrong odometer")
        orders.action_back_to_check(reason="Wrong odometer")
        self.assertEqual(orders.mapped("state"), ["checking"] * 2)
