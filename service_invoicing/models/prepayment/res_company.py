from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools.choices import PREPAYMENT_MODES


class ResCompany(models.Model):
    """How the company books what is paid before the work is billed."""

    _inherit = "res.company"

    service_prepayment_account_id = fields.Many2one(
        "account.account",
        string="Prepayment Account",
        check_company=True,
        domain="[('reconcile', '=', True), ('account_type', '=', 'liability_current')]",
        help="The liability that prepayment invoices are posted on until invoices take "
        "them up: a current liability that can be reconciled.",
    )
    service_prepayment_mode = fields.Selection(
        selection=PREPAYMENT_MODES,
        string="Prepayments Are Adjusted",
        default="entry",
        required=True,
        help="By an entry: the prepayment bears no tax and is adjusted with the "
        "authorized invoice. Deducted: the prepayment bears tax, and the invoice "
        "deducts it before tax; countries whose law taxes advances when they are "
        "received need this. Prepayment invoices that exist keep what they were made "
        "with.",
    )

    @api.constrains("service_prepayment_account_id")
    def _check_service_prepayment_account(self):
        errors = [
            error
            for company in self
            for error in company.service_prepayment_account_id._get_prepayment_errors()
        ]
        if errors:
            raise ValidationError("\n".join(errors))


class AccountAccount(models.Model):
    """Whether an account can hold prepayments."""

    _inherit = "account.account"

    def _get_prepayment_errors(self):
        """Why prepayments cannot be posted on these accounts.

        A line on a receivable account would be an instalment, not a liability; one
        that cannot be reconciled would never be closed.

        :return: list of translated sentences
        """
        return [
            self.env._(
                "Prepayments cannot be posted on the account %s: it has to be a "
                "current liability that allows reconciliation.",
                account.display_name,
            )
            for account in self
            if account.account_type != "liability_current" or not account.reconcile
        ]
