from odoo import models


class ResPartnerBank(models.Model):
    """The QR code of one of our invoices pays what its payer owes."""

    _inherit = "res.partner.bank"

    def _build_qr_code_vals(self, amount, *args, **kwargs):
        # core asks for what is open, which includes what the payer withholds
        amount = self.env.context.get("service_qr_amount", amount)
        return super()._build_qr_code_vals(amount, *args, **kwargs)
