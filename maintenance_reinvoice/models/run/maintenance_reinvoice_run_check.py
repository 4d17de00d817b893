from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import split_every

from odoo.addons.service_invoicing.tools.actions import notify
from odoo.addons.service_invoicing.tools.arguments import expects
from odoo.addons.service_invoicing.tools.attempt import attempt

from ...tools.batches import INLINE_LINES

# rows of a report written or deleted at a time: keeps memory bounded in a large run
REPORT_CHUNK = 1000
# pieces that are planned at a time: all candidates are counted for it
PLANNED_PIECES = 100


class MaintenanceReinvoiceRun(models.Model):
    """The check report, made piece by piece: of few lines at once, of many in the
    background. A draft with report lines is one whose check was stopped."""

    _inherit = "maintenance.reinvoice.run"

    candidate_count = fields.Integer(
        string="To Be Checked",
        readonly=True,
        copy=False,
        help="Lines that the check looks at in the background.",
    )
    check_pieces = fields.Json(
        readonly=True,
        copy=False,
        prefetch=False,
        help="What the check looks at next: the ids of the groups of each piece.",
    )
    report_outdated = fields.Boolean(
        readonly=True,
        copy=False,
        help="The report is of an earlier check. It goes before there is another one.",
    )
    execute_when_checked = fields.Boolean(
        readonly=True,
        copy=False,
        help="What is to be executed was not checked before: the invoices follow as "
        "soon as the check report is made.",
    )

    @expects()
    def action_check(self):
        """Make the check report: every candidate, taken or why not; no invoices. Many
        are looked at in the background; a check that was stopped goes on."""
        self._check_may_run()
        self._check_run_state("draft", "checked")
        for run in self:
            run.with_company(run.company_id)._check_or_begin()
        return self._notify_report()

    def _check_or_begin(self, execute=False):
        """Make the check report now, or have it made where there is much to check.

        :param bool execute: whether the background then goes on with the invoices
        """
        if self.state == "checked":
            self.sudo().report_outdated = True
        counts = self._get_kind()._count_candidates(self)
        self._plan_pieces(counts)
        count = sum(counts.values())
        left = count - self.line_count
        large = self.report_outdated and self._filter_large_reports()
        many = left > INLINE_LINES or large
        if many and self.env["account.move"]._can_commit():
            self._begin_check(count, execute)
        else:
            self._make_report()

    def _begin_check(self, count, execute):
        """:param int count: of candidates, those that are in the report included"""
        self.sudo().write(
            {
                **self._prepare_begin_vals(),
                "state": "checking",
                "user_id": self.env.uid,
                "lines_before": self.line_count,
                "candidate_count": count,
                "execute_when_checked": execute,
            }
        )
        # by the scheduler, whoever makes the invoices
        self._get_cron()._trigger()

    def _notify_report(self):
        begun = self.filtered(lambda run: run.state == "checking")
        texts = [run._get_checking_text() for run in begun]
        made = self - begun
        texts += [run._get_kind()._get_report_text(run) for run in made]
        kind = "success" if all(made.mapped("taken_count")) else "warning"
        return notify("\n".join(texts), kind if made else "info")

    def _get_checking_text(self):
        """What who wants a large report is answered."""
        return self.env._(
            "%(run)s is checked in the background: %(left)s lines are left. You are "
            "told when it is through.",
            run=self.name,
            left=self.left_count,
        )

    # -- piece by piece -------------------------------------------------------------

    def _make_report(self):
        """Look at every candidate that is not in the report and group what is taken."""
        self.ensure_one()
        if self.report_outdated:
            self.sudo()._drop_report()
        while piece := self._get_next_piece():
            self._get_kind()._report(self, piece)
        self._end_check()

    def _end_check(self):
        self.sudo().write({"state": "checked", "begin_date": False})

    def _get_next_piece(self):
        """Candidates that are looked at next; none when all are in the report."""
        kind = self._get_kind()
        while pieces := self.check_pieces or self._plan_pieces():
            self.sudo().check_pieces = pieces[1:]
            # nothing, if all of the piece is gone since it was planned
            if candidates := kind._get_candidates(self, pieces[0]):
                return candidates
        return kind._get_candidates(self, [])

    def _plan_pieces(self, counts=None):
        """Plan what the check looks at next, piece by piece: whole groups, not many
        more lines than are written at a time, but for a group that has more.

        :param dict counts: number of candidates by group, those that are reported
            included; by default they are counted
        """
        kind = self._get_kind()
        counts = kind._count_candidates(self) if counts is None else counts
        reported = {} if self.report_outdated else kind._get_reported(self)
        pieces, total = [], 0
        for group, count in counts.items():
            if group in reported:
                continue
            total += count
            if not pieces or total > REPORT_CHUNK:
                if len(pieces) == PLANNED_PIECES:
                    break
                pieces.append([])
                total = count
            pieces[-1].append(group.id)
        self.sudo().check_pieces = pieces
        return pieces

    def _create_logs(self, groups, prepare):
        """A log per document to be made, numbered on in their order.

        :param dict groups: what is on a document, by what it has in common
        :param prepare: function that gives the values of a log for such a pair
        :return: dict ``{key of a group: log}``
        """
        logs = self.env["maintenance.reinvoice.log"].sudo()
        start = logs.search_count([("run_id", "=", self.id)]) + 1
        vals_list = [
            prepare(key, group) | {"run_id": self.id, "sequence": sequence}
            for sequence, (key, group) in enumerate(groups.items(), start)
        ]
        return dict(zip(groups, logs.create(vals_list), strict=True))

    def _create_report_lines(self, refusals, prepare):
        """Rows of the check report.

        :param dict refusals: codes of what keeps off an invoice, by candidate
        :param prepare: function of a candidate that returns further values
        """
        rows = self.env["maintenance.reinvoice.run.line"].sudo()
        for piece in split_every(REPORT_CHUNK, refusals.items()):
            rows.create(
                [
                    {
                        "run_id": self.id,
                        "company_id": self.company_id.id,
                        **rows._prepare_reason_vals(codes),
                        **prepare(candidate),
                    }
                    for candidate, codes in piece
                ]
            )

    # -- in the background ----------------------------------------------------------

    def _get_next_batch(self):
        if self.state != "checking":
            return super()._get_next_batch()
        return self._get_outdated() or self._get_next_piece()

    def _outdate_report(self):
        """The report was made for other parameters. A large one is only left aside: it
        is deleted in the background before there is another one."""
        large = self._filter_large_reports()
        large.write({"state": "draft", "report_outdated": True})
        (self - large)._drop_report()

    def _filter_large_reports(self):
        """Runs with so many rows that nobody waits for them to be deleted."""
        counts = self._count_report(Domain.TRUE)
        return self.filtered(lambda run: counts.get(run, 0) > INLINE_LINES)

    def _get_outdated(self):
        """Rows of an earlier report, and then its logs, that are deleted next."""
        rows = self.env["maintenance.reinvoice.run.line"].sudo()
        logs = self.env["maintenance.reinvoice.log"].sudo()
        if self.report_outdated:
            domain = [("run_id", "=", self.id)]
            for records in (rows, logs):
                found = records.search(domain, order="id", limit=REPORT_CHUNK)
                if found:
                    return found
            self.sudo().report_outdated = False
        return rows

    def _work_on(self, groups):
        if self.state != "checking":
            return super()._work_on(groups)
        if self.report_outdated:
            groups.unlink()
            return None
        error = attempt(self, lambda: self._get_kind()._report(self, groups))
        if error:
            self._fail_check(error)

    def _fail_check(self, error):
        """Name what stopped the check, to be mended before it goes on."""
        self._stop()
        self._name_failure(
            self.env._(
                "The check of run %(run)s failed: %(error)s", run=self.name, error=error
            )
        )

    def _name_failure(self, text):
        self.sudo()._message_log(body=text)
        self._tell(text, "danger")

    def _stop(self):
        """What was checked stays in the report of a draft, to go on with."""
        checking = self.filtered(lambda run: run.state == "checking")
        checking.sudo().write(
            {"state": "draft", "begin_date": False, "check_pieces": False}
        )
        return super(MaintenanceReinvoiceRun, self - checking)._stop()

    def _finish(self):
        if self.state != "checking":
            return super()._finish()
        self._end_check()
        return not self.execute_when_checked or self._execute_checked()

    def _execute_checked(self):
        """Go on with the invoices. What is in their way is told, and the report stays.

        :return: False, for nothing is through yet
        """
        error = attempt(self, self._check_executable)
        if error:
            self._name_failure(error)
        else:
            self.sudo().write(self._prepare_begin_vals())
            self._start_in_background()
        return False
