from odoo import api, fields, models


class MaintenanceReinvoiceCancel(models.TransientModel):
    """Permission for mass cancellation: ticked rows of a maintenance invoice go on
    one posted credit memo, and their share of the redistribution is reversed."""

    _name = "maintenance.reinvoice.cancel"
    _description = "Cancel Re-invoiced Maintenance"

    invoice_id = fields.Many2one(
        "account.move",
        string="Invoice",
        required=True,
        domain="[('service_invoice_type', '=', 'maintenance'), "
        "('state', '=', 'posted'), ('move_type', '=', 'out_invoice')]",
    )
    row_ids = fields.Many2many(
        "maintenance.reinvoice.row",
        string="Rows to credit",
        domain="[('move_id', '=', invoice_id), ('credit_move_id', '=', False)]",
    )
    posting_date = fields.Date(
        required=True,
        default=fields.Date.context_today,
        help="Date of the credit memo and of the reversed redistribution.",
    )
    vat_date = fields.Date(
        string="VAT date",
        help="Taxable supply date of the credit memo. Empty: as the localisation sets "
        "it.",
    )
    free = fields.Selection(
        [
            ("free", "The rows may be re-invoiced again"),
            ("close", "The rows are closed"),
        ],
        string="Afterwards",
        required=True,
        default="free",
    )
    reason = fields.Char(help="Printed on the credit memo.")

    @api.onchange("invoice_id")
    def _onchange_invoice_id(self):
        rows = self.invoice_id.maintenance_row_ids
        self.row_ids = rows.filtered(lambda row: not row.credit_move_id)

    def action_confirm(self):
        """Post the credit memo of the ticked rows and open it."""
        self.ensure_one()
        return self.invoice_id.action_maintenance_cancel(
            row_ids=self.row_ids.ids,
            posting_date=self.posting_date,
            vat_date=self.vat_date,
            free=self.free == "free",
            reason=self.reason,
        )
