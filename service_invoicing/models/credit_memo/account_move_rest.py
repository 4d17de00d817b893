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

    # Cash rounding of an invoice: its credit memos take it back with the rest.

    def _recompute_cash_rounding_lines(self):
        invoice = self._get_credited_invoice()
        if not invoice._get_rounding_lines():
            return super()._recompute_cash_rounding_lines()
        others = invoice._get_live_credits() - self
        is_last = self._finishes(invoice, others)
        if self.invoice_cash_rounding_id and not is_last:
            # somebody wants this part rounded by itself
            return super()._recompute_cash_rounding_lines()
        amount, balance = self._get_rounding_rest(invoice, others)
        if not is_last:
            amount = self._limit_rounding_rest(invoice, others, amount)
            balance = self._convert_at_own_rate(amount)
        self._set_rounding(invoice, amount, balance)

    def _get_live_credits(self):
        """Credit memos of these invoices, drafts among them."""
        return self.reversal_move_ids.filtered(lambda move: move.state != "cancel")

    def _finishes(self, invoice, others):
        """Whether nothing of the invoice is left with this credit memo."""
        lines = invoice._get_billed_lines()
        return lines == invoice._get_finished_lines(others | self)

    def _get_rounding_rest(self, invoice, others):
        """What other credit memos leave of the rounding, as this one's item.

        :return: pair of amount and balance
        """
        items = (invoice | others)._get_rounding_lines()
        return (
            -self.currency_id.round(sum(items.mapped("amount_currency"))),
            -self.company_currency_id.round(sum(items.mapped("balance"))),
        )

    def _limit_rounding_rest(self, invoice, others, amount):
        """Of an invoice that was rounded down, what this part needs of the rounding so
        that it does not take back more than the payer owes.

        :param float amount: what is left of the rounding
        """
        left = invoice.amount_total - sum(others.mapped("amount_total"))
        own = self.line_ids - self._get_receivable_lines() - self._get_rounding_lines()
        excess = self.currency_id.round(sum(own.mapped("amount_currency")) - left)
        return max(amount, -excess) if amount < 0 < excess else 0.0

    def _convert_at_own_rate(self, amount):
        """:return: an amount of this document in the company's currency"""
        rate = self.invoice_currency_rate or 1.0
        return self.company_currency_id.round(amount / rate)

    def _set_rounding(self, invoice, amount, balance):
        """Let this draft have one rounding item of that amount, or none."""
        lines = self._get_rounding_lines()
        if not amount and not balance:
            lines.unlink()
            return
        vals = {"amount_currency": amount, "balance": balance}
        if not lines:
            vals |= self._prepare_rounding_vals(invoice._get_rounding_lines()[0])
            self.env["account.move.line"].create(vals)
        elif any(lines[0][name] != value for name, value in vals.items()):
            lines[0].write(vals)

    def _prepare_rounding_vals(self, item):
        """Values of the item that takes back a rounding item of the invoice."""
        part = item.tax_repartition_line_id and item._get_repartition_part(
            self.move_type
        )
        return {
            "move_id": self.id,
            "display_type": "rounding",
            "name": item.name,
            "partner_id": self.partner_id.id,
            "currency_id": self.currency_id.id,
            "account_id": item.account_id.id,
            "tax_repartition_line_id": part.id,
            "tax_tag_ids": part.tag_ids.ids,
            "tax_ids": item.tax_ids.ids,
        }

    # Rates of tax records are edited in place, and tax amounts by hand: a credit
    # memo takes back the taxes that the invoice bears, not those of today.

    def _get_borne_taxes(self):
        """Taxes of this invoice that would come to something else today.

        :return: dict line → dict tax → pair of base and tax amount of the whole line
            in the document's currency; only lines with such a tax, with all theirs
        """
        self.ensure_one()
        base_lines = self._get_rounded_base_and_tax_lines(round_from_tax_lines=False)[0]
        factors = self._get_tax_factors(base_lines)
        return {
            base_line["record"]: self._get_line_taxes(base_line, factors)
            for base_line in base_lines
            if base_line["special_type"] is False
            and any(
                data["tax"] in factors
                for data in base_line["tax_details"]["taxes_data"]
            )
        }

    def _get_tax_factors(self, base_lines):
        """By tax: which of the engine's amounts, times what, makes what was booked.

        Taxes that differ by rounding only are left out; a tax that comes to nothing
        today is counted from its base.

        :param list base_lines: of the tax engine, computed with the rates of today
        """
        booked = self._sum_booked_taxes()
        slack = len(base_lines) * self.currency_id.rounding
        factors = {}
        for tax, (base, today) in self._sum_taxes_of_today(base_lines).items():
            amount = booked.get(tax, 0.0)
            if self.currency_id.compare_amounts(abs(amount - today), slack) <= 0:
                continue
            if not self.currency_id.is_zero(today):
                factors[tax] = ("tax_amount_currency", amount / today)
            elif base:
                factors[tax] = ("base_amount_currency", amount / base)
        return factors

    def _sum_taxes_of_today(self, base_lines):
        """:return: dict tax → (base, amount) by the engine"""
        sums = {}
        for base_line in base_lines:
            for data in base_line["tax_details"]["taxes_data"]:
                if not data["is_reverse_charge"]:
                    base, amount = sums.get(data["tax"], (0.0, 0.0))
                    sums[data["tax"]] = (
                        base + data["base_amount_currency"],
                        amount + data["tax_amount_currency"],
                    )
        return sums

    def _sum_booked_taxes(self):
        """Amount of each tax in the document's currency, as it was booked."""
        booked = {}
        for item in self.line_ids.filtered(lambda item: item.display_type == "tax"):
            tax = item.tax_line_id
            if item.tax_repartition_line_id.factor_percent > 0:
                amount = item.amount_currency * self.direction_sign
                amount /= item._get_booked_tax_share()
                booked[tax] = booked.get(tax, 0.0) + amount
        return booked

    def _get_line_taxes(self, base_line, factors):
        """Base and amount of each tax of a line, as the invoice bears them.

        :param dict factors: see ``_get_tax_factors``
        """
        details = base_line["tax_details"]
        line = base_line["record"]
        today = details["total_excluded_currency"]
        share = line.price_subtotal / today if today else 1.0
        taxes = {}
        for data in details["taxes_data"]:
            if not data["is_reverse_charge"]:
                same = ("tax_amount_currency", 1.0)
                name, factor = factors.get(data["tax"], same)
                base = data["base_amount_currency"] * share
                taxes[data["tax"]] = (base, data[name] * factor)
        return taxes


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

    def _get_booked_tax_share(self):
        """Which share of its tax all items of a tax like this one are together; what
        reverses a charge is not counted."""
        self.ensure_one()
        kind = self.tax_repartition_line_id.document_type
        parts = self.tax_line_id[f"{kind}_repartition_line_ids"]
        taxed = parts.filtered(lambda part: part.repartition_type == "tax")
        factors = [part.factor_percent for part in taxed if part.factor_percent > 0]
        return sum(factors) / 100.0


class AccountTaxRepartitionLine(models.Model):
    _inherit = "account.tax.repartition.line"

    def _get_place(self):
        """Place among the parts of the tax: the same on invoices and credit memos."""
        self.ensure_one()
        parts = self.tax_id[f"{self.document_type}_repartition_line_ids"]
        return parts.ids.index(self.id)
