from odoo import fields, models


class ResConfigSettings(models.TransientModel):
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
