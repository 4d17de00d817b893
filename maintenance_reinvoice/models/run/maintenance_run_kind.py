from collections import Counter

from odoo import api, models
from odoo.fields import Domain

FINISHED_STATES = ("reinvoiced", "rejected", "cancelled")


class MaintenanceRunKind(models.AbstractModel):
    """What kinds of runs do in their own way; this one re-invoices. Another kind is a
    value of the runs' ``kind``, and a model that extends this one."""

    _name = "maintenance.run.kind"
    _description = "Re-invoicing by a Run"

    @api.model
    def _get_usual_domain(self):
        """Permissions that are looked at where no condition says which."""
        return Domain("state", "not in", FINISHED_STATES)

    # What a run looks at, in groups of which none shares a document with another: here
    # of who pays.

    def _count_candidates(self, run):
        """``{group: number of candidates}``, in the order of the report."""
        counts = Counter()
        for partner, payer, count in self.env[
            "maintenance.permission.line"
        ]._read_group(
            run._get_candidate_domain(),
            ["partner_id", "reinvoice_partner_id"],
            ["__count"],
        ):
            counts[payer or partner] += count
        return counts

    def _get_reported(self, run):
        """The groups that are in the report of a run already."""
        return dict(
            self.env["maintenance.reinvoice.run.line"]._read_group(
                [("run_id", "=", run.id)], ["partner_id"], ["__count"]
            )
        )

    def _get_candidates(self, run, group_ids):
        """The candidates of these groups."""
        payers = Domain("reinvoice_partner_id", "in", group_ids)
        customers = Domain("partner_id", "in", group_ids)
        customers &= Domain("reinvoice_partner_id", "=", False)
        return self.env["maintenance.permission.line"].search(
            run._get_candidate_domain() & (payers | customers),
            order="partner_id, contract_id, permission_id, sequence, id",
        )

    def _report(self, run, candidates):
        """Make report lines of whole groups, and logs, one per document to be made."""
        run._report_permission_lines(candidates)

    def _get_report_text(self, run):
        """What a report comes to, in a sentence."""
        return self.env._(
            "%(run)s: %(taken)s of %(count)s lines can be re-invoiced.",
            run=run.name,
            taken=run.taken_count,
            count=run.line_count,
        )

    def _execute(self, logs):
        """Make, post and note down the documents of these logs of one run."""
        logs._invoice()

    def _get_clearing_notes(self, run):
        """What is to be known of the clearing account; a list of sentences."""
        if run.company_id.maintenance_mass_account_id:
            return []
        return [run._get_no_clearing_note()]

    def _get_empty_errors(self, run):
        """Why there is nothing to do; empty when there is."""
        if any(log.posting_state == "pending" for log in run.log_ids):
            return []
        return [self._get_empty_error(run)]

    def _get_empty_error(self, run):
        if not run.line_ids:
            return self.env._(
                "Nothing to re-invoice: no permission line matches run %s. Widen its "
                "filter.",
                run.name,
            )
        return self.env._(
            "Nothing to re-invoice in run %(run)s. Its lines and why they are not "
            "taken:\n%(reasons)s",
            run=run.name,
            reasons=run._get_reason_summary(),
        )
