from odoo import fields, models

from ...tools.choices import REFUSALS


class MaintenanceReinvoiceRunLine(models.Model):
    """One candidate of a run: taken, or why not."""

    _name = "maintenance.reinvoice.run.line"
    _description = "Mass Re-invoicing Check Report Line"
    _order = "run_id desc, id"

    run_id = fields.Many2one(
        "maintenance.reinvoice.run", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one("res.company", required=True, index=True)
    permission_line_id = fields.Many2one(
        "maintenance.permission.line", required=True, ondelete="cascade", index=True
    )
    permission_id = fields.Many2one(related="permission_line_id.permission_id")
    contract_id = fields.Many2one(related="permission_line_id.contract_id")
    vehicle_id = fields.Many2one(related="permission_line_id.vehicle_id")
    permission_date = fields.Date(related="permission_line_id.permission_date")
    vendor_id = fields.Many2one(related="permission_line_id.vendor_id")
    name = fields.Char(related="permission_line_id.name")
    partner_id = fields.Many2one("res.partner", string="Invoice to")
    amount = fields.Monetary(
        string="Amount to Re-invoice", help="Net, in the currency of the invoice."
    )
    currency_id = fields.Many2one("res.currency", required=True)
    taken = fields.Boolean(help="The line is, or will be, on an invoice of this run.")
    reason = fields.Selection(
        REFUSALS, string="Not Taken Because", help="The most telling reason."
    )
    reason_text = fields.Char(
        string="All Reasons", help="Everything that keeps the line off an invoice."
    )
    log_id = fields.Many2one(
        "maintenance.reinvoice.log", string="Invoice Group", index="btree_not_null"
    )
    invoice_id = fields.Many2one(related="log_id.move_id", string="Invoice")

    def _refuse(self, codes):
        """Say in the report why a line that was taken is on no invoice after all."""
        if self:
            text = self.permission_line_id._get_refusal_text(codes)
            self.write({"taken": False, "reason": codes[0], "reason_text": text})

    def _group_free_lines(self):
        """Lines by group, as far as nothing keeps them off an invoice; the report says
        what does, and no longer what did."""
        groups = {}
        lines = self.permission_line_id
        for row in self:
            line = row.permission_line_id
            codes = line._get_refusals("mass")
            if codes:
                row.sudo()._refuse(codes)
                continue
            if not row.taken:
                row.sudo().write({"taken": True, "reason": False, "reason_text": ""})
            groups.setdefault(row.log_id, []).append(line.id)
        return {log: lines._browse_alike(ids) for log, ids in groups.items()}
