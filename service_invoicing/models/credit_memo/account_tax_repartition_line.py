from odoo import models


class AccountTaxRepartitionLine(models.Model):
    """Parts of taxes on invoices and their counterparts on credit memos."""

    _inherit = "account.tax.repartition.line"

    def _get_place(self):
        """Place among the parts of the tax: the same on invoices and credit memos."""
        self.ensure_one()
        parts = self.tax_id[f"{self.document_type}_repartition_line_ids"]
        return parts.ids.index(self.id)
