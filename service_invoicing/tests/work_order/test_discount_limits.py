from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from ..common import ServiceInvoicingCommon


@tagged("post_install", "-at_install")
class TestDiscountLimits(ServiceInvoicingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.write(
            {
                "service_discount_limit_advisor": 5,
                "service_discount_limit_billing": 10,
                "service_discount_limit_authorizer": 20,
            }
        )
        cls.order = cls._order_at(15)

    @classmethod
    def _new_code(cls, **vals):
        return cls.env["service.tcd"].create(
            {
                "code": "LOYAL",
                "name": "Loyal customer",
                "tcd_type": "discount",
                "account_id": cls.company_data["default_account_revenue"].id,
                **vals,
            }
        )

    def _add_code(self, order, rate, **vals):
        order.tcd_ids = [
            Command.create({"tcd_id": self._new_code(**vals).id, "rate": rate})
        ]

    @classmethod
    def _order_at(cls, discount):
        return cls._new_order((cls.part, 100, {"discount": discount}))

    def test_the_discount_of_an_order_says_that_it_is_the_highest(self):
        field = self.env["service.work.order"]._fields["discount_percent"]
        self.assertEqual(field.string, "Highest Discount (%)")

    def test_discount_above_the_role_blocks_the_check_until_approved(self):
        order = self._order_at(12.5)
        with self.assertRaises(UserError) as caught:
            order.with_user(self.advisor).action_confirm_check()
        message = str(caught.exception)
        for text in (order.name, "12.50 %", "5.00 %", "Authorizer (up to 20.00 %)"):
            self.assertIn(text, message)
        self.assertNotIn("Billing Clerk", message)
        order.with_user(self.authorizer).action_approve_discount()
        self.assertRecordValues(
            order,
            [
                {
                    "discount_approved": 12.5,
                    "discount_approved_by_id": self.authorizer.id,
                }
            ],
        )
        order.with_user(self.advisor).action_confirm_check()
        self.assertEqual(order.state, "to_invoice")

    def test_discount_is_reported_with_all_other_missing_pieces(self):
        order = self._order_at(50)
        self._new_claim(order, order.line_ids.browse(), approved=False)
        other = self._order_at(30)
        with self.assertRaises(UserError) as caught:
            (order | other).with_user(self.clerk).action_confirm_check()
        for text in ("50.00", "30.00", "CLAIM-1"):
            self.assertIn(text, str(caught.exception))

    def test_each_role_confirms_up_to_its_own_limit(self):
        for user, limit in (
            (self.advisor, 5),
            (self.clerk, 10),
            (self.authorizer, 20),
            (self.manager, 100),
        ):
            order = self.order.with_user(user)
            if limit < 100:
                self.order.line_ids.discount = limit + 0.01
                with self.subTest(user.name), self.assertRaises(UserError):
                    order.action_confirm_check()
            self.order.line_ids.discount = limit
            with self._rolled_back():
                order.action_confirm_check()

    def test_without_limits_nothing_needs_an_approval(self):
        names = ["advisor", "billing", "authorizer"]
        self.env.company.write(
            {f"service_discount_limit_{name}": 100 for name in names}
        )
        order = self._order_at(99)
        self.assertFalse(order.discount_to_approve)
        self.assertFalse(
            order.search([("discount_to_approve", "=", True), ("id", "=", order.id)])
        )
        order.with_user(self.advisor).action_confirm_check()
        self.assertEqual(order.state, "to_invoice")

    def test_higher_discount_needs_a_new_approval_a_lower_one_does_not(self):
        order = self.order
        order.action_approve_discount()
        line = order.line_ids
        line.discount = 15.5
        with self.assertRaisesRegex(UserError, "15.50"):
            order.with_user(self.advisor).action_confirm_check()
        line.discount = 14
        order.with_user(self.advisor).action_confirm_check()
        self.assertEqual(order.discount_approved, 15)

    def test_nobody_approves_above_his_own_limit_or_without_a_discount(self):
        order = self._order_at(25)
        for user in (self.advisor, self.clerk, self.authorizer):
            with self.subTest(user.name), self.assertRaisesRegex(UserError, "Manager"):
                order.with_user(user).action_approve_discount()
        with self.assertRaisesRegex(UserError, "gives no discount"):
            self._order_at(0).action_approve_discount()
        checked = self._order_at(0)
        checked.action_confirm_check()
        with self.assertRaisesRegex(UserError, checked.name):
            checked.action_approve_discount()
        self.assertFalse(order.discount_approved)

    def test_approval_cannot_be_written_imported_or_copied(self):
        order = self.order
        order.action_approve_discount()
        values = (
            {"discount_approved": 50},
            {"discount_approved_by_id": self.clerk.id},
            {"discount_approved": 0},
            {"discount_percent": 0},
            {"discount_unapproved": 0},
        )
        for vals in values:
            with self.subTest(vals), self.assertRaises(AccessError):
                order.with_user(self.manager).write(vals)
        vals = {"partner_id": self.customer.id, "discount_approved": 50}
        with self.assertRaises(AccessError):
            order.create(vals)
        with self.assertRaises(AccessError):
            order.line_ids.with_user(self.manager).write({"price_proposed": 0.01})
        result = order.with_user(self.manager).load(
            ["partner_id", "discount_approved"], [["Customer", "50"]]
        )
        self.assertFalse(result["ids"])
        self.assertRecordValues(
            order.copy(),
            [{"discount_approved": 0, "discount_approved_by_id": False}],
        )

    def test_chatter_keeps_who_approved_how_much(self):
        order = self.order
        order = order.with_context(tracking_disable=False, mail_notrack=False)
        self.env.flush_all()
        self.cr.precommit.run()
        order.with_user(self.authorizer).action_approve_discount()
        self.env.flush_all()
        self.cr.precommit.run()
        message = order.message_ids.filtered("tracking_value_ids")[:1]
        values = message.sudo().tracking_value_ids
        self.assertEqual(message.author_id, self.authorizer.partner_id)
        self.assertIn(15, values.mapped("new_value_float"))

    def test_request_gives_the_approver_one_todo_until_approved(self):
        self.env.company.service_discount_approver_id = self.authorizer
        order = self.order.with_user(self.advisor)
        order.action_request_discount_approval()
        order.action_request_discount_approval()
        self.assertEqual(len(order.activity_ids), 1)
        self.assertEqual(order.activity_ids.user_id, self.authorizer)
        self.assertIn("15.00", order.activity_ids.note)
        self.assertIn(self.authorizer.name, order.discount_warning)
        order.with_user(self.authorizer).action_approve_discount()
        self.assertFalse(order.activity_ids)
        with self.assertRaisesRegex(UserError, order.name):
            order.action_request_discount_approval()

    def test_request_without_an_approver_tells_the_followers(self):
        order = self.order
        order.message_subscribe(self.manager.partner_id.ids)
        order.with_user(self.advisor).action_request_discount_approval()
        self.assertFalse(order.activity_ids)
        self.assertIn("15.00", order.message_ids[0].body)
        self.assertEqual(order.message_ids[0].subtype_id.name, "Discussions")

    def test_todo_ends_when_a_manager_confirms_or_somebody_cancels(self):
        self.env.company.service_discount_approver_id = self.authorizer
        confirmed, cancelled = self.order, self._order_at(15)
        orders = confirmed | cancelled
        orders.with_user(self.advisor).action_request_discount_approval()
        confirmed.with_user(self.manager).action_confirm_check()
        cancelled.action_cancel(reason="Not wanted")
        self.assertFalse(orders.activity_ids)

    def test_order_and_line_discounts_count_together(self):
        # 100 + 200 less 10 % is 270; the code takes 5 % of the customer's 270
        order = self._new_order(
            (self.part, 100, {"discount": 10}), (self.labour, 200, {"discount": 10})
        )
        self.assertEqual(order.discount_percent, 10)
        self._add_code(order, 5, basis="percentage")
        # (30 + 13.50) / 300
        self.assertEqual(order.discount_percent, 14.5)
        order.tcd_ids.rate = 0
        self.assertEqual(order.discount_percent, 10)

    def test_highest_line_counts_where_the_whole_order_gives_less(self):
        order = self._new_order(
            (self.part, 100, {"discount": 30}), (self.labour, 900, {})
        )
        self.assertEqual(order.discount_percent, 30)

    def test_order_discount_counts_on_the_customers_share_alone(self):
        order = self._new_order((self.part, 1000, {}))
        self._new_claim(order, order.line_ids, deductible=100)
        self._add_code(order, 50, basis="percentage", apply_on="material")
        # half of the deductible, of an order of 1,000
        self.assertEqual(order.discount_percent, 5)
        move = self._bill(order).filtered(lambda m: m.partner_id == self.customer)
        self.assertEqual(move.service_amount_discount, 50)

    def test_charges_do_not_hide_discounts(self):
        order = self._new_order((self.part, 100, {}))
        self._add_code(order, 10)
        self._add_code(order, 10, code="WASTE", tcd_type="charge")
        self.assertEqual(order.discount_percent, 10)

    def test_included_tax_does_not_change_the_percentage(self):
        tax = self._percent_tax(23, price_include_override="tax_included")
        order = self._new_order((self.part, 123, {"tax_ids": tax.ids, "discount": 7}))
        self.assertEqual(order.discount_percent, 7)
        self._add_code(order, 10)
        # 123 holds a net of 100: (7 + 10) / 100
        self.assertEqual(order.discount_percent, 17)

    def test_rounding_to_a_currency_without_decimals_is_no_discount(self):
        currency = self.setup_other_currency("JPY", rounding=1.0)
        pricelist = self.env["product.pricelist"].create(
            {"name": "JPY", "currency_id": currency.id}
        )
        order = self._new_order(
            (self.part, 15, {"discount": 10}), pricelist_id=pricelist.id
        )
        # 13.5 becomes 14 or 13, which would be 6.67 or 13.33 %
        self.assertEqual(order.discount_percent, 10)
        self._add_code(order, 3)
        self.assertEqual(order.discount_percent, 30)

    def test_line_of_a_negative_amount_is_a_discount(self):
        order = self._new_order(
            (self.part, 100, {}), (self.labour, -15, {"discount": 20})
        )
        # 12 of 100; the line's own 20 % makes the order dearer
        self.assertEqual(order.discount_percent, 12)
        free = self._new_order((self.labour, -15, {}))
        self.assertEqual(free.discount_percent, 100)
        self.assertEqual(self._new_order().discount_percent, 0)

    def test_price_below_the_price_list_is_a_discount(self):
        self.part.list_price = 200
        order = self._new_order((self.part, 180, {"discount": 10}))
        # 162 instead of 200
        self.assertEqual(order.discount_percent, 19)
        self.assertEqual(self._order_at(0).discount_percent, 50)
        dearer = self._new_order((self.part, 250, {"discount": 4}))
        self.assertEqual(dearer.discount_percent, 4)

    def test_price_list_that_changed_since_is_no_discount(self):
        self.part.list_price = 200
        order = self._new_order((self.part, 200, {}))
        self.part.list_price = 300
        order.line_ids.quantity = 2
        self.assertEqual(order.discount_percent, 0)
        self.part.list_price = 150
        order.line_ids.price_unit = 150
        self.assertEqual(order.discount_percent, 0)

    def test_list_price_with_tax_is_compared_without(self):
        tax = self._percent_tax(23, price_include_override="tax_included")
        self.part.write({"list_price": 123, "taxes_id": [Command.set(tax.ids)]})
        order = self._new_order((self.part, 90, {"tax_ids": self.tax_11.ids}))
        self.assertEqual(order.discount_percent, 10)

    def test_filter_finds_open_orders_with_an_unapproved_discount(self):
        small, approved, billed = (self._order_at(percent) for percent in (5, 15, 15))
        waiting = self.order
        approved.action_approve_discount()
        billed.action_confirm_check()
        found = waiting.search(
            [
                ("discount_to_approve", "=", True),
                ("id", "in", (waiting | small | approved | billed).ids),
            ]
        )
        self.assertEqual(found, waiting)
        self.assertEqual(
            (waiting | small | approved | billed).filtered("discount_to_approve"),
            waiting,
        )

    def test_limits_belong_to_the_company_of_the_order(self):
        other = self._create_company(name="Other company")
        self.assertEqual(other.service_discount_limit_advisor, 100)
        order = self.order
        self.advisor.company_ids |= other
        order = order.with_user(self.advisor).with_context(
            allowed_company_ids=[other.id, order.company_id.id]
        )
        self.assertEqual(order.env.company, other)
        with self.assertRaisesRegex(UserError, "15.00"):
            order.action_confirm_check()

    def test_form_shows_the_discount_before_it_is_saved(self):
        Order = self.env["service.work.order"].with_user(self.advisor)
        with Form(Order) as form:
            form.partner_id = self.customer
            with form.line_ids.new() as line:
                line.product_id = self.part
                line.price_unit = 100
                line.discount = 6
            self.assertIn("6.00", form.discount_warning)
            with form.line_ids.edit(0) as line:
                line.discount = 5
            self.assertFalse(form.discount_warning)

    def test_limit_outside_a_percentage_is_refused(self):
        for value in (-1, 101):
            with (
                self.subTest(value),
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.env.cr.savepoint(),
            ):
                self.env.company.service_discount_limit_billing = value
                self.env.flush_all()

    def test_settings_are_those_of_the_company(self):
        settings = self.env["res.config.settings"].create({})
        settings.service_discount_limit_billing = 7
        settings.execute()
        self.assertEqual(self.env.company.service_discount_limit_billing, 7)
        with freeze_time("2026-12-01"):
            self._order_at(7).with_user(self.clerk).action_confirm_check()
