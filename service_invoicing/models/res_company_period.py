from datetime import date

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

CLOSED_PERIODS = [
    ("refuse", "Refuse the date"),
    ("shift", "Use the first open day"),
]
# two days that no localisation could mistake for one another
PROBE_DATE, PROBE_VAT_DATE = date(2000, 1, 2), date(2000, 1, 1)


class ResCompany(models.Model):
    """What becomes of a document whose date lies in a closed period. Core would post it
    on another day without a word."""

    _inherit = "res.company"

    service_closed_period = fields.Selection(
        CLOSED_PERIODS,
        string="Invoice Date in a Closed Period",
        default="refuse",
        required=True,
        help="What happens when a service invoice or credit memo is authorised whose "
        "accounting date is locked: it is refused, or dated on the first open day.",
    )

    def _get_first_open_date(self, date, has_tax, journal):
        """First day from ``date`` on that no lock date covers, as far as the user has
        no exception.

        :param bool has_tax: whether the lock of tax returns holds, too
        :param journal: sales and purchases have locks of their own
        """
        self.ensure_one()
        locks = self._get_violated_lock_dates(date, has_tax, journal)
        return fields.Date.add(locks[-1][0], days=1) if locks else date

    def _get_closed_period_errors(self, date, has_tax, journal):
        """Why nothing is posted on ``date``; see ``_get_first_open_date``.

        :return: list of one translated sentence; empty when the period is open
        """
        self.ensure_one()
        locks = self._get_violated_lock_dates(date, has_tax, journal)
        if not locks:
            return []
        open_date = fields.Date.add(locks[-1][0], days=1)
        return [
            self.env._(
                "%(date)s is in a closed period of %(company)s (%(locks)s). Choose "
                "%(open)s or later, or open the period.",
                date=format_date(self.env, date),
                company=self.display_name,
                locks=self._format_lock_dates(locks),
                open=format_date(self.env, open_date),
            )
        ]

    def _apply_closed_period(self, choice, date, has_tax, journal):
        """``date``, or what the company wants in its place when its period is closed;
        see ``_get_first_open_date``.

        :param str choice: one of ``CLOSED_PERIODS``
        :raise UserError: when a closed period is refused
        """
        if choice == "refuse":
            for error in self._get_closed_period_errors(date, has_tax, journal):
                raise UserError(error)
        return self._get_first_open_date(date, has_tax, journal)

    def _is_posted_on_vat_date(self):
        """Whether the localisation makes the VAT date the accounting date."""
        self.ensure_one()
        probe = (
            self.env["account.move"]
            .with_company(self)
            .new(
                {
                    "move_type": "out_invoice",
                    "company_id": self.id,
                    "journal_id": self._get_service_sales_journal().id,
                    "invoice_date": PROBE_DATE,
                    "taxable_supply_date": PROBE_VAT_DATE,
                }
            )
        )
        return probe.date == PROBE_VAT_DATE
