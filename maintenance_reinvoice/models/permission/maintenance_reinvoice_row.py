from odoo import api, fields, models


class MaintenanceReinvoiceRow(models.Model):
    """One permission line on one customer invoice, with the amount charged there.

    The rows are the memory of re-invoicing: a line that was credited and freed has
    a row per invoice it has ever been on, at most one of them live."""

    _name = "maintenance.reinvoice.row"
    _description = "Re-invoiced Maintenance Line"
    _order = "move_id, contract_id, id"

    # the database itself refuses a line on two live invoices
    _live_uniq = models.UniqueIndex(
        "(line_id) WHERE live", "This line is already on another invoice."
    )

    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        required=True,
        ondelete="cascade",
        index=True,
    )
    move_line_id = fields.Many2one(
        "account.move.line",
        string="Invoice Line",
        required=True,
        ondelete="cascade",
        index=True,
    )
    line_id = fields.Many2one(
        "maintenance.permission.line",
        string="Permission Line",
        required=True,
        ondelete="restrict",
        index=True,
    )
    company_id = fields.Many2one("res.company", required=True, index=True)
    permission_id = fields.Many2one(related="line_id.permission_id")
    contract_id = fields.Many2one(
        "maintenance.contract", required=True, ondelete="restrict", index=True
    )
    amount = fields.Monetary(
        string="Net",
        help="Charged before tax, in the currency of the invoice; negative for what "
        "reduces it.",
    )
    currency_id = fields.Many2one("res.currency", required=True)
    tax_ids = fields.Many2many(
        "account.tax",
        string="Taxes",
        context={"active_test": False},
        ondelete="restrict",
        help="Taxes of the sale as they were found for the invoice: the draft is not "
        "posted with others.",
    )
    freed = fields.Boolean(
        help="Credited, and the line may be re-invoiced on another invoice."
    )
    credit_move_id = fields.Many2one(
        "account.move",
        string="Credit Memo",
        ondelete="restrict",
        index="btree_not_null",
    )
    live = fields.Boolean(
        compute="_compute_live",
        store=True,
        help="The customer's invoice counts: neither cancelled nor freed.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        # what was freed a moment ago must not stand in the way of the new rows
        self.flush_model(["live"])
        rows = super().create(vals_list)
        # computed for all at once; now the database looks whether they may be
        rows.flush_recordset(["live"])
        return rows

    @api.depends("freed", "move_id.state")
    def _compute_live(self):
        for row in self:
            row.live = not row.freed and row.move_id.state != "cancel"

    def _filter_creditable(self):
        """Rows of posted invoices that nobody has credited yet."""
        return self.filtered(
            lambda row: row.move_id.state == "posted" and not row.credit_move_id
        )
