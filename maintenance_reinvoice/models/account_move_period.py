from odoo import models


class AccountMove(models.Model):
    """Drafts of re-invoicing that somebody posts later keep to the company's choice for
    closed periods, as the runs that made them did."""

    _inherit = "account.move"

    def _filter_maintenance_sales(self):
        """Invoices and credit memos of re-invoicing."""
        return self.filtered(
            lambda move: move.service_invoice_type == "maintenance"
            and move.is_sale_document()
        )

    def _filter_period_kept(self):
        return super()._filter_period_kept() | self._filter_maintenance_sales()

    def _get_closed_period_choice(self):
        if self._filter_maintenance_sales():
            return self.company_id.maintenance_closed_period
        return super()._get_closed_period_choice()
