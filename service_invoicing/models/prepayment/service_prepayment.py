from odoo import models

from ...tools.guards import raise_together


class ServicePrepayment(models.AbstractModel):
    """What was received for a prepayment, what of it invoices have taken, and what that
    keeps from being credited or undone.

    “Gross” amounts are what the payer pays for the liability lines: in mode deduction
    with tax, in mode entry there is none. All amounts are in the currency of the
    prepayment.
    """

    _name = "service.prepayment"
    _description = "Use of Prepayments"

    def _get_gross(self, move):
        """What the payer pays for the liability lines of this document.

        Charges, discounts and cash rounding are no part of the advance.
        """
        lines = move._get_prepayment_lines()
        if move.service_prepayment_mode != "deduction":
            return move.currency_id.round(
                move.direction_sign * sum(lines.mapped("amount_currency"))
            )
        others = move._get_billed_lines() - lines
        rounding = move.line_ids.filtered(lambda line: line.display_type == "rounding")
        gross = move.amount_total - sum(others.mapped("price_total"))
        gross -= move.direction_sign * sum(rounding.mapped("amount_currency"))
        return move.currency_id.round(gross)

    def _get_uncredited(self, move):
        """Gross amount, less what authorized credit memos took back."""
        credits = self._get_credits(move)
        return self._get_gross(move) - sum(self._get_gross(memo) for memo in credits)

    def _get_received(self, move):
        """Money received for this prepayment invoice, charges on it included."""
        return sum(line._get_matched_amounts()[1] for line in move._get_installments())

    def _get_credits(self, move):
        """Authorized credit memos of this prepayment."""
        return move.sudo().reversal_move_ids.filtered(
            lambda memo: memo.state == "posted"
        )

    def _get_used(self, move):
        """Gross amount that authorized invoices, or entries by hand, have taken.

        A credit memo of an invoice gives back what that invoice had deducted.
        """
        deducted = sum(
            -line.price_total * (-1 if line.move_id.move_type == "out_refund" else 1)
            for line in self._get_deductions(move)
        )
        return move.currency_id.round(deducted + self._get_matched(move))

    def _get_deductions(self, move):
        """Lines of authorized documents that deduct this prepayment or give it back."""
        return move.sudo().service_deduction_line_ids.filtered(
            lambda line: line.parent_state == "posted"
            and line.display_type == "product"
            and line.move_id.service_has_life_cycle
        )

    def _get_matched(self, move):
        """What is reconciled with the liability lines, but for deductions, the
        prepayment's own credit memos and exchange differences."""
        matched = 0.0
        for partial in move._get_prepayment_lines().sudo().matched_debit_ids:
            line = partial.debit_move_id
            is_other = (
                line.service_prepayment_id
                or line.move_id.reversed_entry_id == move
                or line.move_id.exchange_diff_partial_ids
            )
            if not is_other:
                matched += partial.credit_amount_currency
        return matched

    def _get_adjustable(self, move):
        """Gross amount that invoices may still take: what was received, less what was
        taken and credited before.

        What is not received yet is missing from the advance first: charges on the
        prepayment invoice are paid before it.

        :return: amount in the currency of the prepayment, never negative
        """
        if not move._is_service_prepayment() or move.state != "posted":
            return 0.0
        return max(self._get_balance(move), 0.0)

    def _get_balance(self, move, returned=0.0):
        """Adjustable amount, below zero where more was taken than was received.

        :param returned: what of the money received would be taken away
        """
        credits = self._get_credits(move)
        wanted = move.amount_total - sum(credits.mapped("amount_total"))
        received = self._get_received(move) - returned
        left = self._get_uncredited(move) - max(wanted - received, 0.0)
        return move.currency_id.round(left - self._get_used(move))

    # What was taken of a prepayment is not credited, and what paid for it is kept.

    def _get_used_errors(self, move, wanted):
        """Why no more of this prepayment can be credited: invoices have taken it.

        :param float wanted: gross amount to be credited; zero: anything at all
        :return: list of translated sentences
        """
        used = self._get_used(move)
        if move.currency_id.compare_amounts(used, 0.0) <= 0:
            return []
        left = self._get_uncredited(move) - used
        compared = move.currency_id.compare_amounts(left, wanted)
        if compared > 0 or (wanted and not compared):
            return []
        return [
            self.env._(
                "%(number)s: %(used)s of the prepayment was adjusted with invoices, so "
                "that no more than %(left)s can be credited. Undo the adjustments or "
                "credit these invoices first.",
                number=move._get_service_label(),
                used=move.currency_id.format(used),
                left=move.currency_id.format(max(left, 0.0)),
            )
        ]

    def _check_money_kept(self, moves):
        """Money stays while invoices are adjusted with the prepayment it paid.

        :raise UserError: naming prepayments and invoices
        """
        if not moves.env.su:
            posted = moves.filtered(lambda move: move.state == "posted")
            partials = posted._get_matched_lines().matched_debit_ids
            raise_together(partials._get_money_errors())

    def _get_kept_money_errors(self, move, amount):
        """Why so much of what was received for this prepayment may not be taken away.

        :param amount: in the currency of the prepayment
        :return: list of translated sentences
        """
        if not move.service_prepayment_used or self._get_balance(move, amount) >= 0.0:
            return []
        rows = move.sudo().service_adjusting_ids.filtered(lambda row: not row.undone)
        invoices = rows.move_id | move.sudo().service_deduction_line_ids.move_id
        return [
            self.env._(
                "The money received for %(number)s stays: %(invoices)s is adjusted "
                "with it. Undo the adjustment first.",
                number=move._get_service_label(),
                invoices=", ".join(m._get_service_label() for m in invoices),
            )
        ]

    # How a prepayment invoice has to be.

    def _get_errors(self, move):
        """See ``account.move._get_prepayment_errors``."""
        lines = move._get_prepayment_lines()
        errors = self._get_account_errors(move, lines)
        errors += self._get_tax_errors(move, lines)
        if move.currency_id.compare_amounts(sum(lines.mapped("price_subtotal")), 0) < 0:
            errors.append(
                self.env._(
                    "%s: a prepayment cannot be negative. Credit a prepayment invoice "
                    "to give money back.",
                    move._get_service_label(),
                )
            )
        return errors

    def _get_account_errors(self, move, lines):
        """:param lines: the liability lines of this prepayment"""
        label = move._get_service_label()
        if not move.company_id.service_prepayment_account_id:
            return [
                self.env._(
                    "%(number)s: choose the prepayment account of %(company)s in the "
                    "settings of service billing first.",
                    number=label,
                    company=move.company_id.display_name,
                )
            ]
        return [
            f"{label}: {error}" for error in lines.account_id._get_prepayment_errors()
        ]

    def _get_tax_errors(self, move, lines):
        """:param lines: the liability lines of this prepayment"""
        values = {"number": move._get_service_label()}
        errors = []
        for line in lines:
            values["line"] = line.name or line.product_id.display_name or "–"
            if move.service_prepayment_mode == "entry":
                if line.tax_ids:
                    errors.append(
                        self.env._(
                            "%(number)s, “%(line)s”: this prepayment bears no tax, "
                            "because it is adjusted by an entry. Remove the tax; where "
                            "the law taxes advances, choose “Deducted on the invoice, "
                            "with tax” in the settings and make it anew.",
                            **values,
                        )
                    )
            elif line.tax_ids._filter_withheld():
                errors.append(
                    self.env._(
                        "%(number)s, “%(line)s”: what the payer withholds he withholds "
                        "from the invoice of the work. Remove the withholding tax.",
                        **values,
                    )
                )
        return errors
