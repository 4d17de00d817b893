from contextlib import contextmanager

from odoo import models


class AccountMove(models.Model):
    """What happens to deducted prepayments when invoices and credit memos are posted.

    The liability of the prepayment is closed by the invoice that deducts it, and open
    again when that invoice is credited.
    """

    _inherit = "account.move"

    @contextmanager
    def _post_deductions(self):
        """Deductions are of what there is now, and matched with their prepayments."""
        self._take_deductions()
        freed = self._filter_service_credits()._free_deductions()
        yield
        posted = self._filter_posted()
        (posted._get_deduction_lines() | freed)._reconcile_deductions()

    def _take_deductions(self):
        """Deduct what there is now, and let nobody else take it meanwhile."""
        invoices = self.filtered(lambda move: move._is_adjustable())
        prepayments = invoices._get_deduction_lines().service_prepayment_id
        prepayments |= self.env["service.prepayment.deduction"]._find_prepayments(
            invoices
        )
        if prepayments:
            prepayments._lock_for_credit()
            prepayments.invalidate_recordset()
        invoices._sync_service_deductions()

    def _free_deductions(self):
        """Unmatch the deductions that these credit memos take back.

        :return: lines of the credited invoices, which are matched again with what is
            left of them
        """
        lines = self._get_deduction_lines().service_credited_line_id
        for invoice, deductions in lines.grouped("move_id").items():
            partials = deductions.matched_credit_ids.filtered(
                lambda partial: partial._is_deduction()
            )
            credits = self.filtered(lambda m, i=invoice: m.reversed_entry_id == i)
            invoice._undo_service_adjustments(partials, credits._describe_undo())
        return lines

    def _get_advance_lines(self):
        """Lines of the liability of prepayments, whichever side of it."""
        return self._get_prepayment_lines() | self._get_deduction_lines()

    def _reconcile_reversed_moves(self, reverse_moves, move_reverse_cancel):
        """Core matches whatever stands on one account: of documents with advances
        each line is matched with the line it credits, and the receivable with the
        receivable."""
        advances = reverse_moves._filter_service_credits().filtered(
            lambda move: move._get_advance_lines()
        )
        if not advances:
            return super()._reconcile_reversed_moves(reverse_moves, move_reverse_cancel)
        for move in reverse_moves - advances:
            super(AccountMove, move.reversed_entry_id)._reconcile_reversed_moves(
                move, move_reverse_cancel
            )
        plan = [lines for move in advances for lines in move._plan_advance_matching()]
        lines = self.env["account.move.line"]
        lines.with_context(move_reverse_cancel=move_reverse_cancel)._reconcile_plan(
            plan
        )
        return reverse_moves

    def _plan_advance_matching(self):
        """What of this credit memo is matched with what of its invoice.

        :return: list of journal items that are matched with each other
        """
        self.ensure_one()
        invoice = self.reversed_entry_id
        receivables = (self | invoice)._get_receivable_lines()
        groups = list(receivables.grouped("account_id").values())
        for line in self._get_advance_lines():
            # a line that was typed takes back what there is
            credited = line.service_credited_line_id or invoice._get_advance_lines()
            groups.append(
                line | credited.filtered(lambda c, x=line: c.account_id == x.account_id)
            )
        groups = [lines.filtered(lambda line: not line.reconciled) for lines in groups]
        return [lines for lines in groups if len(lines) > 1]

    def _add_deduction_hint(self, sentence):
        """What to do where too much is credited of an invoice that deducts.

        :param str sentence: what is wrong
        """
        self.ensure_one()
        if not self._get_deduction_lines():
            return sentence
        hint = self.env._(
            "The prepayment that %s deducts counts against its lines: choose its line, "
            "too, to free the prepayment.",
            self._get_service_label(),
        )
        return f"{sentence} {hint}"

    def _describe_deduction_kept(self):
        """Why a deduction is not undone by itself."""
        self.ensure_one()
        return self.env._(
            "%s: the prepayment is deducted on the invoice itself. Credit the invoice "
            "to free it.",
            self._get_service_label(),
        )


class AccountMoveLine(models.Model):
    """Lines that deduct a prepayment are matched with it."""

    _inherit = "account.move.line"

    def _reconcile_deductions(self):
        """Close the liability of prepayments with the lines that deduct them."""
        plan = []
        for line in self.filtered(lambda line: line.move_id.move_type == "out_invoice"):
            open_lines = line.service_prepayment_id._get_prepayment_lines().filtered(
                lambda other, line=line: not other.reconciled
                and other.account_id == line.account_id
                and other.tax_ids == line.tax_ids
            )
            if open_lines and not line.reconciled:
                plan.append(line | open_lines.sudo(self.env.su))
        if plan:
            self._reconcile_plan(plan)
