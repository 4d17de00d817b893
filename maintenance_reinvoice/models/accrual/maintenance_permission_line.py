from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.service_invoicing.tools.guards import raise_together
from odoo.addons.service_invoicing.tools.split import read_key

from ...tools.states import APPROVED_STATES


class MaintenancePermissionLine(models.Model):
    """What was bought and not yet invoiced on a day, also found later: bills, invoices
    and credit memos count by their accounting dates."""

    _inherit = "maintenance.permission.line"

    accrual_move_ids = fields.Many2many(
        "account.move",
        "maintenance_accrued_line_rel",
        "line_id",
        "move_id",
        string="Accrual Entries",
        readonly=True,
        copy=False,
        help="Month-end entries in which the line stood as not yet invoiced.",
    )

    @api.model
    def _get_accrual_domain(self, company, date):
        """Lines whose bill was posted and that were on no customer invoice on ``date``.

        A line that was credited and freed until then had none; one that was credited
        and closed is not to be invoiced any more."""
        billed = Domain("parent_state", "=", "posted")
        billed &= Domain("date", "<=", date)
        billed &= self.env["account.move.line"]._get_billing_domain()
        invoiced = Domain("move_id.state", "=", "posted")
        invoiced &= Domain("move_id.date", "<=", date)
        freed = Domain("freed", "=", True) & Domain("credit_move_id.date", "<=", date)
        return (
            Domain("company_id", "=", company.id)
            & Domain("permission_id.state", "in", APPROVED_STATES)
            & Domain("bill_line_ids", "any", billed)
            & Domain("row_ids", "not any", invoiced & ~freed)
        )

    @api.model
    def _get_accrual_amounts(self, company, date):
        """Net amounts that customers were still to pay on ``date``.

        :return: dict ``{line: (amount, currency)}``, in the currency of the sale. What
            was invoiced after the date counts as it was invoiced then, the rest as it
            is planned now
        """
        lines = self.search(self._get_accrual_domain(company, date), order="id")
        later = lines._get_rows_after(date)
        amounts = {}
        for line in lines:
            row = later.get(line)
            amount = row.amount if row else line._get_planned_amount()
            currency = (row or line).currency_id
            if not currency.is_zero(amount):
                amounts[line] = (amount, currency)
        return amounts

    def _get_rows_after(self, date):
        """``{line: its first row on a posted invoice dated after date}``."""
        rows = self.env["maintenance.reinvoice.row"].search(
            [
                ("line_id", "in", self.ids),
                ("move_id.state", "=", "posted"),
                ("move_id.date", ">", date),
            ]
        )
        first = rows.sorted(lambda row: (row.move_id.date, row.id), reverse=True)
        return {row.line_id: row for row in first}

    def _get_planned_amount(self):
        """Net amount the customer will be charged, in the currency of the sale."""
        self.ensure_one()
        return self.amount_to_reinvoice if self.reinvoice else 0.0

    @api.model
    def _group_for_accrual(self, amounts):
        """Amounts by item of the entry; all lines whose revenue account is missing are
        named at once.

        :param amounts: dict of ``_get_accrual_amounts``
        :return: dict ``{key: amount}``; a key begins with account and currency
        :raise UserError: naming what is missing
        """
        names, options = self._get_accrual_grouping_keys(), {"cache": {}}
        groups, errors = {}, {}
        for line, (amount, currency) in amounts.items():
            try:
                position = line.fiscal_position_id
                account, _taxes = line._get_sale_account_taxes(position, options)
            except UserError as error:
                errors[str(error)] = True
                continue
            key = (account, currency, *read_key(line, names))
            groups[key] = groups.get(key, 0.0) + amount
        raise_together(list(errors))
        return groups

    @api.model
    def _get_accrual_grouping_keys(self):
        """Fields in which all lines on one item of the accrual entry are the same. Its
        account and currency are no fields: a missing account is told, and the currency
        is that of the day.

        :return: list of field names
        """
        return ["contract_id"]
