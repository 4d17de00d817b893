from odoo import models

from ...tools.shares import SharePart

# what the amount before tax of a line is computed from
PRICE_FIELDS = {"quantity", "price_unit", "discount", "tax_ids"}


class AccountMoveLine(models.Model):
    """Invoice lines that bill a share, which may be moved to another payer."""

    _inherit = "account.move.line"

    def _describe_changed_shares(self, vals):
        """:return: function that follows a change of prices, ``None`` without any"""
        if not PRICE_FIELDS & vals.keys() or "name" in vals:
            return None
        described = self._filter_described_shares()
        return described._update_share_texts if described else None

    def _update_share_texts(self):
        for line in self:
            line.sudo().name = line._describe_billed_share()

    def _filter_described_shares(self):
        """Those whose text says what they bill of the work, in words that nobody
        has changed."""
        return self.filtered(
            lambda line: line.service_order_line_id
            and line.move_id.service_invoice_type in line.move_id._get_share_types()
            and line.name in line._get_share_texts()
        )

    def _get_share_texts(self):
        """Texts of the agreed share and of what is billed: where prices include tax
        they may differ by a smallest unit."""
        line = self._get_described_order_line()
        share = line._get_share(self.move_id.service_invoice_type)
        return {line._describe_share(share), self._describe_billed_share()}

    def _describe_billed_share(self):
        """What this line bills of the work, in the payer's language."""
        return self._get_described_order_line()._describe_billed_share(
            self.move_id.service_invoice_type, self.price_subtotal
        )

    def _get_described_order_line(self):
        """The order line as its text was made: whoever may change the price of the
        invoice changes its text with it."""
        self.ensure_one()
        lang = self.move_id.partner_id.lang or self.env.lang
        return self.service_order_line_id.sudo().with_context(lang=lang)

    def _get_movable_part(self, amount):
        """What of this line may be moved to another payer.

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
        """What of the workshop's own cost goes with ``amount``."""
        self.ensure_one()
        line = self.service_release_line_id.sudo()
        cost = line._get_kept_own_cost() if line else 0.0
        if not cost or not line.share_amount:
            return 0.0
        share = self._get_moved_share(amount)
        return self.currency_id.round(cost * share / line._get_kept_share())

    def _get_moved_share(self, amount):
        """What of the agreed share is in ``amount``: more or less than that, where the
        price was corrected on the invoice."""
        self.ensure_one()
        line = self.service_release_line_id.sudo()
        copies = line.copy_ids.filtered(lambda copy: copy.release_id.credit_move_id)
        left = self.price_subtotal - sum(copies.mapped("price_subtotal"))
        if not line or self.currency_id.is_zero(left):
            return amount
        return self.currency_id.round(line._get_kept_share() * amount / left)

    def _get_moved_pieces(self, amount):
        """What of the quantity is in ``amount`` where a tax counts it: of what was
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
