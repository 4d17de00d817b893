from odoo import api, fields, models

from .service_unbilled_report import UNBILLED_STATES


class ServiceWorkOrder(models.Model):
    """How long the work of an order has waited to be billed."""

    _inherit = "service.work.order"

    checked_date = fields.Date(
        string="Ready For Billing",
        readonly=True,
        copy=False,
        help="Day on which the documents were found complete. It stays when the order "
        "is billed again, and is cleared when the order goes back to checking.",
    )
    days_waiting = fields.Integer(
        compute="_compute_days_waiting",
        help="Days since the order has been ready for billing, or since its order date "
        "as long as its documents are not checked. Zero when there is nothing to bill.",
    )

    @api.depends("state", "checked_date", "order_date")
    def _compute_days_waiting(self):
        today = fields.Date.context_today(self)
        for order in self:
            date = order.checked_date or order.order_date
            if order.state in UNBILLED_STATES and date:
                order.days_waiting = max((today - date).days, 0)
            else:
                order.days_waiting = 0

    @api.model
    def _get_protected_fields(self):
        return super()._get_protected_fields() | {"checked_date": False}
