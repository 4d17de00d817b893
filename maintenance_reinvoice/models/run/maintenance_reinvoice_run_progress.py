from odoo import api, fields, models
from odoo.fields import Domain

from ...tools.groups import REINVOICE


class MaintenanceReinvoiceRun(models.Model):
    """How large a run is, counted in lines, and how much of it is done together."""

    _inherit = "maintenance.reinvoice.run"
    _run_groups = "log_ids"
    _run_group_state = "posting_state"
    _run_working = ("checking", "running")
    _run_stopped = "cancelled"
    _run_right = REINVOICE
    _run_cron = "maintenance_reinvoice.cron_continue_runs"

    log_count = fields.Integer(string="Invoice Groups", related="group_count")
    line_count = fields.Integer(string="Candidates", compute="_compute_line_counts")
    taken_count = fields.Integer(string="Taken", compute="_compute_line_counts")
    taken_amounts = fields.Char(
        string="Net Taken",
        compute="_compute_line_counts",
        help="What the lines taken come to, in each currency.",
    )
    report_totals = fields.Json(
        readonly=True,
        copy=False,
        help="What the report of a run that ended comes to. Lists of runs need not "
        "count all their lines each time.",
    )

    @api.depends(
        *("line_ids.taken", "line_ids.amount", "line_ids.currency_id"),
        *("report_outdated", "report_totals"),
    )
    @api.depends_context("lang")
    def _compute_line_counts(self):
        totals = self._get_report_totals()
        currencies = self.env["res.currency"]
        for run in self:
            rows = totals.get(run, [])
            taken = [row for row in rows if row[0]]
            run.line_count = sum(count for __, __, count, __ in rows)
            run.taken_count = sum(count for __, __, count, __ in taken)
            sums = sorted(
                (currency.name, currency.format(amount))
                for __, key, __, amount in taken
                for currency in currencies.browse(key)
            )
            run.taken_amounts = ", ".join(text for __, text in sums)

    def _get_report_totals(self):
        """What the check reports come to, by what is taken and by currency.

        :return: dict run → list of rows [taken, id of the currency, number of lines,
            net amount in it]
        """
        runs = self.filtered(lambda run: not run.report_outdated)
        noted = runs.filtered("report_totals")
        groups = self.env["maintenance.reinvoice.run.line"]._read_group(
            [("run_id", "in", (runs - noted).ids)],
            ["run_id", "taken", "currency_id"],
            ["__count", "amount:sum"],
        )
        totals = {run: run.report_totals for run in noted}
        for run, taken, currency, count, amount in groups:
            totals.setdefault(run, []).append([taken, currency.id, count, amount])
        return totals

    def _prepare_begin_vals(self):
        """The report of a run that goes on changes again."""
        return super()._prepare_begin_vals() | {"report_totals": False}

    def _note_report_totals(self):
        self.sudo().report_totals = self._get_report_totals().get(self)

    @api.model
    def _get_progress_paths(self):
        return [*super()._get_progress_paths(), "state", "candidate_count", "line_ids"]

    def _compute_progress(self):
        """Of a check lines are counted."""
        checking = self.filtered(lambda run: run.state == "checking")
        for run in checking:
            done, count = run.line_count, run.candidate_count
            run.group_count, run.done_count, run.failed_count = count, done, 0
            run.left_count = max(count - done, 0)
            run.progress = min(100.0 * done / count, 100.0) if count else 0.0
        return super(MaintenanceReinvoiceRun, self - checking)._compute_progress()

    def _get_line_counts(self, operator):
        """Report lines per run whose group waits ("=") or was dealt with ("!="); of a
        check the candidates that wait or are reported."""
        checking = self.filtered(lambda run: run.state == "checking")
        begun = self - checking
        counts = begun._count_report(
            Domain("log_id", "any", [("posting_state", "=", "pending")])
        )
        if operator != "=":
            # once a run has ended none waits, and no log has to be looked at
            every = begun._count_report(Domain("log_id", "!=", False))
            counts = {run: n - counts.get(run, 0) for run, n in every.items()}
        name = "left_count" if operator == "=" else "done_count"
        return counts | {run: run[name] for run in checking}

    def _count_report(self, domain):
        """Report lines per run for which the domain holds."""
        groups = self.env["maintenance.reinvoice.run.line"]._read_group(
            Domain("run_id", "in", self.ids) & domain, ["run_id"], ["__count"]
        )
        return dict(groups)

    def _get_last_work(self):
        if self.state != "checking":
            return super()._get_last_work()
        last = self.env["maintenance.reinvoice.run.line"].search(
            [("run_id", "=", self.id)], order="id desc", limit=1
        )
        dates = (last.create_date, self.work_date, self.begin_date)
        return max(filter(None, dates), default=None)

    def _count_lines(self, logs):
        """Report lines per group of the run."""
        groups = self.env["maintenance.reinvoice.run.line"]._read_group(
            [("log_id", "in", logs.ids)], ["log_id"], ["__count"]
        )
        return dict(groups)

    def _count_waiting_lines(self):
        self.ensure_one()
        return self._get_line_counts("=").get(self, 0)

    def _get_background_text(self):
        """What who began the run is answered, as he cannot be told a result."""
        return self.env._(
            "%(run)s goes on in the background: %(left)s of %(count)s invoice groups "
            "are left. You are told when it is through.",
            run=self.name,
            left=self.left_count,
            count=self.log_count,
        )
