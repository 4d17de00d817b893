from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from ..common_runs import BillingRunCommon


@tagged("post_install", "-at_install")
class TestCollectiveRun(BillingRunCommon):
    """Two orders of 100 and 200: half of the labour is the sponsor's, the part is the
    insurer's. Two orders are many."""

    inline_documents = 1

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.sponsor | cls.insurer).service_collective_invoice = True
        cls.orders = cls.env["service.work.order"]
        for __ in range(2):
            order = cls._new_order(
                (cls.labour, 100, {"program_id": cls.program.id}), (cls.part, 200, {})
            )
            cls._new_claim(order, order.line_ids[1])
            order.action_confirm_check()
            cls.orders += order

    def _open_dialog(self, partners=()):
        dialogs = self.env["service.collective.wizard"].with_user(self.clerk)
        vals = {"partner_ids": [Command.set([partner.id for partner in partners])]}
        return dialogs.create(vals)

    def test_each_payer_has_one_invoice_over_all_orders(self):
        run = self._get_run(self._open_dialog().action_create())
        # who gets one is found out in the background
        self.assertEqual((run.group_count, run.item_ids.document_count), (1, 2))
        self._continue()
        self.assertEqual(run.state, "done")
        amounts = {
            item.partner_id: item.move_ids.amount_untaxed for item in run.item_ids
        }
        self.assertEqual(amounts, {self.sponsor: 100, self.insurer: 400})
        for item in run.item_ids:
            self.assertEqual(item.move_ids.work_order_ids, self.orders)

    def test_only_the_chosen_payers_are_billed(self):
        run = self._get_run(self._open_dialog([self.sponsor]).action_create())
        self.assertEqual(run.partner_ids, self.sponsor)
        self._continue()
        self.assertEqual(run.item_ids.partner_id, self.sponsor)
        self.assertEqual(run.item_ids.move_ids.amount_untaxed, 100)
        self.assertEqual(self.orders.invoice_ids, run.item_ids.move_ids)

    def test_one_order_is_billed_at_once(self):
        order = self.orders[0].with_user(self.clerk)
        moves = self._get_documents(order.action_create_collective_invoices())
        self.assertEqual(moves.mapped("amount_untaxed"), [50, 200])

    def _plan(self):
        """A run whose invoices are known, and none of them made."""
        run = self._begin(self.orders, "action_create_collective_invoices")
        run._as_its_user().item_ids._execute()
        self.assertEqual(run.mapped("item_ids.state"), ["pending"] * 2)
        return run

    def test_order_billed_meanwhile_is_left_out_and_named(self):
        run = self._plan()
        first, second = self.orders
        first.with_user(self.clerk).action_create_collective_invoices()
        self._continue()
        self.assertEqual(run.state, "done")
        for item in run.item_ids:
            self.assertEqual(item.move_ids.work_order_ids, second)
            self.assertEqual(item.note, f"Billed or changed meanwhile: {first.name}")

    def test_payer_of_whom_nothing_is_left_is_named(self):
        run, again = self._plan(), self._plan()
        self._continue()
        self.assertEqual((run.invoice_count, again.invoice_count), (2, 0))
        self.assertEqual(again.failed_count, 2)
        for item in again.item_ids:
            for order in self.orders:
                self.assertIn(order.name, item.note)

    def test_payer_that_fails_stops_no_other(self):
        create = type(self.orders)._create_collective_invoice

        def refuse_sponsor(orders, key):
            if key[0].partner == self.sponsor:
                raise UserError(orders._describe_no_collective_share())
            return create(orders, key)

        run = self._begin(self.orders, "action_create_collective_invoices")
        with patch.object(
            type(self.orders), "_create_collective_invoice", refuse_sponsor
        ):
            self._continue()
        self.assertEqual((run.done_count, run.failed_count), (1, 1))
        self.assertEqual(self.orders.invoice_ids.partner_id, self.insurer)
        failed = run.item_ids.filtered(lambda item: item.state == "failed")
        self.assertEqual(failed.partner_id, self.sponsor)
        self.assertIn("None of these work orders", failed.note)


