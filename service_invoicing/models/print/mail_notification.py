from odoo import models


class MailNotification(models.Model):
    """Whom an e-mail with a document reached, and whom it did not."""

    _inherit = "mail.notification"

    def write(self, vals):
        res = super().write(vals)
        if vals.get("notification_status") == "bounce":
            moves = self.env["account.move"].sudo()
            self.env["service.document.mail"]._follow(
                moves.search([("service_mail_id", "in", self.mail_message_id.ids)])
            )
        return res

    def _is_tried_again(self):
        """Whether an e-mail that the mail server refused waits once more."""
        self.ensure_one()
        is_waiting = self.mail_mail_id.state == "outgoing"
        return is_waiting and self.notification_status == "exception"

    def _cancel_service_mails(self):
        """Neither the scheduler nor a user sends these e-mails again."""
        self.mail_mail_id.filtered(lambda mail: mail.state == "exception").cancel()
        self.write({"notification_status": "canceled"})

    def _describe_service_failure(self):
        """Who was not reached, where and why."""
        self.ensure_one()
        kinds = dict(self._fields["failure_type"]._description_selection(self.env))
        reason = kinds.get(self.failure_type, "")
        if self.failure_type == "unknown" and self.failure_reason:
            reason = self.failure_reason
        return self.env._(
            "%(payer)s was not reached at %(address)s: %(reason)s.",
            payer=self.res_partner_id.display_name,
            address=self.mail_email_address or self.res_partner_id.email or "?",
            reason=reason.rstrip("."),
        )
