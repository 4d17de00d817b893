from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.service_invoicing.tools.actions import notify
from odoo.addons.service_invoicing.tools.arguments import expects
from odoo.addons.service_invoicing.tools.guards import raise_together

from ...tools.batches import BATCH_LINES, BATCH_SIZE, INLINE_LINES, INLINE_SECONDS


class MaintenanceReinvoiceRun(models.Model):
    """Executing a run, batch by batch, until it is done or stopped."""

    _inherit = "maintenance.reinvoice.run"

    execute_question = fields.Char(
        compute="_compute_execute_question",
        help="Asked before a run is executed.",
    )

    @api.depends("kind", "state", "log_count", "taken_count", "taken_amounts")
    @api.depends_context("lang")
    def _compute_execute_question(self):
        for run in self:
            run.execute_question = run._get_execute_question()

    def _get_execute_question(self):
        """How many documents will be posted, and what they come to; of a run without
        check report nobody knows yet."""
        self.ensure_one()
        counts = {
            "groups": self.log_count,
            "lines": self.taken_count,
            "amounts": self.taken_amounts,
        }
        if self.kind == "cancel":
            return self.env._(
                "Credit memos that will be posted: %(groups)s. Their lines: %(lines)s. "
                "Net: %(amounts)s.",
                **counts,
            )
        if self.state != "checked":
            return self.env._("The collective invoices will be posted.")
        return self.env._(
            "Collective invoices that will be posted: %(groups)s. Their lines: "
            "%(lines)s. Net: %(amounts)s.",
            **counts,
        )

    @expects(one=True)
    def action_execute(self):
        """Make the invoices of the check report (made first, if there is none; while it
        is being made they follow it).

        Batches are committed one by one; a large run goes on in the background.
        Returns a notification of what was made."""
        self._check_may_run()
        self = self.with_company(self.company_id)
        if self.state == "checking":
            vals = {"execute_when_checked": True, "user_id": self.env.uid}
            self.sudo().write(vals)
            return self._notify_result()
        self._lock_run()
        self._check_run_state("draft", "checked")
        if self.state == "draft":
            self._check_or_begin(execute=True)
        if self.state == "checked":
            self._begin()
        return self._notify_result()

    @expects(one=True)
    def action_retry_failed(self):
        """Try the failed groups of a finished run again, and those a stopped run
        never reached. Returns a notification of what was made."""
        self._check_may_run()
        self._lock_run()
        self._check_run_state("done_with_errors", "cancelled")
        failed = self.log_ids.filtered(lambda log: log.posting_state == "failed")
        pending = self.log_ids.filtered(lambda log: log.posting_state == "pending")
        if not failed + pending:
            raise UserError(self.env._("Run %s has no failed groups.", self.name))
        failed.sudo().write({"posting_error": False})
        self = self.with_company(self.company_id)
        self._begin()
        return self._notify_result()

    def action_stop(self):
        """Stop: groups already invoiced stay so, no further one is begun. A check that
        is stopped leaves a draft, whose check goes on where it was."""
        self._check_may_run()
        self._check_run_state("draft", "checking", "checked", "running")
        self._stop()

    def _begin(self):
        """Run in the name of who pressed the button: what is small at once, what is
        large in the background."""
        self._check_executable()
        self.sudo().write({**self._prepare_begin_vals(), "user_id": self.env.uid})
        self._start()

    def _start(self):
        if self._is_large():
            self._start_in_background()
            return
        self._commit_batch()
        self._process(INLINE_SECONDS)

    def _is_large(self):
        """Whether nobody should wait for it. What cannot be committed in between is
        never left to others, who would not see it."""
        can_commit = self.env["account.move"]._can_commit()
        return can_commit and self._count_waiting_lines() > INLINE_LINES

    # -- before the run ---------------------------------------------------------

    def _check_executable(self):
        """Everything that would make the run fail as a whole, told at once."""
        raise_together(
            [
                *self._get_setup_errors(),
                *self._get_date_errors(),
                *self._get_kind()._get_empty_errors(self),
            ]
        )

    def _get_setup_errors(self):
        company, errors = self.company_id, []
        clearing = company.maintenance_mass_account_id
        if clearing and not clearing.reconcile:
            errors.append(
                self.env._(
                    "Collective invoice clearing account %s must allow reconciliation.",
                    clearing.display_name,
                )
            )
        kinds = ("invoice", "credit", "redistribution")
        if not all(company._get_maintenance_journal(kind) for kind in kinds):
            errors.append(
                self.env._(
                    "Company %s needs a sales and a miscellaneous journal.",
                    company.name,
                )
            )
        return errors

    def _get_reason_summary(self):
        lines = self.env["maintenance.reinvoice.run.line"]
        domain = [("run_id", "=", self.id), ("reason", "!=", False)]
        counts = dict(lines._read_group(domain, ["reason"], ["__count"]))
        labels = lines._fields["reason"]._description_selection(self.env)
        return "\n".join(
            f"{label}: {counts[reason]}" for reason, label in labels if reason in counts
        )

    # -- the run ----------------------------------------------------------------

    def _prepare_options(self):
        """Options of all invoices of the run; see the permission line's methods."""
        self.ensure_one()
        return {
            **self._prepare_group_options(),
            "posting_date": self._get_posting_date(),
            "vat_date": self._get_vat_date(),
            "clearing": self.company_id.maintenance_mass_account_id,
            "origin": self.name,
        }

    @api.model
    def _get_batch_size(self):
        return BATCH_SIZE

    @api.model
    def _get_batch_lines(self):
        return BATCH_LINES

    @api.model
    def _get_finish_steps(self):
        own = ["_note_report_totals", "_print_finished", "_finish_scheduled"]
        return [*super()._get_finish_steps(), *own]

    def _notify_result(self):
        if self.state == "checking":
            return notify(self._get_checking_text(), "info")
        if self.state == "running":
            return notify(self._get_background_text(), "info")
        kind = "success" if self.state == "done" else "warning"
        sticky = bool(self._get_busy_lines())
        return notify(self._get_result_text(), kind, sticky=sticky)

    def _get_result_text(self):
        """What became of the run, and what waits for whom."""
        if self.state == "checked":
            return self._get_kind()._get_report_text(self)
        texts = [super()._get_result_text()]
        if carried := self._count_carried():
            texts.append(
                self.env._(
                    "Groups carried forward because they net negative: %s", carried
                )
            )
        if busy := self._get_busy_lines():
            texts.append(busy._get_busy_error())
        return "\n".join(texts)

    def _count_carried(self):
        """Groups without an invoice that wait for the next lines."""
        [(count,)] = self.env["maintenance.reinvoice.run.line"]._read_group(
            [("run_id", "in", self.ids), ("reason", "=", "carried")],
            aggregates=["log_id:count_distinct"],
        )
        return count

    def _get_busy_lines(self):
        """Permission lines left out because somebody else held them."""
        rows = self.env["maintenance.reinvoice.run.line"].search(
            [("run_id", "in", self.ids), ("reason", "=", "busy")]
        )
        return rows.permission_line_id
