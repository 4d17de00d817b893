from odoo import fields, models

TRAVEL = [("travel", "Travel")]


class ProductTemplate(models.Model):
    _inherit = "product.template"

    service_cost_category = fields.Selection(selection_add=TRAVEL)


class ServiceWorkOrderLine(models.Model):
    _inherit = "service.work.order.line"

    cost_category = fields.Selection(
        selection_add=TRAVEL, ondelete={"travel": "set additional_charge"}
    )


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    service_cost_category = fields.Selection(selection_add=TRAVEL)


class AccountMove(models.Model):
    _inherit = "account.move"

    service_amount_travel = fields.Monetary(
        string="Travel", compute="_compute_service_summary", store=True
    )


class ServiceRelease(models.Model):
    _inherit = "service.release"

    amount_travel = fields.Monetary(
        string="Travel", compute="_compute_amounts", store=True
    )
