from odoo import models

from odoo.addons.service_invoicing.tools.split import split_amount

from .account_withholding_line import SOURCE_AMOUNTS


class ServiceWithholding(models.AbstractModel):
    """How much is withheld on payment: of a whole document, by now, and still.

    Amounts are dicts with the names of core's payment dialog (``SOURCE_AMOUNTS``), in
    the currencies of the document and of the company, positive on credit memos too.
    """

    _name = "service.withholding"
    _description = "Withholding on Payment"

    def _prepare_vals_list(self, move):
        """What core withholds when the whole document is paid at once.

        :return: list of values for core's withholding lines, one per tax, account and
            analytic distribution
        """
        taxes = move.invoice_line_ids.tax_ids.flatten_taxes_hierarchy()
        if not taxes._filter_withheld_on_payment():
            return []
        base_lines, __ = move._get_rounded_base_and_tax_lines()
        lines = self.env["account.payment.register.withholding.line"]
        commands = lines._prepare_withholding_lines_commands(
            base_lines, move.company_id
        )
        return [vals for __, __, vals in commands]

    def _get_whole(self, move):
        """The same, summed up: dict tax id → amounts."""
        amounts = {}
        for vals in self._prepare_vals_list(move):
            self._add_amounts(amounts, vals["tax_id"], vals)
        return amounts

    def _add_amounts(self, amounts, tax_id, added, factor=1.0):
        """Add ``factor`` × ``added`` to the amounts of one tax."""
        sums = amounts.setdefault(tax_id, dict.fromkeys(SOURCE_AMOUNTS, 0.0))
        for name in SOURCE_AMOUNTS:
            sums[name] += added[name] * factor

    # -- by now ----------------------------------------------------------------

    def _get_withheld(self, move):
        """What was withheld by now: on payments, and through credit memos.

        :return: dict tax id → amounts, only of taxes that this document has
        """
        amounts, whole = self._get_credited(move), self._get_whole(move)
        for payment, matched in self._get_payments(move).items():
            for line in payment.withholding_line_ids:
                factor = self._get_line_factor(move, line, matched)
                if factor and line.tax_id.id in whole:
                    withheld = line._get_amounts_withheld_on(move)
                    self._add_amounts(amounts, line.tax_id.id, withheld, factor)
        return amounts

    def _get_withheld_amount(self, move):
        """The same in one sum, in the document's currency."""
        withheld = self._get_withheld(move).values()
        return move.currency_id.round(
            sum(amounts["source_tax_amount_currency"] for amounts in withheld)
        )

    def _get_line_factor(self, move, line, matched):
        """Which part of a payment's withholding line is this document's: a line that
        was entered by hand names no invoice and is shared as the payment is.

        :param float matched: what of the payment settles this document
        """
        if line.service_move_id:
            return 1.0 if line.service_move_id == move else 0.0
        amount = line.payment_id.amount
        return matched / amount if amount else 0.0

    def _get_credited(self, move):
        """The withholding on work that credit memos have taken back.

        :return: dict tax id → amounts, no more than the document has of each tax
        """
        amounts = {}
        whole = self._get_whole(move)
        for memo, matched in self._get_credit_memos(move) if whole else ():
            withheld = self._get_whole(memo)
            for tax_id in withheld.keys() & whole.keys():
                factor = matched / memo.amount_total
                self._add_amounts(amounts, tax_id, withheld[tax_id], factor)
        return {
            tax_id: {name: min(sums[name], whole[tax_id][name]) for name in sums}
            for tax_id, sums in amounts.items()
        }

    def _get_matches(self, move):
        """What is reconciled with the receivable of this document.

        :return: dict move → [this document's part, the other's part], each in the
            currency of its own side
        """
        lines = move._get_receivable_lines()
        pairs = [
            (p.debit_move_id.move_id, p.credit_amount_currency, p.debit_amount_currency)
            for p in lines.matched_debit_ids
        ] + [
            (
                p.credit_move_id.move_id,
                p.debit_amount_currency,
                p.credit_amount_currency,
            )
            for p in lines.matched_credit_ids
        ]
        matches = {}
        for matched, own, other in pairs:
            sums = matches.setdefault(matched, [0.0, 0.0])
            sums[0] += own
            sums[1] += other
        return matches

    def _get_payments(self, move):
        """Payments that withhold: dict payment → its matched part, in its currency."""
        return {
            matched.origin_payment_id: other
            for matched, (__, other) in self._get_matches(move).items()
            if matched.origin_payment_id.should_withhold_tax
        }

    def _get_credit_memos(self, move):
        """Pairs of credit memo and the part of it, in this document's currency, that
        is matched with this document; the memo may be this document itself."""
        return [
            (move if move.move_type == "out_refund" else matched, own)
            for matched, (own, __) in self._get_matches(move).items()
            if {move.move_type, matched.move_type} == {"out_invoice", "out_refund"}
        ]

    # -- still -----------------------------------------------------------------

    def _prepare_left_vals_list(self, move):
        """What a payment of all that is open withholds: the rest of the withholding on
        the whole document, and no more than what is open.

        :return: list of values for core's withholding lines, this document on each
        """
        vals_list = self._prepare_vals_list(move)
        taken = self._get_withheld(move)
        for tax_id in {vals["tax_id"] for vals in vals_list}:
            group = [vals for vals in vals_list if vals["tax_id"] == tax_id]
            self._reduce(move, group, taken.get(tax_id, {}))
        self._cap(move, vals_list)
        return [
            {**vals, "service_move_id": move.id}
            for vals in vals_list
            if vals["source_base_amount_currency"] > 0
            and vals["source_tax_amount_currency"] > 0
        ]

    def _reduce(self, move, group, taken):
        """Take what was withheld by now off the lines of one tax.

        :param list group: values of withholding lines, changed in place
        :param dict taken: amounts
        """
        for name in SOURCE_AMOUNTS:
            left = sum(vals[name] for vals in group) - taken.get(name, 0.0)
            self._spread(move, name, max(left, 0.0), group)

    def _cap(self, move, vals_list):
        """Nobody withholds more than he pays: an adjustment may have left less."""
        wanted = sum(vals["source_tax_amount_currency"] for vals in vals_list)
        residual = abs(move.amount_residual)
        if move.currency_id.compare_amounts(wanted, residual) <= 0:
            return
        for name in SOURCE_AMOUNTS:
            whole = sum(vals[name] for vals in vals_list)
            self._spread(move, name, whole * residual / wanted, vals_list)

    def _spread(self, move, name, amount, vals_list):
        """Share an amount of this name out by what the values have of it, in place."""
        is_foreign = name.endswith("_currency")
        currency = move.currency_id if is_foreign else move.company_currency_id
        weights = [vals[name] for vals in vals_list]
        parts = split_amount(currency.round(amount), weights, currency)
        for vals, part in zip(vals_list, parts, strict=True):
            vals[name] = part
