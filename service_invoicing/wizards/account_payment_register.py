from odoo import models


class AccountPaymentRegister(models.TransientModel):
    _inherit = "account.payment.register"

    def _create_payments(self):
        """No money is matched with what nobody has authorised."""
        self.line_ids.move_id._check_service_payable()
        return super()._create_payments()
