from odoo import Command, models
from odoo.exceptions import UserError

from ...tools.tax_data import NET_KEY


class ServiceCreditMemo(models.AbstractModel):
    """What credit memos take back, of services and of maintenance: all of an invoice
    together are the invoice.

    Taxes of parts, and balances of amounts in another currency, are rounded by
    themselves. As soon as the last of an invoice line or of a tax is credited, that
    document takes what the others have left of it.
    """

    _name = "service.credit.memo"
    _description = "Amounts of Credit Memos"

    def _use_receivable_of(self, credit, invoice):
        """What the payer owes and gets back is on one account, whatever account new
        invoices of his have meanwhile."""
        lines = credit._get_receivable_lines()
        account = invoice._get_receivable_lines().account_id[:1]
        if account and lines.account_id != account:
            lines.account_id = account

    def _get_payment_term(self, invoice):
        """Terms of the credit memo: none, as in core, unless they change the taxes."""
        term = invoice.invoice_payment_term_id
        is_mixed = term.early_pay_discount_computation == "mixed"
        return term if is_mixed else term.browse()

    def _take_remaining_of_invoice(self, credit, batch=None):
        """Let this draft credit memo take back what the others have left.

        :param batch: what is authorized together with it: only this, and what has been
            authorized before, counts. Without it drafts count, too
        """
        credit.ensure_one()
        invoice = credit.reversed_entry_id
        others = invoice._get_live_credits() - credit
        if batch is not None:
            others = others.filtered(
                lambda move: move.state == "posted"
                or (move in batch and move.id < credit.id)
            )
        lines = self._get_finished_lines(invoice, others | credit)
        if lines:
            self._take_remaining(credit, invoice, lines, others)

    def _get_finished_lines(self, invoice, credits):
        """Lines of this invoice of which these credit memos leave nothing, with the
        taxes they bear."""
        invoice.ensure_one()
        lines = invoice._get_billed_lines()
        credited = lines._sum_credited(credits)
        own = credits._get_billed_lines().grouped("service_credited_line_id")
        return lines.filtered(
            lambda line: invoice.currency_id.is_zero(
                line.price_subtotal - credited[line]
            )
            and all(item.tax_ids == line.tax_ids for item in own.get(line, line))
        )

    def _prepare_remaining_tax_vals(self, credit, bases, taxes):
        """Values by line that add these differences to the largest line of a tax set.

        :param dict bases: taxes → difference of the amount before tax
        :param dict taxes: tax → difference of the tax amount
        :return: dict line id → values; empty when there is no difference
        """
        credit.ensure_one()
        base_lines = sorted(
            credit._get_rounded_base_and_tax_lines()[0],
            key=lambda base_line: -abs(base_line["tax_details"]["total_excluded"]),
        )
        vals = {}
        for base_line in base_lines:
            key = base_line["tax_ids"]
            base = credit.currency_id.round(bases.pop(key, 0.0))
            differences = {
                tax: credit.currency_id.round(taxes.pop(tax, 0.0))
                for tax in key._flatten_taxes_and_sort_them()[0]
            }
            if base or any(differences.values()):
                line = base_line["record"]
                vals[line.id] = {
                    "tax_ids": [Command.set(line.tax_ids.ids)],
                    "extra_tax_data": self._prepare_manual_taxes(
                        base_line, base, differences
                    ),
                }
        return vals

    def _prepare_manual_taxes(self, base_line, base, differences):
        """Core's ``extra_tax_data`` of a line with other amounts than computed.

        :param float base: difference of the amount before tax
        :param dict differences: tax → difference of the tax amount
        """
        details = base_line["tax_details"]
        total = details["total_excluded_currency"]
        total += details["delta_total_excluded_currency"]
        return {
            "currency_id": base_line["currency_id"].id,
            "price_unit": base_line["price_unit"],
            "discount": base_line["discount"],
            "quantity": base_line["quantity"],
            "rate": base_line["rate"],
            "manual_total_excluded_currency": total + base,
            "manual_tax_amounts": {
                str(data["tax"].id): {
                    "base_amount_currency": data["base_amount_currency"] + base,
                    "tax_amount_currency": data["tax_amount_currency"]
                    + differences.get(data["tax"], 0.0),
                }
                for data in details["taxes_data"]
            },
            # the price that is shown is another than the one that was counted with
            **base_line.get(NET_KEY, {}),
        }

    def _take_remaining(self, credit, invoice, lines, others):
        """Let this draft credit of ``invoice`` take what is left of what it finishes,
        in both currencies.

        :param lines: of the invoice, of which nothing is left with this document
        :param others: documents that have taken the rest of these lines back
        """
        credit.ensure_one()
        remaining = self._get_remaining(credit, invoice, lines, others - credit)
        if not remaining:
            return
        items = {item._get_remaining_key(): item for item in credit.line_ids}
        commands = [
            items[key]._prepare_shift_command(amounts)
            if key in items
            else self._prepare_remaining_tax_command(credit, invoice, key, amounts)
            for key, amounts in remaining.items()
        ]
        # the customer owes, or gets, what the other items come to
        total = [-sum(amounts) for amounts in zip(*remaining.values(), strict=True)]
        commands.append(
            credit._get_receivable_lines()[:1]._prepare_shift_command(total)
        )
        commands += self._prepare_printed_remaining_commands(credit, items, remaining)
        # these amounts are final: nothing is to be computed from them anew
        credit.with_context(skip_invoice_sync=True).write({"line_ids": commands})

    def _get_remaining(self, credit, invoice, lines, others):
        """``{key: (amount, balance)}`` that are left of ``lines`` of the invoice and
        of taxes that no other line bears; those of which nothing is left are not in
        it."""
        finished = self._get_finished_parts(invoice, lines, others | credit)
        own = {item._get_remaining_key() for item in credit.line_ids}
        left = {}
        for item in (invoice | others | credit).line_ids:
            key = item._get_remaining_key()
            # a line that is not on this document was finished by another
            if key[0] in finished and (key in own or item.display_type == "tax"):
                amount, balance = left.get(key, (0.0, 0.0))
                left[key] = (amount + item.amount_currency, balance + item.balance)
        round_amount, round_balance = (
            currency.round
            for currency in (credit.currency_id, credit.company_currency_id)
        )
        rounded = {
            key: (round_amount(amount), round_balance(balance))
            for key, (amount, balance) in left.items()
        }
        return {key: amounts for key, amounts in rounded.items() if any(amounts)}

    def _prepare_printed_remaining_commands(self, credit, items, remaining):
        """Amounts of lines from which core could not tell what is left, so that the
        document prints, and exports, what it books: net amounts, and taxes of which
        it would compute none."""
        bases, taxes = {}, {}
        for key, (amount, _balance) in remaining.items():
            amount *= -credit.direction_sign
            if key in items and items[key].display_type == "product":
                tax_set = items[key].tax_ids
                bases[tax_set] = bases.get(tax_set, 0.0) + amount
            elif key not in items:
                taxes[key[0]] = taxes.get(key[0], 0.0) + amount
        vals = self._prepare_remaining_tax_vals(credit, bases, taxes)
        return [
            Command.update(line_id, {"extra_tax_data": line_vals["extra_tax_data"]})
            for line_id, line_vals in vals.items()
        ]

    def _get_finished_parts(self, invoice, lines, credits):
        """These lines of the invoice, and the taxes that no other line of it bears.

        What somebody typed on a credit memo takes back no line of its own, but the
        taxes of all.
        """
        open_lines = invoice._get_billed_lines() - lines
        open_taxes = open_lines.tax_ids.flatten_taxes_hierarchy()
        taxes = lines.tax_ids.flatten_taxes_hierarchy() - open_taxes
        has_typed = bool(self._get_typed_lines(credits))
        return {*(() if has_typed else lines), *taxes}

    def _get_typed_lines(self, credits):
        """Lines that somebody typed on these credit memos: they take back none of the
        invoice."""
        return credits._get_billed_lines().filtered(
            lambda line: not line.service_credited_line_id
        )

    def _prepare_remaining_tax_command(self, credit, invoice, key, amounts):
        """The item of a tax that was too small for one on this document."""
        item = next(i for i in invoice.line_ids if i._get_remaining_key() == key)
        part = item._get_repartition_part(credit.move_type)
        amount, balance = amounts
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

    def _finishes(self, credit, invoice, others):
        """Whether nothing of the invoice is left with this credit memo."""
        lines = invoice._get_billed_lines()
        return lines == self._get_finished_lines(invoice, others | credit)

    def _take_rounding(self, credit, invoice, others, is_last):
        """Let this draft take back the cash rounding of its invoice, or what is needed
        of it as long as others will follow."""
        amount, balance = self._get_remaining_rounding(credit, invoice, others)
        if not is_last:
            amount = self._limit_remaining_rounding(credit, invoice, others, amount)
            balance = self._convert_at_own_rate(credit, amount)
        self._set_rounding(credit, invoice, amount, balance)

    def _get_remaining_rounding(self, credit, invoice, others):
        """What other credit memos leave of the rounding, as this one's item.

        :return: pair of amount and balance
        """
        items = (invoice | others)._get_rounding_lines()
        return (
            -credit.currency_id.round(sum(items.mapped("amount_currency"))),
            -credit.company_currency_id.round(sum(items.mapped("balance"))),
        )

    def _limit_remaining_rounding(self, credit, invoice, others, amount):
        """Of an invoice that was rounded down, what this part needs of the rounding so
        that it does not take back more than the payer owes.

        :param float amount: what is left of the rounding
        """
        left = invoice.amount_total - sum(others.mapped("amount_total"))
        own = (
            credit.line_ids
            - credit._get_receivable_lines()
            - credit._get_rounding_lines()
        )
        excess = credit.currency_id.round(sum(own.mapped("amount_currency")) - left)
        return max(amount, -excess) if amount < 0 < excess else 0.0

    def _convert_at_own_rate(self, credit, amount):
        """:return: an amount of this document in the company's currency"""
        rate = credit.invoice_currency_rate or 1.0
        return credit.company_currency_id.round(amount / rate)

    def _set_rounding(self, credit, invoice, amount, balance):
        """Let this draft have one rounding item of that amount, or none."""
        lines = credit._get_rounding_lines()
        if not amount and not balance:
            lines.unlink()
            return
        vals = {"amount_currency": amount, "balance": balance}
        if not lines:
            vals |= self._prepare_rounding_vals(
                credit, invoice._get_rounding_lines()[0]
            )
            credit.env["account.move.line"].create(vals)
        elif any(lines[0][name] != value for name, value in vals.items()):
            lines[0].write(vals)

    def _prepare_rounding_vals(self, credit, item):
        """Values of the item that takes back a rounding item of the invoice."""
        part = item.tax_repartition_line_id and item._get_repartition_part(
            credit.move_type
        )
        return {
            "move_id": credit.id,
            "display_type": "rounding",
            "name": item.name,
            "partner_id": credit.partner_id.id,
            "currency_id": credit.currency_id.id,
            "account_id": item.account_id.id,
            "tax_repartition_line_id": part.id,
            "tax_tag_ids": part.tag_ids.ids,
            "tax_ids": item.tax_ids.ids,
        }

    # Rates of tax records are edited in place, and tax amounts by hand: a credit
    # memo takes back the taxes that the invoice bears, not those of today.

    def _get_borne_taxes(self, invoice):
        """Taxes of this invoice that would come to something else today.

        :return: dict line → dict tax → pair of base and tax amount of the whole line
            in the document's currency; only lines with such a tax, with all theirs
        """
        invoice.ensure_one()
        base_lines, __ = invoice._get_rounded_base_and_tax_lines(
            round_from_tax_lines=False
        )
        factors = self._get_tax_factors(invoice, base_lines)
        return {
            base_line["record"]: self._get_line_taxes(base_line, factors)
            for base_line in base_lines
            if base_line["special_type"] is False
            and any(
                data["tax"] in factors
                for data in base_line["tax_details"]["taxes_data"]
            )
        }

    def _get_tax_factors(self, invoice, base_lines):
        """By tax: which of the engine's amounts, times what, makes what was booked.

        Taxes that differ by rounding only are left out; a tax that comes to nothing
        today is counted from its base.

        :param list base_lines: of the tax engine, computed with the rates of today
        """
        booked = self._sum_booked_taxes(invoice)
        slack = len(base_lines) * invoice.currency_id.rounding
        factors = {}
        for tax, (base, today) in self._sum_taxes_of_today(base_lines).items():
            amount = booked.get(tax, 0.0)
            if invoice.currency_id.compare_amounts(abs(amount - today), slack) <= 0:
                continue
            if not invoice.currency_id.is_zero(today):
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

    def _sum_booked_taxes(self, invoice):
        """Amount of each tax in the document's currency, as it was booked."""
        booked = {}
        for item in invoice.line_ids.filtered(lambda item: item.display_type == "tax"):
            tax = item.tax_line_id
            if item.tax_repartition_line_id.factor_percent > 0:
                amount = item.amount_currency * invoice.direction_sign
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

    # No more is taken back than the invoice bears, and only once.

    def _get_excess_errors(self, credit, batch):
        """Why a credit memo takes back more than is left of its invoice.

        Amounts before tax and with it are compared: taxes of parts may differ by
        rounding, and so may prices that include them, by a smallest unit per document.

        :param batch: what is being authorized together with it
        :return: list of translated sentences
        """
        origin = credit.sudo().reversed_entry_id
        others = (origin.reversal_move_ids - credit).filtered(
            lambda m: m.state == "posted" or (m in batch and m.id < credit.id)
        )
        documents = len(others) + 1
        taxes = len(origin.line_ids.tax_line_id | credit.line_ids.tax_line_id)
        slack = {"amount_untaxed": documents, "amount_total": documents * (1 + taxes)}
        for name, units in slack.items():
            # cash is rounded on every document by itself
            left = origin._get_unrounded(name) - others._get_unrounded(name)
            most = left + units * credit.currency_id.rounding
            wanted = credit._get_unrounded(name)
            if credit.currency_id.compare_amounts(wanted, most) > 0:
                sentence = self._describe_excess(credit, name, left)
                return [self._add_hint(origin, sentence)]
        return []

    def _describe_excess(self, credit, name, left):
        """:param name: ``amount_untaxed`` or ``amount_total``, which is too much
        :param float left: what of it has not been credited yet
        """
        values = {
            "number": credit._get_service_label(),
            "amount": credit.currency_id.format(credit[name]),
            "invoice": credit.sudo().reversed_entry_id.display_name,
            "left": credit.currency_id.format(max(left, 0.0)),
        }
        if name == "amount_untaxed":
            return credit.env._(
                "%(number)s takes back %(amount)s of %(invoice)s, but only %(left)s of "
                "it has not been credited yet (before tax). Change its lines or delete "
                "it.",
                **values,
            )
        return credit.env._(
            "%(number)s takes back %(amount)s of %(invoice)s, but only %(left)s of it "
            "has not been credited yet (with tax). Change its taxes or delete it.",
            **values,
        )

    def _check_left(self, invoice, amounts):
        """:raise UserError: when other credit memos leave too little of the invoice

        :param dict amounts: invoice line id → amount to credit, before tax
        """
        left = invoice._get_unrounded("amount_untaxed")
        left -= invoice._get_live_credits()._get_unrounded("amount_untaxed")
        wanted = sum(amounts.values())
        most = left + self._get_rounding(invoice, amounts)
        if invoice.currency_id.compare_amounts(wanted, most) > 0:
            sentence = invoice.env._(
                "%(number)s: %(wanted)s is to be credited, but only %(left)s has not "
                "been credited yet.",
                number=invoice._get_service_label(),
                wanted=invoice.currency_id.format(wanted),
                left=invoice.currency_id.format(left),
            )
            raise UserError(self._add_hint(invoice, sentence))

    def _get_rounding(self, document, lines):
        """How far amounts of lines may be from what a document bears before tax.

        :param lines: whatever has as many items as there are lines
        :return: amount in the document's currency; zero where each line is rounded
        """
        method = document.company_id.tax_calculation_rounding_method
        if method != "round_globally":
            return 0.0
        return len(lines) * document.currency_id.rounding

    def _add_hint(self, invoice, sentence):
        """What to do where too much is credited of an invoice that deducts.

        :param str sentence: what is wrong
        """
        if not invoice.invoice_line_ids.service_prepayment_id:
            return sentence
        hint = invoice.env._(
            "The prepayment that %s deducts counts against its lines: choose its line, "
            "too, to free the prepayment.",
            invoice._get_service_label(),
        )
        return f"{sentence} {hint}"
