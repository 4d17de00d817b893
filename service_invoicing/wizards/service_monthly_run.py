from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..tools.actions import open_menu
from ..tools.arguments import expects
from ..tools.groups import BILLING
from ..tools.guards import refuse_without_group
from ..tools.month import FAILED, MADE, SKIPPED, month_end, month_start
from ..tools.states import RUNNING_STATES


class ServiceMonthlyRun(models.TransientModel):
    """Releases the months of agreements that are due, and shows what became of each."""

    _name = "service.monthly.run"
    _inherit = "service.dialog.mixin"
    _description = "Monthly Run of Agreements"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    period_from = fields.Date(
        string="Month",
        required=True,
        default=lambda self: self.env["service.agreement"]._get_last_month(),
        help="Any day of the month that is to be released.",
    )
    period_to = fields.Date(string="Until", compute="_compute_period_to")
    catch_up = fields.Boolean(
        string="Earlier Months, Too",
        default=True,
        help="Also release earlier months that have never been released.",
    )
    agreement_ids = fields.Many2many(
        "service.agreement",
        string="Only Agreements",
        context={"active_test": False},
        help="Empty: all that run in the month.",
    )
    partner_ids = fields.Many2many(
        "res.partner",
        string="Only for",
        context={"active_test": False},
        help="Bill-to's. Empty: all.",
    )
    state = fields.Selection(
        selection=[("draft", "To Run"), ("done", "Done")],
        string="Status",
        default="draft",
        required=True,
        readonly=True,
    )
    line_ids = fields.One2many("service.monthly.run.line", "run_id", readonly=True)
    made_count = fields.Integer(string="Released", compute="_compute_counts")
    skipped_count = fields.Integer(
        string="Skipped",
        compute="_compute_counts",
        help="Where there was nothing to release.",
    )
    left_count = fields.Integer(
        string="Not Released",
        compute="_compute_counts",
        help="Where something is missing or wrong; skipped ones are not counted.",
    )

    @api.depends("period_from")
    def _compute_period_to(self):
        for run in self:
            run.period_to = run.period_from and month_end(run.period_from)

    @api.depends("line_ids.status")
    def _compute_counts(self):
        for run in self:
            counts = Counter(run.line_ids.mapped("status"))
            run.made_count = counts[MADE]
            run.skipped_count = counts[SKIPPED]
            run.left_count = counts[FAILED]

    def _get_agreements_domain(self, month):
        """Agreements the run looks at: those chosen, else all that run in the month.

        :param month: its first day
        """
        self.ensure_one()
        domain = Domain("company_id", "=", self.company_id.id)
        if self.partner_ids:
            domain &= Domain("partner_id", "child_of", self.partner_ids.ids)
        if self.agreement_ids:
            return domain & Domain("id", "in", self.agreement_ids.ids)
        running = Domain("date_end", "=", False) | Domain("date_end", ">=", month)
        if self.catch_up:
            running |= Domain("next_month", "<", month)
        return (
            domain
            & running
            & Domain("state", "in", RUNNING_STATES)
            & Domain("date_start", "<=", month_end(month))
        )

    @expects(one=True)
    def action_run(self):
        """Release the month and show what became of every agreement; with many of
        them open the run that does it in the background."""
        refuse_without_group(self.env, BILLING)
        month = month_start(self.period_from)
        if month > self.company_id._get_local_today():
            raise UserError(
                self.env._(
                    "%s has not begun yet.",
                    self.env["service.agreement"]._format_month(month),
                )
            )
        agreements = self.env["service.agreement"].with_company(self.company_id)
        agreements = agreements.search(self._get_agreements_domain(month), order="id")
        run = self.env["service.billing.run"]._take_over(
            "months", agreements, month=month, catch_up=self.catch_up
        )
        if run:
            return run
        self._keep_results(agreements._release_chosen(month, self.catch_up))
        return self._reopen()

    def _keep_results(self, results):
        lines = [
            {
                "run_id": self.id,
                "agreement_id": result.agreement.id,
                "month": result.month,
                "status": result.status,
                "release_id": result.release and result.release.id,
                "reason": result.reason,
            }
            for result in results
        ]
        self.line_ids.sudo().unlink()
        self.env["service.monthly.run.line"].sudo().create(lines)
        self.sudo().state = "done"

    def _reopen(self):
        return self._get_dialog_action(
            self.env._("Monthly Run"), context={"dialog_size": "extra-large"}
        )

    @expects(one=True)
    def action_view_releases(self):
        """The releases the run made."""
        return open_menu(
            self.env,
            "service_invoicing.service_release_action",
            [("id", "in", self.line_ids.release_id.ids)],
        )


class ServiceMonthlyRunLine(models.TransientModel):
    """One agreement and month of the run."""

    _name = "service.monthly.run.line"
    _inherit = "service.dialog.mixin"
    _description = "Result of a Monthly Run"
    _order = "status, agreement_id, month, id"

    run_id = fields.Many2one(
        "service.monthly.run", required=True, index=True, ondelete="cascade"
    )
    agreement_id = fields.Many2one("service.agreement", required=True, readonly=True)
    partner_id = fields.Many2one(related="agreement_id.partner_id", related_sudo=False)
    month = fields.Date(required=True, readonly=True)
    status = fields.Selection(
        selection=[
            ("failed", "Not Released"),
            ("made", "Released"),
            ("skipped", "Skipped"),
        ],
        required=True,
        readonly=True,
        help="Skipped: there is nothing to release. Not Released: something is missing "
        "or wrong.",
    )
    reason = fields.Text(readonly=True)
    release_id = fields.Many2one("service.release", readonly=True)
    currency_id = fields.Many2one(related="release_id.currency_id", related_sudo=False)
    amount_total = fields.Monetary(
        related="release_id.amount_total", related_sudo=False
    )
