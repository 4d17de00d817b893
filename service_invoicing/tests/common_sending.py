from unittest.mock import patch

from odoo.tools import html2plaintext, mute_logger


class SendingMixin:
    """How documents are sent from a list, and what came of their e-mails."""

    def _send_from_list(self, moves, **vals):
        """Choose documents in a list, press Send, and let the scheduler do it."""
        wizard = (
            moves.env["account.move.send.batch.wizard"]
            .with_context(active_model="account.move", active_ids=moves.ids)
            .create(vals)
        )
        wizard.action_send_and_print()
        self._run_send_job()

    def _run_send_job(self):
        with self.enter_registry_test_mode():
            cron = self.env.ref("account.ir_cron_account_move_send")
            cron.sudo().method_direct_trigger()
        self.env.invalidate_all()

    def _run_mail_queue(self, moves):
        """What scheduled jobs make waits for the queue of e-mails."""
        for move in moves:
            self._find_mails(move).send()

    def _find_mails(self, move, state="outgoing"):
        """E-mails with a document; no server takes them while tests run."""
        return (
            self.env["mail.mail"]
            .sudo()
            .search(
                [
                    ("model", "=", move._name),
                    ("res_id", "=", move.id),
                    ("state", "=", state),
                ]
            )
        )

    def _count_mails(self, moves):
        """Number of e-mails on their way, in the order of the documents."""
        return [len(self._find_mails(move)) for move in moves]

    def _without_mail_server(self):
        """Nobody answers where e-mails are handed over."""

        def refuse(*args, **kwargs):
            raise ConnectionRefusedError("nobody there")

        return patch.object(self.env.registry["ir.mail_server"], "_connect__", refuse)

    def _fail_sending(self, move, error):
        """The e-mail of one document cannot be made."""
        model = self.env.registry["account.move.send"]
        original = model._get_mail_params

        def failing(send, document, data):
            if document == move:
                raise error
            return original(send, document, data)

        return patch.object(model, "_get_mail_params", failing)

    def _quiet(self):
        return mute_logger("odoo.addons.service_invoicing.tools.attempt")

    def _come_back(self, move):
        """The e-mail with a document comes back, as core writes it down."""
        notifications = self.env["mail.notification"].sudo()
        notifications.search(
            [
                ("mail_message_id", "=", move.sudo().service_mail_id.id),
                ("notification_type", "=", "email"),
            ]
        ).write({"notification_status": "bounce", "failure_type": "mail_bounce"})

    def _read_chatter(self, record):
        texts = [html2plaintext(body) for body in record.message_ids.mapped("body")]
        return " ".join(" ".join(texts).split())
