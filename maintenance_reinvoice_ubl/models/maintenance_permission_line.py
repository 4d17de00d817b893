from odoo import models


class MaintenancePermissionLine(models.Model):
    """Which work something is given back of."""

    _inherit = "maintenance.permission.line"

    def _get_einvoice_origins(self):
        """Lines of the work that this negative line gives something back of: those of
        its permission; and where the garage's credit note names the bill it credits,
        those which that bill charges for the same vehicle."""
        self.ensure_one()
        credits = self.bill_line_ids._filter_billing().move_id.filtered(
            lambda move: move.move_type == "in_refund" and move.state == "posted"
        )
        billed = credits.reversed_entry_id.invoice_line_ids.maintenance_line_id
        same = billed.filtered(lambda line: line.vehicle_id == self.vehicle_id)
        return self.permission_id.line_ids | same
