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
        rows = self.move_id._get_rows_to_credit()
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
        if errors:
            raise UserError("\n".join(errors))
        return self.env["maintenance.reinvoice.cancel"]._open(self)

    def _get_cancel_errors(self, move):
        if move.state != "posted":
            return [
                self.env._(
                    "%s is not posted: delete the draft instead of crediting it.",
                    move.display_name,
                )
            ]
        return move._get_row_errors(self)

    def _check_may_cancel(self):
        self.check_access("read")
        self.env["maintenance.permission"]._check_group("group_maintenance_reinvoice")
