from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..common_releases import ReleasesCommon


@tagged("post_install", "-at_install")
class TestReleaseLinesKept(ReleasesCommon):
    """Release, order and invoice say the same, whatever a clerk does to the lines."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.joint, cls.first, cls.second = cls._new_joint()
        cls.month_move = cls._invoice(cls._new_month())

    @classmethod
    def _new_joint(cls):
        """Invoice of two orders, before tax 1,110 and 111."""
        orders = cls._new_checked((cls.part, 1110, {})) | cls._new_checked(
            (cls.labour, 111, {})
        )
        first, second = (cls._release(order) for order in orders)
        return cls._invoice(first | second), first, second

    def _get_lines(self, move, release):
        return move._get_billed_lines().filtered(
            lambda line: line.service_release_id == release
        )

    # -- a line stays on its document

    def test_lines_do_not_go_to_another_invoice(self):
        move, first, second = self.joint, self.first, self.second
        other = self._invoice(self._new_month(40))
        line = self._get_lines(move, second).with_user(self.clerk)
        typed = line.create({"move_id": move.id, "name": "Typed", "price_unit": 5})
        section = other.invoice_line_ids.filtered(
            lambda line: line.display_type == "line_section"
        )
        ways = {
            "line": lambda: line.write({"move_id": other.id}),
            "typed line": lambda: typed.write({"move_id": other.id}),
            "link": lambda: other.with_user(self.clerk).write(
                {"invoice_line_ids": [Command.link(line.id)]}
            ),
            "section": lambda: section.with_user(self.clerk).write(
                {"move_id": move.id}
            ),
        }
        numbers = {move.service_number, other.service_number}
        for name, way in ways.items():
            with self.subTest(name), self.assertRaises(UserError) as caught:
                way()
            self.assertTrue(all(n in str(caught.exception) for n in numbers))
        self.assertEqual(move.amount_untaxed, 1226)
        self.assertEqual(other.amount_untaxed, 40)
        # its own document is no other one
        line.write({"move_id": move.id, "name": "Work"})
        self.assertEqual((line | self._get_lines(move, first)).move_id, move)

    def test_target_out_of_sight_is_not_named(self):
        move = self.month_move
        company = self._create_company(name="Second workshop")
        hidden = (
            self.env["account.move"]
            .sudo()
            .with_company(company)
            .create({"move_type": "out_invoice", "partner_id": self.customer.id})
        )
        line = move._get_billed_lines().with_user(self.clerk)
        for target in (hidden.id, 10**9, False):
            with (
                self.subTest(target),
                self.assertRaisesRegex(UserError, f"{move.service_number}.*–"),
            ):
                line.write({"move_id": target})

    def test_whoever_brings_a_line_answers_for_the_invoice(self):
        self.env.company.service_maker_not_authorizer = True
        move = self.month_move
        loose = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "service_invoice_type": False,
                "invoice_line_ids": [Command.create({"name": "x", "price_unit": 5})],
            }
        )
        line = loose.invoice_line_ids.with_user(self.authorizer)
        line.write({"move_id": move.id})
        self.assertEqual(move.service_saved_by_id, self.authorizer)

    # -- a release has lines on its invoice

    def test_invoice_without_the_lines_of_a_release_is_neither_saved_nor_authorized(
        self,
    ):
        move, first, second = self.joint, self.first, self.second
        self._get_lines(move, second).with_user(self.clerk).unlink()
        message = f"{move.service_number}.*{second.name}.*Remove From Invoice"
        for name, door in (
            ("save", move.with_user(self.clerk).action_service_save),
            ("authorize", move.with_user(self.authorizer).action_service_authorize),
            ("post", move.with_user(self.authorizer).action_post),
        ):
            with (
                self.subTest(name),
                self.assertRaisesRegex(UserError, message) as caught,
            ):
                door()
            self.assertNotIn(first.name, str(caught.exception))
        self.assertEqual(move.state, "draft")
        second.with_user(self.clerk).action_remove_from_invoice()
        move.with_user(self.authorizer).action_service_authorize()
        self.assertRecordValues(
            first | second,
            [
                {"state": "invoiced", "move_id": move.id},
                {"state": "confirmed", "move_id": False},
            ],
        )
        self.assertEqual(move.amount_untaxed, 1110)
        self.assertEqual(second.work_order_id.state, "to_invoice")

    def test_all_releases_without_lines_are_named_at_once(self):
        move, first, second = self.joint, self.first, self.second
        move._get_billed_lines().with_user(self.clerk).unlink()
        with self.assertRaises(UserError) as caught:
            move.with_user(self.clerk).action_service_save()
        for release in first | second:
            self.assertIn(release.name, str(caught.exception))

    def test_ordinary_invoice_of_an_order_keeps_a_line(self):
        order = self._new_order((self.part, 100, {}), (self.labour, 50, {}))
        move = self._bill(order).with_user(self.clerk)
        lines = move._get_billed_lines()
        lines[0].unlink()
        move.action_service_save()
        self.assertTrue(move.service_share_warning, "a part may go, and is told of")
        lines[1].unlink()
        # what is typed instead does not bill the order
        move.invoice_line_ids = [Command.create({"name": "x", "price_unit": 9})]
        with self.assertRaisesRegex(UserError, order.release_ids.name):
            move.action_service_save()

    def test_month_keeps_a_line(self):
        first, second = self._new_month(70), self._new_month(30)
        move = self._invoice(first | second).with_user(self.clerk)
        self._get_lines(move, first).unlink()
        with self.assertRaisesRegex(UserError, first.name):
            move.action_service_save()

    def test_releases_of_nothing_block_nobody(self):
        free, empty = self._new_month(0), self._new_release()
        empty.action_confirm()
        move = self._invoice(self._new_month() | free | empty).with_user(self.clerk)
        self.assertEqual(move.service_release_ids.mapped("state"), ["invoiced"] * 3)
        self._get_lines(move, free).unlink()
        move.action_service_save()
        move.with_user(self.authorizer).action_service_authorize()
        self.assertEqual(move.service_status, "authorized")

    # -- what is added

    def test_releases_to_add_are_chosen_among_those_one_sees(self):
        move = self.month_move.with_user(self.clerk)
        company = self._create_company(name="Second workshop")
        hidden = self._new_release(
            (self.labour, 40, {"tax_ids": False}),
            company_id=company.id,
            currency_id=company.currency_id.id,
        )
        mine = self._new_month()
        for ids in ([], [10**9], hidden.ids, [mine.id, 10**9]):
            with (
                self.subTest(ids),
                self.assertRaisesRegex(UserError, f"{move.service_number}: choose"),
            ):
                move.action_service_add_releases(release_ids=ids)
        with self.assertRaisesRegex(UserError, "list of ids"):
            move.action_service_add_releases(release_ids=[10**12])
        self.assertEqual(move.amount_untaxed, 100)

    def test_chosen_releases_keep_the_order_in_which_they_were_chosen(self):
        move = self.month_move.with_user(self.clerk)
        chosen = self._new_month(1) + self._new_month(2) + self._new_month(3)
        chosen = chosen[1] + chosen[0] + chosen[2]
        move.action_service_add_releases(release_ids=chosen.ids)
        lines = move._get_billed_lines().sorted("sequence")
        self.assertEqual(lines.mapped("price_unit"), [100, 2, 1, 3])

    def test_nothing_to_lock_is_no_error(self):
        for name in ("service.release", "service.work.order"):
            with self.subTest(name):
                self.assertFalse(self.env[name]._lock_for_billing())
