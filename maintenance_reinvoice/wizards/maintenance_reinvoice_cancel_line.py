from odoo import api, fields, models

from odoo.addons.service_invoicing.tools.guards import refuse_implausible


class MaintenanceReinvoiceCancelLine(models.TransientModel):
    """One re-invoiced row that can be ticked, with its right amount and payer."""

    _name = "maintenance.reinvoice.cancel.line"
    _inherit = "service.dialog.mixin"
    _description = "Row of the Cancellation of Re-invoiced Maintenance"

    wizard_id = fields.Many2one(
        "maintenance.reinvoice.cancel", required=True, ondelete="cascade", index=True
    )
    selected = fields.Boolean(string="Credit", help="The row goes on the credit memo.")
    row_id = fields.Many2one(
        "maintenance.reinvoice.row", required=True, readonly=True, ondelete="cascade"
    )
    move_id = fields.Many2one(
        related="row_id.move_id", related_sudo=False, string="Invoice"
    )
    contract_id = fields.Many2one(related="row_id.contract_id", related_sudo=False)
    permission_id = fields.Many2one(related="row_id.permission_id", related_sudo=False)
    license_plate = fields.Char(
        related="row_id.line_id.vehicle_id.license_plate", related_sudo=False
    )
    name = fields.Char(related="row_id.line_id.name", related_sudo=False)
    amount = fields.Monetary(
        related="row_id.amount", related_sudo=False, string="Charged"
    )
    currency_id = fields.Many2one(related="row_id.currency_id", related_sudo=False)
    corrected_amount = fields.Monetary(
        help="Net amount that is right, in the currency of the invoice. Zero: the line "
        "is not re-invoiced."
    )
    reinvoice_partner_id = fields.Many2one(
        "res.partner",
        string="Re-invoice To",
        help="Pays the line instead of the permission's customer.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            refuse_implausible(self.browse(), ["corrected_amount"], vals)
        return super().create(vals_list)

    def write(self, vals):
        refuse_implausible(self, ["corrected_amount"], vals)
        return super().write(vals)

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
