from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.service_invoicing.tools.choices import CLOSED_PERIODS

from ...tools.amounts import refuse_negative
from ...tools.choices import BILLING_METHODS, LINE_DETAILS, NEGATIVE_GROUPS
from ...tools.groups import APPROVER

LIMITS = (
    "maintenance_approval_limit",
    "maintenance_bill_tolerance",
    "maintenance_minimum_amount",
)


class ResCompany(models.Model):
    """How the company re-invoices: accounts, journals, limits and rules."""

    _inherit = "res.company"

    maintenance_mass_account_id = fields.Many2one(
        "account.account",
        string="Collective Invoice Clearing Account",
        check_company=True,
        domain="[('reconcile', '=', True), ('account_type', 'not in', "
        "('asset_receivable', 'liability_payable'))]",
        help="Collective invoices are posted on this account; a redistribution entry "
        "moves each contract's share from it to revenue, so that it ends at zero. "
        "It must allow reconciliation. Without it collective invoices stay drafts.",
    )
    maintenance_mass_analytic_account_id = fields.Many2one(
        "account.analytic.account",
        string="Mass Dimension",
        check_company=True,
        help="Analytic account carried by the journal items of the collective "
        "invoice clearing account and shown in the customer ledger.",
    )
    maintenance_mass_text = fields.Char(
        string="Standard Invoice Text",
        translate=True,
        default=lambda self: self._default_maintenance_mass_text(),
        help="Text of the lines of re-invoicing invoices, in the customer's language.",
    )
    maintenance_invoice_journal_id = fields.Many2one(
        "account.journal",
        string="Re-invoicing Journal",
        check_company=True,
        domain="[('type', '=', 'sale')]",
        help="Journal of re-invoicing invoices. Empty: the first sales journal.",
    )
    maintenance_credit_journal_id = fields.Many2one(
        "account.journal",
        string="Re-invoicing Credit Memo Journal",
        check_company=True,
        domain="[('type', '=', 'sale')]",
        help="Journal of re-invoicing credit memos. Empty: the re-invoicing journal.",
    )
    maintenance_redistribution_journal_id = fields.Many2one(
        "account.journal",
        string="Redistribution Journal",
        check_company=True,
        domain="[('type', '=', 'general')]",
        help="Journal of the entries that move collective invoices from the clearing "
        "account to revenue. Empty: the first miscellaneous journal.",
    )
    maintenance_billing_method = fields.Selection(
        BILLING_METHODS,
        default="customer",
        required=True,
        help="What a collective invoice is made for, unless the customer has a "
        "billing method of his own.",
    )
    maintenance_line_detail = fields.Selection(
        LINE_DETAILS,
        string="Lines of Collective Invoices",
        default="contract",
        required=True,
        help="What a line of a collective invoice stands for, in the books and in "
        "electronic documents, unless the customer wants it otherwise. A line per "
        "permission line names permission, vehicle and work, and is always printed.",
    )
    maintenance_print_detail = fields.Selection(
        [
            ("tax", "One line per tax, with the standard text"),
            ("contract", "One line per contract"),
        ],
        string="Lines Printed on Collective Invoices",
        default="tax",
        required=True,
        help="What the printed collective invoice shows; every permission is listed "
        "on its attachment. Who gets a line per permission line has them printed.",
    )
    maintenance_print_driver = fields.Boolean(
        string="Driver's Name on Prints",
        default=True,
        help="Attachments of maintenance invoices name the driver of each permission.",
    )
    maintenance_bill_tolerance = fields.Monetary(
        string="Bill Tolerance",
        currency_field="currency_id",
        help="Net difference between a garage's bill and the permission up to which "
        "the bill is posted at once. Above it, the difference has to be approved.",
    )
    maintenance_approval_limit = fields.Monetary(
        string="Approval Limit",
        currency_field="currency_id",
        help="Net purchase total up to which an approver may approve a permission. "
        "Above it a manager approves. Zero: no limit.",
    )
    maintenance_closed_period = fields.Selection(
        CLOSED_PERIODS,
        string="Posting Date in a Closed Period",
        default="refuse",
        required=True,
        help="What happens when the posting date of re-invoicing is locked.",
    )

    def _default_maintenance_mass_text(self):
        return self.env._("Maintenance and repair services")

    def _get_maintenance_text(self, lang):
        """The standard text in a customer's language.

        :param str lang: code of the language
        :return: the company's own text; where it never changed the proposed one, that
            in the customer's language
        """
        self.ensure_one()
        company = self.with_context(lang=lang)
        text = company.maintenance_mass_text
        proposed = self.with_context(lang="en_US")._default_maintenance_mass_text()
        if text == proposed:
            return company._default_maintenance_mass_text()
        return text or ""

    @api.constrains("maintenance_mass_account_id")
    def _check_maintenance_mass_account(self):
        reserved = ("asset_receivable", "liability_payable")
        for account in self.maintenance_mass_account_id:
            if not account.reconcile or account.account_type in reserved:
                raise ValidationError(
                    self.env._(
                        "Account %s cannot clear collective invoices: choose an "
                        "account that allows reconciliation and is neither a "
                        "receivable nor a payable account.",
                        account.display_name,
                    )
                )

    def _get_maintenance_journal(self, kind):
        """The journal of ``invoice``, ``credit`` or ``redistribution`` moves.

        Falls back from the credit memo journal to the invoice journal, and from
        there to the company's first journal of the right type. May be empty."""
        self.ensure_one()
        journal = self[f"maintenance_{kind}_journal_id"]
        if not journal and kind == "credit":
            journal = self.maintenance_invoice_journal_id
        if journal:
            return journal
        return self._get_first_journal(
            "general" if kind == "redistribution" else "sale"
        )

    def _get_first_journal(self, journal_type):
        journals = self.env["account.journal"]
        return journals.search(
            [
                *journals._check_company_domain(self),
                ("type", "=", journal_type),
            ],
            limit=1,
        )

    maintenance_accrual_account_id = fields.Many2one(
        "account.account",
        string="Maintenance Accrual Account",
        check_company=True,
        domain="[('account_type', '=', 'asset_current')]",
        help="Current asset account that holds, over the end of a month, the revenue "
        "of maintenance that is bought and not yet invoiced to customers.",
    )

    @api.constrains("maintenance_accrual_account_id")
    def _check_maintenance_accrual_account(self):
        for account in self.maintenance_accrual_account_id:
            if account.account_type != "asset_current":
                raise ValidationError(
                    self.env._(
                        "Account %s cannot hold accrued revenue: choose a current "
                        "asset account.",
                        account.display_name,
                    )
                )

    maintenance_credit_user_id = fields.Many2one(
        "res.users",
        string="Responsible for Customer Credits",
        domain="[('share', '=', False), ('company_ids', 'in', id)]",
        help="Gets a to-do when a garage credits work that a customer paid for. Empty: "
        "who made the permission.",
    )

    # Limits are amounts: one that is no number would compare with nothing, and so
    # limit nothing.

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            refuse_negative(self.browse(), LIMITS, vals, vals.get("name"))
        return super().create(vals_list)

    def write(self, vals):
        refuse_negative(self, LIMITS, vals)
        return super().write(vals)

    # Who approves permissions, and what they must tell.

    maintenance_approver_id = fields.Many2one(
        "res.users",
        string="Permission Approver",
        domain="[('share', '=', False)]",
        help="Gets a to-do for every maintenance permission that waits for approval, "
        "and for every bill that differs from one. Whoever has the right may approve "
        "it.",
    )
    maintenance_reason_required = fields.Boolean(
        string="Reason for Charging Less",
        help="A permission is approved only when every line that is reduced, kept or "
        "excessive wear says why.",
    )

    @api.constrains("maintenance_approver_id")
    def _check_maintenance_approver(self):
        """The to-do goes to somebody who sees the permission and may approve it."""
        for company in self.filtered("maintenance_approver_id"):
            user = company.maintenance_approver_id
            if company not in user.company_ids or not user.has_group(APPROVER):
                raise ValidationError(
                    self.env._(
                        "%(user)s cannot approve maintenance permissions of "
                        "%(company)s. Give the right “%(right)s” and access to the "
                        "company first.",
                        user=user.name,
                        company=company.name,
                        right=self.env.ref(APPROVER).sudo().full_name,
                    )
                )

    maintenance_minimum_amount = fields.Monetary(
        string="Minimum Invoice Amount",
        currency_field="currency_id",
        help="Net amount below which a mass run makes no invoice: the lines are "
        "carried forward until they add up to it. Zero: no minimum. Credit memos and "
        "individual invoices have none.",
    )

    _maintenance_minimum_positive = models.Constraint(
        "CHECK(maintenance_minimum_amount >= 0)",
        "The minimum invoice amount must not be negative.",
    )

    maintenance_negative_groups = fields.Selection(
        NEGATIVE_GROUPS,
        string="Groups That Net Negative",
        default="credit",
        required=True,
        help="What a mass run does with lines that would share an invoice and give the "
        "customer more back than they charge. Carry forward: they wait, and are "
        "re-invoiced together with the next lines of the same group. Proposed on new "
        "runs, which may choose otherwise. Individual invoices do not wait.",
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
