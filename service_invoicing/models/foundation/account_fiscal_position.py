from odoo import models


class AccountFiscalPosition(models.Model):
    """Taxes of documents that are billed later, archived ones among them."""

    _inherit = "account.fiscal.position"

    def _map_kept_taxes(self, taxes):
        """As ``map_tax``, for the taxes of a document that is billed later.

        Core no longer knows what an archived tax is replaced by; the payer of a
        document from before still gets what replaced it.

        :param taxes: before the fiscal position, archived ones among them
        :return: ``account.tax``
        """
        if not self or all(taxes.mapped("active")):
            return self.map_tax(taxes)
        mapped = taxes.browse()
        for tax in taxes:
            mapped |= self.map_tax(tax) if tax.active else self._map_archived_tax(tax)
        return mapped

    def _map_archived_tax(self, tax):
        """What replaces an archived tax: those in use, or else what replaced it when
        it was in use itself."""
        self.ensure_one()
        own = self.with_context(active_test=False).tax_ids
        replacing = own & tax.with_context(active_test=False).replacing_tax_ids
        if not replacing:
            return tax if own else tax.browse()
        found = replacing.filtered("active") or replacing
        return found.with_env(tax.env)
