from unittest.mock import Mock, patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools.misc import Callbacks

from ...tools.attempt import attempt
from ..common import ServiceInvoicingCommon
from ..common_sending import SendingMixin


@tagged("post_install", "-at_install")
class TestSendingInBulk(SendingMixin, ServiceInvoicingCommon):
    """Of the invoices of a list each is sent or named; sending again sends the rest."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # No server answers while tests run: prints have their text without styles.
        params = cls.env["ir.config_parameter"].sudo()
        params.set_param("report.url", "http://127.0.0.1:9")
        for number, partner in enumerate((cls.customer, cls.sponsor, cls.insurer)):
            partner.email = f"payer{number}@example.com"
        cls.first, cls.second, cls.third = cls.moves = (
            cls._new_invoice(cls.customer)
            + cls._new_invoice(cls.sponsor)
            + cls._new_invoice(cls.insurer)
        )

    @classmethod
    def _new_invoice(cls, partner, company=None):
        """An authorized invoice of 100, without tax."""
        moves = cls.env["account.move"].with_company(company or cls.env.company)
        move = moves.create(
            {
                "move_type": "out_invoice",
                "service_invoice_type": "service",
                "partner_id": partner.id,
                "invoice_line_ids": [
                    Command.create({"name": "Labour", "price_unit": 100, "tax_ids": []})
                ],
            }
        )
        move.action_service_save()
        move.action_service_authorize()
        return move

    def assertSent(self, *expected):
        """Whether each of the three counts as sent."""
        self.assertEqual(self.moves.mapped("is_move_sent"), list(expected))

    # -- a list, and the list again ---------------------------------------------

    def test_payer_without_address_is_named_and_stops_nobody(self):
        self.sponsor.email = False
        self._send_from_list(self.moves)
        self.assertSent(True, False, True)
        self.assertEqual(self._count_mails(self.moves), [1, 0, 1])
        self.assertIn("Sponsor has no e-mail address", self._read_chatter(self.second))
        self.assertNotIn("no e-mail", self._read_chatter(self.first))
        self.assertFalse(any(self.moves.mapped("sending_data")))

    def test_sender_is_told_of_what_failed_and_of_what_was_sent(self):
        self.sponsor.email = False
        told = []
        partners = self.env.registry["res.partner"]

        def tell(partner, kind, message, *args, **kwargs):
            if kind == "account_notification":
                ids = message["action_button"]["res_ids"]
                told.append((partner, message["type"], sorted(ids)))

        with patch.object(partners, "_bus_send", tell):
            self._send_from_list(self.moves)
        sender = self.env.user.partner_id
        self.assertEqual(
            sorted(told, key=str),
            sorted(
                [
                    (sender, "success", sorted((self.first + self.third).ids)),
                    (sender, "warning", self.second.ids),
                ],
                key=str,
            ),
        )

    def test_the_same_list_again_sends_only_what_failed(self):
        self.sponsor.email = False
        self._send_from_list(self.moves)
        self.sponsor.email = "now@example.com"
        self._send_from_list(self.moves)
        self.assertSent(True, True, True)
        self.assertEqual(self._count_mails(self.moves), [1, 1, 1])
        with self.assertRaisesRegex(UserError, "All these documents were sent"):
            self._send_from_list(self.moves)

    def test_what_was_sent_is_sent_once_more_to_who_wants_it(self):
        self._send_from_list(self.moves)
        self._send_from_list(self.moves, service_send_again=True)
        self.assertEqual(self._count_mails(self.moves), [2, 2, 2])

    def test_dialog_says_how_many_were_sent_before(self):
        self._send_from_list(self.first + self.second)
        wizard = self.env["account.move.send.batch.wizard"].with_context(
            active_model="account.move", active_ids=self.moves.ids
        )
        self.assertEqual(wizard.create({}).service_sent_count, 2)

    def test_changed_document_was_not_sent_yet(self):
        self._send_from_list(self.moves)
        self.first.button_draft()
        self.first.action_service_save()
        self.first.action_service_authorize()
        self._send_from_list(self.moves)
        self.assertEqual(self._count_mails(self.moves), [2, 1, 1])

    def test_unexpected_error_of_one_is_named_and_stops_nobody(self):
        with self._fail_sending(self.second, ValueError("odd")), self._quiet():
            self._send_from_list(self.moves)
        self.assertSent(True, False, True)
        self.assertEqual(self._count_mails(self.moves), [1, 0, 1])
        self.assertIn("odd", self._read_chatter(self.second))
        self.assertFalse(any(self.moves.mapped("sending_data")))
        self._send_from_list(self.moves)
        self.assertEqual(self._count_mails(self.moves), [1, 1, 1])

    def test_what_a_web_service_refuses_is_named_and_not_sent(self):
        model = self.env.registry["account.move.send"]
        original = model._call_web_service_after_invoice_pdf_render

        def refuse(send, data_by_move):
            original(send, data_by_move)
            for move, data in data_by_move.items():
                if move == self.second:
                    data["error"] = {"error_title": "The receiver is not ready."}

        name = "_call_web_service_after_invoice_pdf_render"
        with patch.object(model, name, refuse):
            self._send_from_list(self.moves)
        self.assertSent(True, False, True)
        self.assertEqual(self._count_mails(self.moves), [1, 0, 1])
        self.assertIn("receiver is not ready", self._read_chatter(self.second))

    def _hand_over(self, log, commit=False):
        """A web service takes each document; core commits what it took.

        :param list log: ids of what is handed over are appended
        """
        model = self.env.registry["account.move.send"]
        original = model._call_web_service_after_invoice_pdf_render

        def take(send, data_by_move):
            original(send, data_by_move)
            log.extend(move.id for move in data_by_move)
            if commit:
                send.env.cr.postcommit.run()
                send.env.cr.commit()

        name = "_call_web_service_after_invoice_pdf_render"
        return patch.object(model, name, take)

    def test_each_is_handed_over_to_a_web_service_once(self):
        taken = []
        with (
            self._hand_over(taken),
            self._fail_sending(self.second, ValueError("odd")),
            self._quiet(),
        ):
            self._send_from_list(self.moves)
        self.assertEqual(sorted(taken), sorted(self.moves.ids))
        self.assertSent(True, False, True)

    def test_what_a_web_service_took_keeps_its_files_though_its_mail_fails(self):
        """By the files core knows that it was handed over."""
        taken = []
        with (
            self._hand_over(taken, commit=True),
            self._fail_sending(self.second, ValueError("odd")),
            self._quiet(),
        ):
            self._send_from_list(self.moves)
        self.assertSent(True, False, True)
        self.assertEqual(self._count_mails(self.moves), [1, 0, 1])
        self.assertIn("odd", self._read_chatter(self.second))
        self.assertFalse(any(self.moves.mapped("sending_data")))
        print_file = self.second.invoice_pdf_report_id
        self.assertTrue(print_file)
        self._send_from_list(self.moves)
        self.assertSent(True, True, True)
        self.assertEqual(self.second.invoice_pdf_report_id, print_file)

    # -- other ways than e-mail -------------------------------------------------

    def _choose_ways(self, *ways, fitting=()):
        """How the sponsor wants his invoices, and which of it can be done besides."""
        model = self.env.registry["account.move.send"]
        default, applies = (
            model._get_default_sending_methods,
            model._is_applicable_to_move,
        )

        def choose(send, move):
            is_his = move.partner_id == self.sponsor
            return set(ways) if is_his else default(send, move)

        def check(send, way, move, **data):
            if way == "network":
                return way in fitting
            return applies(send, way, move, **data)

        return patch.multiple(
            model, _get_default_sending_methods=choose, _is_applicable_to_move=check
        )

    def test_payer_who_gets_it_another_way_needs_no_address(self):
        self.sponsor.email = False
        with self._choose_ways("email", "network", fitting=["network"]):
            self._send_from_list(self.moves)
        self.assertSent(True, True, True)
        self.assertEqual(self._count_mails(self.moves), [1, 0, 1])

    def test_what_is_to_be_downloaded_goes_to_nobody_in_the_background(self):
        """The scheduler is no user who takes the file and hands it on."""
        self.sponsor.invoice_sending_method = "manual"
        self._send_from_list(self.moves)
        self.assertSent(True, False, True)
        self.assertEqual(self._count_mails(self.moves), [1, 0, 1])
        self.assertIn("Sponsor wants no invoices", self._read_chatter(self.second))
        # neither does it stand for a missing address
        self.sponsor.email = False
        with self._choose_ways("email", "manual"):
            self._send_from_list(self.moves)
        self.assertSent(True, False, True)
        self.assertIn("Sponsor has no e-mail address", self._read_chatter(self.second))

    def test_who_downloads_a_document_has_it(self):
        self.sponsor.invoice_sending_method = "manual"
        send = self.env["account.move.send"]
        send._generate_and_send_invoices(self.second)
        self.assertTrue(self.second.is_move_sent)
        send._generate_and_send_invoices(self.first, sending_methods=[])
        self.assertTrue(self.first.invoice_pdf_report_id)

    def test_way_that_does_not_lead_to_the_payer_is_named_and_not_sent(self):
        with self._choose_ways("network"):
            self._send_from_list(self.moves)
            self.assertSent(True, False, True)
            self.assertIn("Sponsor (network)", self._read_chatter(self.second))
            send = self.env["account.move.send"]
            with self.assertRaisesRegex(UserError, "cannot be sent the way chosen"):
                send._generate_and_send_invoices(self.second)

    def test_what_went_another_way_stays_sent_when_the_list_is_sent_again(self):
        """Core does not hand over what a web service took before."""
        with self._choose_ways("network", fitting=["network"]):
            self._send_from_list(self.moves)
        with self._choose_ways("network"):
            self._send_from_list(self.moves)
        self.assertSent(True, True, True)
        self.assertNotIn("cannot be sent", self._read_chatter(self.second))

    def test_credit_memo_between_invoices_is_sent_too(self):
        credit = self._get_documents(
            self.second.action_service_credit(reason="Returned")
        )
        self.assertEqual(credit.state, "posted")
        self._send_from_list(self.first + credit + self.third)
        self.assertEqual(self._count_mails(self.first + credit + self.third), [1, 1, 1])

    def test_invoices_of_two_companies_go_out_together(self):
        other = self.setup_other_company()["company"]
        self.env.user.company_ids |= other
        foreign = self._new_invoice(self.sponsor, other)
        self.customer.email = False
        moves = (self.first + foreign).with_context(
            allowed_company_ids=(self.env.company | other).ids
        )
        self._send_from_list(moves)
        self.assertEqual(moves.mapped("is_move_sent"), [False, True])
        self.assertEqual(self._count_mails(moves), [0, 1])

    def test_who_may_not_change_invoices_sends_none(self):
        with self.assertRaises(AccessError):
            self._send_from_list(self.moves.with_user(self.advisor))
        self.assertFalse(any(self.moves.mapped("sending_data")))

    # -- the mail server --------------------------------------------------------

    def _send_without_mail_server(self):
        with self._without_mail_server():
            self._send_from_list(self.moves)
            self._run_mail_queue(self.moves)

    def test_what_the_mail_server_refuses_is_not_sent(self):
        self._send_without_mail_server()
        self.assertSent(False, False, False)
        self.assertEqual(self._count_mails(self.moves), [0, 0, 0])
        self._send_from_list(self.moves)
        self.assertSent(True, True, True)
        self.assertEqual(self._count_mails(self.moves), [1, 1, 1])
        # nobody tries the first ones once more
        self.assertFalse(self._find_mails(self.first, "exception"))
        self.assertEqual(len(self._find_mails(self.first, "cancel")), 1)

    def test_what_comes_back_is_not_sent(self):
        self._send_from_list(self.moves)
        self._come_back(self.second)
        self.assertSent(True, False, True)
        self._send_from_list(self.moves)
        self.assertEqual(self._count_mails(self.moves), [1, 2, 1])

    def test_what_is_tried_once_more_counts_as_sent(self):
        self._send_without_mail_server()
        self._find_mails(self.first, "exception").action_retry()
        self.assertSent(True, False, False)
        self._send_from_list(self.moves)
        self.assertEqual(self._count_mails(self.moves), [1, 1, 1])

    def test_who_was_reached_does_not_get_it_twice(self):
        """Of two who get the invoice one was not reached."""
        colleague = self._new_partner("Colleague", email="colleague@example.com")
        with patch.object(
            self.env.registry["account.move.send"],
            "_get_default_mail_partner_ids",
            lambda send, move, *args: move.partner_id + colleague,
        ):
            self._send_from_list(self.moves)
            self._find_mails(self.second)._postprocess_sent_message(
                success_pids=[self.sponsor],
                success_emails=[],
                failure_type="mail_email_invalid",
            )
            self.assertSent(True, False, True)
            self._send_from_list(self.moves)
        self.assertSent(True, True, True)
        self.assertEqual(self.second.service_mail_id.partner_ids, colleague)

    def test_copy_to_a_follower_that_fails_does_not_count(self):
        follower = self._new_partner("Follower", email="follower@example.com")
        self.first.message_subscribe(follower.ids)
        self._send_from_list(self.moves)
        notification = self.first.service_mail_id.sudo().notification_ids.filtered(
            lambda one: one.res_partner_id == follower
        )
        self.assertTrue(notification)
        notification.write({"notification_status": "bounce"})
        self.assertSent(True, True, True)

    # -- others, and what holds all of it ---------------------------------------

    def test_ordinary_invoices_are_sent_as_core_does(self):
        self.customer.email = False
        move = self.init_invoice(
            "out_invoice", self.customer, products=self.product_a, post=True
        )
        self._send_from_list(move + self.second)
        self.assertTrue(move.is_move_sent)
        self.assertFalse(move.service_mail_id)
        self.assertTrue(self.second.is_move_sent)

    def test_which_mail_sent_a_document_is_not_typed(self):
        self._send_from_list(self.moves)
        with self.assertRaises(UserError):
            self.first.service_mail_id = self.second.service_mail_id

    def test_what_a_web_service_took_is_kept_and_what_failed_after_is_undone(self):
        """Core commits when a web service has taken a document: savepoints are gone."""
        cr = self.env.cr

        def hand_over():
            cr.postcommit.run()

        def fail():
            hand_over()
            raise ValueError("jam")

        with (
            patch.object(cr, "postcommit", Callbacks()),
            patch.object(cr, "rollback", Mock()) as rollback,
            self._quiet(),
        ):
            self.assertEqual(attempt(self.first, hand_over), "")
            rollback.assert_not_called()
            self.assertIn("jam", attempt(self.first, fail))
            rollback.assert_called_once()
