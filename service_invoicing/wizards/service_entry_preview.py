from collections import Counter
from contextlib import closing

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..tools.choices import TEXT_LINES

# Trying to post tells nobody and leaves no history
SILENT = {
    "tracking_disable": True,
    "mail_notrack": True,
    "mail_create_nosubscribe": True,
    "mail_activity_automation_skip": True,
}


class ServiceEntryPreview(models.TransientModel):
    """Accounting information: what invoices post, or will post."""

    _name = "service.entry.preview"
    _inherit = "service.dialog.mixin"
    _description = "Journal Items an Invoice Will Post"

    problems = fields.Text(
        readonly=True, help="Why a document cannot be authorized as it is."
    )
    line_ids = fields.One2many("service.entry.preview.line", "preview_id")

    @api.model
    def _open(self, moves):
        """Journal items of documents, or a preview of those of documents that are not
        authorized.

        :return: action that opens it
        """
        if all(move.state == "posted" for move in moves):
            action = self.env["ir.actions.act_window"]._for_xml_id(
                "service_invoicing.account_move_line_action_service"
            )
            action["domain"] = [
                ("move_id", "in", self._get_entries(moves).ids),
                ("display_type", "not in", TEXT_LINES),
            ]
            return action
        items, problems = self._preview(moves)
        # the rows are readable for all who see invoices, and made by nobody by hand
        preview = self.sudo().create(
            {
                "problems": "\n".join(problems),
                "line_ids": [Command.create(vals) for vals in items],
            }
        )
        return preview._get_dialog_action(self.env._("Accounting Information"))

    def _get_entries(self, moves):
        """Documents and the entries by which prepayments settle them now."""
        rows = moves.service_adjustment_ids.filtered(lambda row: not row.undone)
        return moves | rows.entry_move_id

    def _describe_sides(self, move):
        """Account codes of a document with their amounts: what is debited, and what is
        credited."""
        company, sums, sides = move.company_id, Counter(), ([], [])
        for item in move.line_ids:
            sums[item.account_id] += item.balance
        for account, balance in sums.items():
            if account and not company.currency_id.is_zero(balance):
                amount = company.currency_id.format(abs(balance))
                code = account.with_company(company).code
                sides[balance < 0].append(f"{code} {amount}")
        return [", ".join(side) for side in sides]

    def _preview(self, moves):
        """What each document will post, found by posting it and taking that back.

        So it holds what other add-ons do at posting, too. What cannot be posted yet
        is shown as it stands.

        :return: (list of values of journal items, list of reasons why a document
            cannot be authorized yet)
        """
        items, problems = [], []
        for move in moves.filtered(lambda move: move.state != "cancel"):
            # the caller may not be an authorizer; nothing of this stays
            attempt = move.sudo().with_context(**SILENT)
            try:
                with closing(self.env.cr.savepoint()):
                    self._try_to_post(attempt)
                    found = self._prepare_items(attempt)
            except UserError as error:
                problems.append(str(error))
                found = self._prepare_items(attempt)
            items += found
        return items, problems

    def _try_to_post(self, move):
        """Save, post and adjust as an authorizer would; the caller rolls it back."""
        if move.state == "posted":
            return
        life_cycle = move.env["service.life.cycle"]
        if move.service_has_life_cycle:
            move.write(
                {
                    "service_keep_draft": False,
                    "service_saved_by_id": False,
                    # taking one from the series would leave a gap
                    "service_number": move.service_number or "/",
                }
            )
            life_cycle._save(move)
        move._post(soft=False)
        life_cycle._follow_up(move)

    def _prepare_items(self, move):
        """Values of the rows that show the journal items as they are now."""
        items = self._get_entries(move).line_ids.filtered(
            lambda item: item.display_type not in TEXT_LINES
        )
        return [
            {
                # an entry that is only tried is gone when the preview is looked at
                "move_id": move.id,
                "date": item.date,
                "account_id": item.account_id.id,
                "partner_id": item.partner_id.id,
                "name": item.name,
                "debit": item.debit,
                "credit": item.credit,
                "amount_currency": item.amount_currency,
                "currency_id": item.currency_id.id,
                "company_currency_id": item.company_currency_id.id,
                "tax_tag_ids": [Command.set(item.tax_tag_ids.ids)],
                "date_maturity": item.date_maturity,
            }
            for item in items
        ]


class ServiceEntryPreviewLine(models.TransientModel):
    """One journal item of the preview."""

    _name = "service.entry.preview.line"
    _inherit = "service.dialog.mixin"
    _description = "Journal Item an Invoice Will Post"

    preview_id = fields.Many2one(
        "service.entry.preview", required=True, ondelete="cascade"
    )
    move_id = fields.Many2one("account.move", string="Document")
    date = fields.Date(string="Accounting Date")
    account_id = fields.Many2one("account.account", string="Account")
    partner_id = fields.Many2one("res.partner", string="Partner")
    name = fields.Char(string="Label")
    debit = fields.Monetary(currency_field="company_currency_id")
    credit = fields.Monetary(currency_field="company_currency_id")
    amount_currency = fields.Monetary(string="Amount in Currency")
    currency_id = fields.Many2one("res.currency")
    company_currency_id = fields.Many2one("res.currency")
    tax_tag_ids = fields.Many2many(
        "account.account.tag",
        string="Tax Grids",
        context={"active_test": False},
    )
    date_maturity = fields.Date(string="Due Date")
