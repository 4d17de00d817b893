from odoo import models


class AccountMove(models.Model):
    """Cash rounding of an invoice: its credit memos take it back with the rest."""

    _inherit = "account.move"

    def _get_rounding_lines(self):
        return self.line_ids.filtered(lambda line: line.display_type == "rounding")

    def _get_unrounded(self, name):
        """Sum of an amount of these documents, without what rounds cash.

        :param str name: ``amount_untaxed`` or ``amount_total``
        """
        lines = self._get_rounding_lines()
        if name == "amount_untaxed":
            # a rounded tax is no part of it
            lines = lines.filtered(lambda line: not line.tax_repartition_line_id)
        signed = (line.amount_currency * line.move_id.direction_sign for line in lines)
        return sum(self.mapped(name)) - sum(signed)

    def _recompute_cash_rounding_lines(self):
        invoice = self._get_credited_invoice()
        if not invoice._get_rounding_lines():
            return super()._recompute_cash_rounding_lines()
        others = invoice._get_live_credits() - self
        is_last = self._finishes(invoice, others)
        if self.invoice_cash_rounding_id and not is_last:
            # somebody wants this part rounded by itself
            return super()._recompute_cash_rounding_lines()
        amount, balance = self._get_rounding_rest(invoice, others)
        if not is_last:
            amount = self._limit_rounding_rest(invoice, others, amount)
            balance = self._convert_at_own_rate(amount)
        self._set_rounding(invoice, amount, balance)

    def _get_live_credits(self):
        """Credit memos of these invoices, drafts among them."""
        return self.reversal_move_ids.filtered(lambda move: move.state != "cancel")

    def _finishes(self, invoice, others):
        """Whether nothing of the invoice is left with this credit memo."""
        lines = invoice._get_billed_lines()
        return lines == invoice._get_finished_lines(others | self)

    def _get_rounding_rest(self, invoice, others):
        """What other credit memos leave of the rounding, as this one's item.

        :return: pair of amount and balance
        """
        items = (invoice | others)._get_rounding_lines()
        return (
            -self.currency_id.round(sum(items.mapped("amount_currency"))),
            -self.company_currency_id.round(sum(items.mapped("balance"))),
        )

    def _limit_rounding_rest(self, invoice, others, amount):
        """Of an invoice that was rounded down, what this part needs of the rounding so
        that it does not take back more than the payer owes.

        :param float amount: what is left of the rounding
        """
        left = invoice.amount_total - sum(others.mapped("amount_total"))
        own = self.line_ids - self._get_receivable_lines() - self._get_rounding_lines()
        excess = self.currency_id.round(sum(own.mapped("amount_currency")) - left)
        return max(amount, -excess) if amount < 0 < excess else 0.0

    def _convert_at_own_rate(self, amount):
        """:return: an amount of this document in the company's currency"""
        rate = self.invoice_currency_rate or 1.0
        return self.company_currency_id.round(amount / rate)

    def _set_rounding(self, invoice, amount, balance):
        """Let this draft have one rounding item of that amount, or none."""
        lines = self._get_rounding_lines()
        if not amount and not balance:
            lines.unlink()
            return
        vals = {"amount_currency": amount, "balance": balance}
        if not lines:
            vals |= self._prepare_rounding_vals(invoice._get_rounding_lines()[0])
            self.env["account.move.line"].create(vals)
        elif any(lines[0][name] != value for name, value in vals.items()):
            lines[0].write(vals)

    def _prepare_rounding_vals(self, item):
        """Values of the item that takes back a rounding item of the invoice."""
        part = item.tax_repartition_line_id and item._get_repartition_part(
            self.move_type
        )
        return {
            "move_id": self.id,
            "display_type": "rounding",
            "name": item.name,
            "partner_id": self.partner_id.id,
            "currency_id": self.currency_id.id,
            "account_id": item.account_id.id,
            "tax_repartition_line_id": part.id,
            "tax_tag_ids": part.tag_ids.ids,
            "tax_ids": item.tax_ids.ids,
        }
