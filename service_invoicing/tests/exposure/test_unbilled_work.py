from datetime import date

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import freeze_time, new_test_user, tagged

from ..common import ServiceInvoicingCommon


@tagged("post_install", "-at_install")
class TestUnbilledWork(ServiceInvoicingCommon):
    """What is not yet billed is always visible, by age."""

    def _order_of(self, order_date, price=100, **vals):
        return self._new_order((self.part, price, {}), order_date=order_date, **vals)

    def _ready_order(self, day, price=100, **vals):
        """Order whose documents were found complete on this day."""
        with freeze_time(day):
            order = self._order_of(day, price, **vals)
            order.action_confirm_check()
        return order

    def _get_rows(self, orders, today="2026-06-30", user=None):
        self.env.invalidate_all()
        with freeze_time(today):
            rows = (
                self.env["service.unbilled.report"]
                .with_user(user or self.clerk)
                .search([("order_id", "in", orders.ids)])
            )
            rows.read(["days", "bucket", "amount"])
        return rows

    def test_date_of_the_check_stays_until_the_order_goes_back(self):
        order = self._ready_order("2026-03-02")
        self.assertEqual(order.checked_date, date(2026, 3, 2))
        with freeze_time("2026-03-20"):
            move = self._bill(order)
            move.action_service_delete(reason="Wrong text")
        self.assertEqual(order.state, "to_invoice")
        self.assertEqual(order.checked_date, date(2026, 3, 2))
        order.action_back_to_check(reason="Wrong price")
        self.assertFalse(order.checked_date)
        with freeze_time("2026-03-25"):
            order.action_confirm_check()
        self.assertEqual(order.checked_date, date(2026, 3, 25))
        self.assertFalse(order.copy().checked_date)
        order.action_cancel(reason="Not wanted")
        order.action_draft()
        self.assertFalse(order.checked_date)

    def test_date_of_the_check_cannot_be_set_by_hand(self):
        order = self._ready_order("2026-03-02")
        for value in ("2026-06-01", False):
            with self.subTest(value), self.assertRaises(AccessError):
                order.with_user(self.manager).write({"checked_date": value})
        vals = {"partner_id": self.customer.id}
        with self.assertRaises(AccessError):
            order.create(vals | {"checked_date": "2026-06-01"})

    def test_days_count_from_the_check_else_from_the_order_date(self):
        ready = self._ready_order("2026-05-31")
        unchecked = self._order_of("2026-04-01")
        draft = ready.copy({"order_date": "2026-04-01"})
        billed = self._ready_order("2026-04-01")
        self._bill(billed)
        self.env.invalidate_all()
        with freeze_time("2026-06-30"):
            self.assertEqual(
                (ready | unchecked | draft | billed).mapped("days_waiting"),
                [30, 90, 0, 0],
            )

    def test_orders_stand_in_their_age_with_what_is_left(self):
        expected = {
            "2026-06-30": (0, "00_07"),
            "2026-06-23": (7, "00_07"),
            "2026-06-22": (8, "08_30"),
            "2026-05-31": (30, "08_30"),
            "2026-05-30": (31, "31_60"),
            "2026-05-01": (60, "31_60"),
            "2026-04-30": (61, "61_more"),
        }
        orders = self.env["service.work.order"]
        for day in expected:
            orders |= self._ready_order(day)
        rows = {str(row.reference_date): row for row in self._get_rows(orders)}
        self.assertEqual(
            {day: (row.days, row.bucket) for day, row in rows.items()}, expected
        )

    def test_only_what_has_no_invoice_yet_counts(self):
        order = self._new_order((self.labour, 100, {"program_id": self.program.id}))
        order.action_confirm_check()
        self.assertEqual(self._get_rows(order).amount, 100)
        order.with_user(self.clerk).action_create_next_invoice()
        row = self._get_rows(order)
        self.assertEqual((row.amount, row.next_invoice_type), (50, "program"))
        move = self._bill(order)
        self.assertFalse(self._get_rows(order))
        move[0].action_service_delete(reason="Wrong text")
        self.assertEqual(self._get_rows(order).amount, 50)

    def test_started_orders_count_before_anybody_checked_them(self):
        self.program.invoiceable = False
        order = self._new_order(
            (self.labour, 100, {"program_id": self.program.id}),
            order_date="2026-04-01",
        )
        row = self._get_rows(order)
        # half of the labour is the workshop's own cost
        self.assertRecordValues(
            row, [{"amount": 50, "bucket": "61_more", "state": "checking"}]
        )
        draft = order.copy()
        self.assertFalse(self._get_rows(draft))
        draft.action_start()
        self.assertTrue(self._get_rows(draft))
        order.action_cancel(reason="Not wanted")
        self.assertFalse(self._get_rows(order))

    def test_archived_orders_are_not_forgotten(self):
        order = self._ready_order("2026-06-01")
        # archived before that was refused
        self.env.cr.execute(
            "UPDATE service_work_order SET active = false WHERE id = %s", [order.id]
        )
        order.invalidate_recordset()
        self.assertEqual(self._get_rows(order).order_id, order)

    def test_amounts_are_in_the_currency_of_the_company_at_todays_rate(self):
        currency = self.setup_other_currency(
            "EUR", rates=[("2026-01-01", 3.0), ("2026-06-15", 4.0)]
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "EUR", "currency_id": currency.id}
        )
        order = self._order_of("2026-06-01", 1000, pricelist_id=pricelist.id)
        order.line_ids.price_unit = 1000
        order.action_confirm_check()
        for today, expected in (
            ("2026-06-14", 333.33),
            ("2026-06-15", 250),
            # before any rate core takes the first one
            ("2025-12-31", 333.33),
        ):
            with self.subTest(today):
                row = self._get_rows(order, today)
                self.assertEqual(row.amount, expected)
                self.assertEqual(row.currency_id, self.env.company.currency_id)
                converted = currency._convert(
                    1000, self.env.company.currency_id, self.env.company, today
                )
                self.assertEqual(row.amount, converted)

    def test_groups_of_the_dashboard_add_up(self):
        orders = self._ready_order("2026-06-29", 10) | self._ready_order(
            "2026-06-28", 20
        )
        orders |= self._ready_order("2026-01-01", 40)
        self.env.flush_all()
        with freeze_time("2026-06-30"):
            groups = (
                self.env["service.unbilled.report"]
                .with_user(self.clerk)
                .formatted_read_group(
                    [("order_id", "in", orders.ids)],
                    ["bucket"],
                    ["amount:sum", "days:max", "__count"],
                )
            )
        self.assertEqual(
            [(g["bucket"], g["amount:sum"], g["days:max"]) for g in groups],
            [("00_07", 30, 2), ("61_more", 40, 180)],
        )

    def test_row_opens_its_order(self):
        order = self._ready_order("2026-06-01")
        action = self._get_rows(order).action_open_order()
        self.assertEqual(
            (action["res_model"], action["res_id"]), (order._name, order.id)
        )

    def test_clerks_and_auditors_of_the_company_see_it(self):
        order = self._ready_order("2026-06-01")
        auditor = new_test_user(
            self.env, "unbilled_auditor", groups="account.group_account_readonly"
        )
        self.assertTrue(self._get_rows(order, user=auditor))
        with self.assertRaises(AccessError):
            self._get_rows(order, user=self.advisor)
        other = self._create_company(name="Other company")
        theirs = (
            self.env["service.work.order"]
            .with_company(other)
            .create(
                {
                    "partner_id": self.customer.id,
                    "line_ids": [Command.create({"name": "Work", "price_unit": 10})],
                }
            )
        )
        theirs.action_start()
        self.assertFalse(self._get_rows(theirs))
        self.assertTrue(self._get_rows(theirs, user=self.env.ref("base.user_root")))

    def test_menu_shows_the_dashboard_of_waiting_orders_by_age(self):
        menu = self.env.ref("service_invoicing.service_unbilled_report_menu")
        action = menu.action
        for name in ("search_default_to_invoice", "search_default_group_bucket"):
            self.assertIn(name, action.context)
        views = (
            self.env["service.unbilled.report"]
            .with_user(self.clerk)
            .get_views([(False, kind) for kind in ("list", "pivot", "graph", "search")])
        )
        self.assertIn("action_open_order", views["views"]["list"]["arch"])
        self.assertIn("unchecked", views["views"]["search"]["arch"])
