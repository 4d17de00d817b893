from odoo import fields, models


class MaintenanceReinvoiceRunLine(models.Model):
    """One row that a cancellation takes back, or why not."""

    _inherit = "maintenance.reinvoice.run.line"

    row_id = fields.Many2one(
        "maintenance.reinvoice.row",
        string="Re-invoiced Row",
        ondelete="cascade",
        index="btree_not_null",
    )
    credited_move_id = fields.Many2one(
        related="row_id.move_id", string="Credited Invoice"
    )
    reason = fields.Selection(
        selection_add=[
            ("credited", "Already credited"),
            ("not_posted", "Invoice not posted"),
            ("later", "Invoice dated after the credit memo"),
            ("paid", "Invoice paid"),
            ("sent", "Invoice sent"),
        ],
        ondelete={
            "credited": "set null",
            "not_posted": "set null",
            "later": "set null",
            "paid": "set null",
            "sent": "set null",
        },
    )

    def _group_free_rows(self):
        """``{log: rows}`` of what nothing keeps off a credit memo; the report says
        what does, and no longer what did."""
        if not self:
            return {}
        run = self.run_id
        refusals = run._get_kind()._get_refusals(run, self.row_id)
        free = self.filtered(lambda line: not refusals[line.row_id])
        self._refuse_alike(lambda line: refusals[line.row_id])
        again = free.filtered(lambda line: not line.taken)
        again.sudo().write(self._prepare_reason_vals([]))
        return {log: lines.row_id for log, lines in free.grouped("log_id").items()}
