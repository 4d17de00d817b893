from odoo import api, models


class AccountMove(models.Model):
    """The invoice summary shows what is withheld on payment."""

    _inherit = "account.move"

    @api.depends(
        "line_ids.tax_ids",
        "state",
        "line_ids.matched_debit_ids.credit_amount_currency",
        "line_ids.matched_credit_ids.debit_amount_currency",
    )
    def _compute_service_summary(self):
        return super()._compute_service_summary()

    def _get_payment_withholding(self):
        """What payments and credit memos took of the withholding, and what core will
        still propose when the rest is paid."""
        amount = super()._get_payment_withholding()
        withholding = self.env["service.withholding"]
        proposed = withholding._prepare_vals_list(self)
        if proposed and self.state == "posted":
            amount += withholding._get_withheld_amount(self)
            proposed = withholding._prepare_left_vals_list(self)
        return amount + sum(vals["source_tax_amount_currency"] for vals in proposed)

    def _get_service_due_amount(self):
        """What is withheld with the rest is not paid to us."""
        due = super()._get_service_due_amount()
        if not (self.service_invoice_type and self.currency_id):
            return due
        left = self.env["service.withholding"]._prepare_left_vals_list(self)
        return self.currency_id.round(
            due - sum(vals["source_tax_amount_currency"] for vals in left)
        )

    def _get_adjusted_amount(self):
        """A credit memo takes back the withholding with the work: it adjusts by what
        would have been paid."""
        credited = self.env["service.withholding"]._get_credited(self)
        return super()._get_adjusted_amount() - self.currency_id.round(
            sum(amounts["source_tax_amount_currency"] for amounts in credited.values())
        )
