from odoo import models


class MaintenancePermissionLine(models.Model):
    """A line that was charged wrongly gets its right amount."""

    _inherit = "maintenance.permission.line"

    def _write_correction(self, vals, reason):
        """Give a freed line its right amount and payer, and the reason of it; with an
        amount of zero it is not for re-invoicing any more."""
        self.ensure_one()
        if reason:
            vals = {**vals, "reinvoice_reason": reason}
        if self.currency_id.is_zero(vals["amount_to_reinvoice"]):
            vals = {**vals, "reinvoice": False}
        self.write(vals)
