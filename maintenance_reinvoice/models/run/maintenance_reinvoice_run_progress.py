from odoo import fields, models

from ...tools.groups import REINVOICE


class MaintenanceReinvoiceRun(models.Model):
    """How large a run is, counted in lines, and how much of it is done together."""

    _inherit = "maintenance.reinvoice.run"
    _run_groups = "log_ids"
    _run_group_state = "posting_state"
    _run_stopped = "cancelled"
    _run_right = REINVOICE
    _run_cron = "maintenance_reinvoice.cron_continue_runs"

    log_count = fields.Integer(string="Invoice groups", related="group_count")

    def _get_line_counts(self, operator):
        """Report lines per run whose group waits ("=") or was dealt with ("!=")."""
        groups = self.env["maintenance.reinvoice.run.line"]._read_group(
            [
                ("run_id", "in", self.ids),
                ("log_id", "any", [("posting_state", operator, "pending")]),
            ],
            ["run_id"],
            ["__count"],
        )
        return dict(groups)

    def _count_lines(self, logs):
        """Report lines per group of the run."""
        groups = self.env["maintenance.reinvoice.run.line"]._read_group(
            [("log_id", "in", logs.ids)], ["log_id"], ["__count"]
        )
        return dict(groups)

    def _count_waiting_lines(self):
        self.ensure_one()
        return self._get_line_counts("=").get(self, 0)

    def _get_background_text(self):
        """What who began the run is answered, as he cannot be told a result."""
        return self.env._(
            "%(run)s goes on in the background: %(left)s of %(count)s invoice groups "
            "are left. You are told when it is through.",
            run=self.name,
            left=self.left_count,
            count=self.log_count,
        )
