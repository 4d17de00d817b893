from odoo import Command, fields, models

from ...tools.split import split_amount


class AccountMoveLine(models.Model):
    """Invoice lines and what credit memos take back of them."""

    _inherit = "account.move.line"

    service_credited_line_id = fields.Many2one(
        "account.move.line",
        string="Credited Line",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The line of the invoice that this line of a credit memo takes back.",
    )

    def _copy_data_extend_business_fields(self, values):
        """A copy bills the same work, and a line of core's reversal knows the line it
        was copied from.

        Core keeps the sign of the invoice in storno companies, and computes the right
        one where none is given.
        """
        res = super()._copy_data_extend_business_fields(values)
        values["service_order_line_id"] = self.service_order_line_id.id
        is_reversal = "move_reverse_cancel" in self.env.context
        if is_reversal and self.move_id.service_has_life_cycle:
            values.pop("is_storno", None)
            if self.display_type == "product":
                values["service_credited_line_id"] = self.id
        return res

    def _get_credited_amounts(self):
        """What credit memos take back of these lines, drafts of them included.

        :return: dict line → amount before tax in the document's currency
        """
        credits = self.move_id.sudo().reversal_move_ids
        return self._sum_credited(credits.filtered(lambda m: m.state != "cancel"))

    def _sum_credited(self, credits):
        """What some credit memos take back of these lines.

        A line that somebody typed on a credit memo belongs to no line of the invoice:
        it is allocated to what the others leave.

        :return: dict line → amount before tax in the document's currency
        """
        amounts = dict.fromkeys(self, 0.0)
        typed = 0.0
        for line in credits.invoice_line_ids:
            if line.display_type != "product":
                continue
            if line.service_credited_line_id in amounts:
                amounts[line.service_credited_line_id] += line.price_subtotal
            else:
                typed += line.price_subtotal
        left = {
            line: line.price_subtotal - amount
            for line, amount in amounts.items()
            if line.price_subtotal > amount and not line.service_tax_claim_id
        }
        if typed and left:
            allocated = split_amount(typed, list(left.values()), self.currency_id)
            for line, part in zip(left, allocated, strict=True):
                amounts[line] += part
        return amounts

    def _prepare_released_again_vals(self, release, amount):
        """Values of the release line that bills again what was credited of this line.

        What was changed on the invoice by hand is no part of the release, where all of
        the line is credited.

        :param release: ``service.release`` that was credited
        :param float amount: before tax in the document's currency
        """
        self.ensure_one()
        line = self.service_release_line_id
        is_whole = not self.currency_id.compare_amounts(amount, self.price_subtotal)
        if line and (is_whole or self._bills_month()):
            amount = line.price_subtotal if is_whole else amount
            return line._prepare_released_again_vals(amount)
        part = self._get_movable_part(self.currency_id.round(amount))
        return release.work_order_id._prepare_release_line_vals(part)

    def _prepare_service_credit_line_vals(self, amount):
        """Values of the credit memo's line for a part of this line.

        :param float amount: before tax in the document's currency; the whole amount
            keeps quantity, price and what was set by hand for its taxes
        """
        self.ensure_one()
        vals = {
            "sequence": self.sequence,
            "name": self.name,
            "display_type": self.display_type,
            # the credit memo gives back what was deducted
            "service_prepayment_id": self.service_prepayment_id.id,
        }
        if self.display_type != "product":
            return vals
        vals |= {
            "product_id": self.product_id.id,
            "service_credited_line_id": self.id,
            "service_order_line_id": self.service_order_line_id.id,
            "service_cost_category": self.service_cost_category,
            "service_deductible": self.service_deductible,
            "service_tax_claim_id": self.service_tax_claim_id.id,
            "service_tcd_id": self.service_tcd_id.id,
            "account_id": self.account_id.id,
            "analytic_distribution": self.analytic_distribution or False,
            "tax_ids": [Command.set(self.tax_ids.ids)],
        }
        if self.currency_id.compare_amounts(amount, self.price_subtotal) == 0:
            return vals | {
                "quantity": self.quantity,
                "product_uom_id": self.product_uom_id.id,
                "price_unit": self.price_unit,
                "discount": self.discount,
                "extra_tax_data": self.extra_tax_data,
            }
        taxes, quantity, price = self.tax_ids._get_price_of_part(
            self._get_pieces_billed(), amount, self.price_subtotal, self.currency_id
        )
        if taxes._filter_per_piece():
            vals["product_uom_id"] = self.product_uom_id.id
        shown = taxes._prepare_pieces_vals(
            amount, {"quantity": quantity, "price_unit": price}, self.currency_id
        )
        return vals | {
            **shown,
            "tax_ids": [Command.set(taxes.ids)],
            "extra_tax_data": self._prepare_partial_tax_data(amount, shown, taxes),
        }

    def _prepare_service_credit_line_with_taxes(self, amount, borne):
        """The same with the taxes that this line bears, whatever their rates today.

        :param dict borne: see ``_get_borne_taxes``
        """
        vals = self._prepare_service_credit_line_vals(amount)
        return vals | self._prepare_borne_tax_vals(amount, vals, borne)

    def _prepare_borne_tax_vals(self, amount, vals, borne):
        """Price and taxes of a credit memo's line that takes back, with a part of this
        line, the same part of the taxes it bears.

        :param float amount: before tax in the document's currency
        :param dict vals: what the line would have with the taxes of today
        :param dict borne: of lines with such taxes, see ``_get_borne_taxes``
        """
        if self not in borne:
            return {}
        currency = self.currency_id
        factor = amount / self.price_subtotal if self.price_subtotal else 0.0
        taxes = {
            tax: (currency.round(base * factor), currency.round(tax_amount * factor))
            for tax, (base, tax_amount) in borne[self].items()
        }
        included = (data[1] for tax, data in taxes.items() if tax.price_include)
        price = amount + sum(included)
        shown = {"quantity": 1.0, "price_unit": price, "discount": 0.0}
        if all(vals.get(name) == self[name] for name in shown):
            shown = {name: vals[name] for name in shown}
        return shown | {
            "extra_tax_data": {
                **shown,
                "currency_id": currency.id,
                "rate": self.move_id.invoice_currency_rate,
                "manual_total_excluded_currency": amount,
                "manual_tax_amounts": {
                    str(tax.id): {
                        "base_amount_currency": base,
                        "tax_amount_currency": tax_amount,
                    }
                    for tax, (base, tax_amount) in taxes.items()
                },
            }
        }

    def _get_remaining_key(self):
        """What an item of an invoice and those that take it back have in common: the
        invoice line, or the tax and its place among the tax's accounts. The first of
        it is empty for what follows from them."""
        self.ensure_one()
        if self.display_type == "product":
            return (self.service_credited_line_id or self,)
        part = self.tax_repartition_line_id
        if self.display_type != "tax" or not part:
            return (None,)
        return (
            self.tax_line_id,
            self._get_tax_place(),
            self.group_tax_id,
            # a part without account is booked where its lines are
            None if part.account_id else self.account_id,
            str(sorted((self.analytic_distribution or {}).items())),
        )

    def _get_tax_place(self):
        """Place of this item among the parts of its tax: the same on invoices and
        credit memos."""
        part = self.tax_repartition_line_id
        parts = part.tax_id[f"{part.document_type}_repartition_line_ids"]
        return parts.ids.index(part.id)

    def _get_repartition_part(self, move_type):
        """The part of this item's tax that has its place on another document."""
        kind = "refund" if move_type == "out_refund" else "invoice"
        parts = self.tax_line_id[f"{kind}_repartition_line_ids"]
        return parts[self._get_tax_place()]

    def _prepare_shift_command(self, rest):
        """Change of this item by what is left: pair of amount and balance."""
        amount, balance = rest
        return Command.update(
            self.id,
            {
                "amount_currency": self.currency_id.round(
                    self.amount_currency - amount
                ),
                "balance": self.company_currency_id.round(self.balance - balance),
            },
        )

    def _get_booked_tax_share(self):
        """Which share of its tax all items of a tax like this one are together; what
        reverses a charge is not counted."""
        self.ensure_one()
        kind = self.tax_repartition_line_id.document_type
        parts = self.tax_line_id[f"{kind}_repartition_line_ids"]
        taxed = parts.filtered(lambda part: part.repartition_type == "tax")
        factors = [part.factor_percent for part in taxed if part.factor_percent > 0]
        return sum(factors) / 100.0
