import json
from functools import partial

from odoo import api, fields, models
from odoo.tools import float_compare

from ...tools.cost_category import ADDITIONAL_CHARGE
from ...tools.tax_data import NET_KEY, PIECES_KEY

PRICE_DIGITS = 9


class AccountMoveLine(models.Model):
    """What the rows of the T/C/D page do to a line, and what they count of it."""

    _inherit = "account.move.line"

    service_tcd_tax_ids = fields.Many2many(
        "account.tax",
        relation="account_move_line_service_tcd_tax_rel",
        string="Taxes of Tax Rows",
        readonly=True,
        context={"active_test": False},
        ondelete="restrict",
        copy=False,
        help="The taxes that tax rows have put on this line. They go when the rows go; "
        "all others are the product's or somebody's choice and stay.",
    )
    service_work_quantity = fields.Float(
        string="Quantity of Work",
        readonly=True,
        help="Of a line that bills a share: the same share of the quantity on the work "
        "order, in the unit of the order. Unit rates count it.",
    )

    @api.model
    def _get_tax_computing_fields(self):
        """Fields whose change makes core take the taxes of the product again."""
        return {"product_id", "product_uom_id"}

    def _drop_taxes_of_rows(self, vals):
        """The taxes are the product's, whatever a tax row had put there, when that is
        changed.

        :return: function that follows the change, ``None`` without any
        """
        names = self._get_tax_computing_fields() & vals.keys()
        if not names:
            return None
        changed = self.filtered(
            lambda line: line.move_id.service_invoice_type
            and line.service_tcd_tax_ids
            and any(line[name].id != vals[name] for name in names)
        )
        links = {"service_tcd_tax_ids": False}
        return partial(changed.sudo().write, links) if changed else None

    def _get_taxes_without_rows(self):
        """The line's taxes but for those that tax rows have put on it."""
        self.ensure_one()
        return self.tax_ids - self.service_tcd_tax_ids

    def _get_scope_category(self):
        """Cost category by which rows apply to the line."""
        self.ensure_one()
        return self.service_cost_category or ADDITIONAL_CHARGE

    def _get_work_quantity(self):
        """Quantity of work that the line bills; none for own risk."""
        self.ensure_one()
        if self._is_moved_from_insurer():
            return 0.0
        return self.service_work_quantity or self._get_pieces_billed()

    def _get_work_uom(self):
        """Unit of the quantity of work."""
        self.ensure_one()
        if self.service_work_quantity:
            return self.sudo().service_order_line_id.product_uom_id
        return self.product_uom_id

    def _filter_tcd_changes(self, vals):
        """The values that differ from what the line has.

        :param dict vals: values for ``write``
        """
        self.ensure_one()
        return {name: v for name, v in vals.items() if self._has_other_value(name, v)}

    def _has_other_value(self, name, value):
        kind = self._fields[name].type
        if kind == "many2many":
            return set(self[name].ids) != set(value[0][2])
        if kind == "many2one":
            return self[name].id != value
        if kind in ("float", "monetary"):
            return float_compare(self[name], value, precision_digits=PRICE_DIGITS) != 0
        return (self[name] or False) != (value or False)

    def _has_other_tax_data(self, data):
        """Whether the line's extra tax data differ, as they are stored."""
        self.ensure_one()
        stored = self.extra_tax_data or None
        return stored != (json.loads(json.dumps(data)) if data else None)

    def _prepare_partial_tax_data(self, amount, vals, taxes):
        """Extra tax data of a line that takes back a part of this one.

        :param float amount: of that line before tax
        :param dict vals: of that line: quantity, unit price, and the extra tax data
            that these need
        :param taxes: of that line
        :return: dict or ``False``
        """
        self.ensure_one()
        own = vals.get("extra_tax_data", {})
        shown = {
            "quantity": vals["quantity"],
            "price_unit": vals["price_unit"],
            "discount": 0.0,
        }
        if NET_KEY in (self.extra_tax_data or {}):
            shown |= taxes._prepare_net_tax_data(amount, shown, self.currency_id) | own
        elif not self._has_taxable_amount():
            return own or False
        if not self.price_subtotal:
            return False
        data = json.loads(json.dumps(self.extra_tax_data))
        data.pop(PIECES_KEY, None)
        factor = amount / self.price_subtotal
        for amounts in data.get("manual_tax_amounts", {}).values():
            for name, value in amounts.items():
                is_foreign = name.endswith("_currency")
                currency = self.currency_id if is_foreign else self.company_currency_id
                amounts[name] = currency.round(value * factor)
        return data | shown
