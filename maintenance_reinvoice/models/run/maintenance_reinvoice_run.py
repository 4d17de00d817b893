from ast import literal_eval

from psycopg2 import DatabaseError

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import mute_logger

from odoo.addons.service_invoicing.tools.guards import (
    changes_values,
    get_context_defaults,
)
from odoo.addons.service_invoicing.tools.numbers import take_number

from ...tools.choices import NEGATIVE_GROUPS
from ...tools.computed import get_forbidden_labels

PROTECTED_FIELDS = {
    "state",
    "user_id",
    "schedule_id",
    "schedule_date",
    "begin_date",
    "work_date",
    "end_date",
    "lines_before",
    "candidate_count",
    "execute_when_checked",
    "check_pieces",
    "report_outdated",
    "report_totals",
}


class MaintenanceReinvoiceRun(models.Model):
    """A mass run: what it takes, its state and its result."""

    _name = "maintenance.reinvoice.run"
    _description = "Mass Re-invoicing Run"
    _inherit = ["service.run.mixin", "mail.activity.mixin", "maintenance.run.filter"]
    _order = "id desc"
    _check_company_auto = True

    posting_date = fields.Date(
        required=True,
        default=fields.Date.context_today,
        help="Invoice date and accounting date of the collective invoices.",
    )
    vat_date = fields.Date(
        string="VAT Date",
        help="Taxable supply date of the invoices. Empty: as the localisation sets it. "
        "Czech companies post on the VAT date.",
    )
    date_until = fields.Date(
        string="Permissions Until",
        help="Only permissions of this day or earlier. Empty: of any day.",
    )
    vendor_ids = fields.Many2many(relation="maintenance_reinvoice_run_vendor_rel")
    ignore_minimum = fields.Boolean(
        string="Small Amounts, Too",
        help="Also invoice what is below the minimum invoice amount, for instance at "
        "the end of a year or a contract.",
    )
    negative_groups = fields.Selection(
        NEGATIVE_GROUPS,
        string="Groups That Net Negative",
        compute="_compute_negative_groups",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        help="What becomes of lines that would share an invoice and give the customer "
        "more back than they charge. Carry forward: they wait for the next lines of "
        "the same group. Credit memo: also for what earlier runs carried forward, for "
        "instance at the end of a contract.",
    )
    # with labels of their own: those of another add-on are not translated with this one
    state = fields.Selection(
        selection_add=[
            ("draft", "Draft"),
            ("checking", "Being Checked"),
            ("checked", "Checked"),
            ("running", "Running"),
            ("done", "Done"),
            ("done_with_errors", "Done with Errors"),
            ("cancelled", "Cancelled"),
        ],
        string="Status",
        ondelete=dict.fromkeys(
            ("draft", "checking", "checked", "cancelled"), "cascade"
        ),
        default="draft",
        group_expand=True,
    )
    line_ids = fields.One2many(
        "maintenance.reinvoice.run.line", "run_id", string="Check Report", readonly=True
    )
    log_ids = fields.One2many(
        "maintenance.reinvoice.log", "run_id", string="Log", readonly=True
    )

    @api.depends("company_id")
    def _compute_negative_groups(self):
        for run in self:
            run.negative_groups = run.company_id.maintenance_negative_groups

    @api.model_create_multi
    def create(self, vals_list):
        new = self.env._("New")
        vals_list = [dict(vals) for vals in vals_list]
        for vals in vals_list:
            self._check_run_created(get_context_defaults(self.env) | vals)
            if vals.get("name", new) == new:
                company = self.env["res.company"].browse(vals.get("company_id"))
                vals["name"] = take_number(self.env, self._name, company)
        return super().create(vals_list)

    def write(self, vals):
        self._check_run_protected(vals)
        self._check_run_kept(vals)
        if self._get_parameters() & set(vals):
            self._check_run_state("draft", "checked")
            reported = self.filtered(lambda r: r.state == "checked" or r.line_count)
            reported.sudo()._outdate_report()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_executed(self):
        if self.log_ids.move_id or any(r.state in self._run_working for r in self):
            raise UserError(
                self.env._("A run that made invoices is kept as their record.")
            )

    @api.model
    def _get_parameters(self):
        """Fields that the check report depends on."""
        return {
            "posting_date",
            "vat_date",
            "date_until",
            "company_id",
            "ignore_minimum",
            "negative_groups",
            "afterwards",
            "cancel_reason",
            "cancel_paid",
            "cancel_sent",
            *self._get_filter_fields(),
        }

    @api.model
    def _check_run_protected(self, names):
        """Refuse from outside what follows from checking and executing: a run goes
        on in the name of its user."""
        if labels := get_forbidden_labels(self, PROTECTED_FIELDS, names):
            raise UserError(
                self.env._(
                    "The status of a run follows from checking and executing, so this "
                    "cannot be written: %s",
                    labels,
                )
            )

    @api.model
    def _check_run_created(self, vals):
        """A new run is a draft of its user's own."""
        allowed = {"state": ("draft",), "user_id": (self.env.uid,)}
        self._check_run_protected(
            {
                name
                for name, value in vals.items()
                if value and value not in allowed.get(name, ())
            }
        )

    def _get_open_action(self, **context):
        """Open the run, the list of several, or the form of a new one."""
        return self._get_records_action(
            name=self.env._("Mass Re-invoicing"), context=context
        )

    # -- check report -----------------------------------------------------------

    def _drop_report(self):
        self.line_ids.unlink()
        self.log_ids.unlink()
        self.write({"state": "draft", "report_outdated": False})

    def _report_permission_lines(self, candidates):
        """A line per candidate, and a log per invoice to be made."""
        refusals = {line: line._get_refusals("mass") for line in candidates}
        taken = candidates.filtered(lambda line: not refusals[line])
        groups = taken._group_for_reinvoice(mass=True)
        options = self._prepare_group_options()
        refusals |= taken._get_group_refusals(groups, options)
        # what is carried forward has a log, too, and is looked at again when executing
        groups = {
            key: lines
            for key, lines in groups.items()
            if refusals[lines[0]] in ([], ["carried"])
        }
        logs = self._create_logs(groups, self._prepare_log_vals)
        own = {line: logs[key] for key in groups for line in groups[key]}
        self._create_report_lines(
            refusals, lambda line: self._prepare_report_vals(line, own.get(line))
        )
        for key, lines in groups.items():
            if refusals[lines[0]]:
                logs[key]._note_carried(key, lines, options)

    def _get_candidate_domain(self):
        """Lines that the check report tells about."""
        domain = Domain("company_id", "=", self.company_id.id)
        if self.origin_run_id:
            moves = self.origin_run_id._get_move_query()
            domain &= Domain("row_ids.credit_move_id", "in", moves)
        return domain & Domain("permission_id", "any", self._get_permission_domain())

    def _get_move_query(self):
        """The documents of the run, for domains: there may be very many."""
        logs = self.env["maintenance.reinvoice.log"]
        return logs._search([("run_id", "=", self.id)]).subselect("move_id")

    def _get_permission_domain(self):
        """What was chosen; without further conditions, of what is not finished."""
        self.ensure_one()
        chosen = self._get_chosen_domain()
        if self.date_until:
            chosen &= Domain("date", "<=", self.date_until)
        return chosen & self._parse_further_domain()

    def _parse_further_domain(self):
        try:
            domain = Domain(literal_eval(self.filter_domain or "[]"))
            domain.validate(self.env["maintenance.permission"])
            self._try_filter(domain)
        except (ValueError, SyntaxError, TypeError, DatabaseError) as error:
            raise UserError(
                self.env._(
                    "The filter of run %(run)s cannot be read: %(domain)s",
                    run=self.name,
                    domain=self.filter_domain,
                )
            ) from error
        return self._get_kind()._get_usual_domain() if domain.is_true() else domain

    def _try_filter(self, domain):
        """Some filters can only be seen to be wrong by the database, as a text where
        an id is needed.

        :raise DatabaseError: when it cannot search for that
        """
        self.env.flush_all()
        with self.env.cr.savepoint(flush=False), mute_logger("odoo.sql_db"):
            self.env["maintenance.permission"].search(domain, limit=1)

    def _prepare_log_vals(self, key, lines):
        """Values of the log of an invoice, by the grouping key of its lines."""
        log = self.env["maintenance.reinvoice.log"]
        amount = {"amount": lines._sum_to_reinvoice()}
        return log._prepare_key_vals(key, lines) | amount

    def _prepare_report_vals(self, line, log):
        return {
            "permission_line_id": line.id,
            "partner_id": line.payer_id.id,
            "amount": line.amount_to_reinvoice,
            "currency_id": line.currency_id.id,
            "log_id": log and log.id,
        }

    # What a run keeps once it is made.

    def _check_run_kept(self, vals):
        """A run keeps its number, its kind and the run before it, and its company once
        it has a check report.

        :raise UserError: naming the runs
        """
        if self.env.su:
            return
        renamed = self.filtered(lambda run: changes_values(run, vals, {"name"}))
        if renamed:
            raise UserError(
                self.env._(
                    "A run keeps its number, so these cannot be renamed: %s",
                    ", ".join(renamed.mapped("name")),
                )
            )
        kept = {"kind", "origin_run_id"}
        if changed := self.filtered(lambda run: changes_values(run, vals, kept)):
            raise UserError(
                self.env._(
                    "These runs keep their kind and the run before them: %s",
                    ", ".join(changed.mapped("name")),
                )
            )
        moved = self.filtered(lambda run: changes_values(run, vals, {"company_id"}))
        if moved:
            moved._check_moved(vals["company_id"])

    def _check_moved(self, company_id):
        """Another company may be chosen by who has it, as long as nothing is made."""
        if company_id not in self.env.user.company_ids.ids:
            raise AccessError(
                self.env._(
                    "A run can only be moved to a company of yours: %s",
                    ", ".join(self.mapped("name")),
                )
            )
        made = self.filtered(
            lambda run: run.state != "draft" or run.line_ids or run.log_ids
        )
        if made:
            raise UserError(
                self.env._(
                    "These runs have a check report or invoices of their company; "
                    "make a new run for the other one: %s",
                    ", ".join(made.mapped("name")),
                )
            )
