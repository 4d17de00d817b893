from odoo import Command, api, fields, models

from odoo.addons.service_invoicing.tools.arguments import expects

from ..tools.agreed_shares import share_by_agreed


class MaintenanceBillMatch(models.TransientModel):
    """A garage's bill beside the permissions that it seems to be about."""

    _name = "maintenance.bill.match"
    _inherit = "service.dialog.mixin"
    _description = "Attach Bill to Permissions"

    move_id = fields.Many2one(
        "account.move", string="Bill", required=True, readonly=True
    )
    currency_id = fields.Many2one(related="move_id.currency_id", related_sudo=False)
    candidate_ids = fields.Many2many(
        "maintenance.permission.line",
        compute="_compute_candidate_ids",
        help="Permission lines of the bill's vendor, company and currency that wait "
        "for a bill.",
    )
    row_ids = fields.One2many(
        "maintenance.bill.match.line",
        "dialog_id",
        string="Bill Lines",
        compute="_compute_row_ids",
        store=True,
        compute_sudo=False,
        readonly=False,
        precompute=True,
    )

    @api.depends("move_id")
    def _compute_candidate_ids(self):
        Matching = self.env["maintenance.bill.matching"]
        for dialog in self:
            move = dialog.move_id
            dialog.candidate_ids = Matching._get_candidates(move) if move else False

    @api.depends("move_id")
    def _compute_row_ids(self):
        for dialog in self:
            rows = [
                Command.create(vals) for vals in dialog._prepare_proposed_row_vals()
            ]
            dialog.row_ids = [Command.clear(), *rows]

    def _prepare_proposed_row_vals(self):
        """Values of a row per bill line and permission line that is proposed; a bill
        line for which nothing is found has a row without."""
        self.ensure_one()
        if not self.move_id:
            return []
        proposal = self.env["maintenance.bill.matching"]._get_proposal(self.move_id)
        return [
            {
                "bill_line_id": bill_line.id,
                "permission_line_id": line.id,
                "found": self._get_found_text(bill_line, permissions),
            }
            for bill_line, (permissions, lines) in proposal.items()
            for line in (lines or [lines])
        ]

    def _get_found_text(self, bill_line, permissions):
        """Permission numbers and plates that the bill names for one of its lines."""
        return ", ".join(permissions.mapped("display_name"))

    @expects(one=True)
    def action_confirm(self):
        """Attach the rows that name a permission line."""
        rows = self.row_ids.filtered("permission_line_id")
        self.move_id.action_maintenance_match(
            line_ids=[(row.bill_line_id.id, row.permission_line_id.id) for row in rows]
        )
        return {"type": "ir.actions.act_window_close"}


class MaintenanceBillMatchLine(models.TransientModel):
    """One line of the bill and the permission line that it charges."""

    _name = "maintenance.bill.match.line"
    _inherit = "service.dialog.mixin"
    _description = "Bill Line to Attach"

    dialog_id = fields.Many2one(
        "maintenance.bill.match", required=True, ondelete="cascade", index=True
    )
    move_id = fields.Many2one(related="dialog_id.move_id", related_sudo=False)
    candidate_ids = fields.Many2many(
        related="dialog_id.candidate_ids", related_sudo=False
    )
    currency_id = fields.Many2one(related="dialog_id.currency_id", related_sudo=False)
    bill_line_id = fields.Many2one(
        "account.move.line",
        string="Bill Line",
        domain="[('move_id', '=', move_id), ('display_type', '=', 'product'), "
        "('maintenance_line_id', '=', False)]",
        help="Empty: the permission line is added to the bill. The same bill line in "
        "several rows is split by the agreed prices.",
    )
    found = fields.Char(
        readonly=True, help="Permissions and plates that the bill names."
    )
    permission_line_id = fields.Many2one(
        "maintenance.permission.line",
        domain="[('id', 'in', candidate_ids)]",
        help="What the bill line charges. Empty: the line is not attached.",
    )
    purchase_price = fields.Monetary(
        related="permission_line_id.purchase_price",
        related_sudo=False,
        currency_field="currency_id",
        string="Agreed",
    )
    amount_billed = fields.Monetary(
        compute="_compute_amount_billed",
        string="Billed",
        help="Net amount of the bill line, or this row's share of it.",
    )
    amount_difference = fields.Monetary(
        compute="_compute_amount_billed",
        string="Difference",
        help="Billed less agreed; counted once where several bill lines charge one "
        "permission line.",
    )

    @api.depends(
        "bill_line_id",
        "permission_line_id",
        "dialog_id.row_ids.bill_line_id",
        "dialog_id.row_ids.permission_line_id",
    )
    def _compute_amount_billed(self):
        for row in self:
            row.amount_billed = row._get_share()
        for row in self:
            row.amount_difference = row._get_difference()

    def _get_share(self):
        """The row's part of the net amount of its bill line."""
        self.ensure_one()
        bill_line, line = self.bill_line_id, self.permission_line_id
        if not bill_line:
            return line.purchase_price
        same = self.dialog_id.row_ids.filtered(
            lambda row: row.bill_line_id == bill_line and row.permission_line_id
        )
        own = [row in (self, self._origin) for row in same]
        if not line or len(same) < 2 or True not in own:
            return bill_line.price_subtotal
        shares = share_by_agreed(
            bill_line.price_subtotal,
            [row.permission_line_id.purchase_price for row in same],
            bill_line.currency_id,
        )
        return shares[own.index(True)]

    def _get_difference(self):
        """Billed less agreed of the permission line, in its first row."""
        self.ensure_one()
        line = self.permission_line_id
        if not line:
            return 0.0
        same = self.dialog_id.row_ids.filtered(
            lambda row: row.permission_line_id == line
        )
        if same[:1] not in (self, self._origin):
            return 0.0
        return sum(row._get_share() for row in same) - line.purchase_price
