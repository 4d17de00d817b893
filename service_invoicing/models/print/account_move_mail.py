from odoo import models
from odoo.tools import format_amount, format_date


class AccountMove(models.Model):
    """E-mails about an invoice ask for what is due, not for its total."""

    _inherit = "account.move"

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

    def _get_service_due_amount(self):
        """What the payer has to pay: the net amount of the summary less receipts.

        :return: amount in the document's currency
        """
        self.ensure_one()
        return self.amount_residual

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
