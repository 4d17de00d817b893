from datetime import date

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ...tools.choices import CLOSED_PERIODS

# two days that no localisation could mistake for one another
PROBE_DATE, PROBE_VAT_DATE = date(2000, 1, 2), date(2000, 1, 1)


class ResCompany(models.Model):
    """Where, on which day and in which period the company's documents are posted."""

    _inherit = "res.company"

    def _get_service_sales_journal(self):
        """Journal of this company's invoices: the first sales journal of the user's
        list; empty without one."""
        self.ensure_one()
        Journal = self.env["account.journal"]
        domain = Domain(Journal._check_company_domain(self))
        return Journal.search(domain & Domain("type", "=", "sale"), limit=1)

    def _get_service_income_account(self, product):
        """Revenue account of a product before any fiscal position: its own, else the
        default of the invoices' journal."""
        product = product.with_company(self)
        accounts = product.product_tmpl_id._get_product_accounts()
        return (
            accounts["income"] or self._get_service_sales_journal().default_account_id
        )

    def _get_service_fiscal_position(self, payer):
        """That of a payer and his delivery address, as core finds it on invoices."""
        delivery = payer.browse(payer.address_get(["delivery"])["delivery"])
        positions = self.env["account.fiscal.position"].with_company(self)
        return positions._get_fiscal_position(payer, delivery=delivery)

    # Which day it is where the company is: a month is over when it is over there,
    # not where the server or the user of a scheduled job happens to be.

    def _get_time_zone(self):
        """Name of the company's time zone: that of its own contact, as core's stock
        takes it, of a branch without one that of the company above it; without any, the
        time zone of the user (of a scheduled job: its user), or UTC."""
        self.ensure_one()
        # the nearest first; contacts of companies above may be out of the user's reach
        zones = self.sudo().parent_ids[::-1].partner_id.mapped("tz")
        return next(filter(None, zones), self.env.tz.zone)

    def _with_local_time(self, records):
        """``records`` for which it is the day of the company, whatever they call."""
        return records.with_context(tz=self._get_time_zone())

    def _get_local_today(self):
        """The day it is now where the company is."""
        return fields.Date.context_today(self._with_local_time(self))

    # What becomes of a document whose date lies in a closed period. Core would post
    # it on another day without a word.

    service_closed_period = fields.Selection(
        CLOSED_PERIODS,
        string="Invoice Date in a Closed Period",
        default="refuse",
        required=True,
        help="What happens when a service invoice or credit memo is authorized whose "
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
