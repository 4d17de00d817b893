from odoo import api, fields, models


class MaintenanceBillDialog(models.TransientModel):
    _name = "maintenance.bill.dialog"
    _description = "Create Vendor Bill of Permissions"

    permission_ids = fields.Many2many("maintenance.permission", required=True)
    currency_id = fields.Many2one(
        "res.currency", compute="_compute_amount", string="Currency"
    )
    amount = fields.Monetary(
        compute="_compute_amount", help="Net amount of the lines not billed yet."
    )
    vendor_reference = fields.Char(
        string="Bill number", required=True, help="The number on the garage's bill."
    )
    date = fields.Date(
        string="Bill date", required=True, default=fields.Date.context_today
    )

    @api.depends("permission_ids")
    def _compute_amount(self):
        for dialog in self:
            permissions = dialog.permission_ids
            lines = permissions._get_lines_to_bill()
            dialog.currency_id = permissions.purchase_currency_id[:1]
            dialog.amount = sum(lines.mapped("purchase_price"))

    def action_confirm(self):
        """Make the draft bill and open it."""
        self.ensure_one()
        return self.permission_ids.action_create_bill(
            vendor_reference=self.vendor_reference, date=self.date
        )
