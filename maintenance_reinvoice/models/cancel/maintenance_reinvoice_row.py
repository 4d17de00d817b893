from odoo import models

from odoo.addons.service_invoicing.tools.guards import (
    raise_together,
    refuse_without_group,
)

from ...tools.groups import REINVOICE


class MaintenanceReinvoiceRow(models.Model):
    """Rows are credited invoice by invoice."""

    _inherit = "maintenance.reinvoice.row"

    def action_cancel(self):
        """Open the cancellation of these rows."""
        self._check_may_cancel()
        errors = [
            error
            for move, rows in self.grouped("move_id").items()
            for error in rows._get_cancel_errors(move)
        ]
        raise_together(errors)
        return self.env["maintenance.reinvoice.cancel"]._open(self)

    def _get_cancel_errors(self, move):
        if move.state != "posted":
            return [
                self.env._(
                    "%s is not posted: delete the draft instead of crediting it.",
                    move.display_name,
                )
            ]
        return self.env["maintenance.cancellation"]._get_row_errors(move, self)

    def _check_may_cancel(self):
        self.check_access("read")
        refuse_without_group(self.env, REINVOICE)
