from odoo import api, models


class MaintenanceSetupCheck(models.TransientModel):
    _inherit = "maintenance.setup.check"

    @api.model
    def _get_checks(self, company):
        return [*super()._get_checks(company), self._check_accrual_account(company)]

    @api.model
    def _check_accrual_account(self, company):
        account, problem = company.maintenance_accrual_account_id, ""
        if not account:
            problem = self.env._(
                "None: choose one in the settings to accrue, at a month's end, what is "
                "bought and not yet invoiced."
            )
        elif not account.active:
            problem = self.env._("%s is archived.", account.display_name)
        name = self.env._("Maintenance accrual account")
        return self._row(name, account.display_name, problem)
