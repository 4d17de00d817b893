from odoo import api, fields, models
from odoo.fields import Domain

# rows and groups that a form shows: all that it has are sent to the browser
SHOWN = 500


class MaintenanceReinvoiceRun(models.Model):
    """What the form shows of the check report and of the log: of very many the first
    ones, and the way to all."""

    _inherit = "maintenance.reinvoice.run"

    shown_line_ids = fields.One2many(
        "maintenance.reinvoice.run.line",
        string="First Lines",
        compute="_compute_shown_line_ids",
        help="Those that are taken come first.",
    )
    has_more_lines = fields.Boolean(compute="_compute_shown_line_ids")
    shown_log_ids = fields.One2many(
        "maintenance.reinvoice.log",
        string="First Invoice Groups",
        compute="_compute_shown_log_ids",
    )
    has_more_logs = fields.Boolean(compute="_compute_shown_log_ids")

    @api.depends("line_ids", "report_outdated")
    def _compute_shown_line_ids(self):
        for run in self:
            lines = run._get_first_lines()
            run.shown_line_ids = lines[:SHOWN]
            run.has_more_lines = len(lines) > SHOWN

    def _get_first_lines(self):
        """Report lines of the run, one more than are shown."""
        lines = self.env["maintenance.reinvoice.run.line"]
        own, taken = Domain("run_id", "in", self.ids), Domain("taken", "=", True)
        found = lines.search(own & taken, limit=SHOWN + 1)
        if room := SHOWN + 1 - len(found):
            found += lines.search(own & ~taken, limit=room)
        return found

    @api.depends("log_ids", "report_outdated")
    def _compute_shown_log_ids(self):
        for run in self:
            logs = run._get_first_logs()
            run.shown_log_ids = logs[:SHOWN]
            run.has_more_logs = len(logs) > SHOWN

    def _get_first_logs(self):
        logs = self.env["maintenance.reinvoice.log"]
        return logs.search([("run_id", "in", self.ids)], limit=SHOWN + 1)

    def action_view_lines(self):
        """The check reports of these runs, as a list."""
        return self._open_all("maintenance_reinvoice_run_line_action")

    def action_view_logs(self):
        """The logs of these runs, as a list."""
        return self._open_all("maintenance_reinvoice_log_action")

    def _open_all(self, name):
        xml_id = f"maintenance_reinvoice.{name}"
        action = self.env["ir.actions.act_window"]._for_xml_id(xml_id)
        return action | {"domain": [("run_id", "in", self.ids)]}
