from odoo import models
from odoo.tools import format_amount, format_date


class ServiceDocumentMail(models.AbstractModel):
    """E-mails that take documents to their payers: what they say, and what became of
    them. Followers, who get a copy, do not count."""

    _name = "service.document.mail"
    _description = "E-mails with Documents"

    # -- what they say ----------------------------------------------------------

    def _get_template(self, moves):
        """The template that asks for what is due; none where something else is sent, or
        a payer could not read it: core's has a text in nearly every language."""
        none = self.env["mail.template"]
        if not moves or not all(self._asks_for_payment(move) for move in moves):
            return none
        name = "service_invoicing.email_template_invoice"
        template = self.env.ref(name, raise_if_not_found=False) or none
        english = template.with_context(lang="en_US").body_html
        is_read = all(
            lang.startswith("en")
            or template.with_context(lang=lang).body_html != english
            for lang in set(moves.partner_id.mapped("lang")) - {False}
        )
        return template if is_read else none

    def _asks_for_payment(self, move):
        """Whether the document is one of ours that a payer is asked to pay."""
        return bool(move.service_invoice_type) and move.move_type == "out_invoice"

    def _get_due_subtitles(self, move, lang):
        """What is due and when, for the head of an e-mail; nothing if nothing is."""
        # whoever writes the message: its reader sees what the print says
        due = move.sudo()._get_service_due_amount()
        if move.currency_id.compare_amounts(due, 0) <= 0:
            return []
        amount = format_amount(self.env, due, move.currency_id, lang_code=lang)
        if not move.invoice_date_due:
            return [amount]
        date = format_date(self.env, move.invoice_date_due, lang_code=lang)
        return [self.env._("%(amount)s due %(date)s", amount=amount, date=date)]

    # -- what became of them ----------------------------------------------------

    def _keep(self, move):
        """Remember the newest e-mail as the one that took the document to its payer."""
        message = self.env["mail.message"].sudo()
        message = message.search(
            [
                ("model", "=", move._name),
                ("res_id", "=", move.id),
                ("message_type", "=", "comment"),
            ],
            order="id desc",
            limit=1,
        )
        move.sudo().write({"service_mail_id": message.id, "is_move_sent": True})
        self._follow(move)

    def _follow(self, moves):
        """Mark what did not reach its payer as not sent, and the rest as sent.

        :return: dict document → notifications of those whom it did not reach
        """
        failures = self._find_failures(moves).grouped("mail_message_id")
        unreached = {
            move: failures[move.service_mail_id]
            for move in moves.sudo()
            if move.service_mail_id in failures
        }
        for move in moves.sudo():
            is_sent = move not in unreached
            if move.is_move_sent != is_sent:
                move.is_move_sent = is_sent
        return unreached

    def _find_failures(self, moves):
        """Notifications of those whom the last e-mails with the documents did not
        reach.

        :return: mail.notification, with the rights of the system
        """
        failures = self.env["mail.notification"].sudo()
        messages = moves.sudo().service_mail_id
        if not messages:
            return failures
        failures = failures.search(
            [
                ("mail_message_id", "in", messages.ids),
                ("notification_status", "in", ("exception", "bounce")),
            ]
        )
        return failures.filtered(
            lambda failure: failure.res_partner_id
            in failure.mail_message_id.partner_ids
            and not failure._is_tried_again()
        )

    def _filter_sent(self, moves):
        """Documents of ours that went out by e-mail and did not come back."""
        return moves.filtered(
            lambda move: move.service_invoice_type
            and move.is_move_sent
            and move.sudo().service_mail_id
        )
