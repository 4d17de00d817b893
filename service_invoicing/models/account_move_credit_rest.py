from odoo import Command, models


class AccountMove(models.Model):
    """The last cents: all credit memos of an invoice together are the invoice.

    Taxes of parts, and balances of amounts in another currency, are rounded by
    themselves. As soon as the last of an invoice line or of a tax is credited, that
    document takes what the others have left of it."""

    _inherit = "account.move"

    def _take_rest(self, invoice, lines, others):
        """Let this draft credit of ``invoice`` take what is left of what it finishes,
        in both currencies.

        :param lines: of the invoice, of which nothing is left with this document
        :param others: documents that have taken the rest of these lines back
        """
        self.ensure_one()
        rests = self._get_rests(invoice, lines, others - self)
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

    def _get_rests(self, invoice, lines, others):
        """``{key: (amount, balance)}`` that are left of ``lines`` of the invoice and
        of taxes that no other line bears; those of which nothing is left are not in
        it."""
        finished = invoice._get_finished_parts(lines, others | self)
        own = {item._get_rest_key() for item in self.line_ids}
        left = {}
        for item in (invoice | others | self).line_ids:
            key = item._get_rest_key()
            # a line that is not on this document was finished by another
            if key[0] in finished and (key in own or item.display_type == "tax"):
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

    def _get_finished_parts(self, lines, credits):
        """These lines of the invoice, and the taxes that no other line of it bears.

        What somebody typed on a credit memo takes back no line of its own, but the
        taxes of all.
        """
        open_lines = self._get_billed_lines() - lines
        open_taxes = open_lines.tax_ids.flatten_taxes_hierarchy()
        taxes = lines.tax_ids.flatten_taxes_hierarchy() - open_taxes
        is_loose = bool(credits._get_loose_lines())
        return {*(() if is_loose else lines), *taxes}

    def _get_loose_lines(self):
        """Lines of these credit memos that take back no certain line."""
        return self._get_billed_lines().filtered(
            lambda line: not line.service_credited_line_id
        )

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
