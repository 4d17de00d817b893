from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..common_releases import ReleasesCommon


class ReleaseLifeCommon(ReleasesCommon):
    """Releases of orders and months with their invoices."""

    @classmethod
    def _new_billed_order(cls, *lines):
        order = cls._new_order(*(lines or [(cls.part, 100, {})]))
        move = cls._bill(order)
        return order, move, move.service_release_ids

    @classmethod
    def _new_billed_month(cls, *lines):
        lines = lines or [(cls.labour, 100, {}), (cls.part, 60, {"quantity": 2})]
        release = cls._new_release(*lines)
        release.action_confirm()
        action = release.with_user(cls.clerk).action_create_invoice()
        return cls._get_documents(action), release

    @classmethod
    def _authorize(cls, move):
        move.with_user(cls.authorizer).action_service_authorize()

    def _credit(self, move, **answers):
        answers = {"reason": "Wrong price"} | answers
        move = move.with_user(self.authorizer)
        return self._get_documents(move.action_service_credit(**answers))

    def _get_line(self, move, product):
        return move.invoice_line_ids.filtered(lambda line: line.product_id == product)

    @classmethod
    def _bill_release(cls, release):
        release.with_user(cls.clerk).action_confirm()
        action = release.with_user(cls.clerk).action_create_invoice()
        return cls._get_documents(action)


