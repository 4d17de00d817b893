from odoo import api, fields, models

from ...tools.cost_category import COST_CATEGORIES, MATERIAL


class ProductTemplate(models.Model):
    """The cost category under which work with a product is billed."""

    _inherit = "product.template"

    service_cost_category = fields.Selection(
        selection=COST_CATEGORIES,
        help="Where this product stands in the summary of a service invoice. Left "
        "empty, goods count as material and services as labour.",
    )

    @api.model
    def _get_cost_categories(self):
        """Keys of all cost categories, in the order of the summary."""
        return self._fields["service_cost_category"].get_values(self.env)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_kept(self):
        """The variants go with their template in the database alone."""
        products = self.with_context(active_test=False).product_variant_ids
        products.with_env(self.env)._unlink_except_kept()

    def _get_service_cost_category(self):
        """Cost category of the product: its own, else the one of its kind.

        :return: its key; ``False`` without a product
        """
        if not self:
            return False
        by_type = "labour" if self.type == "service" else MATERIAL
        return self.service_cost_category or by_type
