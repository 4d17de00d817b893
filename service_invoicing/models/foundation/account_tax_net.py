import math

from odoo import api, models
from odoo.tools import float_compare, float_round

from ...tools.shares import PIECE_DIGITS
from ...tools.tax_data import MANUAL_KEY, NET_KEY, NET_KEYS, PIECES_KEY


class AccountTax(models.Model):
    """Lines that are billed at an agreed amount before tax.

    Shares are agreed before tax, and all payers together bear the order. Core keeps the
    total of prices that include tax, and rounds the amount before tax of a whole
    document: both let it give way by a smallest unit. Where that could happen the
    agreed amount stands in ``extra_tax_data`` of the line, where core keeps such
    things: taxes are counted from it, by the company's way of rounding. As core's own
    it counts as long as price, quantity, discount, currency and the included taxes of
    the line stay what they were.
    """

    _inherit = "account.tax"

    def _get_included(self):
        """The single ones of these taxes that are in the price."""
        # a form has copies that core cannot sort
        return self._origin.flatten_taxes_hierarchy().filtered("price_include")

    def _prepare_net_tax_data(self, net, vals, currency):
        """``extra_tax_data`` of a line with these taxes and an agreed amount.

        :param float net: amount before tax in ``currency``, of the whole line
        :param dict vals: quantity, unit price and perhaps discount of the line
        """
        return {
            NET_KEY: net,
            "included_tax_ids": sorted(self._get_included().ids),
            "currency_id": currency.id,
            "price_unit": vals["price_unit"],
            "quantity": vals["quantity"],
            "discount": vals.get("discount", 0.0),
        }

    def _prepare_net_price_vals(self, net, currency):
        """Quantity and price of a line of one unit that comes to an agreed amount.

        :param float net: amount before tax in ``currency``
        """
        vals = {"quantity": 1.0, "price_unit": self._get_price_for_net(net, currency)}
        if self._get_included():
            vals["extra_tax_data"] = self._prepare_net_tax_data(net, vals, currency)
        return vals

    def _prepare_pieces_vals(self, net, vals, currency):
        """Values of an invoice line with as many digits of its quantity as invoices
        show, or one unit of less; the pieces that taxes count stand beside it.

        :param float net: amount before tax in ``currency``, of the whole line
        :param dict vals: quantity, with up to six digits, and unit price
        """
        pieces = vals["quantity"]
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        shown = float_round(pieces, precision_digits=digits)
        if not float_compare(shown, pieces, precision_digits=PIECE_DIGITS):
            return vals
        shown = shown or math.copysign(1.0, pieces)
        vals = vals | {
            "quantity": shown,
            "price_unit": vals["price_unit"] * pieces / shown,
        }
        data = self._prepare_net_tax_data(net, vals, currency) | {PIECES_KEY: pieces}
        return vals | {"extra_tax_data": data}

    @api.model
    def _import_base_line_extra_tax_data(self, base_line, extra_tax_data):
        results = super()._import_base_line_extra_tax_data(base_line, extra_tax_data)
        if not extra_tax_data or NET_KEY not in extra_tax_data:
            return results
        if not self._is_net_valid(base_line, extra_tax_data):
            # nor are taxes that were found with it
            results.pop(MANUAL_KEY, None)
            return results
        base_line[NET_KEY] = self._filter_net_tax_data(extra_tax_data)
        base_line["quantity"] = extra_tax_data.get(PIECES_KEY, base_line["quantity"])
        base_line["special_mode"] = "total_excluded"
        count = base_line["quantity"] * (1 - base_line["discount"] / 100.0)
        net = extra_tax_data[NET_KEY]
        return results | {"price_unit": net / count if count else 0.0}

    @api.model
    def _export_base_line_extra_tax_data(self, base_line):
        """The price that is kept is the one the line shows."""
        results = super()._export_base_line_extra_tax_data(base_line)
        return results | base_line.get(NET_KEY, {})

    @api.model
    def _reverse_quantity_base_line_extra_tax_data(self, extra_tax_data):
        data = super()._reverse_quantity_base_line_extra_tax_data(extra_tax_data)
        keys = {NET_KEY, PIECES_KEY} & set(data or ())
        return data | {key: -data[key] for key in keys} if keys else data

    @api.model
    def _filter_net_tax_data(self, data):
        """The part of a line's ``extra_tax_data`` that is about its agreed amount."""
        return {key: data[key] for key in (*NET_KEYS, PIECES_KEY) if key in data}

    @api.model
    def _is_net_valid(self, base_line, data):
        """Whether nothing was changed on a line since its amount was agreed.

        :param dict data: see ``_prepare_net_tax_data``
        """
        currency = base_line["currency_id"]
        included = base_line["tax_ids"]._get_included()
        return (
            currency.id == data["currency_id"]
            and sorted(included.ids) == data["included_tax_ids"]
            and not currency.compare_amounts(
                base_line["price_unit"], data["price_unit"]
            )
            and not any(
                float_compare(
                    base_line[name], data[name], precision_digits=PIECE_DIGITS
                )
                for name in ("quantity", "discount")
            )
        )


class AccountMoveLine(models.Model):
    """The agreed amount that an invoice line keeps."""

    _inherit = "account.move.line"

    def _get_net_tax_data(self):
        """The agreed amount of this line alone, as it stands in ``extra_tax_data``.

        :return: dict or ``False``
        """
        self.ensure_one()
        data = self.extra_tax_data or {}
        return NET_KEY in data and self.tax_ids._filter_net_tax_data(data)

    def _get_pieces_billed(self):
        """Quantity of this line that taxes count: of a share with all its digits."""
        self.ensure_one()
        data = self.extra_tax_data or {}
        if data.get("quantity") != self.quantity:
            return self.quantity
        return data.get(PIECES_KEY, self.quantity)

    def _differs_by_rounding(self):
        """Whether this line has an agreed amount, and no other than its price and taxes
        come to when a document of so many lines is rounded."""
        self.ensure_one()
        data = self.extra_tax_data or {}
        if NET_KEY not in data or data.keys() - {*NET_KEYS, PIECES_KEY, MANUAL_KEY}:
            return False
        pieces = self._get_pieces_billed()
        price = self.price_unit * (1 - self.discount / 100.0)
        found = self.tax_ids._get_tax_details(
            price * self.quantity / pieces if pieces else price,
            pieces,
            precision_rounding=self.currency_id.rounding,
            rounding_method="round_globally",
            product=self.product_id,
        )
        taxes = {
            str(tax_data["tax"].id): {
                "base_amount_currency": tax_data["base_amount"],
                "tax_amount_currency": tax_data["tax_amount"],
            }
            for tax_data in found["taxes_data"]
        }
        pairs = [(data[NET_KEY], found["total_excluded"])]
        for key, amounts in data.get(MANUAL_KEY, {}).items():
            own = taxes.get(key, {})
            pairs += [(value, own.get(name)) for name, value in amounts.items()]
        slack = self.currency_id.rounding * (1 + len(self.move_id.invoice_line_ids))
        return all(
            own is not None and abs(value - own) <= slack for value, own in pairs
        )
