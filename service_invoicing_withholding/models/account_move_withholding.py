from odoo import models

from odoo.addons.service_invoicing.tools.split import split_amount

from .account_withholding_line import SOURCE_AMOUNTS


class AccountMove(models.Model):
    """How much is withheld on payment: of the whole invoice, by now, and still.

    Amounts are dicts with the names of core's payment dialog (``SOURCE_AMOUNTS``), in
    the currencies of the document and of the company, positive on credit memos too.
    """

    _inherit = "account.move"

    def _prepare_payment_withholding_vals_list(self):
        """What core withholds when the whole document is paid at once.

        :return: list of values for core's withholding lines, one per tax, account and
            analytic distribution
        """
        self.ensure_one()
        taxes = self.invoice_line_ids.tax_ids.flatten_taxes_hierarchy()
        if not taxes._filter_withheld_on_payment():
            return []
        base_lines, __ = self._get_rounded_base_and_tax_lines()
        lines = self.env["account.payment.register.withholding.line"]
        commands = lines._prepare_withholding_lines_commands(
            base_lines, self.company_id
        )
        return [vals for __, __, vals in commands]

    def _get_amounts_by_tax(self, vals_list):
        """Sum the values of withholding lines: dict tax id → amounts."""
        amounts = {}
        for vals in vals_list:
            self._add_amounts(amounts, vals["tax_id"], vals)
        return amounts

    def _add_amounts(self, amounts, tax_id, added, factor=1.0):
        """Add ``factor`` × ``added`` to the amounts of one tax."""
        sums = amounts.setdefault(tax_id, dict.fromkeys(SOURCE_AMOUNTS, 0.0))
        for name in SOURCE_AMOUNTS:
            sums[name] += added[name] * factor

    # -- by now ----------------------------------------------------------------

    def _get_amounts_withheld(self):
        """What was withheld by now: on payments, and through credit memos.

        :return: dict tax id → amounts, only of taxes that this document has
        """
        self.ensure_one()
        amounts = self._get_amounts_credited()
        own_taxes = self._get_amounts_by_tax(
            self._prepare_payment_withholding_vals_list()
        )
        for payment, matched in self._get_payments_matched().items():
            for line in payment.withholding_line_ids:
                factor = self._get_payment_line_factor(line, payment, matched)
                if factor and line.tax_id.id in own_taxes:
                    withheld = line._get_amounts_withheld_on(self)
                    self._add_amounts(amounts, line.tax_id.id, withheld, factor)
        return amounts

    def _get_payment_line_factor(self, line, payment, matched):
        """Which part of a payment's withholding line is this document's: a line that
        was entered by hand names no invoice and is shared as the payment is.

        :param float matched: what of the payment settles this document
        """
        if line.service_move_id:
            return 1.0 if line.service_move_id == self else 0.0
        return matched / payment.amount if payment.amount else 0.0

    def _get_amounts_credited(self):
        """The withholding on work that credit memos have taken back.

        :return: dict tax id → amounts, no more than the document has of each tax
        """
        self.ensure_one()
        amounts = {}
        own = self._get_amounts_by_tax(self._prepare_payment_withholding_vals_list())
        for memo, matched in self._get_credit_memos_matched() if own else ():
            withheld = self._get_amounts_by_tax(
                memo._prepare_payment_withholding_vals_list()
            )
            for tax_id in withheld.keys() & own.keys():
                factor = matched / memo.amount_total
                self._add_amounts(amounts, tax_id, withheld[tax_id], factor)
        return {
            tax_id: {name: min(sums[name], own[tax_id][name]) for name in sums}
            for tax_id, sums in amounts.items()
        }

    def _get_receivable_matches(self):
        """What is reconciled with the receivable of this document.

        :return: dict move → [this document's part, the other's part], each in the
            currency of its own side
        """
        self.ensure_one()
        lines = self._get_receivable_lines()
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
        for move, own, other in pairs:
            sums = matches.setdefault(move, [0.0, 0.0])
            sums[0] += own
            sums[1] += other
        return matches

    def _get_payments_matched(self):
        """Payments that withhold: dict payment → its matched part, in its currency."""
        return {
            move.origin_payment_id: other
            for move, (__, other) in self._get_receivable_matches().items()
            if move.origin_payment_id.should_withhold_tax
        }

    def _get_credit_memos_matched(self):
        """Pairs of credit memo and the part of it, in this document's currency, that
        is matched with this document; the memo may be this document itself."""
        return [
            (self if self.move_type == "out_refund" else move, own)
            for move, (own, __) in self._get_receivable_matches().items()
            if {self.move_type, move.move_type} == {"out_invoice", "out_refund"}
        ]

    # -- still -----------------------------------------------------------------

    def _prepare_left_withholding_vals_list(self):
        """What a payment of all that is open withholds: the rest of the withholding on
        the whole document, and no more than what is open.

        :return: list of values for core's withholding lines, this document on each
        """
        self.ensure_one()
        vals_list = self._prepare_payment_withholding_vals_list()
        taken = self._get_amounts_withheld()
        for tax_id in {vals["tax_id"] for vals in vals_list}:
            group = [vals for vals in vals_list if vals["tax_id"] == tax_id]
            self._reduce_withholding(group, taken.get(tax_id, {}))
        self._cap_withholding(vals_list)
        return [
            {**vals, "service_move_id": self.id}
            for vals in vals_list
            if vals["source_base_amount_currency"] > 0
            and vals["source_tax_amount_currency"] > 0
        ]

    def _reduce_withholding(self, group, taken):
        """Take what was withheld by now off the lines of one tax.

        :param list group: values of withholding lines, changed in place
        :param dict taken: amounts
        """
        for name in SOURCE_AMOUNTS:
            currency = self._get_source_currency(name)
            weights = [vals[name] for vals in group]
            left = max(currency.round(sum(weights) - taken.get(name, 0.0)), 0.0)
            for vals, part in zip(
                group, split_amount(left, weights, currency), strict=True
            ):
                vals[name] = part

    def _cap_withholding(self, vals_list):
        """Nobody withholds more than he pays: an adjustment may have left less."""
        wanted = sum(vals["source_tax_amount_currency"] for vals in vals_list)
        residual = abs(self.amount_residual)
        if self.currency_id.compare_amounts(wanted, residual) <= 0:
            return
        for name in SOURCE_AMOUNTS:
            currency = self._get_source_currency(name)
            weights = [vals[name] for vals in vals_list]
            capped = currency.round(sum(weights) * residual / wanted)
            for vals, part in zip(
                vals_list, split_amount(capped, weights, currency), strict=True
            ):
                vals[name] = part

    def _get_source_currency(self, name):
        if name.endswith("_currency"):
            return self.currency_id
        return self.company_currency_id

    def _get_open_amount(self):
        """What is open on the receivable, in the company's currency; never zero."""
        lines = self._get_receivable_lines()
        return abs(sum(lines.mapped("amount_residual"))) or 1.0
