from odoo import api, fields, models

from ...tools.choices import CREDIT_EFFECTS
from ...tools.invoice_type import INVOICE_TYPES
from ...tools.shares import Payer


class ServiceShareTransfer(models.Model):
    """A share that one payer was to bear and another one bears now.

    Made by the dialog “Move Share”; it is undone by deleting the credit memo it came
    with, and superseded when the order is checked again. What a credit memo takes back
    of a part of an invoice is kept in the same way: the payer stays, and the part is
    billed to him again or closed.
    """

    _name = "service.share.transfer"
    _description = "Share Moved to Another Payer"
    _order = "id desc"
    _rec_name = "work_order_id"
    _check_company_auto = True

    work_order_id = fields.Many2one(
        "service.work.order",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="work_order_id.company_id", store=True)
    currency_id = fields.Many2one(related="work_order_id.currency_id")
    source_invoice_type = fields.Selection(
        selection=INVOICE_TYPES, required=True, readonly=True, string="From"
    )
    source_partner_id = fields.Many2one(
        "res.partner", required=True, readonly=True, string="From Payer"
    )
    source_transfer_id = fields.Many2one(
        "service.share.transfer",
        readonly=True,
        index="btree_not_null",
        string="Moved Before",
        help="The transfer by which the first payer had come to bear the share.",
    )
    invoice_type = fields.Selection(
        selection=INVOICE_TYPES, required=True, readonly=True, string="To"
    )
    partner_id = fields.Many2one(
        "res.partner",
        required=True,
        readonly=True,
        check_company=True,
        string="To Payer",
    )
    credit_move_id = fields.Many2one(
        "account.move",
        string="Credit Memo",
        readonly=True,
        index="btree_not_null",
        help="Takes the share back from the first payer. Empty when he had no invoice "
        "or when it was credited before.",
    )
    move_ids = fields.One2many(
        "account.move", "service_transfer_id", string="Invoices", readonly=True
    )
    line_ids = fields.One2many(
        "service.share.transfer.line", "transfer_id", readonly=True
    )
    effect = fields.Selection(
        selection=[("moved", "Moved"), *CREDIT_EFFECTS],
        default="moved",
        required=True,
        readonly=True,
        help="Moved to another payer, or credited: then it is billed again to the same "
        "payer, or closed and billed to nobody.",
    )
    reason = fields.Char(readonly=True, required=True)
    superseded = fields.Boolean(
        readonly=True,
        help="The order has been sent back to its document check: its shares are "
        "agreed anew.",
    )
    amount = fields.Monetary(
        compute="_compute_amount",
        store=True,
        help="Before tax, with charges and discounts of the invoice.",
    )
    share_amount = fields.Monetary(
        string="Share",
        compute="_compute_amount",
        store=True,
        help="Before tax, lines of the work order alone.",
    )
    state = fields.Selection(
        selection=[
            ("moved", "Moved"),
            ("undone", "Undone"),
            ("superseded", "Superseded"),
        ],
        string="Status",
        compute="_compute_state",
        store=True,
        help="Undone: the credit memo was deleted or reset. Superseded: the order was "
        "checked again.",
    )

    @api.depends("line_ids.amount", "line_ids.order_line_id", "line_ids.tcd_id")
    def _compute_amount(self):
        for transfer in self:
            lines = transfer.line_ids
            shares = lines.filtered(lambda line: line._is_share())
            transfer.amount = sum(lines.mapped("amount"))
            transfer.share_amount = sum(shares.mapped("amount"))

    # not on the status of the credit memo, which follows every amount of an entry
    @api.depends(
        "superseded", "effect", "credit_move_id.state", "credit_move_id.service_stage"
    )
    def _compute_state(self):
        for transfer in self:
            if transfer.superseded:
                transfer.state = "superseded"
            elif transfer.credit_move_id._is_service_deleted():
                transfer.state = "undone"
            elif (
                transfer.effect != "moved" and transfer.credit_move_id.state == "draft"
            ):
                transfer.state = "undone"
            else:
                transfer.state = "moved"

    def _get_payer(self):
        """Who bears the share now."""
        self.ensure_one()
        return Payer(self.invoice_type, self.partner_id, self)

    def _get_source_payer(self):
        """Who was to bear it."""
        self.ensure_one()
        return Payer(
            self.source_invoice_type,
            self.source_partner_id,
            self.source_transfer_id or None,
        )

    def _get_parts(self, sign=1):
        """Lines of the invoice for the moved share.

        :param sign: -1 for what the first payer no longer bears
        :return: list of ``SharePart``
        """
        self.ensure_one()
        return [line._get_part(sign) for line in self.line_ids]

    def _sum_by_invoice_type(self):
        """What these transfers changed in the shares of customer, program, insurer.

        :return: dict invoice type → amount before tax in the order's currency, signed
        """
        sums = dict.fromkeys(dict(INVOICE_TYPES), 0.0)
        for transfer in self:
            sums[transfer.source_invoice_type] -= transfer.share_amount
            sums[transfer.invoice_type] += transfer.share_amount
        return sums
