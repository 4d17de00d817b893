from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.service_invoicing.tools.arguments import expects
from odoo.addons.service_invoicing.tools.guards import refuse_without_group

from ..tools.groups import MANAGER

SEQUENCES = (
    "maintenance.contract",
    "maintenance.permission",
    "maintenance.reinvoice.run",
)
CRONS = ("cron_continue_runs", "cron_run_schedules")


class MaintenanceSetupCheck(models.TransientModel):
    """One row per thing that re-invoicing needs: whether it is there, the way to it.
    Another add-on adds rows in ``_get_checks``."""

    _name = "maintenance.setup.check"
    _description = "Maintenance Set-up Check"
    _order = "id"

    name = fields.Char(string="What Is Checked", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    status = fields.Selection(
        [("ok", "Fine"), ("warning", "Warning"), ("error", "Error")], readonly=True
    )
    message = fields.Text(string="Result", readonly=True)
    # what the button opens: a model with the records meant
    res_model = fields.Char(string="Opens", readonly=True)
    res_domain = fields.Json(readonly=True)

    @api.model
    def action_check(self):
        """Check the companies of the user and open the result."""
        refuse_without_group(self.env, MANAGER)
        vals_list = [
            {"company_id": company.id, **vals}
            for company in self.env.companies
            for vals in self.with_company(company)._get_checks(company)
        ]
        checks = self.create(vals_list)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Set-up Check"),
            "res_model": self._name,
            "view_mode": "list",
            "domain": [("id", "in", checks.ids)],
        }

    @api.model
    def _get_checks(self, company):
        """Values of the rows of one company."""
        return [
            self._check_clearing_account(company),
            self._check_clearing_balance(company),
            *self._check_journals(company),
            self._check_text(company),
            self._check_revenue(company),
            self._check_taxes(company),
            self._check_cash_basis(company),
            self._check_mass_dimension(company),
            self._check_contracts(company),
            self._check_group(company, "approver"),
            self._check_group(company, "reinvoice"),
            self._check_approver(company),
            *self._check_sequences(company),
            *self._check_crons(),
            self._check_accrual_account(company),
        ]

    @api.model
    def _row(self, name, fine, problem, status="warning", **vals):
        """Values of a row: fine without a ``problem``, else of ``status``.

        :param str fine: what to say when all is well
        :param str problem: what is wrong and what to do; empty: nothing
        """
        return {
            "name": name,
            "status": status if problem else "ok",
            "message": problem or fine,
            "res_model": "res.config.settings",
            **vals,
        }

    # -- accounts and journals --------------------------------------------------

    @api.model
    def _check_clearing_account(self, company):
        account, problem, status = company.maintenance_mass_account_id, "", "error"
        if not account:
            status = "warning"
            problem = self.env._(
                "None: collective invoices stay drafts. Choose one in the settings."
            )
        elif not account.reconcile:
            problem = self.env._(
                "%s does not allow reconciliation. Tick it on the account.",
                account.display_name,
            )
        elif not account.active:
            problem = self.env._("%s is archived.", account.display_name)
        vals = {}
        if account:
            vals = {
                "res_model": "account.account",
                "res_domain": [("id", "=", account.id)],
            }
        name = self.env._("Collective Invoice Clearing Account")
        return self._row(name, account.display_name, problem, status, **vals)

    @api.model
    def _check_clearing_balance(self, company):
        items = self.env["account.move.line"]
        domain = items._get_maintenance_clearing_domain(company)
        ((count, balance),) = items._read_group(
            domain, [], ["__count", "amount_residual:sum"]
        )
        problem = count and self.env._(
            "%(count)s items are open, in sum %(balance)s: these collective invoices "
            "are not, or not rightly, redistributed.",
            count=count,
            balance=company.currency_id.format(balance),
        )
        return self._row(
            self.env._("Clearing Account at Zero"),
            self.env._("Every collective invoice is redistributed."),
            problem,
            "error",
            res_model="account.move.line",
            res_domain=list(domain),
        )

    @api.model
    def _check_journals(self, company):
        names = {
            "invoice": self.env._("Journal of Invoices"),
            "credit": self.env._("Journal of Credit Memos"),
            "redistribution": self.env._("Journal of Redistribution"),
        }
        for kind, name in names.items():
            journal = company._get_maintenance_journal(kind)
            problem, vals = "", {}
            if not journal:
                problem = self.env._("There is no journal of the right type: make one.")
                vals = {"res_model": "account.journal", "res_domain": []}
            elif not journal.active:
                problem = self.env._("%s is archived.", journal.display_name)
            yield self._row(name, journal.display_name, problem, "error", **vals)

    @api.model
    def _check_text(self, company):
        problem = not company.maintenance_mass_text and self.env._(
            "Empty: invoice lines name the contract alone."
        )
        name = self.env._("Standard Invoice Text")
        return self._row(name, company.maintenance_mass_text, problem)

    # -- services ---------------------------------------------------------------

    @api.model
    def _get_services(self, company):
        """Services of the lines that are still to be re-invoiced."""
        lines = self.env["maintenance.permission.line"]
        domain = [
            ("company_id", "=", company.id),
            ("reinvoice", "=", True),
            ("reinvoiced", "=", False),
        ]
        ((products,),) = lines._read_group(domain, [], ["product_id:recordset"])
        return products.with_company(company)

    @api.model
    def _check_revenue(self, company):
        journal = company._get_maintenance_journal("invoice")
        services = self._get_services(company)
        wrong = services.filtered(
            lambda p: not p.product_tmpl_id.get_product_accounts()["income"]
        )
        if journal.default_account_id:
            wrong = wrong.browse()
        return self._row_of_services(
            self.env._("Revenue Accounts of Services"),
            services,
            wrong,
            self.env._("No revenue account on: %s"),
            "error",
        )

    @api.model
    def _check_taxes(self, company):
        services = self._get_services(company)
        wrong = services.filtered(
            lambda p: not p.taxes_id._filter_taxes_by_company(company)
        )
        return self._row_of_services(
            self.env._("Customer Taxes of Services"),
            services,
            wrong,
            self.env._(
                "No customer tax, not even one of 0 %%, so that invoices carry no tax "
                "and cannot be sent electronically: %s"
            ),
            "warning",
        )

    @api.model
    def _check_cash_basis(self, company):
        taxes = self._get_services(company).taxes_id._filter_taxes_by_company(company)
        taxes = taxes.flatten_taxes_hierarchy().filtered(
            lambda tax: tax.tax_exigibility == "on_payment"
        )
        account, problem = company.account_cash_basis_base_account_id, ""
        if taxes and not account:
            problem = self.env._(
                "None, although these taxes are due on payment: %s. Each payment posts "
                "their base to and fro on the clearing account. Choose another account "
                "as “Base Tax Received Account” in the settings of accounting.",
                ", ".join(taxes.mapped("name")),
            )
        return self._row(
            self.env._("Base Account of Taxes Due on Payment"),
            account.display_name or self.env._("No tax is due on payment."),
            problem,
        )

    @api.model
    def _row_of_services(self, name, services, wrong, problem, status):
        return self._row(
            name,
            self.env._("%s services are to be re-invoiced.", len(services)),
            wrong and problem % ", ".join(wrong.mapped("display_name")),
            status,
            res_model="product.product",
            res_domain=[("id", "in", (wrong or services).ids)],
        )

    # -- analytic accounts and contracts ----------------------------------------

    @api.model
    def _check_mass_dimension(self, company):
        account = company.maintenance_mass_analytic_account_id
        problem = not account and self.env._(
            "None: the customer's ledger items carry no mass dimension."
        )
        return self._row(self.env._("Mass Dimension"), account.display_name, problem)

    @api.model
    def _check_contracts(self, company):
        domain = [("company_id", "=", company.id), ("state", "=", "open")]
        contracts = self.env["maintenance.contract"].search(domain)
        # core cannot search for an empty distribution
        bare = contracts.filtered(lambda contract: not contract.analytic_distribution)
        lost = contracts._filter_lost_analytic()
        problem = bare and self.env._(
            "%s open contracts have no analytic distribution: their results cannot be "
            "told apart.",
            len(bare),
        )
        if lost:
            problem = self.env._(
                "An analytic account of these contracts was deleted, so that they are "
                "not re-invoiced: %s",
                ", ".join(lost.mapped("name")),
            )
        return self._row(
            self.env._("Analytic Accounts of Contracts"),
            self.env._("Every open contract has one."),
            problem,
            "error" if lost else "warning",
            res_model="maintenance.contract",
            res_domain=[("id", "in", (lost or bare or contracts).ids)],
        )

    # -- people, numbers, scheduler ---------------------------------------------

    @api.model
    def _check_group(self, company, name):
        group = self.env.ref(f"maintenance_reinvoice.group_maintenance_{name}").sudo()
        domain = Domain("all_group_ids", "in", group.ids)
        domain &= Domain("company_ids", "in", company.ids)
        users = self.env["res.users"].sudo().search(domain)
        problem = not users and self.env._(
            "Nobody has the right “%s” in this company.", group.display_name
        )
        return self._row(
            self.env._("Users with the Right “%s”", group.display_name),
            ", ".join(users.mapped("name")),
            problem,
            "error",
            res_model="res.users",
            res_domain=[("share", "=", False)],
        )

    @api.model
    def _check_approver(self, company):
        user = company.maintenance_approver_id
        problem = not user and self.env._(
            "None: nobody gets a to-do for permissions that wait for approval."
        )
        return self._row(self.env._("Approver of Permissions"), user.name, problem)

    @api.model
    def _check_sequences(self, company):
        sequences = self.env["ir.sequence"].sudo()
        domain = [("code", "in", SEQUENCES), ("company_id", "in", [False, company.id])]
        found = sequences.search(domain).mapped("code")
        for code in SEQUENCES:
            problem = code not in found and self.env._(
                "Missing: make a sequence with code %s.", code
            )
            yield self._row(
                self.env._("Numbers: %s", self.env[code]._description),
                code,
                problem,
                "error",
                res_model="ir.sequence",
                res_domain=[("code", "in", SEQUENCES)],
            )

    @api.model
    def _check_crons(self):
        for name in CRONS:
            cron = self.env.ref(
                f"maintenance_reinvoice.{name}", raise_if_not_found=False
            )
            active = cron and cron.sudo().active
            problem = not active and self.env._(
                "Not active: long runs stop half-way and schedules do nothing."
            )
            yield self._row(
                self.env._("Scheduled Action %s", cron.sudo().name if cron else name),
                self.env._("Active."),
                problem,
                res_model="ir.cron",
                res_domain=[("model_id.model", "=like", "maintenance.%")],
            )

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
        name = self.env._("Maintenance Accrual Account")
        return self._row(name, account.display_name, problem)

    @expects(one=True)
    def action_open(self):
        """Open what the row is about."""
        if self.res_model not in self.env:
            raise UserError(
                self.env._("%s: there is nothing to open.", self.display_name)
            )
        self.env[self.res_model].check_access("read")
        if self.res_model == "res.config.settings":
            return self.env["ir.actions.act_window"]._for_xml_id(
                "maintenance_reinvoice.res_config_settings_action"
            )
        if self.res_model == "account.move.line":
            return self.env[self.res_model].action_view_maintenance_clearing()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": self.res_model,
            "view_mode": "list,form",
            "domain": self.res_domain or [],
            "context": {"active_test": False},
        }
