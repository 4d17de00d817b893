from odoo import fields, models

from ...tools.cost_category import MATERIAL


class ServiceCoverageMixin(models.AbstractModel):
    """What programs and claims cover of a work order."""

    _name = "service.coverage.mixin"
    _description = "Coverage of a work order by somebody else than the customer"

    covers_labour = fields.Boolean(
        default=True,
        help="Covers labour, which here is every cost category but material.",
    )
    covers_material = fields.Boolean(default=True)

    def _get_covered_categories(self):
        """Cost categories whose lines this coverage may bear.

        :return: set of keys, see ``product.template._get_cost_categories``
        """
        self.ensure_one()
        covered = set()
        if self.covers_labour:
            categories = self.env["product.template"]._get_cost_categories()
            covered |= {*categories} - {MATERIAL}
        if self.covers_material:
            covered.add(MATERIAL)
        return covered
