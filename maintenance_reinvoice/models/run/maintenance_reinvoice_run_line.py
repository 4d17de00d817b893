from odoo import api, fields, models

from ...tools.choices import REFUSALS


class MaintenanceReinvoiceRunLine(models.Model):
    """One candidate of a run: taken, or why not."""

    _name = "maintenance.reinvoice.run.line"
    _description = "Mass Re-invoicing Check Report Line"
    _order = "run_id.id desc, id"

    # lists, and the report of a run
    _run_idx = models.Index("(run_id DESC, id)")

    run_id = fields.Many2one(
        "maintenance.reinvoice.run", required=True, ondelete="cascade"
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
    partner_id = fields.Many2one("res.partner", string="Invoice To")
    amount = fields.Monetary(
        string="Amount to Re-invoice", help="Net, in the currency of the invoice."
    )
    currency_id = fields.Many2one("res.currency", required=True)
    taken = fields.Boolean(help="The line is, or will be, on an invoice of this run.")
    reason = fields.Selection(
        REFUSALS, string="Not Taken Because", help="The most telling reason."
    )
    # whoever reads the reasons has a language of their own
    reason_codes = fields.Char()
    # net, or with tax where the net alone would be charged
    carried_amount = fields.Monetary()
    reason_text = fields.Char(
        string="All Reasons",
        compute="_compute_reason_text",
        help="Everything that keeps the line off an invoice.",
    )
    log_id = fields.Many2one(
        "maintenance.reinvoice.log", string="Invoice Group", index="btree_not_null"
    )
    invoice_id = fields.Many2one(related="log_id.move_id", string="Invoice")

    @api.depends("reason_codes", "carried_amount", "log_id.amount")
    @api.depends_context("lang")
    def _compute_reason_text(self):
        labels = self.env["maintenance.permission.line"]._get_refusal_labels()
        for row in self:
            codes = (row.reason_codes or "").split(",")
            row.reason_text = (
                row._get_carried_text()
                if row.carried_amount
                else ", ".join(labels[code] for code in codes if code in labels)
            )

    def _get_carried_text(self):
        """Why the lines of a group are on no invoice, with what they add up to."""
        text = self.currency_id.format(self.carried_amount)
        if self.currency_id.compare_amounts(self.log_id.amount, 0.0) >= 0:
            text = self.env._("%s with tax", text)
        return self.env._(
            "Carried forward: the group nets to %s; it is re-invoiced with the next "
            "lines of the same group",
            text,
        )

    @api.model
    def _prepare_reason_vals(self, codes):
        """What a row says that ``codes`` keep off an invoice, the most telling first;
        without any it is taken."""
        return {
            "taken": not codes,
            "reason": codes[0] if codes else False,
            "reason_codes": ",".join(codes),
            "carried_amount": 0.0,
        }

    def _refuse(self, codes):
        """Say in the report why a line that was taken is on no invoice after all."""
        self.write(self._prepare_reason_vals(codes))

    def _refuse_alike(self, find):
        """Refuse at once what is refused for the same reasons.

        :param find: function of a row that returns the codes, or an empty list
        """
        for codes, rows in self.grouped(lambda row: tuple(find(row))).items():
            if codes:
                rows.sudo()._refuse(codes)

    def _group_free_lines(self):
        """Lines by group, as far as nothing keeps them off an invoice; the report says
        what does, and no longer what did."""
        lines = self.permission_line_id
        refusals = {line: line._get_refusals("mass") for line in lines}
        self._refuse_alike(lambda row: refusals[row.permission_line_id])
        free = self.filtered(lambda row: not refusals[row.permission_line_id])
        again = free.filtered(lambda row: not row.taken)
        again.sudo().write(self._prepare_reason_vals([]))
        return {
            log: lines._browse_alike(rows.permission_line_id.ids)
            for log, rows in free.grouped("log_id").items()
        }
