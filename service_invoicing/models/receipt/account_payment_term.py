from odoo import api, models


class AccountPaymentTerm(models.Model):
    """Terms count from the anchor date, and stay as long as a document needs them."""

    _name = "account.payment.term"
    _inherit = ["account.payment.term", "service.kept.mixin"]

    @api.model
    def _get_keeping_fields(self):
        return super()._get_keeping_fields() + [
            ("service.work.order", "payment_term_id", ""),
            ("service.agreement", "payment_term_id", ""),
            ("service.release", "payment_term_id", ""),
            ("service.program", "payment_term_id", ""),
        ]

    def _compute_terms(self, date_ref, *args, **kwargs):
        """Due and discount dates of service invoices count from the anchor date."""
        anchor = self.env.context.get("service_anchor_date")
        return super()._compute_terms(anchor or date_ref, *args, **kwargs)
