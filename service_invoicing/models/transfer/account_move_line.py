from odoo import models

# what the amount before tax of a line is computed from
PRICE_FIELDS = {"quantity", "price_unit", "discount", "tax_ids"}


class AccountMoveLine(models.Model):
    """The text of an invoice line says what it bills of the work."""

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
        texts = {line._describe_share(self._get_described_share())}
        return texts | {self._describe_billed_share()}

    def _describe_billed_share(self):
        """What this line bills of the work, in the payer's language."""
        return self._get_described_order_line()._describe_billed_share(
            self.price_subtotal, self._get_described_share()
        )

    def _get_described_share(self):
        """What of the order line this line stands for: a part that was released of it,
        or all that its payer bears."""
        released = self.service_release_line_id.sudo()
        if released:
            return released.share_amount
        invoice_type = self.move_id.service_invoice_type
        return self._get_described_order_line()._get_share(invoice_type)

    def _get_described_order_line(self):
        """The order line as its text was made: whoever may change the price of the
        invoice changes its text with it."""
        self.ensure_one()
        lang = self.move_id.partner_id.lang or self.env.lang
        return self.service_order_line_id.sudo().with_context(lang=lang)
