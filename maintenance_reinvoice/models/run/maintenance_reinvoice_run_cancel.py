from odoo import models
from odoo.exceptions import UserError


class MaintenanceReinvoiceRun(models.Model):
    """The mass cancellation of a run by credit memos."""

    _inherit = "maintenance.reinvoice.run"

    def action_cancel_rows(self):
        """Open the cancellation of what the runs' invoices charge; each invoice gets
        a credit memo of its own."""
        return self.log_ids.action_cancel_rows()


class MaintenanceReinvoiceLog(models.Model):
    """Invoices of the run whose rows can be credited."""

    _inherit = "maintenance.reinvoice.log"

    def action_cancel_rows(self):
        """Open the cancellation of what the groups' invoices charge. The rows of one
        invoice are ticked; of several each row has to be chosen."""
        rows = self.move_id.maintenance_row_ids._filter_creditable()
        rows._check_may_cancel()
        if not rows:
            raise UserError(
                self.env._(
                    "There is no posted invoice with rows to credit. Post the invoices "
                    "first; what is credited already is not credited twice."
                )
            )
        ticked = rows if len(rows.move_id) == 1 else rows.browse()
        return self.env["maintenance.reinvoice.cancel"]._open(rows, ticked)
