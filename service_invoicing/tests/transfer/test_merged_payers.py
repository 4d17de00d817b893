from odoo.exceptions import UserError
from odoo.tests import tagged

from ..common import ServiceInvoicingCommon


class MergedPayersCommon(ServiceInvoicingCommon):
    """Parts of 1,000 on the claim of one insurer, labour of 500 on that of another,
    who turns out to be the same."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.duplicate = cls._new_partner("Insurer again")
        cls.order = cls._new_order((cls.part, 1000.0, {}), (cls.labour, 500.0, {}))
        cls.parts, cls.work = cls.order.line_ids
        cls._new_claim(cls.order, cls.parts, name="C1")
        cls._new_claim(cls.order, cls.work, name="C2", insurer_id=cls.duplicate.id)
        cls.order.action_confirm_check()

    def _merge(self, *, into=None):
        partners = self.insurer | self.duplicate
        into = into or self.insurer
        self.env["base.partner.merge.automatic.wizard"]._merge(partners.ids, into)
        self.env.invalidate_all()

    @classmethod
    def _invoice(cls):
        action = cls.order.with_user(cls.clerk).action_create_next_invoice()
        return cls.env["account.move"].browse(action["res_id"])

    def _authorize(self, moves):
        for move in moves:
            move.with_user(self.authorizer).action_service_authorize()

    def _credit(self, move, *, free=True):
        move = move.with_user(self.authorizer)
        move.action_service_credit(reason="Wrong", free=free)

    def _take_back(self, credit):
        adjustments = credit.reversed_entry_id.service_adjustment_ids
        live = adjustments.filtered(lambda row: not row.undone)
        live.action_undo(reason="Wrong invoice")
        credit.button_draft()

    def _assert_open(self, amount):
        self.assertEqual(self.order.amount_to_invoice, amount)
        next_type = "insurance" if amount else False
        self.assertEqual(self.order.next_invoice_type, next_type)
        state = "to_invoice" if amount else "invoiced"
        self.assertEqual(self.order.state, state)

    def _assert_billed(self):
        """Each line is billed once, and nothing is left."""
        self._assert_open(0.0)
        live = self.order._get_live_invoices()
        for line in self.order.line_ids:
            billed = live.invoice_line_ids.filtered(
                lambda ml, line=line: ml.service_order_line_id == line
            )
            self.assertEqual(sum(billed.mapped("price_subtotal")), line.price_subtotal)


@tagged("post_install", "-at_install")
class TestMergedPayers(MergedPayersCommon):
    """Nobody was billed yet."""

    def test_releases_of_both_become_one(self):
        releases = self.order.with_user(self.clerk).action_release()
        released = self.env["service.release"].search(releases["domain"])
        self.assertEqual(released.mapped("amount_untaxed"), [500.0, 1000.0])
        self._merge()
        self.assertEqual(set(released.mapped("state")), {"cancelled"})
        together = self.order.release_ids - released
        self.assertEqual(together.amount_untaxed, 1500.0)
        self.assertEqual(together.partner_id, self.insurer)
        invoice = self._invoice()
        self.assertEqual(invoice.amount_untaxed, 1500.0)
        self.assertEqual(invoice.service_release_ids, together)
        self._assert_billed()

    def test_sponsors_of_two_programs_who_are_one(self):
        other = self._new_partner("Sponsor again")
        program = self.program.copy({"name": "All parts", "sponsor_id": other.id})
        program.write({"value": 100, "covers_labour": False, "covers_material": True})
        order = self._new_order(
            (self.labour, 300.0, {"program_id": self.program.id}),
            (self.part, 80.0, {"program_id": program.id}),
        )
        order.action_confirm_check()
        clerk_order = order.with_user(self.clerk)
        clerk_order.action_create_next_invoice()
        # labour: half of 300 is the customer's; the first sponsor's is the other half
        clerk_order.action_create_next_invoice()
        partners = self.sponsor | other
        self.env["base.partner.merge.automatic.wizard"]._merge(
            partners.ids, self.sponsor
        )
        self.assertEqual(order.amount_to_invoice, 80.0)
        clerk_order.action_create_next_invoice()
        programs = order.invoice_ids.filtered(
            lambda move: move.service_invoice_type == "program"
        )
        self.assertEqual(sorted(programs.mapped("amount_untaxed")), [80.0, 150.0])
        self.assertEqual(order.state, "invoiced")

    def test_orders_follow_though_another_company_merges(self):
        self.order.with_user(self.clerk).action_release()
        other = self.env["res.company"].create({"name": "Another workshop"})
        self.env = self.env(context={"allowed_company_ids": other.ids})
        self._merge()
        self._assert_open(1500.0)
        release = self.order.release_ids.filtered(lambda r: r.state == "fresh")
        self.assertEqual(release.company_id, self.order.company_id)
        self.assertEqual(release.amount_untaxed, 1500.0)

    def test_contacts_without_work_orders_merge_as_ever(self):
        one, two = self._new_partner("One"), self._new_partner("Two")
        self.env["base.partner.merge.automatic.wizard"]._merge((one | two).ids, one)
        self.assertFalse(two.exists())


@tagged("post_install", "-at_install")
class TestMergedBilledPayers(MergedPayersCommon):
    """The first insurer has his invoice of the parts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first = cls._invoice()

    def test_what_only_one_of_them_was_billed_is_not_lost(self):
        self.assertEqual(self.first.amount_untaxed, 1000.0)
        self._merge()
        self._assert_open(500.0)
        second = self._invoice()
        self.assertEqual(second.partner_id, self.insurer)
        self.assertEqual(second.amount_untaxed, 500.0)
        self.assertFalse(second.service_share_warning)
        self.assertFalse(self.first.service_share_warning)
        self._assert_billed()

    def test_merging_the_other_way_round_bills_the_same(self):
        self._merge(into=self.duplicate)
        self._assert_open(500.0)
        self.assertEqual(self._invoice().partner_id, self.duplicate)
        self._assert_billed()

    def test_both_with_invoices_are_billed_nothing_more(self):
        self._invoice()
        self._merge()
        self._assert_billed()

    def test_one_release_stays_what_it_is(self):
        self.order.with_user(self.clerk).action_release()
        release = self.order.release_ids.filtered(lambda r: r.state == "fresh")
        self._merge()
        self.assertEqual(release.state, "fresh")
        release.with_user(self.clerk).action_confirm()
        release.with_user(self.clerk).action_create_invoice()
        self.assertEqual(release.move_id.amount_untaxed, 500.0)
        self._assert_billed()

    def test_a_credit_waiting_to_be_billed_again_still_waits(self):
        second = self._invoice()
        self._authorize(self.first | second)
        self._credit(self.first)
        self._assert_open(1000.0)
        self._merge()
        self._assert_open(1000.0)
        self.assertEqual(self._invoice().amount_untaxed, 1000.0)
        self._assert_billed()

    def test_one_invoice_credited_later_is_billed_again_alone(self):
        second = self._invoice()
        self._merge()
        self._authorize(self.first | second)
        self._credit(second)
        self._assert_open(500.0)
        again = self._invoice()
        self.assertEqual(again.amount_untaxed, 500.0)
        self.assertEqual(again.service_release_ids.origin_id.move_id, second)
        self._assert_billed()

    def test_a_deleted_invoice_is_billed_again_with_what_the_other_bore(self):
        self._merge()
        release = self.first.service_release_ids
        self.first.with_user(self.clerk).action_service_delete(reason="Wrong")
        self._assert_open(1500.0)
        # what was released to two payers stays two releases
        self.assertEqual(release.state, "confirmed")
        self.assertEqual(self._invoice().amount_untaxed, 1000.0)
        self.assertEqual(self._invoice().amount_untaxed, 500.0)
        self._assert_billed()

    def test_what_was_closed_stays_closed(self):
        self._authorize(self.first)
        self._credit(self.first, free=False)
        self._merge()
        self._assert_open(500.0)
        self.assertEqual(self._invoice().amount_untaxed, 500.0)
        self._assert_open(0.0)

    def test_a_credit_memo_can_be_taken_back_beside_the_other_invoice(self):
        second = self._invoice()
        self._merge()
        self._authorize(self.first | second)
        self._credit(self.first)
        credit = self.first.reversal_move_ids.with_user(self.authorizer)
        self._take_back(credit)
        self._assert_billed()
        credit.action_service_authorize()
        self._invoice()
        with self.assertRaisesRegex(UserError, "billed again by"):
            self._take_back(credit)
