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

    def _report(self, run):
        """Make the report lines of a run and its logs, one per document to be made."""
        run._report_permission_lines()

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
