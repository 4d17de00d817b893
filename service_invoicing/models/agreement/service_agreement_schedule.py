from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools.mail import plaintext2html

from ...tools.month import FAILED, month_end
from ...tools.states import RUNNING_STATES

# Agreements that are released and committed together
BATCH_SIZE = 50
ERROR_FIELDS = {"release_error", "release_error_month"}


class ServiceAgreement(models.Model):
    """The scheduled job that releases what is due, and says what it could not."""

    _inherit = "service.agreement"

    release_error = fields.Text(
        string="Not Released",
        copy=False,
        readonly=True,
        help="Why the schedule could not release a month. It tries again when the "
        "agreement, its lines or its readings are changed, and in the next month.",
    )
    release_error_month = fields.Date(copy=False, readonly=True)

    def _requeue(self):
        """Let the schedule try agreements again that it left out."""
        failed = self.sudo().filtered("release_error_month")
        failed.write(dict.fromkeys(ERROR_FIELDS, False))

    def _clear_release_error(self):
        """The month that failed is released: nobody has to do anything any more."""
        self._requeue()
        self.sudo().activity_unlink(
            ["service_invoicing.mail_activity_type_monthly_release"]
        )

    def _note_failure(self, month, results):
        """Say in the history and by a to-do why months could not be released.

        :param month: the month of the schedule, in which it does not try again
        :param list results: those of this agreement that failed
        """
        self.ensure_one()
        text = "\n".join(
            f"{self._format_month(result.month)}: {result.reason}" for result in results
        )
        agreement = self.sudo()
        agreement.write({"release_error": text, "release_error_month": month})
        note = plaintext2html(text)
        body = Markup("%s<br/>%s") % (
            self.env._("Not released by the schedule:"),
            note,
        )
        agreement.message_post(body=body)
        user = agreement.user_id or agreement.company_id.service_billing_user_id
        kind = "service_invoicing.mail_activity_type_monthly_release"
        agreement.activity_unlink([kind])
        if user:
            agreement.activity_schedule(kind, user_id=user.id, note=note)

    @api.model
    def _get_scheduled_domain(self, month):
        """Agreements the schedule has to release until a month.

        :param month: first day of the last month that has ended
        """
        return (
            Domain("state", "in", RUNNING_STATES)
            & Domain("next_month", "<=", month)
            & (
                Domain("release_error_month", "=", False)
                | Domain("release_error_month", "<", month)
            )
        )

    @api.model
    def _get_batch_size(self):
        """Agreements that are released and committed together."""
        return BATCH_SIZE

    @api.model
    def _cron_release_months(self):
        """Release the months that have ended, and those that were missed before.

        An agreement that fails is left out until somebody touches it or the next
        month has ended.
        """
        domains = {
            month: self._get_scheduled_domain(month)
            & Domain("company_id", "in", companies.ids)
            for month, companies in self._group_companies_by_month().items()
        }
        remaining = sum(map(self.search_count, domains.values()))
        self.env["ir.cron"]._commit_progress(remaining=remaining)
        for month, domain in domains.items():
            if not self._release_batches(month, domain):
                return

    @api.model
    def _group_companies_by_month(self):
        """Companies with running agreements by the last month that has ended where they
        are."""
        groups = self._read_group([("state", "in", RUNNING_STATES)], ["company_id"])
        companies = self.env["res.company"].union(*(company for (company,) in groups))
        return companies.grouped(lambda c: self.with_company(c)._get_last_month())

    def _release_batches(self, month, domain):
        """Release the agreements of a domain until a month.

        :return: whether there is time left for more
        """
        last_id = 0
        while agreements := self.search(
            domain & Domain("id", ">", last_id),
            order="id",
            limit=self._get_batch_size(),
        ):
            last_id = agreements[-1].id
            agreements._release_scheduled(month)
            if not self.env["ir.cron"]._commit_progress(len(agreements)):
                return False
        return True

    def _release_scheduled(self, month):
        """Release agreements until a month and note what failed."""
        for company, agreements in self.grouped("company_id").items():
            agreements = company._with_local_time(agreements).with_company(company)
            results = agreements._release_until(month_end(month))
            failed = {}
            for result in results:
                if result.status == FAILED:
                    failed.setdefault(result.agreement, []).append(result)
            for agreement, reasons in failed.items():
                agreement._note_failure(month, reasons)
