from odoo import api, fields, models
from odoo.tools import float_round

from ...tools.shares import PIECE_DIGITS


class AccountTax(models.Model):
    """Taxes that are withheld or count pieces, and the price that leaves an amount."""

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
            ("account.move.line", "service_tcd_tax_ids", "move_id"),
            ("service.tcd", "tax_ids", ""),
            ("service.tcd.variant", "tax_ids", "tcd_id"),
            ("res.company", "service_untaxed_tax_id", ""),
        ]

    def _filter_withheld(self):
        """Those of these taxes that the payer takes off instead of paying them."""
        return self.filtered("service_withholding")

    @api.model
    def _sum_billed_taxes(self, base_lines, company):
        """What the taxes of these lines come to together, withholding not counted.

        :param list base_lines: of the tax engine; they get their ``tax_details``
        :return: amount in the lines' currency, rounded as on one invoice
        """
        self._add_tax_details_in_base_lines(base_lines, company)
        self._round_base_lines_tax_details(base_lines, company)
        return sum(
            data["tax_amount_currency"]
            for base_line in base_lines
            for data in base_line["tax_details"]["taxes_data"]
            if not data["tax"]._filter_withheld()
        )

    def _filter_per_piece(self):
        """The single ones of these taxes that count pieces, whatever these cost."""
        taxes = self.flatten_taxes_hierarchy()
        return taxes.filtered(lambda tax: tax.amount_type == "fixed")

    def _without_per_piece(self):
        """These taxes but for those that count pieces: for what is no piece.

        A group is taken apart where one of its taxes goes.
        """
        per_piece = self._filter_per_piece()
        return self.flatten_taxes_hierarchy() - per_piece if per_piece else self

    def _get_pieces(self, quantity, amount, subtotal):
        """Part of a quantity in a part of its price, where one of these taxes counts
        it.

        :param float amount: the part, before tax
        :param float subtotal: the whole, before tax
        :return: with six digits; zero where no tax counts pieces
        """
        if not subtotal or not self._filter_per_piece():
            return 0.0
        return float_round(quantity * amount / subtotal, precision_digits=PIECE_DIGITS)

    def _get_price_of_part(self, quantity, amount, subtotal, currency):
        """How a part of a line is billed: its pieces where a tax counts them, else one
        unit at its price.

        :param float quantity: of the line
        :param float amount: of the part, before tax in ``currency``
        :param float subtotal: of the line, before tax
        :return: (taxes, quantity, unit price)
        """
        pieces = self._get_pieces(quantity, amount, subtotal)
        taxes = self if pieces else self._without_per_piece()
        quantity = pieces or 1.0
        return taxes, quantity, taxes._get_price_for_net(amount, currency, quantity)

    def _get_price_for_net(self, net, currency, quantity=1.0):
        """Unit price from which these taxes leave ``net``.

        The same amount without included taxes; with them, the gross price, unrounded
        so that the net is exact.

        :param float net: amount before tax in ``currency``, of the whole quantity
        """
        included = self._get_included()
        if not included:
            return net / quantity
        details = self._get_details_of_net(net, currency, quantity)
        gross = net + sum(
            data["tax_amount"]
            for data in details["taxes_data"]
            if data["tax"] in included and not data["is_reverse_charge"]
        )
        return gross / quantity

    def _get_details_of_net(self, net, currency, quantity=1.0):
        """The tax engine's result for an amount before tax."""
        return self._get_tax_details(
            net / quantity,
            quantity,
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
