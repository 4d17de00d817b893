from odoo import api, fields, models

from odoo.addons.service_invoicing.tools.attempt import attempt_each

from ...tools.actions import open_documents
from ...tools.context import QUIET

# fields of permission lines that make an invoice, and those of the log
KEY_FIELDS = {
    "company_id": "company_id",
    "payer_id": "partner_id",
    "currency_id": "currency_id",
    "fiscal_position_id": "fiscal_position_id",
    "payment_term_id": "payment_term_id",
}
# set where all lines of a group have the same
SINGLE_FIELDS = ("contract_id", "vehicle_id", "permission_id")


class MaintenanceReinvoiceLog(models.Model):
    """One invoice group of a run: what was to be invoiced and what came of it."""

    _name = "maintenance.reinvoice.log"
    _description = "Mass Re-invoicing Log"
    _order = "run_id.id desc, sequence, id"

    # lists, and the logs of a run
    _run_idx = models.Index("(run_id DESC, sequence, id)")
    # what a run deals with next, whatever it has dealt with
    _pending_idx = models.Index(
        "(run_id, sequence, id) WHERE posting_state = 'pending'"
    )

    run_id = fields.Many2one(
        "maintenance.reinvoice.run", required=True, ondelete="cascade"
    )
    sequence = fields.Integer()
    company_id = fields.Many2one("res.company", required=True, index=True)
    partner_id = fields.Many2one("res.partner", string="Customer", required=True)
    currency_id = fields.Many2one("res.currency", required=True)
    fiscal_position_id = fields.Many2one(
        "account.fiscal.position",
        ondelete="restrict",
    )
    payment_term_id = fields.Many2one(
        "account.payment.term",
        ondelete="restrict",
    )
    contract_id = fields.Many2one(
        "maintenance.contract", help="Set when the invoice is for one contract."
    )
    vehicle_id = fields.Many2one(
        "fleet.vehicle",
        ondelete="restrict",
        help="Set when the invoice is for one vehicle.",
    )
    permission_id = fields.Many2one(
        "maintenance.permission",
        help="Set when the invoice is for one permission.",
    )
    amount = fields.Monetary(
        string="Net", help="Before tax, in the currency of the invoice."
    )
    run_line_ids = fields.One2many(
        "maintenance.reinvoice.run.line", "log_id", string="Report Lines"
    )
    move_id = fields.Many2one(
        "account.move", string="Invoice", ondelete="set null", index="btree_not_null"
    )
    invoice_type = fields.Selection(related="move_id.move_type")
    redistribution_id = fields.Many2one(related="move_id.maintenance_redistribution_id")
    processed = fields.Boolean(help="The run has dealt with this group.")
    posting_state = fields.Selection(
        [
            ("pending", "Waiting"),
            ("posted", "Posted"),
            ("draft", "Draft"),
            ("failed", "Failed"),
            ("none", "No Invoice"),
        ],
        string="Posting",
        compute="_compute_posting_state",
        store=True,
        precompute=True,
        index=True,
    )
    posting_error = fields.Text(readonly=True)
    posting_note = fields.Text(readonly=True)

    @api.depends("move_id.state", "posting_error", "processed")
    def _compute_posting_state(self):
        for log in self:
            if log.move_id:
                live = log.move_id.state in ("draft", "posted")
                log.posting_state = log.move_id.state if live else "none"
            elif log.posting_error:
                log.posting_state = "failed"
            else:
                log.posting_state = "none" if log.processed else "pending"

    @api.depends("run_id.name", "partner_id.name")
    def _compute_display_name(self):
        for log in self:
            log.display_name = f"{log.run_id.name}: {log.partner_id.name}"

    def _get_grouping_key(self):
        """The grouping key the log was made for, as far as invoices need it."""
        self.ensure_one()
        return tuple((name, self[own]) for name, own in KEY_FIELDS.items())

    @api.model
    def _prepare_key_vals(self, key, lines):
        """What the log of a group keeps of it: its grouping key, as far as there are
        fields for it, and what it is for where that is one thing."""
        vals = {name: lines[name] for name in SINGLE_FIELDS if len(lines[name]) == 1}
        vals |= {KEY_FIELDS.get(name, name): value for name, value in key}
        return self._convert_to_write(vals)

    # -- execution --------------------------------------------------------------

    def _execute(self):
        """Deal with the groups in one fast batch, and in ever smaller ones where that
        fails, so that a failing group is named and stops nobody else."""
        logs = self.try_lock_for_update()
        logs.invalidate_recordset()
        logs = logs.filtered(lambda log: log.posting_state == "pending")
        if not logs:
            return
        kind = logs.run_id._get_kind()
        for log, error in attempt_each(logs, kind._execute).items():
            log.sudo().posting_error = error

    def _invoice(self):
        """Make, post and redistribute the invoices of the groups."""
        options = self.run_id._prepare_options()
        groups = self._get_groups_to_invoice(options)
        lines = self.env["maintenance.permission.line"]
        moves = lines._create_reinvoice_moves(
            [(log._get_grouping_key(), lines) for log, lines in groups.items()], options
        )
        if options["clearing"]:
            items = self.env["maintenance.invoice.items"]
            items._post(moves.with_context(**QUIET), options["cache"])
            self.env["maintenance.redistribution"]._redistribute(moves)
        self._write_results(groups, moves, options)

    def _get_groups_to_invoice(self, options):
        """Lines per log, locked and looked at again: what somebody else took or
        changed since the check is left out and said so in the report. A group of which
        somebody else holds a line waits as a whole: its customer gets one invoice."""
        lines = self.run_line_ids.permission_line_id
        busy = lines - lines.try_lock_for_update()
        lines.invalidate_recordset()
        waiting = self._fail_busy(busy)
        report = (self - waiting).run_line_ids
        groups = report._group_free_lines()
        # two groups may differ in what invoices need not know
        keys = {log: (*log._get_grouping_key(), ("log_id", log.id)) for log in groups}
        refused = lines._get_group_refusals(
            {keys[log]: group for log, group in groups.items()}, options
        )
        report._refuse_alike(lambda row: refused.get(row.permission_line_id, []))
        self.sudo().posting_note = False
        for log, group in groups.items():
            if refused.get(group[0]) == ["carried"]:
                log._note_carried(keys[log], group, options)
        return {log: group for log, group in groups.items() if group[0] not in refused}

    def _note_carried(self, key, lines, options):
        """Say in log and report that the group is carried forward, and why.

        :param key: see ``maintenance.permission.line._get_group_refusals``
        """
        self.ensure_one()
        self.sudo().amount = lines._sum_to_reinvoice()
        rows = self.run_line_ids.filtered(lambda row: row.permission_line_id in lines)
        rows.sudo().carried_amount = lines._get_carried_amount(key, options)
        self.sudo().posting_note = rows[:1].reason_text

    def _fail_busy(self, busy):
        """Name what somebody else holds, so that the group can be tried again.

        :param busy: permission lines of these groups
        :return: the groups of them
        """
        rows = self.run_line_ids.filtered(lambda row: row.permission_line_id in busy)
        rows.sudo()._refuse(["busy"])
        for log, group in rows.grouped("log_id").items():
            log.sudo().posting_error = group.permission_line_id._get_busy_error()
        return rows.log_id

    def _write_results(self, groups, moves, options):
        note = not options["clearing"] and self.run_id._get_no_clearing_note()
        for log, move in zip(groups, moves, strict=True):
            log.sudo().write(
                {
                    "move_id": move.id,
                    "amount": groups[log]._sum_to_reinvoice(),
                    "posting_note": note,
                    "processed": True,
                }
            )
        empty = self.filtered(lambda log: log not in groups and not log.posting_error)
        empty.sudo().processed = True
        body = self.env._("Made by re-invoicing run %s.", self.run_id.name)
        moves._message_log_batch(bodies={move.id: body for move in moves})

    def action_open_invoice(self):
        """The invoice of the group."""
        return open_documents(self.move_id)
