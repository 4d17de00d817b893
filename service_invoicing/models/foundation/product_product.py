from odoo import api, models


class ProductProduct(models.Model):
    """Products stay as long as an order, an agreement, a program or a job needs
    them."""

    _name = "product.product"
    _inherit = ["product.product", "service.kept.mixin"]

    @api.model
    def _get_keeping_fields(self):
        return super()._get_keeping_fields() + [
            ("service.work.order.line", "product_id", "order_id"),
            ("service.agreement.line", "product_id", "agreement_id"),
            ("service.release.line", "product_id", "release_id"),
            ("service.program", "product_ids", ""),
            ("service.job.line", "product_id", "job_id"),
        ]
