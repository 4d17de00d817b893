from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common_documents import DocumentsCommon


@tagged("post_install", "-at_install")
class TestSending(DocumentsCommon):
    """Each customer gets his invoice with its attachment, or is named."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mass_run.log_ids._make_documents(["invoice", "attachment"])

    def _drop_attachment(self, move):
        """As if it had not been printed yet."""
        move.maintenance_attachment_id.sudo().unlink()
        move.invalidate_recordset()

    # -- sending ----------------------------------------------------------------

    def test_invoice_is_sent_with_its_attachment(self):
        action = self.mass_run.action_send()
        self.assertIn("2 of 2 sent", action["params"]["message"])
        self.assertEqual(set(self.mass_run.log_ids.mapped("send_state")), {"done"})
        mail = self._get_mail(self.move_a)
        self.assertEqual(mail.partner_ids, self.customer)
        # core sends them in no certain order
        sent = self.move_a.invoice_pdf_report_id | self.move_a.maintenance_attachment_id
        self.assertEqual(
            {file.name: file.raw for file in mail.attachment_ids},
            {file.name: file.raw for file in sent},
        )
        self.assertTrue(self.move_a.is_move_sent)

    def test_mail_of_a_run_asks_for_what_is_due(self):
        """Of 492.00 the customer has paid 92.00."""
        self.assertEqual(self.move_a.amount_total, 492)
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=self.move_a.ids
        )
        wizard.create({"amount": 92})._create_payments()
        self.mass_run.action_send()
        body = self._get_mail(self.move_a).body
        self.assertIn("400.00", body)
        self.assertNotIn("492.00", body)

    def test_customer_without_address_is_named_and_stops_nobody(self):
        self.customer.email = False
        action = self.mass_run.action_send()
        message = action["params"]["message"]
        self.assertIn("1 of 2 sent", message)
        self.assertIn("Customer has no e-mail address", message)
        self.assertEqual(self.log_a.send_state, "failed")
        self.assertIn("Customer", self.log_a.send_error)
        self.assertEqual(self.log_b.send_state, "done")
        # printing and posting are another matter
        self.assertEqual(self.log_a.print_state, "done")
        self.assertEqual(self.log_a.posting_state, "posted")

    def test_what_was_sent_is_not_sent_again_by_the_run(self):
        self.customer.email = False
        self.mass_run.action_send()
        self.customer.email = "now@example.com"
        self.mass_run.action_send()
        self.assertEqual(set(self.mass_run.log_ids.mapped("send_state")), {"done"})
        self.assertEqual(len(self._get_mail(self.move_b)), 1)
        with self.assertRaisesRegex(UserError, "All these invoices are sent"):
            self.mass_run.action_send()
        self.log_b.action_send()
        self.assertEqual(len(self._get_mail(self.move_b)), 2)

    def test_customer_who_wants_no_mail_is_named(self):
        self.customer.with_company(self.company).invoice_sending_method = "manual"
        action = self.mass_run.action_send()
        self.assertEqual(self.log_a.send_state, "manual")
        self.assertIn("Customer wants no invoices by e-mail", self.log_a.send_error)
        self.assertIn("Customer wants", action["params"]["message"])
        self.assertFalse(self._get_mail(self.move_a))

    def test_failing_mail_names_itself(self):
        model = self.env.registry["account.move.send"]
        original = model._send_mail

        def failing(send, move, *args, **kwargs):
            if move == self.move_a:
                raise ValueError("mailbox full")
            return original(send, move, *args, **kwargs)

        with (
            patch.object(model, "_send_mail", failing),
            mute_logger("odoo.addons.service_invoicing.tools.attempt"),
        ):
            action = self.mass_run.action_send()
        self.assertEqual(self.log_a.send_state, "failed")
        self.assertIn("mailbox full", self.log_a.send_error)
        self.assertEqual(self.log_b.send_state, "done")
        self.assertIn("mailbox full", action["params"]["message"])

    def test_invoice_without_attachment_is_not_sent(self):
        self._drop_attachment(self.move_a)
        with self._fail("_render", self.move_a, UserError("jam")):
            self.mass_run.action_send()
        self.assertEqual(self.log_a.send_state, "failed")
        self.assertIn("jam", self.log_a.send_error)
        self.assertFalse(self._get_mail(self.move_a))
        self.assertEqual(self.log_b.send_state, "done")

    def test_long_send_goes_on_in_the_background(self):
        with self._no_time():
            action = self.mass_run.action_send()
        self.assertIn("2 are sent in the background", action["params"]["message"])
        self.assertEqual(set(self.mass_run.log_ids.mapped("send_state")), {"waiting"})
        self.assertFalse(self._get_mail(self.move_a))
        self._deliver_in_background()
        self._deliver_in_background()
        self.assertEqual(set(self.mass_run.log_ids.mapped("send_state")), {"done"})
        self.assertEqual(len(self._get_mail(self.move_a)), 1)

    def test_what_a_killed_server_left_is_sent_when_its_request_would_be_over(self):
        cron = self.env.ref("maintenance_reinvoice.cron_deliver")
        start = fields.Datetime.now()
        self.mass_run.action_send()
        triggers = self.env["ir.cron.trigger"].sudo()
        trigger = triggers.search([("cron_id", "=", cron.id)])
        self.assertEqual(len(trigger), 1)
        self.assertGreaterEqual(trigger.call_at, start + timedelta(seconds=60))
        self.assertLess(trigger.call_at, start + timedelta(seconds=120))

    def test_background_sends_with_the_rights_of_who_asked(self):
        user = self._create_user("maintenance_reinvoice.group_maintenance_reinvoice")
        with self._no_time():
            self.mass_run.with_user(user).action_send()
        user.sudo().group_ids = [Command.set(self.env.ref("base.group_user").ids)]
        self._deliver_in_background()
        self.assertEqual(set(self.mass_run.log_ids.mapped("send_state")), {"failed"})
        self.assertFalse(self._get_mail(self.move_a))

    def test_who_may_not_run_neither_prints_nor_sends(self):
        user = self._create_user(
            "maintenance_reinvoice.group_maintenance_approver,"
            "account.group_account_invoice"
        )
        run = self.mass_run.with_user(user)
        for button in ("print_invoices", "print_merged", "download_zip", "send"):
            for records in (run, run.log_ids):
                with self.assertRaises(UserError):
                    getattr(records, f"action_{button}")()
        self.assertFalse(self._get_mail(self.move_a))

    # -- core's own ways --------------------------------------------------------

    def test_send_dialog_carries_the_attachment(self):
        self._drop_attachment(self.move_a)
        wizard = self.env["account.move.send.wizard"].create(
            {"move_id": self.move_a.id, "sending_methods": ["email"]}
        )
        name = self.attachments._get_name(self.move_a)
        self.assertIn(name, [one["name"] for one in wizard.mail_attachments_widget])
        wizard.action_send_and_print()
        self.assertIn(name, self._get_mail(self.move_a).attachment_ids.mapped("name"))
        self.assertTrue(self.move_a.maintenance_attachment_id)

    def test_send_dialog_without_the_attachment(self):
        self._drop_attachment(self.move_a)
        wizard = self.env["account.move.send.wizard"].create(
            {"move_id": self.move_a.id, "sending_methods": ["email"]}
        )
        name = self.attachments._get_name(self.move_a)
        wizard.mail_attachments_widget = [
            {**one, "skip": one["name"] == name}
            for one in wizard.mail_attachments_widget
        ]
        wizard.action_send_and_print()
        files = self._get_mail(self.move_a).attachment_ids
        self.assertEqual(files.mapped("name"), [self.move_a.invoice_pdf_report_id.name])

    def test_send_dialog_names_a_failing_attachment(self):
        self._drop_attachment(self.move_a)
        wizard = self.env["account.move.send.wizard"].create(
            {"move_id": self.move_a.id, "sending_methods": ["email"]}
        )
        with (
            self._fail("_render", self.move_a, UserError("jam")),
            self.assertRaisesRegex(UserError, f"Attachment of {self.move_a.name}"),
        ):
            wizard.action_send_and_print()

    def test_none_counts_as_sent_without_its_attachment(self):
        self._drop_attachment(self.move_a)
        moves = self.move_a + self.move_b
        moves._detach_attachments()
        moves.is_move_sent = False
        with self._fail("_render", self.move_a, UserError("jam")):
            self.env["account.move.send"]._generate_and_send_invoices(
                moves, sending_methods=["email"], allow_raising=False
            )
        self.assertFalse(self.move_a.is_move_sent)
        self.assertFalse(self.move_a.invoice_pdf_report_id)
        self.assertFalse(self._get_mail(self.move_a))
        self.assertTrue(self.move_b.is_move_sent)

    def test_batch_dialog_carries_each_attachment(self):
        self._drop_attachment(self.move_b)
        moves = self.move_a + self.move_b
        wizard = (
            self.env["account.move.send.batch.wizard"]
            .with_context(active_ids=moves.ids)
            .create({})
        )
        wizard.action_send_and_print(force_synchronous=True)
        for move in moves:
            self.assertIn(
                move.maintenance_attachment_id.name,
                self._get_mail(move).attachment_ids.mapped("name"),
            )

    def test_other_invoices_are_sent_as_ever(self):
        move = self.init_invoice(
            "out_invoice", partner=self.customer, amounts=[100.0], post=True
        )
        self.env["account.move.send"]._generate_and_send_invoices(
            move, sending_methods=["email"]
        )
        self.assertEqual(len(self._get_mail(move).attachment_ids), 1)
