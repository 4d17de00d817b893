from odoo import api, models


class ProductProduct(models.Model):
    _inherit = "product.product"

    @api.model
    def _get_keeping_fields(self):
        return super()._get_keeping_fields() + [
            ("maintenance.permission.line", "product_id", "permission_id"),
        ]
