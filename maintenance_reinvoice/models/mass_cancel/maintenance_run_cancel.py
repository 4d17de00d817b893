from odoo import models
from odoo.fields import Domain

from ...tools.context import QUIET

PAID = ("in_payment", "paid", "partial")


class MaintenanceRunCancel(models.AbstractModel):
    """A run that takes back what another has charged: a report line per row, and a
    credit memo per invoice."""

    _name = "maintenance.run.cancel"
    _inherit = "maintenance.run.kind"
    _description = "Cancellation of a Run"

    def _get_usual_domain(self):
        # what was charged is finished
        return Domain.TRUE

    # -- check report -------------------------------------------------------------

    # groups are invoices

    def _count_candidates(self, run):
        rows = self.env["maintenance.reinvoice.row"]
        return dict(
            rows._read_group(self._get_row_domain(run), ["move_id"], ["__count"])
        )

    def _get_reported(self, run):
        return dict(
            self.env["maintenance.reinvoice.run.line"]._read_group(
                [("run_id", "=", run.id)], ["row_id.move_id"], ["__count"]
            )
        )

    def _get_candidates(self, run, group_ids):
        """What the run before charged on these invoices."""
        return self.env["maintenance.reinvoice.row"].search(
            self._get_row_domain(run) & Domain("move_id", "in", group_ids),
            order="move_id, contract_id, id",
        )

    def _get_row_domain(self, run):
        """What the run before charged, as far as the filters choose it."""
        permissions = run._get_permission_domain()
        return Domain("move_id", "in", run.origin_run_id._get_move_query()) & Domain(
            "line_id.permission_id", "any", permissions
        )

    def _report(self, run, candidates):
        refusals = self._get_refusals(run, candidates)
        taken = candidates.filtered(lambda row: not refusals[row])
        logs = run._create_logs(taken.grouped("move_id"), self._prepare_log_vals)
        own = {row: logs[row.move_id] for row in taken}
        run._create_report_lines(
            refusals, lambda row: self._prepare_report_vals(row, own.get(row))
        )

    def _prepare_report_vals(self, row, log):
        return {
            "permission_line_id": row.line_id.id,
            "row_id": row.id,
            "partner_id": row.move_id.partner_id.id,
            "amount": -row.amount,
            "currency_id": row.currency_id.id,
            "log_id": log and log.id,
        }

    def _get_refusals(self, run, rows):
        """``{row: codes}`` of what keeps rows off a credit memo, the most telling
        first."""
        refusals = dict.fromkeys(rows, [])
        date = run._get_posting_date()
        for move, own in rows.grouped("move_id").items():
            codes = self._get_invoice_refusals(run, move, date)
            refusals |= {
                row: ["credited"] * bool(row.credit_move_id) + codes for row in own
            }
        return refusals

    def _get_invoice_refusals(self, run, invoice, date):
        """Codes of what keeps an invoice from being credited.

        :param date: that the credit memo will carry
        """
        found = {
            "not_posted": invoice.state != "posted",
            "later": invoice.invoice_date and invoice.invoice_date > date,
            "paid": not run.cancel_paid and self._is_paid(invoice),
            "sent": not run.cancel_sent and invoice.is_move_sent,
        }
        return [code for code, applies in found.items() if applies]

    def _is_paid(self, invoice):
        """Whether anything but credit memos settles it, be it in part."""
        if invoice.payment_state not in PAID:
            return False
        items = invoice._get_receivable_lines()
        settling = items.matched_debit_ids.debit_move_id
        settling |= items.matched_credit_ids.credit_move_id
        credits = self.env["maintenance.cancellation"]._get_credits(invoice)
        return bool(settling.move_id - invoice - credits)

    def _prepare_log_vals(self, invoice, rows):
        """Values of the log of a credit memo, whose amount reduces what is owed."""
        contracts = rows.contract_id
        return {
            "company_id": invoice.company_id.id,
            "partner_id": invoice.partner_id.id,
            "currency_id": invoice.currency_id.id,
            "contract_id": contracts.id if len(contracts) == 1 else False,
            "credited_move_id": invoice.id,
            "amount": -sum(rows.mapped("amount")),
        }

    def _get_report_text(self, run):
        return self.env._(
            "%(run)s: %(taken)s of %(count)s lines can be credited.",
            run=run.name,
            taken=run.taken_count,
            count=run.line_count,
        )

    def _get_clearing_notes(self, run):
        # a cancellation follows what its invoices did
        return []

    def _get_empty_error(self, run):
        return self.env._(
            "Nothing to credit in run %(run)s. The rows of %(origin)s and why they are "
            "not taken:\n%(reasons)s",
            run=run.name,
            origin=run.origin_run_id.name,
            reasons=run._get_reason_summary() or self.env._("There are none."),
        )

    # -- execution ----------------------------------------------------------------

    def _execute(self, logs):
        """Post a credit memo per log, and free or close its rows."""
        options = self._prepare_options(logs.run_id)
        groups = logs._get_rows_to_credit()
        Cancellation = self.env["maintenance.cancellation"].with_context(**QUIET)
        rows_by_invoice = {rows.move_id: rows for rows in groups.values()}
        credits = rows_by_invoice and Cancellation._credit(rows_by_invoice, options)
        by_credit = dict(zip(credits, groups.values(), strict=True))
        Cancellation._release(by_credit, options)
        logs._write_credits(dict(zip(groups, by_credit, strict=True)))

    def _prepare_options(self, run):
        """Options of the credit memos; see ``maintenance.cancellation``."""
        return {
            "posting_date": run._get_posting_date(),
            "vat_date": run._get_vat_date(),
            "free": run.afterwards == "free",
            "reason": run.cancel_reason,
            "cache": {},
        }
