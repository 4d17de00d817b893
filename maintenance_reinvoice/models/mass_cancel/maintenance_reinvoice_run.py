from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.service_invoicing.tools.arguments import expects
from odoo.addons.service_invoicing.tools.guards import changes_values

from ...tools.actions import open_list

FINISHED = ("done", "done_with_errors", "cancelled")
PAID = ("in_payment", "paid", "partial")


class MaintenanceReinvoiceRun(models.Model):
    """A run that takes back what another has charged, and one that charges it anew."""

    _inherit = "maintenance.reinvoice.run"

    kind = fields.Selection(
        [("reinvoice", "Re-invoicing"), ("cancel", "Cancellation")],
        default="reinvoice",
        required=True,
        readonly=True,
        help="A cancellation makes a credit memo of each invoice of another run.",
    )
    origin_run_id = fields.Many2one(
        "maintenance.reinvoice.run",
        string="Run before",
        readonly=True,
        copy=False,
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
        help="Of a cancellation: the run that is taken back. Of a re-invoicing: the "
        "cancellation whose lines are re-invoiced.",
    )
    next_run_ids = fields.One2many(
        "maintenance.reinvoice.run", "origin_run_id", string="Runs after"
    )
    next_run_count = fields.Integer(compute="_compute_next_run_count")
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
        string="Paid invoices, too",
        help="Also credit invoices that are paid, wholly or in part. What was paid is "
        "then owed to the customer.",
    )
    cancel_sent = fields.Boolean(
        string="Sent invoices, too",
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
            if origin and (origin.kind == run.kind or origin.state not in FINISHED):
                raise ValidationError(
                    self.env._(
                        "Run %(run)s cannot follow %(origin)s: a cancellation takes "
                        "back a run that has ended, and re-invoicing follows a "
                        "cancellation that has ended.",
                        run=run.name,
                        origin=origin.name,
                    )
                )

    def _check_run_kept(self, vals):
        """What kind of run it is, and of which other, was chosen when it was made."""
        result = super()._check_run_kept(vals)
        kept = {"kind", "origin_run_id"}
        if changed := self.filtered(lambda run: changes_values(run, vals, kept)):
            raise UserError(
                self.env._(
                    "These runs keep their kind and the run before them: %s",
                    ", ".join(changed.mapped("name")),
                )
            )
        return result

    @api.model
    def _get_parameters(self):
        own = {"afterwards", "cancel_reason", "cancel_paid", "cancel_sent"}
        return super()._get_parameters() | own

    # -- buttons ------------------------------------------------------------------

    def action_cancel_rows(self):
        """Open the cancellation of rows of the runs' invoices, to be ticked; each
        invoice gets a credit memo of its own."""
        return self.log_ids.action_cancel_rows()

    @expects(one=True)
    def action_cancel_run(self):
        """Open a new run, not yet executed, that takes back what this one charged."""
        self._check_may_run()
        self._check_run_state(*FINISHED)
        return self._open_next("cancel")

    @expects(one=True)
    def action_reinvoice_again(self):
        """Open a new run, not yet executed, over the lines that this one freed."""
        self._check_may_run()
        self._check_run_state(*FINISHED)
        return self._open_next("reinvoice")

    def _open_next(self, kind):
        run = self.create(self._prepare_next_vals(kind))
        run.action_check()
        return run._get_records_action(context={})

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

    # -- check report -------------------------------------------------------------

    def _get_report_method(self):
        if self.kind == "cancel":
            return "_report_rows"
        return super()._get_report_method()

    def _get_usual_domain(self):
        # what was charged is finished
        return Domain.TRUE if self.kind == "cancel" else super()._get_usual_domain()

    def _get_candidate_domain(self):
        domain = super()._get_candidate_domain()
        if self.origin_run_id:
            moves = self.origin_run_id.log_ids.move_id
            domain &= Domain("row_ids.credit_move_id", "in", moves.ids)
        return domain

    def _report_rows(self):
        """A line per row of the run before, and a log per credit memo to be made."""
        rows = self._get_rows()
        obstacles = self._get_row_obstacles(rows)
        taken = rows.filtered(lambda row: not obstacles[row])
        logs = self._create_cancel_logs(taken.grouped("move_id"))
        self._create_row_report(rows, obstacles, logs)

    def _get_rows(self):
        """What the run before charged, as far as the filters choose it."""
        permissions = self._get_permission_domain()
        return self.env["maintenance.reinvoice.row"].search(
            Domain("move_id", "in", self.origin_run_id.log_ids.move_id.ids)
            & Domain("line_id.permission_id", "any", permissions),
            order="move_id, contract_id, id",
        )

    def _get_row_obstacles(self, rows):
        """``{row: codes}`` of what keeps rows off a credit memo, the most telling
        first."""
        obstacles = dict.fromkeys(rows, [])
        date = self._get_posting_date()
        for move, own in rows.grouped("move_id").items():
            codes = self._get_invoice_obstacles(move, date)
            obstacles |= {
                row: ["credited"] * bool(row.credit_move_id) + codes for row in own
            }
        return obstacles

    def _get_invoice_obstacles(self, invoice, date):
        """Codes of what keeps an invoice from being credited.

        :param date: that the credit memo will carry
        """
        found = {
            "not_posted": invoice.state != "posted",
            "later": invoice.invoice_date and invoice.invoice_date > date,
            "paid": not self.cancel_paid and self._is_paid(invoice),
            "sent": not self.cancel_sent and invoice.is_move_sent,
        }
        return [code for code, applies in found.items() if applies]

    @api.model
    def _is_paid(self, invoice):
        """Whether anything but credit memos settles it, be it in part."""
        if invoice.payment_state not in PAID:
            return False
        items = invoice._get_receivable_lines()
        settling = items.matched_debit_ids.debit_move_id
        settling |= items.matched_credit_ids.credit_move_id
        credits = self.env["maintenance.cancellation"]._get_credits(invoice)
        return bool(settling.move_id - invoice - credits)

    def _create_cancel_logs(self, rows_by_invoice):
        """One log per invoice; returns ``{invoice: log}``."""
        vals_list = [
            self._prepare_cancel_log_vals(invoice, rows, sequence)
            for sequence, (invoice, rows) in enumerate(rows_by_invoice.items(), start=1)
        ]
        logs = self.env["maintenance.reinvoice.log"].sudo().create(vals_list)
        return dict(zip(rows_by_invoice, logs, strict=True))

    def _prepare_cancel_log_vals(self, invoice, rows, sequence):
        contracts = rows.contract_id
        return {
            "run_id": self.id,
            "sequence": sequence,
            "company_id": invoice.company_id.id,
            "partner_id": invoice.partner_id.id,
            "currency_id": invoice.currency_id.id,
            "contract_id": contracts.id if len(contracts) == 1 else False,
            "credited_move_id": invoice.id,
            "amount": -sum(rows.mapped("amount")),
        }

    def _create_row_report(self, rows, obstacles, logs):
        text = self.env["maintenance.permission.line"]._get_obstacle_text
        self.env["maintenance.reinvoice.run.line"].sudo().create(
            [
                {
                    "run_id": self.id,
                    "company_id": self.company_id.id,
                    "permission_line_id": row.line_id.id,
                    "row_id": row.id,
                    "partner_id": row.move_id.partner_id.id,
                    "amount": -row.amount,
                    "currency_id": row.currency_id.id,
                    "taken": not codes,
                    "reason": codes[0] if codes else False,
                    "reason_text": text(codes),
                    "log_id": not codes and logs[row.move_id].id,
                }
                for row, codes in obstacles.items()
            ]
        )

    # -- execution ----------------------------------------------------------------

    def _get_group_method(self):
        if self.kind == "cancel":
            return "_credit_invoices"
        return super()._get_group_method()

    def _prepare_cancel_options(self):
        """Options of the credit memos; see ``maintenance.cancellation``."""
        return {
            "posting_date": self._get_posting_date(),
            "vat_date": self._get_vat_date(),
            "free": self.afterwards == "free",
            "reason": self.cancel_reason,
            "cache": {},
        }

    def _get_clearing_notes(self):
        # a cancellation follows what its invoices did
        return [] if self.kind == "cancel" else super()._get_clearing_notes()

    def _get_empty_errors(self):
        errors = super()._get_empty_errors()
        if not errors or self.kind != "cancel":
            return errors
        return [
            self.env._(
                "Nothing to credit in run %(run)s. The rows of %(origin)s and why "
                "they are not taken:\n%(reasons)s",
                run=self.name,
                origin=self.origin_run_id.name,
                reasons=self._get_reason_summary() or self.env._("There are none."),
            )
        ]
