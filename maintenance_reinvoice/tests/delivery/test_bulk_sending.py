from contextlib import suppress
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.service_invoicing.tests.common_sending import SendingMixin

from ...models.delivery import maintenance_reinvoice_log_send as send_module
from ..common_documents import DocumentsCommon


class Killed(BaseException):
    """The server is gone in the middle of its work."""


@tagged("post_install", "-at_install")
class TestBulkSending(SendingMixin, DocumentsCommon):
    """What a run sends: each invoice once, and who is not reached is named."""

    def assertStates(self, *expected):
        """State of sending of the two, and what their invoices say."""
        logs = self.log_a + self.log_b
        self.assertEqual(logs.mapped("send_state"), list(expected))
        sent = [state == "done" for state in expected]
        self.assertEqual(logs.move_id.mapped("is_move_sent"), sent)

    def assertMails(self, *expected):
        """Number of e-mails on their way with the two invoices."""
        self.assertEqual(self._count_mails(self.move_a + self.move_b), list(expected))

    def assertCounts(self, sent, failed, left):
        """What the run says of its two invoices."""
        run = self.mass_run
        others = run.unsent_count - run.send_failed_count
        self.assertEqual(
            (run.sent_count, run.send_failed_count, others), (sent, failed, left)
        )

    def _get_message(self, action):
        return action["params"]["message"]

    # -- what failed, and what is left -------------------------------------------

    def test_run_counts_what_is_sent_failed_and_left(self):
        self.assertCounts(0, 0, 2)
        self.customer.email = False
        message = self._get_message(self.mass_run.action_send())
        self.assertStates("failed", "done")
        self.assertCounts(1, 1, 0)
        self.assertIn(f"{self.move_a.name}: Customer has no e-mail address", message)
        self.assertNotIn(self.move_b.name, message)

    def test_button_opens_what_is_not_sent(self):
        self.customer.email = False
        self.mass_run.action_send()
        action = self.mass_run.action_view_unsent()
        logs = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(logs, self.log_a)

    def test_mended_only_those_go_that_failed(self):
        self.customer.email = False
        self.mass_run.action_send()
        self.assertMails(0, 1)
        self.customer.email = "now@example.com"
        message = self._get_message(self.mass_run.action_send())
        self.assertIn("1 of 1 sent", message)
        self.assertStates("done", "done")
        self.assertMails(1, 1)
        self.assertCounts(2, 0, 0)

    def test_run_of_one_invoice_sends_it_once(self):
        permission = self._create_closed(self.vehicle_a, [{"purchase_price": 100.0}])
        run = self._execute_run(permission)
        run.action_send()
        with self.assertRaisesRegex(UserError, "All these invoices are sent"):
            run.action_send()
        self.assertEqual(self._count_mails(run.log_ids.move_id), [1])

    def test_invoice_on_hold_is_left_out_with_the_reason(self):
        self.move_a.action_toggle_block_payment()
        message = self._get_message(self.mass_run.action_send())
        self.assertIn(f"{self.move_a.name}: It is on hold.", message)
        self.assertStates("none", "done")
        self.assertCounts(1, 0, 1)
        self.move_a.action_toggle_block_payment()
        self.mass_run.action_send()
        self.assertStates("done", "done")
        self.assertMails(1, 1)

    def test_invoice_that_is_not_posted_is_left_out_with_the_reason(self):
        self.company.maintenance_mass_account_id = False
        permission_a = self._create_closed(self.vehicle_a, [{"purchase_price": 100.0}])
        permission_b = self._create_closed(self.vehicle_b, [{"purchase_price": 200.0}])
        run = self._execute_run(permission_a + permission_b)
        draft, posted = run.log_ids.sorted("amount")
        posted.move_id.action_post()
        message = self._get_message(run.action_send())
        self.assertIn("It is not posted.", message)
        self.assertEqual(draft.send_state, "none")
        self.assertEqual(posted.send_state, "done")
        self.assertEqual((run.sent_count, run.unsent_count), (1, 0))

    def test_credit_note_of_a_run_is_sent_among_its_invoices(self):
        """100 less 300: the second customer gets a credit note of 200."""
        permission_a = self._create_closed(self.vehicle_a, [{"purchase_price": 100.0}])
        permission_b = self._create_closed(
            self.vehicle_b, [{"purchase_price": 100.0}, {"purchase_price": -300.0}]
        )
        run = self._execute_run(permission_a + permission_b)
        moves = run.log_ids.move_id.sorted("move_type")
        self.assertEqual(moves.mapped("move_type"), ["out_invoice", "out_refund"])
        run.action_send()
        self.assertEqual(run.sent_count, 2)
        self.assertEqual(self._count_mails(moves), [1, 1])

    def test_customer_by_hand_has_it_when_it_is_printed(self):
        self.customer.with_company(self.company).invoice_sending_method = "manual"
        self.mass_run.action_send()
        self.assertStates("manual", "done")
        self.mass_run.action_download_zip()
        self.assertTrue(self.move_a.is_move_sent)

    def test_what_was_sent_from_the_invoice_is_not_sent_by_the_run(self):
        wizard = self.env["account.move.send.wizard"].create(
            {"move_id": self.move_a.id, "sending_methods": ["email"]}
        )
        wizard.action_send_and_print()
        self.assertEqual(self.log_a.send_state, "done")
        self.mass_run.action_send()
        self.assertMails(1, 1)

    def test_unexpected_error_of_one_stops_nobody(self):
        with self._fail_sending(self.move_a, ValueError("odd")), self._quiet():
            self.mass_run.action_send()
        self.assertStates("failed", "done")
        self.assertIn("odd", self.log_a.send_error)
        self.assertEqual(self.log_a.note_text, self.log_a.send_error)
        self.assertMails(0, 1)
        self.mass_run.action_send()
        self.assertStates("done", "done")
        self.assertMails(1, 1)

    # -- the mail server --------------------------------------------------------

    def test_what_the_mail_server_refuses_is_not_sent(self):
        with self._without_mail_server():
            message = self._get_message(self.mass_run.action_send())
        self.assertStates("failed", "failed")
        self.assertCounts(0, 2, 0)
        self.assertIn("first@example.com: Connection failed", message)
        self.assertMails(0, 0)
        self.mass_run.action_send()
        self.assertStates("done", "done")
        self.assertMails(1, 1)
        self.assertFalse(self._find_mails(self.move_a, "exception"))

    def test_what_comes_back_is_not_sent(self):
        self.mass_run.action_send()
        self._come_back(self.move_a)
        self.assertStates("failed", "done")
        self.assertIn("Bounce", self.log_a.send_error)
        self.customer.email = "right@example.com"
        self.mass_run.action_send()
        self.assertStates("done", "done")
        self.assertMails(2, 1)

    def test_what_is_tried_once_more_is_not_sent_by_the_run(self):
        with self._without_mail_server():
            self.mass_run.action_send()
        self._find_mails(self.move_a, "exception").action_retry()
        self.assertStates("done", "failed")
        self.mass_run.action_send()
        self.assertMails(1, 1)

    def test_who_was_reached_does_not_get_it_twice(self):
        """Of two who get the invoice one was not reached."""
        colleague = self._create_partner("Colleague", email="colleague@example.com")
        both = self.customer + colleague
        with patch.object(
            self.env.registry["account.move.send"],
            "_get_default_mail_partner_ids",
            lambda *args: both,
        ):
            self.log_a.action_send()
            self._find_mails(self.move_a)._postprocess_sent_message(
                success_pids=[self.customer],
                success_emails=[],
                failure_type="mail_email_invalid",
            )
            self.assertEqual(self.log_a.send_state, "failed")
            self.assertIn("Colleague was not reached", self.log_a.send_error)
            self.assertNotIn("Customer", self.log_a.send_error)
            self.mass_run.action_send()
        self.assertEqual(self.log_a.send_state, "done")
        self.assertEqual(self.move_a.service_mail_id.partner_ids, colleague)

    # -- in the background ------------------------------------------------------

    def _send_many(self):
        """As if the two were more than one batch."""
        with patch.object(send_module, "BATCH_SIZE", 1):
            return self.mass_run.action_send()

    def test_many_are_sent_in_the_background_at_once(self):
        self.customer.email = False
        message = self._get_message(self._send_many())
        self.assertIn("2 are sent in the background", message)
        self.assertStates("waiting", "waiting")
        self.assertEqual(self.mass_run.send_waiting_count, 2)
        self.assertMails(0, 0)
        self._deliver_in_background()
        self.assertStates("failed", "done")
        self.assertMails(0, 1)
        # who asked finds it on the run
        found = self._read_chatter(self.mass_run)
        self.assertIn("1 sent, 1 failed, 0 left", found)
        self.assertIn(f"{self.move_a.name}: Customer has no e-mail address", found)

    def test_what_the_queue_cannot_hand_over_is_not_sent(self):
        """E-mails of scheduled jobs wait for the queue, which fails later."""
        self._send_many()
        self._deliver_in_background()
        self.assertStates("done", "done")
        with self._without_mail_server():
            self._run_mail_queue(self.move_a)
        self.assertStates("failed", "done")
        self.assertCounts(1, 1, 0)

    def test_sending_is_stopped_and_goes_on(self):
        self._send_many()
        message = self._get_message(self.mass_run.action_stop_sending())
        self.assertIn("2 invoices are left unsent", message)
        self._deliver_in_background()
        self.assertStates("none", "none")
        self.assertMails(0, 0)
        self._send_many()
        self._deliver_in_background()
        self.assertStates("done", "done")
        self.assertMails(1, 1)

    def test_what_is_sent_from_a_list_meanwhile_is_not_sent_again(self):
        """The first is sent while both wait for the scheduler."""
        self._send_many()
        self._send_from_list(self.move_a)
        self.assertStates("done", "waiting")
        self.assertMails(1, 0)
        self._deliver_in_background()
        self.assertStates("done", "done")
        self.assertMails(1, 1)

    def test_what_is_sent_meanwhile_in_vain_is_sent_by_the_run(self):
        self._send_many()
        wizard = self.env["account.move.send.wizard"].create(
            {"move_id": self.move_a.id, "sending_methods": ["email"]}
        )
        with self._without_mail_server():
            wizard.action_send_and_print()
        self.assertStates("waiting", "waiting")
        self._deliver_in_background()
        self.assertStates("done", "done")
        self.assertMails(1, 1)

    def test_scheduler_finds_nothing_waiting_that_is_being_handed_over(self):
        """A web service commits: whoever starts then gets the lock."""
        logs, begun = type(self.log_a), []
        send = logs._send

        def send_while_another_starts(log):
            if log not in begun:
                begun.append(log)
                log._send_waiting()
            send(log)

        with patch.object(logs, "_send", send_while_another_starts):
            self.mass_run.action_send()
        self.assertEqual(len(begun), 2)
        self.assertStates("done", "done")
        self.assertMails(1, 1)

    def test_what_went_out_before_the_server_was_killed_is_not_sent_again(self):
        """Savepoints stand for what is committed: the first is sent, then the server
        is killed in the middle of the second."""
        logs, run = type(self.log_a), type(self.mass_run)
        send, sent, savepoints = logs._send, [], []

        def send_or_die(log):
            send(log)
            sent.append(log)
            if len(sent) == 2:
                raise Killed()

        def commit(runs):
            savepoints.append(self.env.cr.savepoint())

        with (
            patch.object(logs, "_send", send_or_die),
            patch.object(run, "_commit_batch", commit),
            suppress(Killed),
        ):
            self.mass_run.action_send()
        savepoints[-1].rollback()
        self.env.invalidate_all()
        first, second = sent
        self.assertEqual([first.send_state, second.send_state], ["done", "waiting"])
        self._deliver_in_background()
        self.assertStates("done", "done")
        self.assertMails(1, 1)

    # -- rights and companies ---------------------------------------------------

    def test_who_may_not_run_stops_no_sending(self):
        self._send_many()
        user = self._create_user(
            "maintenance_reinvoice.group_maintenance_approver,"
            "account.group_account_invoice"
        )
        with self.assertRaises(UserError):
            self.mass_run.with_user(user).action_stop_sending()
        self.assertStates("waiting", "waiting")

    def test_other_company_sends_nothing_of_this_one(self):
        other = self.setup_other_company()["company"]
        user = self._create_user("maintenance_reinvoice.group_maintenance_reinvoice")
        user.sudo().write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        with self.assertRaises(AccessError):
            self.log_a.with_user(user).action_send()
        self.assertMails(0, 0)

    def test_invoices_of_two_companies_go_out_together(self):
        """The other lessor has no clearing account: his invoice is posted by hand."""
        other = self.setup_other_company()["company"]
        self.vehicle_a.sudo().company_id = False
        abroad = self._create_abroad(other, self.vehicle_a)
        run = abroad.env["maintenance.reinvoice.run"].create(
            {"posting_date": "2026-10-31"}
        )
        run.action_execute()
        run.log_ids.move_id.action_post()
        logs = (self.log_b + run.log_ids).with_context(
            allowed_company_ids=(self.company | other).ids
        )
        self.second.email = False
        logs.action_send()
        self.assertEqual(logs.mapped("send_state"), ["failed", "done"])
        self.assertEqual(self._count_mails(logs.move_id), [0, 1])
        mail = self._find_mails(logs[1].move_id)
        self.assertEqual(mail.record_company_id, other)
