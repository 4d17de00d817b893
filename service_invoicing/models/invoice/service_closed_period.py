from odoo import fields, models
from odoo.tools import format_date

from ...tools.guards import raise_together


class ServiceClosedPeriod(models.AbstractModel):
    """No document of ours is posted on another day than it says without a word: in a
    closed period the company's choice holds, whoever posts."""

    _name = "service.closed.period"
    _description = "Documents in Closed Periods"

    def _filter_kept(self, moves):
        """Those of these documents that the company's choice holds for."""
        return moves._filter_service_life_cycle()

    def _get_choice(self, move):
        """One of ``CLOSED_PERIODS``, by the kind of document."""
        return move.company_id.service_closed_period

    def _get_date_to_post(self, move):
        """Accounting date of a draft if all periods were open: without an invoice
        date it is invoiced today, and some countries post on the VAT date."""
        if move.invoice_date or self._is_posted_on_vat_date(move):
            return move.date
        return fields.Date.context_today(move)

    def _is_posted_on_vat_date(self, move):
        """Whether it has a VAT date and is posted on it."""
        return bool(
            move.taxable_supply_date and move.company_id._is_posted_on_vat_date()
        )

    def _get_lock(self, move, date):
        """What decides whether a document's period is closed: arguments of the
        company's methods."""
        return date, move._affect_tax_report(), move.journal_id

    def _get_errors(self, move, date=None):
        """Why a document is not posted on its date.

        :param date: that of a draft if not given
        :return: list of translated sentences; empty when the period is open, or the
            company shifts dates
        """
        if self._get_choice(move) != "refuse":
            return []
        lock = self._get_lock(move, date or self._get_date_to_post(move))
        return [
            self.env._(
                "%(number)s: %(problem)s",
                number=move._get_service_label(),
                problem=problem,
            )
            for problem in move.company_id._get_closed_period_errors(*lock)
        ]

    def _leave(self, moves):
        """Date on the first open day what the company wants there.

        :raise UserError: naming all documents whose period is closed and refused
        """
        open_dates = {}
        closed = {}
        for move in moves:
            date, *lock = self._get_lock(move, self._get_date_to_post(move))
            # asked once for all documents of a day
            key = (move.company_id, date, *lock)
            if key not in open_dates:
                company = move.company_id
                open_dates[key] = company._get_first_open_date(date, *lock)
            if open_dates[key] != date:
                closed[move] = date, open_dates[key]
        raise_together([error for move in closed for error in self._get_errors(move)])
        for move, dates in closed.items():
            self._shift(move, *dates)

    def _shift(self, move, date, open_date):
        """Invoice and accounting date are in the open period, and so is the VAT date
        where that is posted on; the history says so.

        :param date: accounting date in the closed period
        """
        today = fields.Date.context_today(move)
        vals = {
            "invoice_date": max(move.invoice_date or today, open_date),
            "date": open_date,
        }
        if self._is_posted_on_vat_date(move):
            vals["taxable_supply_date"] = open_date
        # another day has other due dates, whatever else the caller leaves out
        move.with_context(skip_invoice_sync=False).write(vals)
        move._message_log(body=self._describe_shift(move, date, open_date))

    def _describe_shift(self, move, date, open_date):
        return self.env._(
            "%(date)s is in a closed period of %(company)s: it is posted on %(open)s.",
            date=format_date(self.env, date),
            company=move.company_id.display_name,
            open=format_date(self.env, open_date),
        )

    def _announce(self, move):
        """What will happen to a draft in a closed period; nothing in an open one."""
        date, *lock = self._get_lock(move, self._get_date_to_post(move))
        open_date = move.company_id._get_first_open_date(date, *lock)
        return open_date != date and (
            "\n".join(self._get_errors(move))
            or self._describe_shift(move, date, open_date)
        )

    def _choose_credit_date(self, invoice, date):
        """Date of a credit memo of an invoice.

        :param date: wanted
        :raise UserError: when its period is closed, and the company refuses that
        """
        raise_together(self._get_errors(invoice, date))
        lock = self._get_lock(invoice, date)
        return invoice.company_id._get_first_open_date(*lock)

    def _log_other_credit_date(self, credit, date):
        """The history of a credit memo says that it was asked for another day.

        :param date: wanted
        """
        if credit.invoice_date != date:
            shift = self._describe_shift(credit, date, credit.invoice_date)
            credit._message_log(body=shift)
