from odoo import fields, models
from odoo.tools import format_date

from ...tools.guards import raise_together


class AccountMove(models.Model):
    """No document of ours is posted on another day than it says without a word: in a
    closed period the company's choice holds, whoever posts."""

    _inherit = "account.move"

    def _filter_period_kept(self):
        """Documents that the company's choice for closed periods holds for."""
        return self._filter_service_life_cycle()

    def _get_closed_period_choice(self):
        """One of ``CLOSED_PERIODS``, by the kind of document."""
        self.ensure_one()
        return self.company_id.service_closed_period

    def _get_date_to_post(self):
        """Accounting date of this draft if all periods were open: without an invoice
        date it is invoiced today, and some countries post on the VAT date."""
        self.ensure_one()
        if self.invoice_date or self._has_posting_vat_date():
            return self.date
        return fields.Date.context_today(self)

    def _has_posting_vat_date(self):
        """Whether it has a VAT date and is posted on it."""
        self.ensure_one()
        return bool(
            self.taxable_supply_date and self.company_id._is_posted_on_vat_date()
        )

    def _get_period_lock(self):
        """What decides whether this draft's period is closed: arguments of the
        company's methods."""
        self.ensure_one()
        return self._get_date_to_post(), self._affect_tax_report(), self.journal_id

    def _get_period_errors(self):
        """Why this draft is not posted on its date.

        :return: list of translated sentences; empty when the period is open, or the
            company shifts dates
        """
        self.ensure_one()
        if self._get_closed_period_choice() != "refuse":
            return []
        errors = self.company_id._get_closed_period_errors(*self._get_period_lock())
        return [self._name_period_error(error) for error in errors]

    def _name_period_error(self, error):
        return self.env._(
            "%(number)s: %(problem)s", number=self._get_service_label(), problem=error
        )

    def _leave_closed_periods(self):
        """Date on the first open day what the company wants there.

        :raise UserError: naming all documents whose period is closed and refused
        """
        open_dates = {}
        closed = {}
        for move in self:
            date, *lock = move._get_period_lock()
            # asked once for all documents of a day
            key = (move.company_id, date, *lock)
            if key not in open_dates:
                company = move.company_id
                open_dates[key] = company._get_first_open_date(date, *lock)
            if open_dates[key] != date:
                closed[move] = date, open_dates[key]
        raise_together([e for move in closed for e in move._get_period_errors()])
        for move, dates in closed.items():
            move._shift_to_open_date(*dates)

    def _shift_to_open_date(self, date, open_date):
        """Invoice and accounting date are in the open period, and so is the VAT date
        where that is posted on; the history says so.

        :param date: accounting date in the closed period
        """
        self.ensure_one()
        today = fields.Date.context_today(self)
        vals = {
            "invoice_date": max(self.invoice_date or today, open_date),
            "date": open_date,
        }
        if self._has_posting_vat_date():
            vals["taxable_supply_date"] = open_date
        # another day has other due dates, whatever else the caller leaves out
        self.with_context(skip_invoice_sync=False).write(vals)
        self._message_log(body=self._get_shift_message(date, open_date))

    def _get_shift_message(self, date, open_date):
        return self.env._(
            "%(date)s is in a closed period of %(company)s: it is posted on %(open)s.",
            date=format_date(self.env, date),
            company=self.company_id.display_name,
            open=format_date(self.env, open_date),
        )

    def _get_open_credit_date(self, date):
        """Date of a credit memo of this invoice.

        :param date: wanted
        :raise UserError: when its period is closed, and the company refuses that
        """
        self.ensure_one()
        lock = date, self._affect_tax_report(), self.journal_id
        company = self.company_id
        if self._get_closed_period_choice() == "refuse":
            raise_together(
                [
                    self._name_period_error(error)
                    for error in company._get_closed_period_errors(*lock)
                ]
            )
        return company._get_first_open_date(*lock)

    def _log_other_credit_date(self, date):
        """The history of a credit memo says that it was asked for another day.

        :param date: wanted
        """
        self.ensure_one()
        if self.invoice_date != date:
            self._message_log(body=self._get_shift_message(date, self.invoice_date))

    def _compute_tax_lock_date_message(self):
        """Before posting the form says what will happen."""
        res = super()._compute_tax_lock_date_message()
        for move in self._filter_period_kept().filtered(lambda m: m.state == "draft"):
            date, *lock = move._get_period_lock()
            open_date = move.company_id._get_first_open_date(date, *lock)
            move.tax_lock_date_message = open_date != date and (
                "\n".join(move._get_period_errors())
                or move._get_shift_message(date, open_date)
            )
        return res
