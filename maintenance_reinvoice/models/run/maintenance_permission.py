from odoo import fields, models

from odoo.addons.service_invoicing.tools.arguments import expects

from ...tools.dates import parse_date


class MaintenancePermission(models.Model):
    """Permissions that a mass run is made of."""

    _inherit = "maintenance.permission"

    def action_mass_check(self):
        """Checked mass re-invoicing runs of just these permissions, one a company."""
        runs = self._create_runs({})
        runs.action_check()
        return runs._get_open_action()

    @expects(posting_date=parse_date, vat_date=parse_date)
    def action_mass_reinvoice(self, posting_date=None, vat_date=None):
        """Mass re-invoice just these permissions. Without ``posting_date`` the form
        of a new run asks for the dates; with it the runs are executed and opened."""
        if not posting_date:
            context = {"default_filter_domain": self._get_run_filter()}
            if len(self.company_id) == 1:
                context["default_company_id"] = self.company_id.id
            return self.env["maintenance.reinvoice.run"]._get_open_action(**context)
        dates = {"posting_date": posting_date, "vat_date": vat_date}
        runs = self._create_runs(dates)
        for run in runs:
            run.action_execute()
        return runs._get_open_action()

    def action_mass_reinvoice_today(self):
        """Mass re-invoice just these permissions as of today, without a question: for
        actions that run several others."""
        return self.action_mass_reinvoice(posting_date=fields.Date.context_today(self))

    def _create_runs(self, vals):
        runs = self.env["maintenance.reinvoice.run"]
        companies = self.company_id or self.env.company
        for company in companies:
            own = self.filtered(lambda p, c=company: p.company_id == c)
            runs += runs.with_company(company).create(
                {
                    **vals,
                    "company_id": company.id,
                    "filter_domain": own._get_run_filter(),
                }
            )
        return runs

    def _get_run_filter(self):
        return str([("id", "in", self.ids)])
