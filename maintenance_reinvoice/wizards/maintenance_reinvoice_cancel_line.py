from odoo import fields, models


class MaintenanceReinvoiceCancelLine(models.TransientModel):
    """One re-invoiced row that can be ticked, with its right amount and payer."""

    _name = "maintenance.reinvoice.cancel.line"
    _description = "Row of the Cancellation of Re-invoiced Maintenance"

    wizard_id = fields.Many2one(
        "maintenance.reinvoice.cancel", required=True, ondelete="cascade", index=True
    )
    selected = fields.Boolean(string="Credit", help="The row goes on the credit memo.")
    row_id = fields.Many2one(
        "maintenance.reinvoice.row", required=True, readonly=True, ondelete="cascade"
    )
    move_id = fields.Many2one(related="row_id.move_id", string="Invoice")
    contract_id = fields.Many2one(related="row_id.contract_id")
    permission_id = fields.Many2one(related="row_id.permission_id")
    license_plate = fields.Char(related="row_id.line_id.vehicle_id.license_plate")
    name = fields.Char(related="row_id.line_id.name")
    amount = fields.Monetary(related="row_id.amount", string="Charged")
    currency_id = fields.Many2one(related="row_id.currency_id")
    corrected_amount = fields.Monetary(
        help="Net amount that is right, in the currency of the invoice. Zero: the line "
        "is not re-invoiced."
    )
    reinvoice_partner_id = fields.Many2one(
        "res.partner",
        string="Reinvoice to",
        help="Pays the line instead of the permission's customer.",
    )

    def _get_corrections(self):
        """Right amount and payer by row, if they are to be corrected."""
        return {
            line.row_id: {
                "amount_to_reinvoice": line.corrected_amount,
                "reinvoice_partner_id": line.reinvoice_partner_id.id,
            }
            for line in self
            if line.wizard_id.free == "correct"
        }
