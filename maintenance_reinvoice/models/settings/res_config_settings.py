from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """The settings of re-invoicing."""

    _inherit = "res.config.settings"

    maintenance_mass_account_id = fields.Many2one(
        related="company_id.maintenance_mass_account_id", readonly=False
    )
    maintenance_mass_analytic_account_id = fields.Many2one(
        related="company_id.maintenance_mass_analytic_account_id", readonly=False
    )
    maintenance_mass_text = fields.Char(
        related="company_id.maintenance_mass_text", readonly=False
    )
    maintenance_invoice_journal_id = fields.Many2one(
        related="company_id.maintenance_invoice_journal_id", readonly=False
    )
    maintenance_credit_journal_id = fields.Many2one(
        related="company_id.maintenance_credit_journal_id", readonly=False
    )
    maintenance_redistribution_journal_id = fields.Many2one(
        related="company_id.maintenance_redistribution_journal_id", readonly=False
    )
    maintenance_billing_method = fields.Selection(
        related="company_id.maintenance_billing_method", readonly=False
    )
    maintenance_line_detail = fields.Selection(
        related="company_id.maintenance_line_detail", readonly=False
    )
    maintenance_print_detail = fields.Selection(
        related="company_id.maintenance_print_detail", readonly=False
    )
    maintenance_print_driver = fields.Boolean(
        related="company_id.maintenance_print_driver", readonly=False
    )
    maintenance_bill_tolerance = fields.Monetary(
        related="company_id.maintenance_bill_tolerance", readonly=False
    )
    maintenance_approval_limit = fields.Monetary(
        related="company_id.maintenance_approval_limit", readonly=False
    )
    maintenance_closed_period = fields.Selection(
        related="company_id.maintenance_closed_period", readonly=False
    )
    maintenance_minimum_amount = fields.Monetary(
        related="company_id.maintenance_minimum_amount", readonly=False
    )
    maintenance_negative_groups = fields.Selection(
        related="company_id.maintenance_negative_groups", readonly=False
    )

    maintenance_accrual_account_id = fields.Many2one(
        related="company_id.maintenance_accrual_account_id", readonly=False
    )

    maintenance_credit_user_id = fields.Many2one(
        related="company_id.maintenance_credit_user_id", readonly=False
    )

    maintenance_approver_id = fields.Many2one(
        related="company_id.maintenance_approver_id", readonly=False
    )
    maintenance_reason_required = fields.Boolean(
        related="company_id.maintenance_reason_required", readonly=False
    )
