from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.service_invoicing.tools.actions import open_menu

# rows and groups that a form shows: all that it has are sent to the browser
SHOWN = 500


class MaintenanceReinvoiceRun(models.Model):
    """What the form shows of the check report and of the log: of very many the first
    ones, and the way to all."""

    _inherit = "maintenance.reinvoice.run"

    shown_line_ids = fields.One2many(
        "maintenance.reinvoice.run.line",
        string="First Lines",
        compute="_compute_shown",
        help="Those that are taken come first.",
    )
    has_more_lines = fields.Boolean(compute="_compute_shown")
    shown_log_ids = fields.One2many(
        "maintenance.reinvoice.log",
        string="First Invoice Groups",
        compute="_compute_shown",
    )
    has_more_logs = fields.Boolean(compute="_compute_shown")

    @api.depends("line_ids", "log_ids", "report_outdated")
    def _compute_shown(self):
        """What the form of one run shows; nothing else reads it."""
        for run in self:
            lines, logs = run._get_first_lines(), run._get_first_logs()
            run.shown_line_ids, run.shown_log_ids = lines[:SHOWN], logs[:SHOWN]
            run.has_more_lines = len(lines) > SHOWN
            run.has_more_logs = len(logs) > SHOWN

    def _get_first_lines(self):
        """Report lines of the run, one more than are shown."""
        lines = self.env["maintenance.reinvoice.run.line"]
        own, taken = Domain("run_id", "in", self.ids), Domain("taken", "=", True)
        found = lines.search(own & taken, limit=SHOWN + 1)
        if room := SHOWN + 1 - len(found):
            found += lines.search(own & ~taken, limit=room)
        return found

    def _get_first_logs(self):
        logs = self.env["maintenance.reinvoice.log"]
        return logs.search([("run_id", "in", self.ids)], limit=SHOWN + 1)

    def action_view_lines(self):
        """The check reports of these runs, as a list."""
        return self._open_rows("maintenance_reinvoice_run_line_action")

    def action_view_logs(self):
        """The logs of these runs, as a list."""
        return self._open_rows("maintenance_reinvoice_log_action")

    def _open_rows(self, name):
        domain = [("run_id", "in", self.ids)]
        return open_menu(self.env, f"maintenance_reinvoice.{name}", domain)
