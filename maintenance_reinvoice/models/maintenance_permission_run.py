from odoo import models


class MaintenancePermission(models.Model):
    _inherit = "maintenance.permission"

    def action_mass_check(self):
        """A checked mass re-invoicing run of just these permissions."""
        run = self._create_run({})
        run.action_check()
        return run._get_form_action()

    def action_mass_reinvoice(self, posting_date=None, vat_date=None):
        """Mass re-invoice just these permissions. Without ``posting_date`` the form
        of a new run asks for the dates; with it the run is executed and opened."""
        if not posting_date:
            action = self.env["maintenance.reinvoice.run"]._get_form_action()
            context = {"default_filter_domain": self._get_run_filter()}
            return {**action, "context": context}
        run = self._create_run({"posting_date": posting_date, "vat_date": vat_date})
        run.action_execute()
        return run._get_form_action()

    def _create_run(self, vals):
        runs = self.env["maintenance.reinvoice.run"].with_company(self.company_id)
        return runs.create({**vals, "filter_domain": self._get_run_filter()})

    def _get_run_filter(self):
        return str([("id", "in", self.ids)])
