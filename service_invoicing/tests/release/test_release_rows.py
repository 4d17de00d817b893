from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..common_releases import ReleasesCommon


@tagged("post_install", "-at_install")
class TestReleaseRows(ReleasesCommon):
    """Releases are added to an invoice and removed, never edited there."""

    def test_rows_are_added_and_removed_until_the_invoice_is_authorized(self):
        first, second = self._new_month(), self._new_month(40)
        move = self._invoice(first).with_user(self.clerk)
        dialog = move.action_service_add_releases()
        wizard = self.env[dialog["res_model"]].with_user(self.clerk)
        wizard = wizard.browse(dialog["res_id"])
        self.assertEqual(wizard.available_ids, second)
        with self.assertRaisesRegex(UserError, "Choose"):
            wizard.action_add()
        wizard.release_ids = second
        wizard.action_add()
        self.assertEqual(move.service_monthly_release_ids, first | second)
        self.assertEqual(move.amount_untaxed, 140)
        self.assertEqual(move.invoice_origin, f"{first.name}, {second.name}")
        first.with_user(self.clerk).action_remove_from_invoice()
        self.assertEqual(move.amount_untaxed, 40)
        self.assertRecordValues(first, [{"state": "confirmed", "move_id": False}])
        self.assertEqual(move.invoice_origin, second.name)
        with self.assertRaisesRegex(UserError, "Delete the invoice"):
            second.with_user(self.clerk).action_remove_from_invoice()
        move.with_user(self.authorizer).action_service_authorize()
        with self.assertRaisesRegex(UserError, move.service_number):
            move.action_service_add_releases(release_ids=first.ids)
        with self.assertRaisesRegex(UserError, move.service_number):
            second.with_user(self.clerk).action_remove_from_invoice()

    def test_orders_follow_their_rows(self):
        orders = self._new_checked() | self._new_checked((self.labour, 50, {}))
        first, second = (self._release(order) for order in orders)
        move = self._invoice(first).with_user(self.clerk)
        move.action_service_add_releases(release_ids=second.ids)
        self.assertEqual(move.work_order_ids, orders)
        self.assertEqual(move.amount_untaxed, 150)
        self.assertEqual(orders.mapped("state"), ["invoiced"] * 2)
        # each order has its section now
        names = move.invoice_line_ids.sorted("sequence").mapped("name")
        self.assertIn(orders[0].name, names[0])
        self.assertTrue(any(orders[1].name in name for name in names))
        first.with_user(self.clerk).action_remove_from_invoice()
        self.assertEqual(move.work_order_ids, orders[1])
        self.assertEqual(move.amount_untaxed, 50)
        self.assertEqual(orders.mapped("state"), ["to_invoice", "invoiced"])
        self.assertEqual(self._bill(orders[0]).service_release_ids, first)

    def test_months_and_orders_are_added_to_each_other(self):
        order = self._new_checked()
        move = self._invoice(self._release(order)).with_user(self.clerk)
        month = self._new_month(40)
        move.action_service_add_releases(release_ids=month.ids)
        self.assertEqual(move.amount_untaxed, 140)
        self.assertFalse(move.service_share_warning)
        second = self._release(self._new_checked((self.labour, 5, {})))
        move.action_service_add_releases(release_ids=second.ids)
        self.assertEqual(move.service_order_release_ids, order.release_ids | second)
        month.with_user(self.clerk).action_remove_from_invoice()
        self.assertEqual(move.amount_untaxed, 105)
        self.assertEqual(
            move.invoice_origin, f"{order.name}, {second.work_order_id.name}"
        )

    def test_only_what_belongs_to_the_invoice_is_added(self):
        move = self._invoice(self._new_month()).with_user(self.clerk)
        decoys = (
            self._new_month(partner_id=self.other_customer.id)
            | self._new_month(invoice_type="program")
            | self._new_month(currency_id=self.setup_other_currency("EUR").id)
        )
        names = "(?s)" + ".*".join(decoys.mapped("name"))
        with self.assertRaisesRegex(UserError, names):
            move.action_service_add_releases(release_ids=decoys.ids)
        fresh = self._new_release((self.part, 1, {}))
        with self.assertRaisesRegex(UserError, fresh.name):
            move.action_service_add_releases(release_ids=fresh.ids)
        wizard = self.env["service.release.wizard"].create({"move_id": move.id})
        self.assertFalse(wizard.available_ids)
        self.assertEqual(move.amount_untaxed, 100)

    def test_who_adds_a_row_answers_for_the_invoice(self):
        self.env.company.service_maker_not_authorizer = True
        move = self._invoice(self._new_month())
        move.with_user(self.authorizer).action_service_add_releases(
            release_ids=self._new_month().ids
        )
        with self.assertRaisesRegex(UserError, move.service_number):
            move.with_user(self.authorizer).action_service_authorize()

    def test_links_are_not_set_by_hand(self):
        first, second = self._new_month(), self._new_month()
        move = self._invoice(first).with_user(self.manager)
        for vals in (
            {"service_release_ids": [Command.link(second.id)]},
            {"service_monthly_release_ids": [Command.clear()]},
            {"service_order_release_ids": [Command.link(second.id)]},
        ):
            with self.subTest(vals), self.assertRaises(AccessError):
                move.write(vals)
        line = move.invoice_line_ids[1]
        for name in ("service_release_id", "service_release_line_id"):
            with self.subTest(name), self.assertRaises(AccessError):
                line.write({name: False})
        with self.assertRaises(AccessError):
            move.write(
                {
                    "invoice_line_ids": [
                        Command.create({"name": "x", "service_release_id": second.id})
                    ]
                }
            )

    def test_pages_of_the_form_show_the_releases(self):
        move = self._invoice(self._new_month()).with_user(self.clerk)
        with Form(move) as form:
            self.assertEqual(len(form.service_monthly_release_ids), 1)
            self.assertEqual(len(form.service_order_release_ids), 0)
        action = move.action_view_releases()
        self.assertEqual(action["res_id"], move.service_release_ids.id)
