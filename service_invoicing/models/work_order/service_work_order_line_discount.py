from odoo import api, fields, models


class ServiceWorkOrderLine(models.Model):
    """What a line would cost without any discount."""

    _inherit = "service.work.order.line"

    price_proposed = fields.Float(
        string="List Price",
        min_display_digits="Product Price",
        compute="_compute_price_proposed",
        store=True,
        precompute=True,
        help="What the price list proposed when the product was chosen. A lower price "
        "counts as a discount.",
    )

    @api.depends("product_id", "product_uom_id", "order_id.pricelist_id")
    def _compute_price_proposed(self):
        for line in self:
            line.price_proposed = line._get_list_price() if line.product_id else 0.0

    @api.model
    def _get_protected_fields(self):
        """Fields only the add-on writes → harmless value at creation."""
        shares = self.env["service.work.order"]._get_share_fields().values()
        names = ("price_proposed", "price_subtotal", "sponsor_id")
        return dict.fromkeys((*names, *shares), False)

    def _get_undiscounted_price(self):
        """Unit price before anything was taken off, in terms of the line's taxes.

        The lower one of the price proposed then and of today's, so that a price list
        that changed since, or has a better price for the quantity, is no discount.
        """
        self.ensure_one()
        if not self.product_id or self.price_unit < 0 or self.quantity < 0:
            return self.price_unit
        if self._in_line_taxes(self.price_proposed) <= self.price_unit:
            return self.price_unit
        proposed = min(self.price_proposed, self._get_list_price())
        return max(self.price_unit, self._in_line_taxes(proposed))

    def _in_line_taxes(self, price):
        """A price of the product, whose taxes it includes or not, as one of the line.

        :param float price: per unit of the line in the order's currency
        """
        self.ensure_one()
        taxes = self._get_proposed_taxes()
        if taxes == self.tax_ids or not (taxes | self.tax_ids)._get_included():
            return price
        net = taxes._get_net_for_price(price, self.currency_id)
        return self.tax_ids._get_price_for_net(net, self.currency_id)

    def _get_proposed_taxes(self):
        """Taxes of the product, with which its price was proposed: the archived ones
        in place of the others as long as the line has them."""
        self.ensure_one()
        company = self.order_id.company_id or self.env.company
        product = self.product_id.with_context(active_test=False)
        taxes = product.taxes_id.with_env(self.env)
        taxes = taxes._filter_taxes_by_company(company)
        active = taxes.filtered("active")
        return taxes & self.tax_ids if (taxes - active) & self.tax_ids else active

    def _get_discount_nets(self):
        """What the line costs without and with its discounts.

        :return: two unrounded amounts before tax in the order's currency
        """
        self.ensure_one()
        full = self._get_raw_net(self._get_undiscounted_price(), 0.0)
        return full, self._get_raw_net(self.price_unit, self.discount)

    def _get_raw_net(self, price_unit, discount):
        """Unrounded amount before tax of the line at another price and discount."""
        self.ensure_one()
        Tax = self.env["account.tax"]
        base_line = Tax._prepare_base_line_for_taxes_computation(
            self,
            price_unit=price_unit,
            discount=discount,
            currency_id=self.currency_id or self.env.company.currency_id,
        )
        Tax._add_tax_details_in_base_line(
            base_line,
            self.company_id or self.env.company,
            rounding_method="round_globally",
        )
        return base_line["tax_details"]["raw_total_excluded_currency"]
