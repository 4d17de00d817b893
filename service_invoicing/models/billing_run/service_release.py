from odoo import models


class ServiceRelease(models.Model):
    """Many releases are invoiced in the background."""

    _inherit = "service.release"

    def action_create_invoice(self):
        """With many releases: open the run that bills them in the background."""
        self._check_action(("confirmed",))
        run = self.env["service.billing.run"]._take_over("releases", self)
        return run or super().action_create_invoice()

    def _prepare_billing_item_vals(self):
        """Values of the item of a billing run that invoices these."""
        return {"release_ids": self.ids}
