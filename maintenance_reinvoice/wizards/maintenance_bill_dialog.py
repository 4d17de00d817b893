from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from odoo.addons.service_invoicing.tools.arguments import expects


class MaintenanceBillDialog(models.TransientModel):
    """What a garage's bill will say, before it is made."""

    _name = "maintenance.bill.dialog"
    _inherit = "service.dialog.mixin"
    _description = "Create Vendor Bill of Permissions"

    permission_ids = fields.Many2many("maintenance.permission", required=True)
    vendor_id = fields.Many2one(
        "res.partner", compute="_compute_amount", string="Garage"
    )
    currency_id = fields.Many2one(
        "res.currency", compute="_compute_amount", string="Currency"
    )
    line_ids = fields.One2many(
        "maintenance.bill.dialog.line",
        "dialog_id",
        string="Lines",
        compute="_compute_line_ids",
        store=True,
        compute_sudo=False,
        readonly=False,
        precompute=True,
        help="Lines that are not billed yet. Those without a tick are left for another "
        "bill.",
    )
    amount = fields.Monetary(
        compute="_compute_amount", help="Net amount of the ticked lines."
    )
    vendor_reference = fields.Char(
        string="Bill Number", required=True, help="The number on the garage's bill."
    )
    date = fields.Date(
        string="Bill Date", required=True, default=fields.Date.context_today
    )
    duplicate_name = fields.Char(
        compute="_compute_duplicate_name",
        help="A posted bill of the garage with this number.",
    )

    @api.depends("permission_ids")
    def _compute_line_ids(self):
        for dialog in self:
            lines = dialog.permission_ids._origin._get_lines_to_bill()
            dialog.line_ids = [
                Command.clear(),
                *(Command.create({"line_id": line.id}) for line in lines),
            ]

    @api.depends("permission_ids", "line_ids.selected")
    def _compute_amount(self):
        for dialog in self:
            permissions = dialog.permission_ids
            ticked = dialog.line_ids.filtered("selected")
            dialog.vendor_id = permissions.vendor_id[:1]
            dialog.currency_id = permissions.purchase_currency_id[:1]
            dialog.amount = sum(ticked.mapped("amount"))

    @api.depends("permission_ids", "vendor_reference")
    def _compute_duplicate_name(self):
        for dialog in self:
            bill = self.env["account.move"].new(
                {
                    "move_type": "in_invoice",
                    "partner_id": dialog.permission_ids.vendor_id[:1].id,
                    "company_id": dialog.permission_ids.company_id[:1].id,
                    "ref": dialog.vendor_reference,
                }
            )
            Check = self.env["maintenance.bill.check"]
            known = Check._get_posted_numbers(bill).get(Check._get_number_key(bill))
            dialog.duplicate_name = known and known[0].name

    @expects(one=True)
    def action_confirm(self):
        """Make the draft bill of the ticked lines and open it."""
        ticked = self.line_ids.filtered("selected")
        if not ticked:
            raise UserError(self.env._("Tick the lines that are on the garage's bill."))
        return self.permission_ids.action_create_bill(
            vendor_reference=self.vendor_reference,
            date=self.date,
            line_ids=ticked.line_id.ids,
        )


class MaintenanceBillDialogLine(models.TransientModel):
    """A permission line that may be on the bill."""

    _name = "maintenance.bill.dialog.line"
    _inherit = "service.dialog.mixin"
    _description = "Permission Line to Bill"

    dialog_id = fields.Many2one(
        "maintenance.bill.dialog", required=True, ondelete="cascade", index=True
    )
    selected = fields.Boolean(string="On the Bill", default=True)
    line_id = fields.Many2one("maintenance.permission.line", required=True)
    permission_id = fields.Many2one(related="line_id.permission_id", related_sudo=False)
    vehicle_id = fields.Many2one(related="line_id.vehicle_id", related_sudo=False)
    name = fields.Char(related="line_id.name", related_sudo=False)
    currency_id = fields.Many2one(
        related="line_id.purchase_currency_id", related_sudo=False
    )
    amount = fields.Monetary(
        related="line_id.purchase_price",
        related_sudo=False,
        string="Agreed",
        help="Before tax.",
    )
    permission_amount = fields.Monetary(
        compute="_compute_permission_amount",
        string="Permission Total",
        help="Net amount of the permission's ticked lines.",
    )

    @api.depends("dialog_id.line_ids.selected", "line_id")
    def _compute_permission_amount(self):
        for row in self:
            same = row.dialog_id.line_ids.filtered(
                lambda other, p=row.permission_id: other.selected
                and other.permission_id == p
            )
            row.permission_amount = sum(same.mapped("amount"))
