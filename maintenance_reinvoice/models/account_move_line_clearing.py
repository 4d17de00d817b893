from odoo import api, models
from odoo.fields import Domain


class AccountMove(models.Model):
    _inherit = "account.move"

    def _reconcile_redistribution(self):
        result = super()._reconcile_redistribution()
        self.maintenance_origin_id._clear_discount_items()
        return result

    def _clear_discount_items(self):
        """Items that only carry the tax of an early payment discount are on the
        account of the lines: each pair comes to nothing, and is cleared by itself."""
        items = self.line_ids.filtered(
            lambda item: item.display_type == "epd"
            and item.account_id.reconcile
            and not item.reconciled
        )
        groups = items.grouped(lambda item: (item.move_id, item.account_id))
        self.env["account.move.line"]._reconcile_plan(list(groups.values()))


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
