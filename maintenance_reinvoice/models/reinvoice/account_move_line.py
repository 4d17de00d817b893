from odoo import api, fields, models
from odoo.fields import Domain

from ...tools.bill_types import BILL_TYPES


class AccountMoveLine(models.Model):
    """The contract, revenue and dimension behind a line of a collective invoice."""

    _inherit = "account.move.line"

    maintenance_contract_id = fields.Many2one(
        "maintenance.contract", copy=False, index="btree_not_null"
    )
    maintenance_revenue_account_id = fields.Many2one(
        "account.account",
        string="Contract Revenue Account",
        copy=False,
        ondelete="restrict",
        help="Where redistribution posts this line of a collective invoice.",
    )
    maintenance_source_line_id = fields.Many2one(
        "account.move.line",
        string="Redistributed Line",
        copy=False,
        index="btree_not_null",
        help="The collective invoice line that this row redistributes.",
    )
    maintenance_mass_analytic_account_id = fields.Many2one(
        "account.analytic.account",
        string="Mass Dimension",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )

    def _compute_is_storno(self):
        """What is charged on a collective credit memo stays on its own side, whatever
        core thinks of credit memos whenever it counts anew."""
        res = super()._compute_is_storno()
        for line in self.filtered("maintenance_contract_id"):
            if line.move_id.move_type == "out_refund":
                price = line.quantity * line.price_unit
                line.is_storno = line.company_id.account_storno and price > 0
        return res

    def unlink(self):
        self.env["maintenance.move.guard"]._check_delete(self.move_id)
        # a line taken off a draft invoice frees its permission lines
        lines = self.filtered("move_id.service_invoice_type")
        if lines:
            rows = self.env["maintenance.reinvoice.row"].sudo()
            rows.search([("move_line_id", "in", lines.ids)]).unlink()
        return super().unlink()

    def _copy_data_extend_business_fields(self, values):
        """A vendor's credit names what it credits, and is shared out among that; the
        reversal of an accrual takes the revenue away from the same contract."""
        result = super()._copy_data_extend_business_fields(values)
        if self.maintenance_line_id:
            values.update(
                maintenance_line_id=self.maintenance_line_id.id,
                vehicle_id=self.vehicle_id.id,
            )
        if self.maintenance_line_id or self.move_id.maintenance_accrual_date:
            values["maintenance_contract_id"] = self.maintenance_contract_id.id
        if self.maintenance_shared and self.move_id.move_type in BILL_TYPES:
            values["analytic_distribution"] = False
        return result

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
