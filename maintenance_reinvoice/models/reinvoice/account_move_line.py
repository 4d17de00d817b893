from odoo import Command, api, fields, models
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
        string="Contract revenue account",
        copy=False,
        ondelete="restrict",
        help="Where redistribution posts this line of a collective invoice.",
    )
    maintenance_source_line_id = fields.Many2one(
        "account.move.line",
        string="Redistributed line",
        copy=False,
        index="btree_not_null",
        help="The collective invoice line that this row redistributes.",
    )
    maintenance_mass_analytic_account_id = fields.Many2one(
        "account.analytic.account",
        string="Mass dimension",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )

    def unlink(self):
        self.move_id._check_maintenance_delete()
        # a line taken off a draft invoice frees its permission lines
        rows = self.env["maintenance.reinvoice.row"].sudo()
        rows.search([("move_line_id", "in", self.ids)]).unlink()
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

    def _prepare_redistribution_pair(self):
        """The two rows that move this line from clearing to revenue."""
        self.ensure_one()
        shared = {
            "name": self.name,
            "partner_id": self.partner_id.id,
            "currency_id": self.currency_id.id,
            "tax_ids": [Command.clear()],
            "is_storno": self.is_storno,
            "maintenance_contract_id": self.maintenance_contract_id.id,
            "maintenance_source_line_id": self.id,
        }
        mass_analytic = self.maintenance_mass_analytic_account_id
        distribution = self._get_redistribution_distribution()
        return [
            {
                **shared,
                "account_id": self.account_id.id,
                "balance": -self.balance,
                "amount_currency": -self.amount_currency,
                "analytic_distribution": self.analytic_distribution or False,
                "maintenance_mass_analytic_account_id": mass_analytic.id,
            },
            {
                **shared,
                "account_id": self.maintenance_revenue_account_id.id,
                "balance": self.balance,
                "amount_currency": self.amount_currency,
                "analytic_distribution": distribution or False,
            },
        ]

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

    def _get_redistribution_distribution(self):
        """Analytics of this line's revenue: the contract's, but a credit memo takes
        back what was redistributed, whatever the contract has now."""
        self.ensure_one()
        credited = self.service_credited_line_id
        entry = credited.move_id.maintenance_redistribution_id.sudo()
        pair = entry.line_ids.filtered(
            lambda item: item.maintenance_source_line_id == credited
            and item.account_id != credited.account_id
        )
        if pair:
            return pair[0].analytic_distribution
        return self.maintenance_contract_id.sudo().analytic_distribution


class AccountMove(models.Model):
    """Discounts of a collective invoice are cleared together."""

    _inherit = "account.move"

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
