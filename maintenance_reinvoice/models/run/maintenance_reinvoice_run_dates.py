from odoo import api, fields, models
from odoo.exceptions import UserError


class MaintenanceReinvoiceRun(models.Model):
    """Which dates the invoices of a run will carry, told before it is executed."""

    _inherit = "maintenance.reinvoice.run"

    effective_posting_date = fields.Date(
        string="Invoices Will Be Dated",
        compute="_compute_effective_dates",
        compute_sudo=True,
        help="The posting date, or the first open day in its place if the company "
        "shifts dates. Empty when the date is refused.",
    )
    effective_vat_date = fields.Date(
        string="VAT Date of the Invoices",
        compute="_compute_effective_dates",
        compute_sudo=True,
        help="The VAT date, or the first day of an open VAT period in its place.",
    )
    notes = fields.Text(
        string="To Know Before Executing",
        compute="_compute_notes",
        compute_sudo=True,
        help="What is shifted or refused, and what will not be posted.",
    )

    @api.depends("posting_date", "vat_date", "company_id")
    @api.depends_context("uid")
    def _compute_effective_dates(self):
        for run in self:
            run.effective_posting_date = run._try_date(run._get_posting_date)
            run.effective_vat_date = run._try_date(run._get_vat_date)

    @api.depends("posting_date", "vat_date", "company_id", "state")
    @api.depends_context("uid", "lang")
    def _compute_notes(self):
        for run in self:
            ahead = run.state in ("draft", "checked")
            run.notes = "\n".join(run._get_notes()) if ahead else False

    def _get_notes(self):
        """Sentences about what will happen otherwise than the parameters say."""
        self.ensure_one()
        if not self.company_id or not self.posting_date:
            return []
        return [
            *self._get_setup_errors(),
            *self._get_date_errors(),
            *self._get_shift_notes(),
            *self._get_kind()._get_clearing_notes(self),
        ]

    def _get_shift_notes(self):
        format_date = self.env["ir.qweb.field.date"].value_to_html
        shifted = [
            (self.posting_date, self.effective_posting_date),
            (self.vat_date, self.effective_vat_date),
        ]
        notes = [
            self.env._(
                "%(date)s is in a closed period: the invoices will carry %(open)s.",
                date=format_date(date, {}),
                open=format_date(effective, {}),
            )
            for date, effective in shifted
            if date and effective and date != effective
        ]
        return list(dict.fromkeys(notes)) + self._get_accounting_date_notes()

    def _get_accounting_date_notes(self):
        """The localisation may post on another day than that of the invoice."""
        date, vat_date = self.effective_posting_date, self.effective_vat_date
        if not date or self.vat_date and not vat_date:
            return []
        posted = self.company_id._prepare_maintenance_dates(date, vat_date)["date"]
        if posted == date:
            return []
        return [
            self.env._(
                "In %(company)s invoices are posted on the VAT date, %(date)s.",
                company=self.company_id.name,
                date=self.env["ir.qweb.field.date"].value_to_html(posted, {}),
            )
        ]

    def _get_no_clearing_note(self):
        return self.env._(
            "Company %s has no collective invoice clearing account: the invoices stay "
            "drafts on revenue accounts and are not redistributed.",
            self.company_id.name,
        )

    # -- dates ------------------------------------------------------------------

    def _try_date(self, get_date):
        """The date, or nothing where it is refused or not yet known."""
        if not self.company_id or not self.posting_date:
            return False
        try:
            return get_date()
        except UserError:
            return False

    def _get_posting_date(self):
        """The posting date, or the first open day if the company shifts dates."""
        lines = self.env["maintenance.permission.line"]
        return lines._choose_posting_date(self.company_id, self.posting_date)

    def _get_vat_date(self):
        """The VAT date, or the first open day if the company shifts dates."""
        lines = self.env["maintenance.permission.line"]
        return lines._choose_vat_date(self.company_id, self.vat_date)

    def _get_date_errors(self):
        """Why the dates are refused, each in a sentence."""
        errors = []
        for get_date in (self._get_posting_date, self._get_vat_date):
            try:
                get_date()
            except UserError as error:
                errors.append(str(error))
        return errors

    def _prepare_group_options(self):
        """Options that decide which groups become invoices, and of which kind; a date
        that is refused still tells the rate of the day."""
        return {
            "posting_date": self._try_date(self._get_posting_date) or self.posting_date,
            "ignore_minimum": self.ignore_minimum,
            "negative_groups": self.negative_groups,
            "mass": True,
            "cache": {},
        }
