from odoo import fields, models

from ...tools.cost_category import ADDITIONAL_CHARGE, COST_CATEGORIES
from ...tools.shares import PIECE_DIGITS, SharePart


class ServiceShareTransferLine(models.Model):
    """One line of a share that was moved or credited."""

    _name = "service.share.transfer.line"
    _description = "Line of a Share Moved to Another Payer"
    _order = "transfer_id, id"

    transfer_id = fields.Many2one(
        "service.share.transfer",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="transfer_id.company_id", store=True)
    currency_id = fields.Many2one(related="transfer_id.currency_id")
    order_line_id = fields.Many2one(
        "service.work.order.line",
        string="Work Order Line",
        readonly=True,
        index="btree_not_null",
    )
    move_line_id = fields.Many2one(
        "account.move.line",
        string="Invoice Line",
        readonly=True,
        index="btree_not_null",
        help="The line of the first payer's invoice that was credited.",
    )
    tcd_id = fields.Many2one(
        "service.tcd",
        string="T/C/D Code",
        readonly=True,
        ondelete="restrict",
    )
    name = fields.Text(required=True, readonly=True)
    cost_category = fields.Selection(selection=COST_CATEGORIES, readonly=True)
    account_id = fields.Many2one(
        "account.account",
        required=True,
        readonly=True,
        help="Revenue account before the fiscal position of the payer.",
    )
    tax_ids = fields.Many2many(
        "account.tax",
        readonly=True,
        context={"active_test": False},
        ondelete="restrict",
        help="Taxes before the fiscal position of the payer.",
    )
    amount = fields.Monetary(readonly=True, help="Before tax.")
    pieces = fields.Float(
        digits=(16, PIECE_DIGITS),
        min_display_digits="Product Unit",
        readonly=True,
        help="What of the order line's quantity is in it, where a tax counts that.",
    )
    deductible = fields.Boolean(readonly=True, help="It is a part of the own risk.")

    def _is_share(self):
        """Whether the line is part of what the order's lines cost.

        Charges, discounts and what was typed on the invoice are not.
        """
        self.ensure_one()
        return bool(self.order_line_id) and not self.tcd_id

    def _get_part(self, sign=1):
        """The line as it is invoiced.

        :param sign: -1 for what the first payer no longer bears
        :return: ``SharePart``
        """
        self.ensure_one()
        return SharePart(
            order_line=self.order_line_id,
            name=self._get_part_name(sign),
            category=self.cost_category or ADDITIONAL_CHARGE,
            account=self.account_id,
            taxes=self.tax_ids if self.pieces else self.tax_ids._without_per_piece(),
            amount=sign * self.amount,
            pieces=sign * self.pieces,
            is_deductible=self.deductible,
        )

    def _get_part_name(self, sign):
        """Text of the invoice line: what it is, and whose it was or is."""
        transfer = self.transfer_id
        if transfer.effect != "moved":
            return self._get_credited_name(sign)
        if sign > 0:
            return self.env._(
                "%(name)s\nTaken over from %(payer)s",
                name=self.name,
                payer=transfer.source_partner_id.display_name,
            )
        return self.env._(
            "%(name)s\nMoved to %(payer)s",
            name=self.name,
            payer=transfer.partner_id.display_name,
        )

    def _get_credited_name(self, sign):
        """The same of a part that was credited to its payer."""
        transfer = self.transfer_id
        if sign > 0:
            return self.name
        if transfer.effect == "free":
            return self.env._("%s\nBilled separately", self.name)
        return self.env._(
            "%(name)s\nCredited by %(credit)s",
            name=self.name,
            credit=transfer.sudo().credit_move_id.display_name,
        )
