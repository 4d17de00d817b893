from odoo import models


class AccountPaymentTerm(models.Model):
    _inherit = "account.payment.term"

    def _compute_terms(self, date_ref, *args, **kwargs):
        """Due and discount dates of service invoices count from the anchor date."""
        anchor = self.env.context.get("service_anchor_date")
        return super()._compute_terms(anchor or date_ref, *args, **kwargs)
