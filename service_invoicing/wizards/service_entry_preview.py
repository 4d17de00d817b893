from odoo import Command, api, fields, models


class ServiceEntryPreview(models.TransientModel):
    _name = "service.entry.preview"
    _inherit = "service.dialog.mixin"
    _description = "Journal Items an Invoice Will Post"

    problems = fields.Text(
        readonly=True, help="Why a document cannot be authorized as it is."
    )
    line_ids = fields.One2many("service.entry.preview.line", "preview_id")

    @api.model
    def _open(self, moves):
        """Preview of the journal items of documents that are not authorized.

        :return: action that opens it
        """
        items, problems = moves._preview_service_entries()
        # the rows are readable for all who see invoices, and made by nobody by hand
        preview = self.sudo().create(
            {
                "problems": "\n".join(problems),
                "line_ids": [Command.create(vals) for vals in items],
            }
        )
        return preview._get_dialog_action(self.env._("Accounting Information"))


class ServiceEntryPreviewLine(models.TransientModel):
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
