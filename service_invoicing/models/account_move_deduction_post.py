from odoo import models


class AccountMove(models.Model):
    """What happens to deducted prepayments when invoices and credit memos are posted.

    The liability of the prepayment is closed by the invoice that deducts it, and open
    again when that invoice is credited.
    """

    _inherit = "account.move"

    def _post(self, soft=True):
        typed = self._filter_service_life_cycle()
        typed._take_deductions()
        freed = typed._filter_service_credits()._free_deductions()
        posted = super()._post(soft)
        (posted._get_deduction_lines() | freed)._reconcile_deductions()
        return posted

    def _take_deductions(self):
        """Deduct what there is now, and let nobody else take it meanwhile."""
        invoices = self.filtered(lambda move: move._is_adjustable())
        prepayments = invoices._get_deduction_lines().service_prepayment_id
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
            partials = (deductions.matched_credit_ids).filtered(
                lambda partial: partial.credit_move_id.move_id
                == partial.debit_move_id.service_prepayment_id
            )
            if partials:
                invoice._undo_service_adjustments(partials)
        return lines


class AccountMoveLine(models.Model):
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
