from odoo import api, models


class AccountMove(models.Model):
    """Credit memos in a foreign currency take the rate of the invoice they credit.

    What was booked is taken back, whatever the rate is on their own day. A credit memo
    credits one invoice: who credits several gets one for each, at the rate of each.
    """

    _inherit = "account.move"

    @api.depends("reversed_entry_id")
    def _compute_expected_currency_rate(self):
        return super()._compute_expected_currency_rate()

    @api.depends("reversed_entry_id")
    def _compute_invoice_currency_rate(self):
        return super()._compute_invoice_currency_rate()

    def _get_expected_currency_rate_at(self, date):
        invoice = self._get_credited_invoice()
        if invoice and invoice.currency_id == self.currency_id:
            return invoice.invoice_currency_rate
        return super()._get_expected_currency_rate_at(date)

    def _get_credited_invoice(self):
        """The invoice of ours that this credit memo credits, for its amounts."""
        if self.move_type != "out_refund" or not self.reversed_entry_id:
            return self.browse()
        return self.sudo().reversed_entry_id.filtered("service_invoice_type")
