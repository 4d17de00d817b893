from datetime import timedelta
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..common_runs import RUN, BillingRunCommon

MIXIN = "odoo.addons.service_invoicing.models.billing_run.service_run_mixin"


@tagged("post_install", "-at_install")
class TestBillingRun(BillingRunCommon):
    """Three checked orders of 10, 20 and 30; more than two are many."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.orders = cls._new_checked_orders(10, 20, 30)

    # -- who does it ----------------------------------------------------------------

    def test_few_orders_are_billed_at_once(self):
        orders = self.orders[:2]
        action = orders.with_user(self.clerk).action_create_invoices()
        self.assertEqual(self._get_documents(action), orders.invoice_ids.sorted("id"))
        self.assertEqual(orders.mapped("state"), ["invoiced"] * 2)
        self.assertFalse(self.env["service.billing.run"].search_count([]))

    def test_what_cannot_be_committed_is_billed_at_once(self):
        moves = self.env.registry["account.move"]
        with patch.object(moves, "_can_commit", lambda *args: False):
            self.orders.with_user(self.clerk).action_create_invoices()
        self.assertEqual(len(self.orders.invoice_ids), 3)

    def test_many_orders_are_billed_by_the_scheduler_in_the_name_of_the_clerk(self):
        triggers = self.env["ir.cron.trigger"].sudo()
        domain = [("cron_id", "=", self.cron.id)]
        before = triggers.search(domain)
        run = self._begin(self.orders)
        self.assertEqual(run.state, "running")
        self.assertFalse(self.orders.invoice_ids)
        # the scheduler is to wake up at once
        trigger = triggers.search(domain) - before
        self.assertLessEqual(trigger.call_at, fields.Datetime.now())
        self._continue()
        self.assertEqual(run.state, "done")
        self.assertEqual(run.invoice_count, 3)
        # 11 % tax
        amounts = [item.move_ids.amount_total for item in run.item_ids]
        self.assertEqual(amounts, [11.1, 22.2, 33.3])
        self.assertEqual(run.item_ids.move_ids.create_uid, self.clerk)
        opened = self._get_documents(run.with_user(self.clerk).action_view_invoices())
        self.assertEqual(opened, self.orders.invoice_ids.sorted("id"))

    def test_who_began_it_is_told_with_a_link(self):
        notices = []
        self.startPatcher(
            patch.object(
                self.env.registry["res.users"],
                "_bus_send",
                lambda user, kind, message: notices.append((user, kind, message)),
            )
        )
        run = self._begin(self.orders)
        self._continue()
        ((user, kind, message),) = notices
        self.assertEqual((user, kind), (self.clerk, "service_invoicing.run_finished"))
        self.assertEqual((message["model"], message["id"]), (run._name, run.id))
        self.assertIn(f"{run.name}: Done, 3 of 3 groups done", message["message"])
        mail = (
            self.env["mail.message"]
            .sudo()
            .search(
                [
                    ("model", "=", run._name),
                    ("res_id", "=", run.id),
                    ("message_type", "=", "user_notification"),
                ]
            )
        )
        self.assertEqual(mail.partner_ids, self.clerk.partner_id)

    def test_run_that_somebody_works_on_is_left_to_him(self):
        run = self._begin(self.orders)
        with patch.object(self.runs, "_take_up", lambda run: False):
            self._continue()
        self.assertEqual((run.state, run.left_count), ("running", 3))

    # -- what fails -----------------------------------------------------------------

    def test_order_that_fails_is_named_and_stops_no_other(self):
        bad = self.orders[1]
        bad.action_back_to_check(reason="Signature")
        run = self._begin(self.orders)
        self._continue()
        self.assertEqual(run.state, "done_with_errors")
        self.assertEqual(self.orders.mapped("invoice_count"), [1, 0, 1])
        item = self._get_item(run, bad)
        self.assertEqual((item.state, item.display_name), ("failed", bad.name))
        self.assertIn(bad.name, item.note)
        self.assertEqual(
            item.with_user(self.clerk).action_open_documents()["res_id"], bad.id
        )
        bad.action_confirm_check()
        run.with_user(self.clerk).action_retry_failed()
        self.assertEqual((run.state, run.left_count), ("running", 1))
        self._continue()
        self.assertEqual(run.state, "done")
        self.assertEqual(self.orders.mapped("invoice_count"), [1, 1, 1])
        self.assertFalse(item.note)

    @mute_logger("odoo.addons.service_invoicing.tools.attempt")
    def test_bug_in_one_order_stops_no_other(self):
        bad = self.orders[0]
        bill = type(bad)._create_invoices

        def break_one(some):
            if bad in some:
                raise KeyError("odd")
            return bill(some)

        run = self._begin(self.orders)
        with patch.object(type(bad), "_create_invoices", break_one):
            self._continue()
        self.assertEqual(self.orders.mapped("invoice_count"), [0, 1, 1])
        self.assertIn("odd", self._get_item(run, bad).note)

    def test_who_lost_the_right_bills_nothing_more(self):
        run = self._begin(self.orders)
        group = self.env.ref("service_invoicing.group_service_billing")
        invoicing = self.env.ref("account.group_account_invoice")
        advisor = self.env.ref("service_invoicing.group_service_advisor")
        self.clerk.group_ids = (self.clerk.group_ids - group) | invoicing | advisor
        other = self._begin(self.orders, user=self.authorizer)
        self._continue()
        self.assertEqual((run.state, run.left_count), ("stopped", 3))
        self.assertIn(self.clerk.name, run.message_ids[0].body)
        # who comes after it does not wait
        self.assertEqual(other.state, "done")

    # -- exactly once ---------------------------------------------------------------

    def test_order_billed_meanwhile_is_named_and_not_billed_twice(self):
        run = self._begin(self.orders)
        other = self.orders[2]
        other.with_user(self.clerk).action_create_next_invoice()
        self._continue()
        self.assertEqual(self.orders.mapped("invoice_count"), [1, 1, 1])
        item = self._get_item(run, other)
        self.assertEqual(item.state, "failed")
        self.assertIn(f"{other.name} has nothing left to invoice", item.note)

    def test_two_runs_over_the_same_orders_bill_them_once(self):
        first, second = self._begin(self.orders), self._begin(self.orders)
        self._continue()
        self.assertEqual((first.state, second.state), ("done", "done_with_errors"))
        self.assertEqual(self.orders.mapped("invoice_count"), [1, 1, 1])

    def test_what_is_done_is_not_done_again(self):
        run = self._begin(self.orders)
        run._as_its_user().item_ids._execute()
        run._as_its_user().item_ids._execute()
        self.assertEqual(self.orders.mapped("invoice_count"), [1, 1, 1])

    def test_conflict_with_another_transaction_undoes_the_batch_and_is_tried_again(
        self,
    ):
        run = self._begin(self.orders)
        items = self.env.registry["service.billing.run.item"]
        execute, left = items._execute, [1]

        def meet(records):
            execute(records)
            if left:
                left.pop()
                raise SerializationFailure("could not serialize access")

        savepoint = self.env.cr.savepoint()
        with (
            patch.object(items, "_execute", meet),
            patch.object(self.env.cr, "rollback", savepoint.rollback),
            patch(f"{MIXIN}.CONFLICT_SECONDS", 0),
        ):
            run._as_its_user()._process(60)
        self.assertFalse(left)
        self.env.invalidate_all()
        self.assertEqual(run.state, "done")
        self.assertEqual(self.orders.mapped("invoice_count"), [1, 1, 1])

    def test_batch_has_as_many_documents_as_a_user_waits_for(self):
        run = self._begin(self.orders)
        self.assertEqual(run._get_next_batch(), run.item_ids[:2])
        with patch(f"{RUN}.INLINE_DOCUMENTS", 3):
            self.assertEqual(run._get_next_batch(), run.item_ids)

    # -- Stop and Continue ----------------------------------------------------------

    def test_stopped_run_goes_on_in_the_name_of_who_continues_it(self):
        run = self._begin(self.orders)
        run._as_its_user().item_ids[0]._execute()
        run.with_user(self.clerk).action_stop()
        self._continue()
        self.assertEqual((run.state, run.left_count), ("stopped", 2))
        self.assertTrue(run.end_date)
        run.with_user(self.authorizer).action_retry_failed()
        self.assertEqual((run.state, run.user_id), ("running", self.authorizer))
        self.assertFalse(run.end_date)
        self._continue()
        self.assertEqual(run.state, "done")
        self.assertEqual(self.orders.mapped("invoice_count"), [1, 1, 1])

    def test_buttons_are_refused_where_they_make_no_sense(self):
        run = self._begin(self.orders).with_user(self.clerk)
        with self.assertRefused(UserError, "is Running"):
            run.action_retry_failed()
        self._continue()
        with self.assertRefused(UserError, "is Done"):
            run.action_stop()
        with self.assertRefused(UserError, "is Done"):
            run.action_retry_failed()
        run.sudo().state = "stopped"
        with self.assertRefused(UserError, "Nothing of run .* failed or is left"):
            run.action_retry_failed()
        with (
            patch.object(self.runs, "try_lock_for_update", lambda runs: runs[:0]),
            self.assertRefused(UserError, "worked on by somebody else"),
        ):
            run.action_retry_failed()

    # -- what is seen of it ---------------------------------------------------------

    def test_run_says_what_is_done_failed_and_left_and_how_fast(self):
        """A document in five seconds: twelve a minute; one more needs five seconds."""
        run = self._begin(self.orders)
        self.assertFalse(run.expected_end)
        run._as_its_user().item_ids[0]._execute()
        run.item_ids[1].sudo().write({"state": "failed"})
        now = fields.Datetime.now()
        run.sudo().begin_date = now - timedelta(seconds=10)
        with patch.object(fields.Datetime, "now", lambda: now):
            self.env.invalidate_all()
            self.assertRecordValues(
                run,
                [
                    {
                        "group_count": 3,
                        "done_count": 1,
                        "failed_count": 1,
                        "left_count": 1,
                        "speed_text": "12 documents per minute",
                        "expected_end": now + timedelta(seconds=5),
                    }
                ],
            )

    def test_run_that_nobody_takes_up_says_so(self):
        run = self._begin(self.orders)
        self.assertFalse(run.idle_note)
        self.cron.active = False
        run.invalidate_recordset()
        self.assertIn("go on with billing runs” is inactive", run.idle_note)

    # -- rights and companies -------------------------------------------------------

    def test_runs_are_made_and_changed_by_buttons_alone(self):
        run = self._begin(self.orders).with_user(self.authorizer)
        for change in (
            lambda: run.write({"state": "done"}),
            lambda: run.item_ids.write({"state": "done"}),
            lambda: run.copy(),
            run.unlink,
            run.item_ids.unlink,
        ):
            with self.assertRefused(AccessError):
                change()

    def test_advisors_have_no_billing_runs(self):
        run = self._begin(self.orders).with_user(self.advisor)
        for name in ("action_stop", "action_retry_failed", "action_view_invoices"):
            with self.subTest(name), self.assertRefused(AccessError):
                getattr(run, name)()
        with self.assertRefused(AccessError):
            self.orders.with_user(self.advisor).action_create_invoices()

    def test_auditors_see_runs_and_stop_none(self):
        auditor = new_test_user(
            self.env,
            "auditor",
            "account.group_account_readonly",
            company_id=self.env.company.id,
            company_ids=[Command.set(self.env.company.ids)],
        )
        run = self._begin(self.orders).with_user(auditor)
        self.assertEqual(run.left_count, 3)
        with self.assertRefused(AccessError):
            run.action_stop()

    def test_each_company_has_a_run_that_the_other_does_not_see(self):
        company = self.env.company
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": company.id}
        )
        self.env.cr.precommit.run()
        both = (company | branch).ids
        clerk = new_test_user(
            self.env,
            "clerk_of_both",
            "service_invoicing.group_service_billing",
            company_id=company.id,
            company_ids=[Command.set(both)],
        )
        orders = self.orders[:2]
        lines = [Command.create({"product_id": self.part.id, "price_unit": 40})]
        orders += orders.with_company(branch).create(
            {"partner_id": self.customer.id, "line_ids": lines}
        )
        orders[2].action_submit_check()
        orders[2].action_confirm_check()
        action = (
            orders.with_user(clerk)
            .with_context(allowed_company_ids=both)
            .action_create_invoices()
        )
        runs = self.env["service.billing.run"].sudo().search(action["domain"])
        runs = runs.sorted("id")
        self.assertEqual(runs.mapped("company_id.id"), both)
        self._continue()
        self.assertEqual(runs.mapped("state"), ["done"] * 2)
        for run in runs:
            self.assertEqual(run.item_ids.move_ids.company_id, run.company_id)
        seen = self.env["service.billing.run"].with_user(self.clerk)
        self.assertEqual(seen.search([]), runs[:1])
        self.assertEqual(seen.item_ids.search([]), runs[0].item_ids)
        with self.assertRefused(AccessError):
            runs[1].with_user(self.clerk).action_view_invoices()


@tagged("post_install", "-at_install")
class TestCreditRun(BillingRunCommon):
    """Three authorized invoices of 10, 20 and 30; more than two are many."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        orders = cls._new_checked_orders(10, 20, 30)
        cls.moves = orders._create_invoices()
        cls.moves.action_service_authorize()

    def _credit(self, moves, **vals):
        """Fill in the dialog and press its button."""
        action = moves.with_user(self.clerk).action_service_credit()
        dialog = self.env[action["res_model"]].browse(action["res_id"])
        dialog = dialog.with_user(self.clerk)
        dialog.write({"reason": "Wrong price", **vals})
        return dialog.action_apply()

    def test_few_invoices_are_credited_at_once(self):
        action = self._credit(self.moves[:2])
        credits = self._get_documents(action)
        self.assertEqual(credits.reversed_entry_id, self.moves[:2])
        self.assertFalse(self.env["service.billing.run"].search_count([]))

    def test_many_invoices_are_credited_in_the_background(self):
        run = self._get_run(
            self._credit(self.moves, date="2026-11-20", effect="closed")
        )
        self.assertEqual((run.kind, run.left_count), ("credits", 3))
        self.assertFalse(self.moves.reversal_move_ids)
        self._continue()
        self.assertEqual((run.state, run.invoice_count), ("done", 3))
        for item in run.item_ids:
            self.assertRecordValues(
                item.move_ids,
                [
                    {
                        "move_type": "out_refund",
                        "reversed_entry_id": item.credited_move_id.id,
                        "amount_untaxed": item.credited_move_id.amount_untaxed,
                        "partner_id": item.partner_id.id,
                        "invoice_date": fields.Date.to_date("2026-11-20"),
                        "service_credit_reason": "Wrong price",
                        "service_credit_effect": "closed",
                        "create_uid": self.clerk.id,
                    }
                ],
            )

    def test_many_invoices_named_by_a_program_are_credited_in_the_background(self):
        moves = self.moves.with_user(self.clerk)
        run = self._get_run(
            moves.action_service_credit(reason="Wrong", date="2026-11-20", free=False)
        )
        self.assertEqual(run.item_ids.credited_move_id, self.moves)
        self.assertRecordValues(
            run,
            [
                {
                    "kind": "credits",
                    "credit_reason": "Wrong",
                    "credit_date": fields.Date.to_date("2026-11-20"),
                    "credit_effect": "closed",
                }
            ],
        )
        self.assertFalse(self.moves.reversal_move_ids)
        with self.assertRaises(UserError):
            moves.action_service_credit(reason="Wrong", line_ids=[])

    def test_invoice_that_cannot_be_credited_any_more_is_named(self):
        run = self._get_run(self._credit(self.moves))
        bad = self.moves[1]
        self._credit(bad)
        self._continue()
        self.assertEqual((run.done_count, run.failed_count), (2, 1))
        item = self._get_item(run, bad)
        self.assertEqual((item.state, item.display_name), ("failed", bad.display_name))
        self.assertIn(bad.service_number, item.note)
        self.assertEqual(item.action_open_documents()["res_id"], bad.id)
        self.assertEqual(len(self.moves.reversal_move_ids), 3)
