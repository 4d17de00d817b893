from odoo import models


class AccountMove(models.Model):
    """Core's credit warning on invoices made from work orders."""

    _inherit = "account.move"

    def _get_partner_credit_warning_exclude_amount(self):
        """The document itself is in the credit to invoice as it was last saved."""
        amount = super()._get_partner_credit_warning_exclude_amount()
        domain = self.env["res.partner"]._get_unposted_service_domain()
        saved = self.sudo()._origin.filtered_domain(domain)
        return amount + sum(saved.mapped("amount_total_signed"))
