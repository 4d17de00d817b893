from odoo import api, fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    service_invoice_type = fields.Selection(
        selection_add=[("dealer", "Dealer Invoice")]
    )

    @api.model
    def _get_share_types(self):
        return [*super()._get_share_types(), "dealer"]


class ServiceWorkOrder(models.Model):
    _inherit = "service.work.order"

    amount_dealer = fields.Monetary(compute="_compute_shares", store=True)

    @api.model
    def _get_share_fields(self):
        return super()._get_share_fields() | {"dealer": "amount_dealer"}


class ServiceWorkOrderLine(models.Model):
    _inherit = "service.work.order.line"

    dealer_id = fields.Many2one("res.partner")
    dealer_amount = fields.Monetary(help="What the dealer has promised to bear.")
    amount_dealer = fields.Monetary(compute="_compute_shares", store=True)

    @api.depends("dealer_amount")
    def _compute_shares(self):
        return super()._compute_shares()

    def _get_third_shares(self, program_amount):
        return super()._get_third_shares(program_amount) | {
            "dealer": self.dealer_amount
        }

    def _get_payer(self, invoice_type):
        if invoice_type == "dealer":
            return self.dealer_id
        return super()._get_payer(invoice_type)
