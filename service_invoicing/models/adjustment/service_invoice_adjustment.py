from odoo import api, fields, models

from ...tools.arguments import expects, parse_text
from ...tools.groups import AUTHORIZER
from ...tools.guards import raise_together, refuse_without_group


class ServiceInvoiceAdjustment(models.Model):
    """A row of the adjustment log: what one document paid of an invoice.

    Rows are written and marked as undone where core matches and unmatches journal
    items, so they are true whoever does it. Nobody writes them by hand.
    """

    _name = "service.invoice.adjustment"
    _description = "Adjustment of an Invoice"
    _order = "id"
    _rec_name = "source_name"

    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
        help="The invoice that was adjusted.",
    )
    source_move_id = fields.Many2one(
        "account.move",
        string="Adjusted With",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The document that paid: a prepayment invoice, a credit memo or an entry.",
    )
    source_name = fields.Char(
        string="Document",
        readonly=True,
        help="Number of the document that paid, as it was then.",
    )
    entry_move_id = fields.Many2one(
        "account.move",
        string="Adjustment Entry",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The entry that moved a prepayment to the receivable of the invoice.",
    )
    company_id = fields.Many2one(
        related="move_id.company_id", store=True, readonly=True, index=True
    )
    partner_id = fields.Many2one(
        related="move_id.commercial_partner_id", store=True, string="Payer"
    )
    currency_id = fields.Many2one(
        related="move_id.currency_id",
        store=True,
        string="Invoice Currency",
    )
    source_currency_id = fields.Many2one(
        "res.currency",
        string="Currency of the Document",
        readonly=True,
        help="Of the document that paid.",
    )
    date = fields.Date(
        readonly=True,
        help="Accounting date of the adjustment: the later of both documents.",
    )
    already_adjusted = fields.Monetary(
        currency_field="source_currency_id",
        readonly=True,
        help="What had been used of the document that paid before this row.",
    )
    pending = fields.Monetary(
        currency_field="source_currency_id",
        readonly=True,
        help="What was left of the document that paid before this row.",
    )
    amount = fields.Monetary(
        string="Adjusted",
        readonly=True,
        help="What this row adjusts of the invoice.",
    )
    live_amount = fields.Monetary(
        string="Adjusted Now",
        compute="_compute_live_amount",
        store=True,
        help="The adjusted amount, zero once the adjustment was undone.",
    )
    partial_id = fields.Many2one(
        "account.partial.reconcile",
        string="Matching",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="Core's matching of both journal items; empty once it is undone.",
    )
    user_id = fields.Many2one("res.users", string="Adjusted By", readonly=True)
    undone = fields.Boolean(readonly=True, help="The adjustment was taken back.")
    undone_date = fields.Date(string="Undone On", readonly=True)
    undone_by_id = fields.Many2one("res.users", string="Undone By", readonly=True)
    undone_reason = fields.Char(string="Reason", readonly=True)

    @api.depends("amount", "undone")
    def _compute_live_amount(self):
        for row in self:
            row.live_amount = 0.0 if row.undone else row.amount

    @expects(reason=parse_text)
    def action_undo(self, reason=None):
        """Take adjustments back; the documents that paid are free again.

        :param str reason: without it the dialog that asks for it is returned
        :raise AccessError: for all but authorizers
        :raise UserError: naming what cannot be undone
        """
        refuse_without_group(self.env, AUTHORIZER)
        self.check_access("read")
        self.move_id.check_access("write")
        raise_together([error for row in self for error in row._get_undo_errors()])
        if not reason:
            return self.env["service.reason.wizard"]._open(
                self, "action_undo", self.env._("Undo Adjustment")
            )
        for row in self:
            row._log_undo(reason)
        self._undo(reason)
        return True

    def _get_undo_errors(self):
        """Why this row cannot be undone.

        :return: list of translated sentences
        """
        self.ensure_one()
        if self.undone or not self.partial_id:
            return [
                self.env._(
                    "%(invoice)s: the adjustment with %(document)s was undone already.",
                    invoice=self.move_id._get_service_label(),
                    document=self.source_name,
                )
            ]
        return self.sudo().partial_id._get_kept_errors()

    def _log_undo(self, reason):
        """Tell the readers of both documents and of the orders."""
        self.ensure_one()
        body = self.env._(
            "The adjustment of %(invoice)s by %(amount)s with %(document)s was undone: "
            "%(reason)s",
            invoice=self.move_id._get_service_label(),
            amount=self.currency_id.format(self.amount),
            document=self.source_name,
            reason=reason,
        )
        for move in self.move_id | self.source_move_id:
            move._message_log(body=body)
        self.env["service.life.cycle"]._log_on_orders(self.move_id, body)

    def _undo(self, reason):
        """Unmatch what these rows stand for; the matching marks the rows itself.

        :param str reason: kept in the rows
        """
        self.partial_id.with_context(service_undo_reason=reason).unlink()

    def _mark_undone(self, reason):
        """Called where the matching is removed.

        :param str reason: why; empty when core's own button was used
        """
        self.sudo().write(
            {
                "undone": True,
                "undone_date": fields.Date.context_today(self),
                "undone_by_id": self.env.uid,
                "undone_reason": reason or self.env._("The matching was removed"),
            }
        )
