import json

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from odoo.addons.service_invoicing.tools.actions import open_list
from odoo.addons.service_invoicing.tools.arguments import expects
from odoo.addons.service_invoicing.tools.guards import (
    raise_together,
    refuse_without_group,
)
from odoo.addons.service_invoicing.tools.month import ONE_DAY, month_start

from ..tools.context import with_own_context
from ..tools.groups import REINVOICE


class MaintenanceAccrualWizard(models.TransientModel):
    """Accrues, over the end of a month, the revenue of maintenance that is bought and
    not yet invoiced, and takes it back on the next day."""

    _name = "maintenance.accrual.wizard"
    _description = "Month-End Accrual of Maintenance"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(
        string="Month End",
        required=True,
        default=lambda self: self._default_date(),
        help="What was bought and not yet invoiced on this day is accrued, also when "
        "it has been invoiced since.",
    )
    reversal_date = fields.Date(
        compute="_compute_reversal_date",
        store=True,
        readonly=False,
        precompute=True,
        help="The accrual is taken back on this day. A reversal in the future is "
        "posted by itself when the day comes.",
    )
    journal_id = fields.Many2one(
        "account.journal",
        compute="_compute_journal_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        domain="[('type', '=', 'general')]",
    )
    account_id = fields.Many2one(
        "account.account",
        string="Accrual Account",
        compute="_compute_account_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        domain="[('account_type', '=', 'asset_current')]",
    )
    amount = fields.Monetary(
        string="Accrued Revenue",
        compute="_compute_preview",
        help="Net, in the company's currency at the rate of the month end.",
    )
    line_count = fields.Integer(string="Permission Lines", compute="_compute_preview")
    preview_data = fields.Text(compute="_compute_preview")
    problems = fields.Text(
        compute="_compute_preview", help="Why the entry cannot be posted as it is."
    )

    @api.model
    def _default_date(self):
        """The end of last month."""
        return month_start(self.env.company._get_local_today()) - ONE_DAY

    @api.depends("date")
    def _compute_reversal_date(self):
        for wizard in self:
            wizard.reversal_date = wizard.date and wizard.date + ONE_DAY

    @api.depends("company_id")
    def _compute_journal_id(self):
        for wizard in self:
            # the form may have lost its company
            wizard.journal_id = (
                wizard.company_id._get_maintenance_journal("redistribution")
                if wizard.company_id
                else False
            )

    @api.depends("company_id")
    def _compute_account_id(self):
        for wizard in self:
            wizard.account_id = wizard.company_id.maintenance_accrual_account_id

    @api.depends("company_id", "date", "reversal_date", "journal_id", "account_id")
    def _compute_preview(self):
        for wizard in self:
            items, amounts, problems = wizard._find_items()
            wizard.amount = wizard._sum_accrued(items)
            wizard.line_count = len(amounts)
            wizard.problems = "\n".join(problems)
            wizard.preview_data = wizard._format_preview(items)

    # -- what is accrued --------------------------------------------------------

    def _find_items(self):
        """:return: (values of the journal items, accrued amount by permission line,
        list of all reasons why the entry cannot be posted)"""
        self.ensure_one()
        if not self.company_id:
            return [], {}, [self.env._("Choose the company.")]
        if not self.date:
            return [], {}, [self.env._("Enter the month end.")]
        lines = self.env["maintenance.permission.line"].with_company(self.company_id)
        problems = self._get_problems()
        amounts = lines._get_accrual_amounts(self.company_id, self.date)
        problems += self._get_analytic_problems(amounts)
        items = []
        try:
            items = self._prepare_items(lines._group_for_accrual(amounts))
        except UserError as error:
            problems.append(str(error))
        if not amounts:
            problems.append(
                self.env._(
                    "Everything bought until %s was invoiced on that day.",
                    format_date(self.env, self.date),
                )
            )
        return items, amounts, problems

    def _get_problems(self):
        """Everything that keeps the entry from being posted, as sentences."""
        problems = []
        if self.date > self.company_id._get_local_today():
            problems.append(
                self.env._("%s has not come yet.", format_date(self.env, self.date))
            )
        if not self.account_id:
            problems.append(
                self.env._(
                    "Choose the accrual account, or set one in the settings of %s.",
                    self.company_id.name,
                )
            )
        if not self.journal_id:
            problems.append(self.env._("Choose the journal of the entry."))
        if not self.reversal_date or self.reversal_date <= self.date:
            problems.append(self.env._("The reversal must be dated after the accrual."))
        existing = self._find_accrual()
        if existing:
            problems.append(
                self.env._(
                    "Maintenance until %(date)s is already accrued by %(entry)s. Take "
                    "that back first.",
                    date=format_date(self.env, self.date),
                    entry=existing.display_name,
                )
            )
        return problems + self._get_lock_problems()

    def _find_accrual(self):
        """The entry that accrues this day and counts; empty if there is none."""
        return self.env["account.move"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("maintenance_accrual_date", "=", self.date),
                ("state", "!=", "cancel"),
            ],
            limit=1,
        )

    def _get_analytic_problems(self, amounts):
        """Contracts whose revenue would be on no analytic account."""
        contracts = self.env["maintenance.contract"].union(
            *(line.contract_id for line in amounts)
        )
        return [
            self.env._(
                "An analytic account of contract %s was deleted. Choose another one.",
                contract.name,
            )
            for contract in contracts.sudo()._filter_lost_analytic()
        ]

    def _get_lock_problems(self):
        """The entry is never moved to another day: it would accrue another month."""
        if not self.journal_id:
            return []
        return [
            error
            for date in filter(None, (self.date, self.reversal_date))
            for error in self.company_id._get_closed_period_errors(
                date, False, self.journal_id
            )
        ]

    def _prepare_items(self, groups):
        """Values of the journal items: revenue per contract, revenue account and
        currency, and the accrual account per currency."""
        items = [
            self._prepare_revenue_item_vals(key, amount)
            for key, amount in groups.items()
            if not key[1].is_zero(amount)
        ]
        totals = {}
        for vals in items:
            totals.setdefault(vals["currency_id"], []).append(vals)
        return [
            self._prepare_accrual_item_vals(currency_id, of_currency)
            for currency_id, of_currency in totals.items()
        ] + items

    def _prepare_revenue_item_vals(self, key, amount):
        """Values of the revenue of one contract; ``amount`` in its currency."""
        account, currency, *pairs = key
        contract = dict(pairs)["contract_id"]
        amount = currency.round(amount)
        balance = currency._convert(
            amount, self.currency_id, self.company_id, self.date
        )
        return {
            "name": self.env._(
                "Not yet invoiced maintenance of contract %s", contract.name
            ),
            "account_id": account.id,
            "currency_id": currency.id,
            "amount_currency": -amount,
            "balance": -balance,
            "is_storno": self._is_storno(amount),
            "maintenance_contract_id": contract.id,
            "analytic_distribution": contract.sudo().analytic_distribution or False,
            "tax_ids": [Command.clear()],
        }

    def _prepare_accrual_item_vals(self, currency_id, items):
        """Values of the accrual account's item for the revenue of one currency."""
        currency = self.env["res.currency"].browse(currency_id)
        amount = -currency.round(sum(vals["amount_currency"] for vals in items))
        balance = -self.currency_id.round(sum(vals["balance"] for vals in items))
        return {
            "name": self.env._(
                "Not yet invoiced maintenance until %s",
                format_date(self.env, self.date),
            ),
            "account_id": self.account_id.id,
            "currency_id": currency.id,
            "amount_currency": amount,
            "balance": balance,
            "is_storno": self._is_storno(balance),
            "analytic_distribution": False,
            "tax_ids": [Command.clear()],
        }

    def _is_storno(self, amount):
        """Storno companies show what reduces revenue on revenue's own side."""
        return self.company_id.account_storno and amount < 0

    def _sum_accrued(self, items):
        """Revenue of the items, in the company's currency."""
        return sum(
            -vals["balance"] for vals in items if "maintenance_contract_id" in vals
        )

    def _format_preview(self, items):
        """The entry as core's preview widget shows it; amounts on their side."""
        shown = []
        for vals in items:
            debit = (vals["balance"] > 0) != vals["is_storno"]
            balance = vals["balance"] if debit else -vals["balance"]
            sides = {"debit": 0.0, "credit": 0.0}
            sides["debit" if debit else "credit"] = balance
            names = {name: vals[name] for name in ("name", "account_id")}
            shown.append(Command.create({**names, **sides}))
        group = self.env["account.move"]._move_dict_to_preview_vals(
            {"date": self.date, "ref": self._get_reference(), "line_ids": shown},
            self.currency_id,
        )
        labels = (
            ("account_id", self.env._("Account"), ""),
            ("name", self.env._("Label"), ""),
            ("debit", self.env._("Debit"), "text-end text-nowrap"),
            ("credit", self.env._("Credit"), "text-end text-nowrap"),
        )
        columns = [
            {"field": field, "label": label, "class": css}
            for field, label, css in labels
        ]
        return json.dumps({"groups_vals": [group], "options": {"columns": columns}})

    def _get_reference(self):
        return self.env._(
            "Accrued maintenance as of %s", format_date(self.env, self.date)
        )

    # -- posting ----------------------------------------------------------------

    @expects(one=True)
    def action_post(self):
        """Post the accrual entry and its reversal, and open both.

        :raise UserError: with everything that is wrong, at once
        """
        refuse_without_group(self.env, REINVOICE)
        self.env["account.move"].check_access("create")
        company = self.company_id
        wizard = company._with_local_time(self).with_company(company)
        items, amounts, problems = wizard._find_items()
        raise_together(problems)
        lines = self.env["maintenance.permission.line"].union(*amounts)
        moves = wizard._post_accrual(items, lines)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "maintenance_reinvoice.account_move_action_accrual"
        )
        return {**action, "domain": [("id", "in", moves.ids)]}

    def _post_accrual(self, items, lines):
        """:return: the posted accrual and its reversal, posted when its day has come"""
        # our marks on moves can only be written by the superuser, and the caller's
        # context must not add any
        moves = with_own_context(self.env["account.move"].sudo())
        accrual = moves.create(self._prepare_accrual_vals(items, lines))
        accrual.with_env(self.env)._post(soft=False)
        reversal = accrual._reverse_moves([self._prepare_reversal_vals(accrual)])
        reversal.with_env(self.env)._post()
        return (accrual + reversal).with_env(self.env)

    def _prepare_accrual_vals(self, items, lines):
        """Values of the accrual entry."""
        return {
            "move_type": "entry",
            "company_id": self.company_id.id,
            "journal_id": self.journal_id.id,
            "date": self.date,
            "ref": self._get_reference(),
            "maintenance_accrual_date": self.date,
            "maintenance_accrued_line_ids": [Command.set(lines.ids)],
            "line_ids": [Command.create(vals) for vals in items],
        }

    def _prepare_reversal_vals(self, accrual):
        """Values that the reversal does not take over from the accrual."""
        return {
            "date": self.reversal_date,
            "ref": self.env._("Reversal of %s", accrual.name),
        }

    @expects(one=True)
    def action_view_lines(self):
        """The permission lines that are accrued."""
        lines = self.env["maintenance.permission.line"].union(
            *self.with_company(self.company_id)._find_items()[1]
        )
        title = self.env._("Permission Lines Not Yet Invoiced")
        return open_list(lines, title, create=False)
