from odoo import models


class MailMail(models.Model):
    """What the mail server refuses was not sent, though it was handed over."""

    _inherit = "mail.mail"

    def _postprocess_sent_message(
        self, success_pids, success_emails, failure_reason=False, failure_type=None
    ):
        # core may delete the e-mails; nobody else's cost anything
        moves = self._get_service_documents() if failure_type else None
        res = super()._postprocess_sent_message(
            success_pids,
            success_emails,
            failure_reason=failure_reason,
            failure_type=failure_type,
        )
        if moves:
            self.env["service.document.mail"]._follow(moves)
        return res

    def write(self, vals):
        res = super().write(vals)
        # what is tried once more counts as sent until it fails again
        if vals.get("state") == "outgoing":
            moves = self._get_service_documents()
            self.env["service.document.mail"]._follow(moves)
        return res

    def _get_service_documents(self):
        """Documents of ours that these e-mails took to their payers.

        :return: account.move, with the rights of the system
        """
        mails = self.filtered(lambda mail: mail.model == "account.move")
        moves = self.env["account.move"].sudo().browse(mails.mapped("res_id"))
        return moves.filtered(
            lambda move: move.service_mail_id in mails.mail_message_id
        )
