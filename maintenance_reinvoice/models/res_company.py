from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.service_invoicing.models.res_company_period import CLOSED_PERIODS

BILLING_METHODS = [
    ("customer", "One invoice per customer"),
    ("contract", "One invoice per contract"),
    ("vehicle", "One invoice per vehicle"),
    ("permission", "One invoice per permission"),
]


class ResCompany(models.Model):
    _inherit = "res.company"

    maintenance_mass_account_id = fields.Many2one(
        "account.account",
        string="Collective invoice clearing account",
        check_company=True,
        domain="[('reconcile', '=', True), ('account_type', 'not in', "
        "('asset_receivable', 'liability_payable'))]",
        help="Collective invoices are posted on this account; a redistribution entry "
        "moves each contract's share from it to revenue, so that it ends at zero. "
        "It must allow reconciliation. Without it collective invoices stay drafts.",
    )
    maintenance_mass_analytic_account_id = fields.Many2one(
        "account.analytic.account",
        string="Mass dimension",
        check_company=True,
        help="Analytic account carried by the journal items of the collective "
        "invoice clearing account and shown in the customer ledger.",
    )
    maintenance_mass_text = fields.Char(
        string="Standard invoice text",
        translate=True,
        default=lambda self: self._default_maintenance_mass_text(),
        help="Text of the lines of re-invoicing invoices, in the customer's language.",
    )
    maintenance_invoice_journal_id = fields.Many2one(
        "account.journal",
        string="Re-invoicing journal",
        check_company=True,
        domain="[('type', '=', 'sale')]",
        help="Journal of re-invoicing invoices. Empty: the first sales journal.",
    )
    maintenance_credit_journal_id = fields.Many2one(
        "account.journal",
        string="Re-invoicing credit memo journal",
        check_company=True,
        domain="[('type', '=', 'sale')]",
        help="Journal of re-invoicing credit memos. Empty: the re-invoicing journal.",
    )
    maintenance_redistribution_journal_id = fields.Many2one(
        "account.journal",
        string="Redistribution journal",
        check_company=True,
        domain="[('type', '=', 'general')]",
        help="Journal of the entries that move collective invoices from the clearing "
        "account to revenue. Empty: the first miscellaneous journal.",
    )
    maintenance_billing_method = fields.Selection(
        BILLING_METHODS,
        string="Maintenance billing method",
        default="customer",
        required=True,
        help="What a collective invoice is made for, unless the customer has a "
        "billing method of his own.",
    )
    maintenance_print_detail = fields.Selection(
        [
            ("tax", "One line per tax, with the standard text"),
            ("contract", "One line per contract"),
        ],
        string="Lines printed on collective invoices",
        default="tax",
        required=True,
        help="What the printed collective invoice shows; every permission is listed "
        "on its attachment.",
    )
    maintenance_print_driver = fields.Boolean(
        string="Driver's name on prints",
        default=True,
        help="Attachments of maintenance invoices name the driver of each permission.",
    )
    maintenance_bill_tolerance = fields.Monetary(
        string="Bill tolerance",
        currency_field="currency_id",
        help="Net difference between a garage's bill and the permission up to which "
        "the bill is posted at once. Above it, the difference has to be approved.",
    )
    maintenance_approval_limit = fields.Monetary(
        string="Approval limit",
        currency_field="currency_id",
        help="Net purchase total up to which an approver may approve a permission. "
        "Above it a manager approves. Zero: no limit.",
    )
    maintenance_closed_period = fields.Selection(
        CLOSED_PERIODS,
        string="Posting date in a closed period",
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