@tagged("post_install", "-at_install")
@freeze_time("2026-11-22")
class TestMonthlyRun(BillingRunCommon):
    """Three agreements: 10 and 20 a month, and one whose reading is missing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agreements = cls._new_agreement(cls._fixed(10), date_start="2026-09-01")
        cls.agreements += cls._new_agreement(cls._fixed(20), date_start="2026-09-01")
        cls.agreements += cls._new_agreement(
            cls._usage("typed", 2), date_start="2026-10-01"
        )

    def _run_month(self, catch_up=False):
        dialog = (
            self.env["service.monthly.run"]
            .with_user(self.clerk)
            .create(
                {
                    "period_from": "2026-10-01",
                    "catch_up": catch_up,
                    "agreement_ids": [Command.set(self.agreements.ids)],
                }
            )
        )
        return self._get_run(dialog.action_run())

    def test_month_is_released_and_what_is_missing_is_said_of_its_agreement(self):
        run = self._run_month()
        self.assertFalse(self.agreements.release_ids)
        self._continue()
        self.assertEqual((run.state, run.failed_count), ("done_with_errors", 1))
        releases = run.item_ids.release_ids
        self.assertEqual(sorted(releases.mapped("amount_untaxed")), [10, 20])
        bad = self._get_item(run, self.agreements[2])
        self.assertEqual(bad.state, "failed")
        self.assertIn("October 2026: ", bad.note)
        # seven typed units at 2
        self._read(self.agreements[2].line_ids, ("2026-10-31", 7))
        run.with_user(self.clerk).action_retry_failed()
        self._continue()
        self.assertEqual(run.state, "done")
        self.assertEqual(bad.release_ids.amount_untaxed, 14)
        self.assertFalse(bad.note)

    def test_earlier_months_are_released_too(self):
        run = self._run_month(catch_up=True)
        self._continue()
        months = self._get_item(run, self.agreements[0]).release_ids
        self.assertEqual(
            sorted(str(release.period_from) for release in months),
            ["2026-09-01", "2026-10-01"],
        )
        self.assertEqual(run.release_count, 4)

    def test_month_released_meanwhile_is_not_released_twice(self):
        run = self._run_month()
        release = self._release(self.agreements[0], "2026-10-01").release_id
        self._continue()
        item = self._get_item(run, self.agreements[0])
        self.assertEqual(item.state, "done")
        self.assertIn(release.name, item.note)
        self.assertEqual(self.agreements[0].release_ids, release)

    def test_releases_of_the_month_are_invoiced_in_the_background(self):
        """One customer: one invoice over 10 + 20 + 40."""
        self._read(self.agreements[2].line_ids, ("2026-10-31", 20))
        self._run_month()
        self._continue()
        releases = self.agreements.release_ids
        releases.with_user(self.clerk).action_confirm()
        run = self._begin(releases, "action_create_invoice")
        self.assertFalse(releases.move_id)
        self._continue()
        self.assertEqual(run.state, "done")
        self.assertEqual(run.item_ids.move_ids.amount_untaxed, 70)
        self.assertEqual(releases.mapped("state"), ["invoiced"] * 3)
        action = run.with_user(self.clerk).action_view_releases()
        self.assertEqual(releases.search(action["domain"]), releases.sorted())

    def test_release_that_is_not_confirmed_any_more_is_left_out_and_named(self):
        self._read(self.agreements[2].line_ids, ("2026-10-31", 20))
        self._run_month()
        self._continue()
        releases = self.agreements.release_ids
        releases.with_user(self.clerk).action_confirm()
        run, again = (self._begin(releases, "action_create_invoice") for __ in "12")
        for each in (run, again):
            each._as_its_user().item_ids._execute()
        gone = releases[0]
        gone.with_user(self.clerk).action_cancel(reason="Wrong")
        self._continue()
        self.assertEqual(run.item_ids.move_ids.service_release_ids, releases - gone)
        self.assertEqual(
            run.item_ids.note, f"Billed or changed meanwhile: {gone.display_name}"
        )
        self.assertEqual(again.state, "done_with_errors")
        self.assertIn(releases[1].name, again.item_ids.note)
