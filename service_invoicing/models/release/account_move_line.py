from odoo import fields, models

from ...tools.shares import SharePart


class AccountMoveLine(models.Model):
    """Which release an invoice line bills, and what of a share is in it."""

    _inherit = "account.move.line"

    service_release_id = fields.Many2one(
        "service.release",
        string="Release",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The release this line came with. It goes when the release is taken off "
        "the invoice.",
    )
    service_release_line_id = fields.Many2one(
        "service.release.line",
        string="Release Line",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The line of a release that this line bills.",
    )

    def _bills_month(self):
        """Whether this line bills a month of an agreement: no share of an order."""
        self.ensure_one()
        return self.sudo().service_release_id.release_type == "monthly"

    # What of a line goes to another payer, or is billed again.

    def _get_movable_part(self, amount):
        """Part of this line that can be moved to another payer.

        :param float amount: before tax in the document's currency
        :return: ``SharePart``
        """
        self.ensure_one()
        order_line = self.service_order_line_id
        pieces = self._get_moved_pieces(amount)
        taxes = self._get_moved_taxes()
        account = self.account_id
        if order_line and not self.service_tcd_id:
            account = order_line._get_income_account()
        return SharePart(
            order_line=order_line,
            name=self.name or "",
            category=self.service_cost_category,
            account=account,
            taxes=taxes if pieces else taxes._without_per_piece(),
            amount=amount,
            pieces=pieces,
            is_deductible=self.service_deductible,
            tcd=self.service_tcd_id,
            share_type=self._get_share_type(),
            share=self._get_moved_share(amount),
            own_cost=self._get_moved_own_cost(amount),
            release_line=self.service_release_line_id,
        )

    def _get_share_type(self):
        """Whose share of the order's line this line bills."""
        self.ensure_one()
        line = self.service_release_line_id.sudo()
        return line.share_type or self.move_id.service_invoice_type

    def _get_moved_own_cost(self, amount):
        """Part of the workshop's own cost that goes with ``amount``."""
        self.ensure_one()
        line = self.service_release_line_id.sudo()
        cost = line._get_kept_own_cost() if line else 0.0
        if not cost or not line.share_amount:
            return 0.0
        share = self._get_moved_share(amount)
        return self.currency_id.round(cost * share / line._get_kept_share())

    def _get_moved_share(self, amount):
        """Part of the agreed share in ``amount``: more or less than that, where the
        price was corrected on the invoice."""
        self.ensure_one()
        line = self.service_release_line_id.sudo()
        copies = line.copy_ids.filtered(lambda copy: copy.release_id.credit_move_id)
        left = self.price_subtotal - sum(copies.mapped("price_subtotal"))
        if not line or self.currency_id.is_zero(left):
            return amount
        return self.currency_id.round(line._get_kept_share() * amount / left)

    def _get_moved_pieces(self, amount):
        """Part of the quantity in ``amount`` where a tax counts it: of what was
        billed, or of the order's where its payer bore no such tax. The own risk is no
        piece of anything."""
        self.ensure_one()
        order_line = self.service_order_line_id
        if not order_line or self.service_tcd_id or self.service_deductible:
            return 0.0
        if self.tax_ids._filter_per_piece() and self.price_subtotal:
            return self._get_pieces_billed() * amount / self.price_subtotal
        return order_line._get_pieces(amount)

    def _get_moved_taxes(self):
        """Taxes of the moved share before the new payer's fiscal position.

        What an insurer was to pay net stays untaxed: the customer has paid the tax.
        """
        self.ensure_one()
        order_line = self.service_order_line_id
        if not order_line or self.service_tcd_id:
            return self.tax_ids
        move = self.move_id
        is_insured = move.service_invoice_type == "insurance"
        taxes = order_line.tax_ids
        if is_insured or move._bills_moved_share():
            taxes = order_line._get_taxes_of("insurance")
        # the new invoice has no tax row of its own
        return taxes | self.service_tcd_tax_ids
