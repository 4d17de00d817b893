from odoo import api, fields, models

from .service_work_order_state import EDITABLE_STATES


class ServiceWorkOrder(models.Model):
    """Prices are those of the price list when a product is chosen, and then stay until
    somebody asks for them anew."""

    _inherit = "service.work.order"

    show_update_prices = fields.Boolean(
        string="Price List Has Changed",
        store=False,
        help="The lines have prices of another price list, or typed ones.",
    )

    @api.onchange("pricelist_id")
    def _onchange_pricelist_id(self):
        has_changed = self._origin.pricelist_id != self.pricelist_id
        has_products = bool(self.line_ids.product_id)
        self.show_update_prices = has_products and has_changed

    def action_update_prices(self):
        """Take the prices of all products from the price list, typed ones too.

        :raise UserError: naming orders that are checked already
        """
        self.check_access("write")
        self._check_state(EDITABLE_STATES)
        self.line_ids.filtered("product_id")._compute_price_unit()
        for order in self:
            order.show_update_prices = False
            order._message_log(
                body=self.env._(
                    "Prices were updated by the price list %s.",
                    order.pricelist_id.display_name or "–",
                )
            )
        return True