@tagged("post_install", "-at_install")
class TestReleaseLifeCycle(ReleaseLifeCommon):
    """Releases follow their invoice while it is not authorized.

    The order comes to 100, the month to 220.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.billed_order = cls._new_billed_order()
        cls.billed_month = cls._new_billed_month()

    def test_after_delete_all_is_as_if_the_invoice_had_never_been(self):
        order, move, release = self.billed_order
        month_move, month = self.billed_month
        (move | month_move).with_user(self.clerk).action_service_delete(reason="No")
        for one in release | month:
            self.assertRecordValues(one, [{"state": "confirmed", "move_id": False}])
        self.assertFalse((move | month_move).service_release_ids)
        self.assertEqual(order.state, "to_invoice")
        again = self._bill(order) - move
        self.assertEqual(again.service_release_ids, release)
        new = self._get_documents(month.with_user(self.clerk).action_create_invoice())
        self.assertEqual(new.amount_untaxed, 220)
        self.assertEqual(month.move_id, new)

    def test_removed_draft_without_a_number_frees_its_releases(self):
        move, release = self.billed_month
        move.sudo().write({"service_number": False, "service_stage": "draft"})
        move.unlink()
        self.assertRecordValues(release, [{"state": "confirmed", "move_id": False}])

    def test_reset_keeps_the_releases(self):
        __, move, release = self.billed_order
        month_move, month = self.billed_month
        both = (move | month_move).with_user(self.authorizer)
        both.action_service_authorize()
        both.button_draft()
        self.assertEqual((release | month).mapped("state"), ["invoiced"] * 2)
        self.assertEqual((release | month).move_id, move | month_move)
        both.action_service_authorize()
        self.assertEqual((release | month).mapped("state"), ["invoiced"] * 2)

    def test_live_invoices_and_joint_closings_are_not_billed_again(self):
        move, release = self.billed_month
        with self.assertRaisesRegex(UserError, release.name):
            release.with_user(self.authorizer).action_reprocess(reason="x")
        releases = self._new_release((self.labour, 1, {}))
        releases |= self._new_release((self.labour, 2, {}))
        joint = self._bill_release(releases)
        self._authorize(joint)
        self._credit(joint, free=False)
        with self.assertRaisesRegex(UserError, releases[1].name):
            releases[0].with_user(self.authorizer).action_reprocess(reason="x")
        releases.with_user(self.authorizer).action_reprocess(reason="x")
        self.assertEqual(releases.mapped("state"), ["reprocessed"] * 2)
        self.assertEqual(sum(releases.copy_ids.mapped("amount_untaxed")), 3)

    def test_months_are_not_duplicated_with_their_invoice(self):
        move, release = self.billed_month
        with self.assertRaisesRegex(UserError, release.name):
            move.with_user(self.manager).copy()

    def test_orders_with_releases_are_kept(self):
        order = self._new_order((self.part, 100, {}))
        order.action_confirm_check()
        order.with_user(self.clerk).action_release()
        order.action_cancel(reason="Mistake")
        with self.assertRaisesRegex(UserError, order.name):
            order.with_user(self.manager).unlink()


@tagged("post_install", "-at_install")
class TestCreditedReleases(ReleaseLifeCommon):
    """What is credited can be billed again, by whichever button it was credited.

    The order comes to 100, the month to 220.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.billed_order = cls._new_billed_order()
        cls.billed_month = cls._new_billed_month()
        cls._authorize(cls.billed_order[1] | cls.billed_month[0])

    def test_credited_order_invoice_keeps_its_page_and_a_copy_is_billed(self):
        order, move, release = self.billed_order
        credit = self._credit(move)
        self.assertRecordValues(release, [{"state": "reprocessed", "move_id": move.id}])
        copy = release.copy_ids
        self.assertRecordValues(
            copy,
            [
                {
                    "state": "fresh",
                    "origin_id": release.id,
                    "credit_move_id": credit.id,
                    "is_supplement": False,
                    "amount_untaxed": 100,
                    "move_id": False,
                }
            ],
        )
        self.assertEqual(order.state, "to_invoice")
        again = self._bill(order) - move - credit
        self.assertEqual(again.service_release_ids, copy)
        self.assertEqual(order.release_ids, release | copy)
        self.assertEqual(order.state, "invoiced")

    def test_credited_month_is_billed_again_once(self):
        move, release = self.billed_month
        self._credit(move)
        self.assertEqual(release.state, "reprocessed")
        copy = release.copy_ids
        self.assertEqual(copy.amount_untaxed, 220)
        self.assertEqual(copy.period_from, release.period_from)
        self.assertEqual(copy.line_ids.mapped("quantity"), [1, 2])
        again = self._bill_release(copy)
        self.assertEqual(again.amount_total, move.amount_total)
        with self.assertRaises(UserError):
            release.with_user(self.clerk).action_create_invoice()

    def test_core_credit_note_button_has_the_same_effects(self):
        move, release = self.billed_month
        wizard = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=move.ids
        )
        wizard.create({"journal_id": move.journal_id.id}).refund_moves()
        refund = move.reversal_move_ids
        self.assertEqual(release.state, "invoiced", "the credit memo is a draft")
        refund.with_user(self.authorizer).action_post()
        self.assertEqual(release.state, "reprocessed")
        self.assertEqual(release.copy_ids.amount_untaxed, 220)

    def test_replacement_of_a_credited_invoice_bills_what_is_released_again(self):
        order, order_move, order_release = self.billed_order
        month_move, month = self.billed_month
        for move, release in ((order_move, order_release), (month_move, month)):
            with self.subTest(release.release_type):
                wizard = self.env["account.move.reversal"].with_user(self.authorizer)
                wizard = wizard.with_context(
                    active_model="account.move", active_ids=move.ids
                ).create({"journal_id": move.journal_id.id, "reason": "Text"})
                wizard.modify_moves()
                new = wizard.new_move_ids
                self.assertEqual(release.state, "reprocessed")
                copy = release.copy_ids
                self.assertEqual(new.service_release_ids, copy)
                self.assertEqual(copy.state, "invoiced")
                self.assertEqual(new.invoice_line_ids.service_release_id, copy)
                self.assertEqual(
                    new.invoice_line_ids.service_release_line_id, copy.line_ids
                )
        self.assertEqual(order.state, "invoiced")

    def test_taken_back_credit_memo_takes_the_copy_back(self):
        order, move, release = self.billed_order
        month_move, month = self.billed_month
        for one, invoice in ((release, move), (month, month_move)):
            credit = self._credit(invoice)
            copy = one.copy_ids
            credit.line_ids.remove_move_reconcile()
            credit.with_user(self.authorizer).button_draft()
            self.assertEqual(one.state, "invoiced")
            self.assertEqual(copy.state, "cancelled")
            self.assertEqual(one.amount_untaxed, invoice.amount_untaxed)
        self.assertEqual(order.state, "invoiced")
        # authorized anew, the credit memo frees the month anew
        credit.with_user(self.authorizer).action_post()
        self.assertEqual(month.state, "reprocessed")
        self.assertEqual((month.copy_ids - copy).amount_untaxed, 220)

    def test_what_was_cancelled_after_a_credit_memo_stays_cancelled(self):
        move, release = self.billed_month
        line = self._get_line(move, self.part)
        self._credit(move, line_ids=[[line.id, 60]], free=True)
        supplement = release.copy_ids
        supplement.with_user(self.clerk).action_cancel(reason="Given away after all")
        self._credit(move, line_ids=[[line.id, 10]], free=True)
        rest = release.copy_ids - supplement
        self.assertEqual(rest.mapped("amount_untaxed"), [10])
        self.assertEqual(supplement.state, "cancelled")

    def test_credit_memo_of_what_is_billed_again_stays(self):
        move, release = self.billed_month
        credit = self._credit(move)
        again = self._bill_release(release.copy_ids)
        credit.line_ids.remove_move_reconcile()
        with self.assertRaisesRegex(UserError, again.service_number):
            credit.with_user(self.authorizer).button_draft()
        self.assertEqual(release.state, "reprocessed")

    def test_freed_part_of_a_month_becomes_a_supplement(self):
        move, release = self.billed_month
        line = self._get_line(move, self.part)
        self._credit(move, line_ids=[[line.id, 60]], free=True)
        self.assertEqual(release.state, "invoiced")
        supplement = release.copy_ids
        self.assertTrue(supplement.is_supplement)
        self.assertEqual(supplement.amount_untaxed, 60)
        # the rest of the invoice: 220 − 60
        self._credit(move, free=True)
        self.assertEqual(release.state, "reprocessed")
        rest = release.copy_ids - supplement
        self.assertFalse(rest.is_supplement)
        self.assertEqual(rest.amount_untaxed, 160)
        again = self._bill_release(supplement | rest)
        self.assertEqual(sum(again.mapped("amount_untaxed")), 220)

    def test_closed_releases_stay_invoiced_until_an_authorizer_wants_them(self):
        order, move, release = self.billed_order
        month_move, month = self.billed_month
        for one, invoice in ((release, move), (month, month_move)):
            with self.subTest(one.release_type):
                self._credit(invoice, free=False)
                self.assertEqual(one.state, "invoiced")
                self.assertFalse(one.copy_ids)
                self.assertTrue(one.can_reprocess)
                with self.assertRaises(AccessError):
                    one.with_user(self.clerk).action_reprocess(reason="Again")
                dialog = one.with_user(self.authorizer).action_reprocess()
                wizard = self.env[dialog["res_model"]].with_user(self.authorizer)
                wizard = wizard.browse(dialog["res_id"])
                wizard.reason = "He pays after all"
                wizard.action_apply()
                self.assertEqual(one.state, "reprocessed")
                self.assertEqual(one.copy_ids.state, "fresh")
                self.assertEqual(one.copy_ids.amount_untaxed, one.amount_untaxed)
                self.assertIn("after all", str(one.message_ids.mapped("body")))
        self.assertEqual(order.state, "to_invoice")
        self.assertEqual(order.amount_to_invoice, 100)


