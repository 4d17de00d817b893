from odoo import models


class AccountTax(models.Model):
    """Taxes withheld on payment are taxes of no invoice."""

    _inherit = "account.tax"

    def _filter_withheld(self):
        return super()._filter_withheld() | self._filter_withheld_on_payment()

    def _filter_withheld_on_payment(self):
        """Those of these taxes that are withheld when the invoice is paid."""
        return self.filtered("is_withholding_tax_on_payment")

    def _get_details_of_net(self, net, currency, quantity=1.0):
        taxes = self.flatten_taxes_hierarchy()
        billed = taxes - taxes._filter_withheld_on_payment()
        return super(AccountTax, billed)._get_details_of_net(net, currency, quantity)
