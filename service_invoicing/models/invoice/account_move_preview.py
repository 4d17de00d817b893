from contextlib import closing

from odoo import Command, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import formatLang

from ...tools.choices import TEXT_LINES

# Trying to post tells nobody and leaves no history
SILENT = {
    "tracking_disable": True,
    "mail_notrack": True,
    "mail_create_nosubscribe": True,
    "mail_activity_automation_skip": True,
}


class AccountMove(models.Model):
    """Accounting information: what the invoice posts, or will post."""

    _inherit = "account.move"

    service_entries = fields.Char(
        string="Entries",
        compute="_compute_service_entries",
        help="Accounts that the document debits and credits, in the company's "
        "currency. Accounting Information shows every item, and what authorizing adds.",
    )

    def _compute_service_entries(self):
        """Shown to who authorizes; depends on nothing, so that no change of any journal
        item asks for it."""
        typed = self.filtered("service_invoice_type")
        (self - typed).service_entries = False
        for move in typed:
            move.service_entries = move.env._(
                "Dr %(debits)s / Cr %(credits)s",
                debits=move._describe_side(1) or "–",
                credits=move._describe_side(-1) or "–",
            )

    def _describe_side(self, sign):
        """Account codes with their amounts.

        :param int sign: 1 for what is debited, -1 for what is credited
        """
        currency = self.company_id.currency_id
        balances = self.line_ids.grouped("account_id").items()
        sums = [(account, sum(lines.mapped("balance"))) for account, lines in balances]
        return ", ".join(
            f"{account.with_company(self.company_id).code} "
            f"{formatLang(self.env, abs(balance), currency_obj=currency)}"
            for account, balance in sums
            if account and currency.compare_amounts(sign * balance, 0.0) > 0
        )

    def action_service_open_entries(self):
        """Open the journal items of authorized invoices, or a preview of the others.

        :return: action that opens them; nothing can be changed there
        """
        self.check_access("read")
        if all(move.state == "posted" for move in self):
            action = self.env["ir.actions.act_window"]._for_xml_id(
                "service_invoicing.account_move_line_action_service"
            )
            action["domain"] = [
                ("move_id", "in", self._get_service_entries().ids),
                ("display_type", "not in", TEXT_LINES),
            ]
            return action
        return self.env["service.entry.preview"]._open(self)

    def _get_service_entries(self):
        """These documents and the entries by which prepayments settle them now."""
        rows = self.service_adjustment_ids.filtered(lambda row: not row.undone)
        return self | rows.entry_move_id

    def action_service_view(self):
        """Show the invoice as it is printed, on the screen.

        :return: report action
        """
        return self.action_service_print() | {"report_type": "qweb-html"}

    def _preview_service_entries(self):
        """What each document will post, found by posting it and taking that back.

        So it holds what other add-ons do at posting, too. What cannot be posted yet
        is shown as it stands.

        :return: (list of values of journal items, list of reasons why a document
            cannot be authorized yet)
        """
        items, problems = [], []
        for move in self.filtered(lambda move: move.state != "cancel"):
            # the caller may not be an authorizer; nothing of this stays
            attempt = move.sudo().with_context(**SILENT)
            try:
                with closing(self.env.cr.savepoint()):
                    attempt._post_for_preview()
                    found = attempt._prepare_preview_items()
            except UserError as error:
                problems.append(str(error))
                found = attempt._prepare_preview_items()
            items += found
        return items, problems

    def _post_for_preview(self):
        """Save, post and adjust as an authorizer would; the caller rolls it back."""
        if self.state == "posted":
            return
        if self.service_has_life_cycle:
            self.write(
                {
                    "service_keep_draft": False,
                    "service_saved_by_id": False,
                    # taking one from the series would leave a gap
                    "service_number": self.service_number or "/",
                }
            )
            self._service_save()
        self._post(soft=False)
        self._service_auto_adjust()

    def _prepare_preview_items(self):
        """Values of the journal items as they are now."""
        lines = self._get_service_entries().line_ids.filtered(
            lambda line: line.display_type not in TEXT_LINES
        )
        # an entry that is only tried is gone when the preview is looked at
        shown = {"move_id": self.id}
        return [line._prepare_preview_item_vals() | shown for line in lines]


class AccountMoveLine(models.Model):
    """Items of an entry that is only shown."""

    _inherit = "account.move.line"

    def _prepare_preview_item_vals(self):
        """Values of the row that shows this journal item in the preview."""
        self.ensure_one()
        return {
            "move_id": self.move_id.id,
            "date": self.date,
            "account_id": self.account_id.id,
            "partner_id": self.partner_id.id,
            "name": self.name,
            "debit": self.debit,
            "credit": self.credit,
            "amount_currency": self.amount_currency,
            "currency_id": self.currency_id.id,
            "company_currency_id": self.company_currency_id.id,
            "tax_tag_ids": [Command.set(self.tax_tag_ids.ids)],
            "date_maturity": self.date_maturity,
        }
