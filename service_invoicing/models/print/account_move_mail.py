from odoo import fields, models
from odoo.tools import format_amount, format_date


class AccountMove(models.Model):
    """E-mails about an invoice ask for what is due, not for its total; one that does
    not reach its payer has not sent it."""

    _inherit = "account.move"

    service_mail_id = fields.Many2one(
        "mail.message",
        string="E-mail to the payer",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The e-mail by which the document was last sent.",
    )

    def _detach_attachments(self):
        """What may be changed now is another document, and was not sent yet."""
        self.sudo().filtered("service_mail_id").service_mail_id = False
        return super()._detach_attachments()

    def _get_mail_template(self):
        if self and all(move._asks_for_payment() for move in self):
            name = "service_invoicing.email_template_invoice"
            template = self.env.ref(name, raise_if_not_found=False)
            if template and self._can_read(template):
                return template
        return super()._get_mail_template()

    def _can_read(self, template):
        """Whether the template has a text in the languages of all payers: core's has
        one in nearly every language."""
        english = template.with_context(lang="en_US").body_html
        return all(
            lang.startswith("en")
            or template.with_context(lang=lang).body_html != english
            for lang in set(self.partner_id.mapped("lang")) - {False}
        )

    def _asks_for_payment(self):
        """Whether the document is one of ours that a payer is asked to pay."""
        self.ensure_one()
        return bool(self.service_invoice_type) and self.move_type == "out_invoice"

    def _notify_by_email_prepare_rendering_context(self, *args, **kwargs):
        """Core heads every e-mail on a document with its total and the due date."""
        context = super()._notify_by_email_prepare_rendering_context(*args, **kwargs)
        if self._asks_for_payment() and self.state == "posted":
            context["subtitles"] = [
                *context["subtitles"][:1],
                *self._get_service_due_subtitles(context.get("lang")),
            ]
        return context

    def _get_service_due_subtitles(self, lang):
        """What is due and when, for the head of an e-mail; nothing if nothing is."""
        # whoever writes the message: its reader sees what the print says
        due = self.sudo()._get_service_due_amount()
        if self.currency_id.compare_amounts(due, 0) <= 0:
            return []
        amount = format_amount(self.env, due, self.currency_id, lang_code=lang)
        if not self.invoice_date_due:
            return [amount]
        date = format_date(self.env, self.invoice_date_due, lang_code=lang)
        return [self.env._("%(amount)s due %(date)s", amount=amount, date=date)]

    # -- what became of them ----------------------------------------------------

    def _keep_service_mail(self):
        """Remember the newest e-mail as the one that took the document to its payer."""
        self.ensure_one()
        message = (
            self.env["mail.message"]
            .sudo()
            .search(
                [
                    ("model", "=", self._name),
                    ("res_id", "=", self.id),
                    ("message_type", "=", "comment"),
                ],
                order="id desc",
                limit=1,
            )
        )
        self.sudo().write({"service_mail_id": message.id, "is_move_sent": True})
        self._follow_service_mail()

    def _follow_service_mail(self):
        """Mark what did not reach its payer as not sent, and the rest as sent.

        :return: dict document → notifications of those whom it did not reach
        """
        failures = self._find_service_mail_failures().grouped("mail_message_id")
        unreached = {
            move: failures[move.service_mail_id]
            for move in self.sudo()
            if move.service_mail_id in failures
        }
        for move in self.sudo():
            is_sent = move not in unreached
            if move.is_move_sent != is_sent:
                move.is_move_sent = is_sent
        return unreached

    def _find_service_mail_failures(self):
        """Notifications of those whom the last e-mails with the documents did not
        reach; followers, who get a copy, do not count.

        :return: mail.notification, with the rights of the system
        """
        failures = self.env["mail.notification"].sudo()
        messages = self.sudo().service_mail_id
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

    def _filter_service_sent(self):
        """Documents of ours that went out by e-mail and did not come back."""
        return self.filtered(
            lambda move: move.service_invoice_type
            and move.is_move_sent
            and move.sudo().service_mail_id
        )
