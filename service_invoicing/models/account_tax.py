from odoo import api, fields, models


class AccountTax(models.Model):
    _name = "account.tax"
    _inherit = ["account.tax", "service.kept.mixin"]

    service_withholding = fields.Boolean(
        string="Withholding",
        help="This (negative) tax is withheld by the payer: the invoice summary shows "
        "it as withholding tax below the total and not among the taxes.",
    )

    @api.model
    def _get_keeping_fields(self):
        return super()._get_keeping_fields() + [
            ("service.work.order.line", "tax_ids", "order_id"),
            ("service.agreement.line", "tax_ids", "agreement_id"),
            ("service.release.line", "tax_ids", "release_id"),
            ("service.share.transfer.line", "tax_ids", "transfer_id"),
            ("account.move.line", "service_tcd_tax_ids", "move_id"),
            ("service.tcd", "tax_ids", ""),
            ("service.tcd.variant", "tax_ids", "tcd_id"),
            ("res.company", "service_untaxed_tax_id", ""),
        ]

    def _filter_withheld(self):
        """Those of these taxes that the payer takes off instead of paying them."""
        return self.filtered("service_withholding")

    def _get_price_for_net(self, net, currency):
        """Unit price from which these taxes leave ``net``.

        The same amount without included taxes; with them, the gross price, unrounded
        so that the net is exact.

        :param float net: amount before tax in ``currency``
        """
        included = self.flatten_taxes_hierarchy().filtered("price_include")
        if not included:
            return net
        details = self._get_details_of_net(net, currency)
        return net + sum(
            data["tax_amount"]
            for data in details["taxes_data"]
            if data["tax"] in included and not data["is_reverse_charge"]
        )

    def _get_details_of_net(self, net, currency):
        """The tax engine's result for an amount before tax."""
        return self._get_tax_details(
            net,
            1.0,
            precision_rounding=currency.rounding,
            rounding_method="round_globally",
            special_mode="total_excluded",
        )

    def _get_net_for_price(self, price, currency):
        """Unrounded amount before tax in a unit price: the inverse of the above."""
        return self._get_tax_details(
            price,
            1.0,
            precision_rounding=currency.rounding,
            rounding_method="round_globally",
        )["total_excluded"]
