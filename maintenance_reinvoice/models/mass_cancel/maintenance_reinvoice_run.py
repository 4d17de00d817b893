from odoo import models


class MaintenanceReinvoiceRun(models.Model):
    """The button that credits chosen rows of a run's invoices."""

    _inherit = "maintenance.reinvoice.run"

    def action_cancel_rows(self):
        """Open the cancellation of rows of the runs' invoices, to be ticked; each
        invoice gets a credit memo of its own."""
        return self.log_ids.action_cancel_rows()
