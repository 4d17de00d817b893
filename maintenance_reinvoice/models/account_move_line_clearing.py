from odoo import api, models
from odoo.fields import Domain


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    @api.model
    def action_view_maintenance_clearing(self):
        """Open items of the clearing accounts: empty when every collective invoice
        is redistributed."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "maintenance_reinvoice.account_move_line_action_clearing_items"
        )
        domain = self._get_maintenance_clearing_domain(self.env.companies)
        return {**action, "domain": list(domain)}

    @api.model
    def _get_maintenance_clearing_domain(self, companies):
        """Posted items of ``companies`` that nothing has cleared."""
        accounts = self._get_maintenance_clearing_accounts(companies)
        return (
            Domain("company_id", "in", companies.ids)
            & Domain("account_id", "in", accounts.ids)
            & Domain("parent_state", "=", "posted")
            & Domain("reconciled", "=", False)
        )

    @api.model
    def _get_maintenance_clearing_accounts(self, companies):
        """The clearing accounts of today, and those of earlier invoices."""
        used = self.sudo()._read_group(
            [
                ("company_id", "in", companies.ids),
                ("maintenance_source_line_id", "!=", False),
                ("account_id.reconcile", "=", True),
            ],
            ["account_id"],
        )
        accounts = companies.sudo().maintenance_mass_account_id
        return accounts.union(*(account for (account,) in used))
