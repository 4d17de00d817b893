from odoo import models


class AccountTax(models.Model):
    """Which taxes tell the VAT category of a line."""

    _inherit = "account.tax"

    def _has_einvoice_vat(self):
        """Whether one of these does; withholding and taxes per piece do not."""
        return any(
            tax.amount_type not in ("fixed", "code") and tax.amount >= 0.0
            for tax in self.flatten_taxes_hierarchy()
        )
