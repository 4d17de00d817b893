from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    service_maker_not_authorizer = fields.Boolean(
        string="Maker May Not Authorise",
        help="Whoever saved a service invoice last may not authorise it.",
    )
    service_billing_user_id = fields.Many2one(
        "res.users",
        string="Billing Responsible",
        help="Gets a to-do for every work order whose documents are complete.",
    )
    service_issue_zero_invoice = fields.Boolean(
        string="Issue Zero Invoices",
        help="Also make the invoice of a payer whose share of the work order is zero.",
    )
    service_untaxed_tax_id = fields.Many2one(
        "account.tax",
        string="Tax of Untaxed Shares",
        check_company=True,
        domain="[('type_tax_use', '=', 'sale'), ('amount', '=', 0)]",
        help="The tax of 0 % on the shares of insurers whose tax the customer pays. "
        "Electronic invoices need one on every line.",
    )
    service_tcd_base = fields.Selection(
        selection=[("basic", "Basic Value"), ("total", "Total Value")],
        string="T/C/D Percentage On",
        default="basic",
        required=True,
        help="What a percentage charge or discount counts on: the cost categories "
        "alone (basic value), or these with the charges and discounts before it in "
        "the list (total value).",
    )
