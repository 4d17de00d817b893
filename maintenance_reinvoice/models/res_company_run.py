from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    maintenance_minimum_amount = fields.Monetary(
        string="Minimum invoice amount",
        currency_field="currency_id",
        help="Net amount below which a mass run makes no invoice: the lines are "
        "carried forward until they add up to it. Zero: no minimum. Credit memos and "
        "individual invoices have none.",
    )

    _maintenance_minimum_positive = models.Constraint(
        "CHECK(maintenance_minimum_amount >= 0)",
        "The minimum invoice amount must not be negative.",
    )

    def _get_maintenance_open_vat_date(self, vat_date):
        """First day from ``vat_date`` on whose VAT period is open; where documents
        are posted on it, the accounting period as well."""
        self.ensure_one()
        posted_on = self._is_posted_on_vat_date()
        violated = self._get_lock_date_violations(
            vat_date,
            fiscalyear=posted_on,
            sale=posted_on,
            purchase=False,
            tax=True,
            hard=True,
        )
        if not violated:
            return vat_date
        return fields.Date.add(max(lock[0] for lock in violated), days=1)

    def _prepare_maintenance_dates(self, posting_date, vat_date):
        """Dates of a document of re-invoicing: who posts on the VAT date and is given
        none means the posting date by it."""
        self.ensure_one()
        if not vat_date and self._is_posted_on_vat_date():
            vat_date = posting_date
        vals = {
            "invoice_date": posting_date,
            "date": self._get_maintenance_accounting_date(posting_date, vat_date),
        }
        if vat_date:
            vals["taxable_supply_date"] = vat_date
        return vals

    def _get_maintenance_accounting_date(self, posting_date, vat_date):
        """Date that invoices of ``posting_date`` and ``vat_date`` are posted on, as
        the localisation computes it."""
        self.ensure_one()
        return self._get_maintenance_probe(posting_date, vat_date).date

    def _get_maintenance_probe(self, posting_date, vat_date):
        """An unsaved invoice that shows what the localisation does to its dates."""
        vals = {
            "move_type": "out_invoice",
            "company_id": self.id,
            "journal_id": self._get_maintenance_journal("invoice").id,
            "invoice_date": posting_date,
        }
        if vat_date:
            vals["taxable_supply_date"] = vat_date
        return self.env["account.move"].with_company(self).new(vals)
