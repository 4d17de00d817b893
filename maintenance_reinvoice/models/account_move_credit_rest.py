from odoo import Command, models


class AccountMove(models.Model):
    """The last cents: all credit memos of an invoice together are the invoice.

    Taxes of parts, and balances of amounts in another currency, are rounded by
    themselves. As soon as the last row of an invoice line or of a tax is credited,
    that document takes what the others have left of it."""

    _inherit = "account.move"

    def _get_maintenance_credits(self):
        """Documents that took rows of these invoices back: credit memos, and invoices
        of compensations."""
        credits = self.maintenance_row_ids.credit_move_id | self.reversal_move_ids
        return credits.filtered(lambda move: move.state != "cancel")

    def _take_rest(self, invoice, rows):
        """Let this draft credit of ``rows`` of ``invoice`` take what is left of what
        it finishes, in both currencies."""
        self.ensure_one()
        rests = self._get_rests(invoice, rows)
        if not rests:
            return
        items = {item._get_rest_key(): item for item in self.line_ids}
        commands = [
            items[key]._prepare_shift_command(rest)
            if key in items
            else self._prepare_rest_tax_command(invoice, key, rest)
            for key, rest in rests.items()
        ]
        # the customer owes, or gets, what the other items come to
        total = [-sum(amounts) for amounts in zip(*rests.values(), strict=True)]
        commands.append(self._get_receivable_lines()[:1]._prepare_shift_command(total))
        commands += self._prepare_printed_rest_commands(items, rests)
        # these amounts are final: nothing is to be computed from them anew
        self.with_context(skip_invoice_sync=True).write({"line_ids": commands})

    def _get_rests(self, invoice, rows):
        """``{key: (amount, balance)}`` that are left of the invoice lines and taxes
        that ``rows`` finish; those of which nothing is left are not in it."""
        finished = invoice._get_finished_parts(rows)
        left = {}
        for item in (invoice + invoice._get_maintenance_credits() | self).line_ids:
            key = item._get_rest_key()
            if key[0] in finished:
                amount, balance = left.get(key, (0.0, 0.0))
                left[key] = (amount + item.amount_currency, balance + item.balance)
        round_amount, round_balance = (
            currency.round for currency in (self.currency_id, self.company_currency_id)
        )
        rounded = {
            key: (round_amount(amount), round_balance(balance))
            for key, (amount, balance) in left.items()
        }
        return {key: rest for key, rest in rounded.items() if any(rest)}

    def _prepare_printed_rest_commands(self, items, rests):
        """Amounts of lines from which core could not tell what is left, so that the
        document prints, and exports, what it books: net amounts, and taxes of which
        it would compute none."""
        bases, taxes = {}, {}
        for key, (amount, _balance) in rests.items():
            amount *= -self.direction_sign
            if key in items and items[key].display_type == "product":
                tax_set = items[key].tax_ids
                bases[tax_set] = bases.get(tax_set, 0.0) + amount
            elif key not in items:
                taxes[key[0]] = taxes.get(key[0], 0.0) + amount
        vals = self._prepare_remaining_tax_vals(bases, taxes)
        return [
            Command.update(line_id, {"extra_tax_data": line_vals["extra_tax_data"]})
            for line_id, line_vals in vals.items()
        ]

    def _get_finished_parts(self, rows):
        """Lines of this invoice of which everything is credited with ``rows``, and
        the taxes that no other line bears."""
        lines = self._get_billed_lines()
        finished = lines.filtered(lambda line: line._is_finished_by(rows))
        open_taxes = (lines - finished).tax_ids.flatten_taxes_hierarchy()
        taxes = finished.tax_ids.flatten_taxes_hierarchy() - open_taxes
        return {*finished, *taxes}

    def _prepare_rest_tax_command(self, invoice, key, rest):
        """The item of a tax that was too small for one on this document."""
        item = next(i for i in invoice.line_ids if i._get_rest_key() == key)
        part = item._get_repartition_part(self.move_type)
        amount, balance = rest
        return Command.create(
            {
                "display_type": "tax",
                "name": item.name,
                "account_id": (part.account_id or item.account_id).id,
                "partner_id": item.partner_id.id,
                "currency_id": item.currency_id.id,
                "tax_repartition_line_id": part.id,
                "group_tax_id": item.group_tax_id.id,
                "tax_ids": [Command.set(item.tax_ids.ids)],
                "tax_tag_ids": [Command.set(part.tag_ids.ids)],
                "analytic_distribution": item.analytic_distribution or False,
                "amount_currency": -amount,
                "balance": -balance,
            }
        )


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _get_rest_key(self):
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
            part._get_place(),
            self.group_tax_id,
            # a part without account is booked where its lines are
            None if part.account_id else self.account_id,
            str(sorted((self.analytic_distribution or {}).items())),
        )

    def _get_repartition_part(self, move_type):
        """The part of this item's tax that has its place on another document."""
        kind = "refund" if move_type == "out_refund" else "invoice"
        parts = self.tax_line_id[f"{kind}_repartition_line_ids"]
        return parts[self.tax_repartition_line_id._get_place()]

    def _is_finished_by(self, rows):
        """Whether nothing of this invoice line remains when ``rows`` are credited:
        it charges what its rows say, but for the cents of included taxes."""
        self.ensure_one()
        own = self.move_id.maintenance_row_ids.filtered(
            lambda row: row.move_line_id == self
        )
        if not own or any(not row.credit_move_id for row in own - rows):
            return False
        sign = -1 if self.move_id.move_type == "out_refund" else 1
        differs = abs(sign * sum(own.mapped("amount")) - self.price_subtotal)
        most = max(len(self.tax_ids), 1) * self.currency_id.rounding
        return self.currency_id.compare_amounts(differs, most) <= 0

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


class AccountTaxRepartitionLine(models.Model):
    _inherit = "account.tax.repartition.line"

    def _get_place(self):
        """Place among the parts of the tax: the same on invoices and credit memos."""
        self.ensure_one()
        parts = self.tax_id[f"{self.document_type}_repartition_line_ids"]
        return parts.ids.index(self.id)
