from odoo import fields, models


class AccountPayment(models.Model):
    """The work order that a payment was made for."""

    _inherit = "account.payment"

    service_work_order_id = fields.Many2one(
        "service.work.order",
        string="Work Order",
        check_company=True,
        copy=False,
        index="btree_not_null",
        help="The order this receipt is meant for. What of it is not matched yet is "
        "adjusted with the order's invoices when they are authorized.",
    )
