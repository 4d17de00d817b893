from odoo import api, fields, models

from ...tools.arguments import expects
from ...tools.groups import MANAGER
from ...tools.guards import refuse_without_group

ISO_MODEL = "euro"


class ResConfigSettings(models.TransientModel):
    """The settings of service billing."""

    _inherit = "res.config.settings"

    service_maker_not_authorizer = fields.Boolean(
        related="company_id.service_maker_not_authorizer", readonly=False
    )
    service_billing_user_id = fields.Many2one(
        related="company_id.service_billing_user_id", readonly=False
    )
    service_authorization_user_id = fields.Many2one(
        related="company_id.service_authorization_user_id", readonly=False
    )
    service_issue_zero_invoice = fields.Boolean(
        related="company_id.service_issue_zero_invoice", readonly=False
    )
    service_closed_period = fields.Selection(
        related="company_id.service_closed_period", readonly=False
    )
    service_untaxed_tax_id = fields.Many2one(
        related="company_id.service_untaxed_tax_id", readonly=False
    )
    service_monthly_release_confirm = fields.Boolean(
        related="company_id.service_monthly_release_confirm", readonly=False
    )
    service_tcd_base = fields.Selection(
        related="company_id.service_tcd_base", readonly=False
    )
    service_allow_taxable_amount = fields.Boolean(
        related="company_id.service_allow_taxable_amount", readonly=False
    )
    service_discount_limit_advisor = fields.Float(
        related="company_id.service_discount_limit_advisor", readonly=False
    )
    service_discount_limit_billing = fields.Float(
        related="company_id.service_discount_limit_billing", readonly=False
    )
    service_discount_limit_authorizer = fields.Float(
        related="company_id.service_discount_limit_authorizer", readonly=False
    )
    service_discount_approver_id = fields.Many2one(
        related="company_id.service_discount_approver_id", readonly=False
    )

    service_prepayment_account_id = fields.Many2one(
        related="company_id.service_prepayment_account_id", readonly=False
    )
    service_prepayment_mode = fields.Selection(
        related="company_id.service_prepayment_mode", readonly=False
    )

    # How service invoices are received, and what payers name when they pay.

    service_modify_payment_term = fields.Boolean(
        related="company_id.service_modify_payment_term", readonly=False
    )
    service_anchor_date_option = fields.Selection(
        related="company_id.service_anchor_date_option", readonly=False
    )
    service_payer_vat_check = fields.Selection(
        related="company_id.service_payer_vat_check", readonly=False
    )
    service_invoice_journal_id = fields.Many2one(
        "account.journal",
        string="Journal of Service Invoices",
        compute="_compute_service_invoice_journal_id",
        help="The sales journal in which the invoices of work orders are made.",
    )
    service_reference_model = fields.Selection(
        related="service_invoice_journal_id.invoice_reference_model",
        string="Payment Reference",
        help="The communication standard of the journal: what the payer names when he "
        "pays.",
    )

    @api.depends("company_id")
    def _compute_service_invoice_journal_id(self):
        for settings in self:
            company = settings.company_id
            settings.service_invoice_journal_id = company._get_service_sales_journal()

    @expects(one=True)
    def action_service_use_iso_reference(self):
        """Let the journal of service invoices give references by ISO 11649.

        Invoices authorized from now on get them; the others keep theirs.

        :raise AccessError: for who is no manager of service billing
        """
        refuse_without_group(self.env, MANAGER)
        # a manager of service billing need not be one of accounting
        journal = self.service_invoice_journal_id.sudo()
        journal.invoice_reference_model = ISO_MODEL
        return {"type": "ir.actions.client", "tag": "reload"}
