from odoo import Command, api, fields, models

from odoo.addons.service_invoicing.tools.arguments import expects

from ..tools.actions import open_documents


class MaintenanceReinvoiceDialog(models.TransientModel):
    """Asks for the dates of individual invoices or of a settlement, and afterwards
    whether to open what was posted."""

    _name = "maintenance.reinvoice.dialog"
    _inherit = "service.dialog.mixin"
    _description = "Re-invoice to Customer"

    line_ids = fields.Many2many("maintenance.permission.line", string="Lines")
    contract_ids = fields.Many2many(
        "maintenance.contract",
        string="Contracts to Settle",
        context={"active_test": False},
    )
    charged_line_ids = fields.Many2many(
        "maintenance.permission.line",
        string="Charged Lines",
        compute="_compute_charged_line_ids",
        help="What the invoices will charge, net.",
    )
    posting_date = fields.Date(default=fields.Date.context_today)
    vat_date = fields.Date(
        string="VAT Date",
        help="Taxable supply date of the invoice. Empty: as the localisation sets it.",
    )
    invoice_ids = fields.Many2many("account.move", string="Posted Invoices")

    @api.depends("line_ids", "contract_ids")
    def _compute_charged_line_ids(self):
        for dialog in self:
            waiting = dialog.contract_ids._get_settlement_lines()
            dialog.charged_line_ids = waiting or dialog.line_ids

    @api.model
    def _ask_to_open(self, invoices):
        """Dialog that tells which invoices were posted and asks to open them."""
        dialog = self.create({"invoice_ids": [Command.set(invoices.ids)]})
        return dialog._get_dialog_action(self.env._("Invoices posted"))

    @expects(one=True)
    def action_confirm(self):
        """Post the invoices."""
        dates = {"posting_date": self.posting_date, "vat_date": self.vat_date}
        if self.contract_ids:
            return self.contract_ids.action_settle(**dates)
        return self.line_ids.action_reinvoice(**dates)

    def action_open(self):
        """Yes, open the invoices."""
        return open_documents(self.invoice_ids)
