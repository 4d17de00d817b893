from odoo import models


class ServiceAgreement(models.Model):
    """Months of many agreements are released in the background."""

    _inherit = "service.agreement"

    def _prepare_billing_item_vals(self):
        """Values of the item of a billing run that releases a month of it."""
        return {"agreement_id": self.id}