@tagged("post_install", "-at_install")
class TestPartlyCreditedReleases(ReleaseLifeCommon):
    """What a part of an invoice, or one of its releases, is credited for.

    An order of 300; an order of 100 and a month of 40 on one invoice.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.billed_order = cls._new_billed_order(
            (cls.labour, 200, {}), (cls.part, 100, {})
        )
        cls.mixed_order = cls._new_order((cls.part, 100, {}))
        cls.mixed_order.action_confirm_check()
        cls.mixed_order.with_user(cls.clerk).action_release()
        cls.month = cls._new_release((cls.labour, 40, {}))
        cls.mixed_move = cls._bill_release(cls.mixed_order.release_ids | cls.month)
        cls._authorize(cls.billed_order[1] | cls.mixed_move)

    def test_freed_part_of_an_order_becomes_a_supplement(self):
        order, move, release = self.billed_order
        line = self._get_line(move, self.part)
        credit = self._credit(move, line_ids=[[line.id, 40]], free=True)
        self.assertEqual(release.state, "invoiced")
        supplement = release.copy_ids
        self.assertRecordValues(
            supplement,
            [
                {
                    "state": "fresh",
                    "is_supplement": True,
                    "credit_move_id": credit.id,
                    "amount_material": 40,
                    "amount_untaxed": 40,
                }
            ],
        )
        again = self._bill(order) - move - credit
        self.assertEqual(again.amount_untaxed, 40)
        self.assertEqual(again.service_release_ids, supplement)
        self.assertEqual(order.state, "invoiced")

    def test_parts_and_rest_of_an_order_are_billed_once(self):
        order, move, release = self.billed_order
        line = self._get_line(move, self.part)
        self._credit(move, line_ids=[[line.id, 40]], free=True)
        self._credit(move, free=True)
        self.assertEqual(release.state, "reprocessed")
        fresh = order.release_ids - release
        self.assertEqual(sorted(fresh.mapped("amount_untaxed")), [40, 260])
        self._bill(order)
        live = order._get_live_invoices()
        self.assertEqual(sum(live.mapped("amount_untaxed")), 300)
        self.assertEqual(live.service_release_ids, fresh)

    def test_closed_part_is_billed_again_by_a_supplement(self):
        order, move, release = self.billed_order
        line = self._get_line(move, self.part)
        self._credit(move, line_ids=[[line.id, 40]])
        self.assertFalse(release.copy_ids)
        self.assertEqual(order.state, "invoiced")
        release.with_user(self.authorizer).action_reprocess(reason="Not given away")
        self.assertEqual(release.copy_ids.amount_untaxed, 40)
        self.assertEqual(order.state, "to_invoice")
        self.assertEqual(self._bill(order).mapped("amount_untaxed").count(40), 2)

    def test_only_the_credited_release_of_an_invoice_is_billed_again(self):
        first = self._new_release((self.labour, 100, {}))
        second = self._new_release((self.part, 30, {}))
        move = self._bill_release(first | second)
        self._authorize(move)
        line = self._get_line(move, self.part)
        self._credit(move, line_ids=line.ids, free=True)
        self.assertFalse(first.copy_ids)
        self.assertEqual(second.copy_ids.amount_untaxed, 30)

    def test_month_and_order_on_an_invoice_are_credited_apart(self):
        order, move, month = self.mixed_order, self.mixed_move, self.month
        order_release = order.release_ids
        line = self._get_line(move, self.labour)
        self._credit(move, line_ids=[[line.id, 15]], free=True)
        copies = order.release_ids.copy_ids
        self.assertFalse(copies, "the month is no share of the order")
        self.assertEqual(order.state, "invoiced")
        self.assertEqual(month.copy_ids.amount_untaxed, 15)
        self._credit(move, line_ids=line.ids, free=False)
        self._credit(move, free=True)
        self.assertEqual(order.state, "to_invoice")
        self.assertEqual(order_release.state, "reprocessed")
        self.assertEqual(order_release.copy_ids.amount_untaxed, 100)
        self.assertEqual(month.state, "invoiced", "its rest was closed")
        self.assertEqual(month.copy_ids.amount_untaxed, 15)

    def test_share_of_an_order_moves_without_the_month_beside_it(self):
        move, month = self.mixed_move, self.month
        action = move.with_user(self.authorizer).action_service_move_share(
            "service", self.other_customer.id, "He pays"
        )
        self.assertEqual(self._get_documents(action).amount_untaxed, 100)
        self.assertEqual(month.state, "invoiced")
        self.assertFalse(month.copy_ids)
