from odoo import models
from odoo.exceptions import AccessError, UserError

from odoo.addons.service_invoicing.tools.guards import changes_values


class MaintenanceReinvoiceRun(models.Model):
    """What a run keeps once it is made."""

    _inherit = "maintenance.reinvoice.run"

    def _check_run_kept(self, vals):
        """A run keeps its number, and its company once it has a check report.

        :raise UserError: naming the runs
        """
        if self.env.su:
            return
        renamed = self.filtered(lambda run: changes_values(run, vals, {"name"}))
        if renamed:
            raise UserError(
                self.env._(
                    "A run keeps its number, so these cannot be renamed: %s",
                    ", ".join(renamed.mapped("name")),
                )
            )
        moved = self.filtered(lambda run: changes_values(run, vals, {"company_id"}))
        if moved:
            moved._check_moved(vals["company_id"])

    def _check_moved(self, company_id):
        """Another company may be chosen by who has it, as long as nothing is made."""
        if company_id not in self.env.user.company_ids.ids:
            raise AccessError(
                self.env._(
                    "A run can only be moved to a company of yours: %s",
                    ", ".join(self.mapped("name")),
                )
            )
        made = self.filtered(
            lambda run: run.state != "draft" or run.line_ids or run.log_ids
        )
        if made:
            raise UserError(
                self.env._(
                    "These runs have a check report or invoices of their company; "
                    "make a new run for the other one: %s",
                    ", ".join(made.mapped("name")),
                )
            )
