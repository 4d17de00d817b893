from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.service_invoicing.tools.actions import open_list
from odoo.addons.service_invoicing.tools.arguments import expects

KIND_MODELS = {
    "reinvoice": "maintenance.run.kind",
    "cancel": "maintenance.run.cancel",
}
ENDED_STATES = ("done", "done_with_errors", "cancelled")


class MaintenanceReinvoiceRun(models.Model):
    """Runs that follow another: one takes back what was charged, the next charges it
    anew."""

    _inherit = "maintenance.reinvoice.run"

    kind = fields.Selection(
        [("reinvoice", "Re-invoicing"), ("cancel", "Cancellation")],
        default="reinvoice",
        required=True,
        readonly=True,
        copy=False,
        help="A cancellation makes a credit memo of each invoice of another run.",
    )
    origin_run_id = fields.Many2one(
        "maintenance.reinvoice.run",
        string="Run Before",
        readonly=True,
        copy=False,
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
        help="Of a cancellation: the run that is taken back. Of a re-invoicing: the "
        "cancellation whose lines are re-invoiced.",
    )
    next_run_ids = fields.One2many(
        "maintenance.reinvoice.run", "origin_run_id", string="Runs After"
    )
    next_run_count = fields.Integer(
        string="Number of Runs After", compute="_compute_next_run_count"
    )
    afterwards = fields.Selection(
        [
            ("free", "The rows may be re-invoiced again"),
            ("close", "The rows are closed"),
        ],
        default="free",
        required=True,
        help="What becomes of the credited rows.",
    )
    cancel_reason = fields.Char(
        string="Reason", copy=False, help="Printed on the credit memos."
    )
    cancel_paid = fields.Boolean(
        string="Paid Invoices, Too",
        help="Also credit invoices that are paid, wholly or in part. What was paid is "
        "then owed to the customer.",
    )
    cancel_sent = fields.Boolean(
        string="Sent Invoices, Too",
        help="Also credit invoices that the customer has got. The credit memo has to "
        "be sent to him as well.",
    )

    @api.depends("next_run_ids")
    def _compute_next_run_count(self):
        groups = self._read_group(
            [("origin_run_id", "in", self.ids)], ["origin_run_id"], ["__count"]
        )
        counts = dict(groups)
        for run in self:
            run.next_run_count = counts.get(run, 0)

    @api.constrains("kind", "origin_run_id")
    def _check_origin(self):
        for run in self:
            origin = run.origin_run_id
            if run.kind == "cancel" and not origin:
                raise ValidationError(
                    self.env._("A cancellation needs the run that it takes back.")
                )
            if origin and (origin.kind == run.kind or origin.state not in ENDED_STATES):
                raise ValidationError(
                    self.env._(
                        "Run %(run)s cannot follow %(origin)s: a cancellation takes "
                        "back a run that has ended, and re-invoicing follows a "
                        "cancellation that has ended.",
                        run=run.name,
                        origin=origin.name,
                    )
                )

    def _get_kind(self):
        """The model that says what runs of this kind do."""
        self.ensure_one()
        return self.env[KIND_MODELS[self.kind]]

    # -- buttons ------------------------------------------------------------------

    @expects(one=True)
    def action_cancel_run(self):
        """Open a new run, not yet executed, that takes back what this one charged."""
        return self._open_next("cancel")

    @expects(one=True)
    def action_reinvoice_again(self):
        """Open a new run, not yet executed, over the lines that this one freed."""
        return self._open_next("reinvoice")

    def _open_next(self, kind):
        self._check_may_run()
        self._check_run_state(*ENDED_STATES)
        if self.kind == "reinvoice" and kind == "cancel":
            self._check_left_to_cancel()
        run = self.create(self._prepare_next_vals(kind))
        run.action_check()
        return run._get_records_action(context={})

    def _check_left_to_cancel(self):
        """:raise UserError: when nothing is left to take back"""
        rows = self.env["maintenance.reinvoice.row"]
        charged = Domain("move_id", "in", self._get_move_query())
        if not rows.search_count(
            charged & Domain("credit_move_id", "=", False), limit=1
        ):
            raise UserError(
                self.env._("All that run %s charged is credited already.", self.name)
            )

    def _prepare_next_vals(self, kind):
        """Values of the run that follows: what was invoiced once is invoiced again,
        however little it is."""
        return {
            "kind": kind,
            "origin_run_id": self.id,
            "company_id": self.company_id.id,
            "ignore_minimum": kind == "reinvoice",
            "negative_groups": self.negative_groups,
        }

    def action_view_next_runs(self):
        """Runs that take these back, or charge anew what these took back."""
        return self.next_run_ids._get_records_action(context={})

    def action_view_freed_lines(self):
        """Lines that the credit memos freed, to correct them before they are
        re-invoiced."""
        rows = self.log_ids.move_id.maintenance_credited_row_ids.filtered("freed")
        return open_list(rows.line_id, self.env._("Freed Lines"))
