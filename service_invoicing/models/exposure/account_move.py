from odoo import api, models
from odoo.fields import Domain


class AccountMove(models.Model):
    """Core's credit warning on invoices made from work orders."""

    _inherit = "account.move"

    @api.model
    def _get_unposted_service_domain(self):
        """Invoices that count in a partner's credit to invoice."""
        return Domain(
            [
                ("state", "=", "draft"),
                ("move_type", "=", "out_invoice"),
                # what is asked for in advance is counted with the order
                ("service_invoice_type", "in", self._get_share_types()),
                ("work_order_ids", "!=", False),
            ]
        )

    def _get_partner_credit_warning_exclude_amount(self):
        """The document itself is in the credit to invoice as it was last saved."""
        amount = super()._get_partner_credit_warning_exclude_amount()
        saved = self.sudo()._origin.filtered_domain(self._get_unposted_service_domain())
        return amount + sum(saved.mapped("amount_total_signed"))
