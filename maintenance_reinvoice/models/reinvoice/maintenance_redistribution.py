from odoo import Command, models

from odoo.addons.service_invoicing.tools.split import group_by_fields

from ...tools.context import IN_LINE, QUIET, with_own_context


class MaintenanceRedistribution(models.AbstractModel):
    """Moves collective invoices from the clearing account to the revenue of each
    contract: one entry per invoice, a pair of rows per line."""

    _name = "maintenance.redistribution"
    _description = "Redistribution of Collective Invoices"

    def _redistribute(self, invoices):
        """Post one entry per posted collective invoice, and reconcile the pairs."""
        invoices = invoices.filtered("invoice_line_ids.maintenance_revenue_account_id")
        journals = {
            company: company._get_maintenance_journal("redistribution")
            for company in invoices.company_id
        }
        # what credit memos take back is read for all at once
        credited = invoices.invoice_line_ids.service_credited_line_id.move_id
        credited.maintenance_redistribution_id.sudo().line_ids.fetch(
            ["analytic_distribution", "maintenance_source_line_id"]
        )
        vals_list = [
            {
                "journal_id": journals[invoice.company_id].id,
                **self._prepare_vals(invoice),
            }
            for invoice in invoices
        ]
        # our marks on moves can only be written by the superuser; every row is given
        # and there are no taxes, so that there is nothing for core to add
        moves = with_own_context(invoices.sudo(), **QUIET, skip_invoice_sync=True)
        entries = moves.create(vals_list).with_env(invoices.env)
        # core reads them one by one while it makes analytic items
        entries.line_ids.distribution_analytic_account_ids.mapped("root_plan_id")
        entries.with_context(tracking_disable=True, **IN_LINE)._post(soft=False)
        self._reconcile(entries)

    def _prepare_vals(self, invoice):
        """Values of the entry: a pair of rows per invoice line, with its own amounts,
        so that no rate is applied twice."""
        lines = invoice.invoice_line_ids.filtered("maintenance_revenue_account_id")
        return {
            "move_type": "entry",
            "maintenance_origin_id": invoice.id,
            "company_id": invoice.company_id.id,
            "date": invoice.date,
            "currency_id": invoice.currency_id.id,
            "partner_id": invoice.partner_id.id,
            "ref": invoice.env._("Redistribution of %s", invoice.name),
            "line_ids": [
                Command.create(vals)
                for line in lines
                for vals in self._prepare_pair(line)
            ],
        }

    def _prepare_pair(self, line):
        """The two rows that move an invoice line from clearing to revenue."""
        shared = {
            "name": line.name,
            "partner_id": line.partner_id.id,
            "currency_id": line.currency_id.id,
            "tax_ids": [Command.clear()],
            "is_storno": line.is_storno,
            "maintenance_contract_id": line.maintenance_contract_id.id,
            "maintenance_source_line_id": line.id,
        }
        mass_analytic = line.maintenance_mass_analytic_account_id
        return [
            {
                **shared,
                "account_id": line.account_id.id,
                "balance": -line.balance,
                "amount_currency": -line.amount_currency,
                "analytic_distribution": line.analytic_distribution or False,
                "maintenance_mass_analytic_account_id": mass_analytic.id,
            },
            {
                **shared,
                "account_id": line.maintenance_revenue_account_id.id,
                "balance": line.balance,
                "amount_currency": line.amount_currency,
                "analytic_distribution": self._get_distribution(line) or False,
            },
        ]

    def _get_distribution(self, line):
        """Analytics of a line's revenue: the contract's, but a credit memo takes back
        what was redistributed, whatever the contract has now."""
        credited = line.service_credited_line_id
        entry = credited.move_id.maintenance_redistribution_id.sudo()
        pair = entry.line_ids.filtered(
            lambda item: item.maintenance_source_line_id == credited
            and item.account_id != credited.account_id
        )
        if pair:
            return pair[0].analytic_distribution
        return line.maintenance_contract_id.sudo().analytic_distribution

    def _reconcile(self, entries):
        """Clear each collective invoice line against its row of the entry; what adds
        up to nothing is clear already.

        Items that only carry the tax of an early payment discount are on the account
        of the lines: each pair comes to nothing, and is cleared by itself."""
        rows = entries.line_ids.filtered(
            lambda row: row.account_id == row.maintenance_source_line_id.account_id
            and not row.reconciled
        )
        discounts = entries.maintenance_origin_id.line_ids.filtered(
            lambda item: item.display_type == "epd"
            and item.account_id.reconcile
            and not item.reconciled
        )
        items = entries.env["account.move.line"]
        # clearing changes neither taxes nor instalments
        items.with_context(**IN_LINE)._reconcile_plan(
            [row + row.maintenance_source_line_id for row in rows]
        )
        groups = group_by_fields(discounts, ["move_id", "account_id"])
        items._reconcile_plan(list(groups.values()))
