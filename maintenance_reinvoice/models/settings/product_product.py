from odoo import api, models


class ProductProduct(models.Model):
    """Products stay as long as a permission needs them."""

    _inherit = "product.product"

    @api.model
    def _get_keeping_fields(self):
        return super()._get_keeping_fields() + [
            ("maintenance.permission.line", "product_id", "permission_id"),
        ]
