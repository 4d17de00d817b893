from odoo import models


class AccountPartialReconcile(models.Model):
    """Deducted prepayments in the adjustment log, and what keeps them matched."""

    _inherit = "account.partial.reconcile"

    def _is_deduction(self):
        """Whether an invoice takes up a prepayment by this matching."""
        self.ensure_one()
        line = self.debit_move_id
        prepayment = line.service_prepayment_id
        return (
            bool(prepayment)
            and line.move_id.move_type == "out_invoice"
            and prepayment == self.credit_move_id.move_id
        )

    def _is_adjustment(self):
        return self._is_deduction() or super()._is_adjustment()

    def _get_adjusted_amount(self):
        """What is deducted counts with its tax."""
        if self._is_deduction():
            return self.debit_move_id._get_deducted_gross(self)
        return super()._get_adjusted_amount()

    def _get_source_amounts(self, source):
        if not self._is_deduction():
            return super()._get_source_amounts(source)
        earlier = source._get_prepayment_lines().matched_debit_ids.filtered(
            lambda partial: partial.id < self.id and partial._is_deduction()
        )
        used = sum(partial._get_adjusted_amount() for partial in earlier)
        pending = self.env["service.prepayment"]._get_uncredited(source) - used
        currency = source.currency_id
        return currency.round(used), currency.round(pending)

    def _get_kept_errors(self):
        """What stands on the invoice is not undone behind its back; its credit memo
        does so as superuser. Money that was adjusted with stays."""
        deduction = self.env["service.prepayment.deduction"]
        errors = [
            deduction._describe_kept(partial.debit_move_id.move_id)
            for partial in self.sudo()
            if partial._is_deduction()
            and partial.debit_move_id.parent_state == "posted"
        ]
        return [*super()._get_kept_errors(), *errors, *self._get_money_errors()]

    def _get_money_errors(self):
        """Which prepayments would not be covered any more without these matchings.

        :return: list of translated sentences
        """
        paid = self.sudo().filtered(lambda partial: partial._pays_prepayment())
        prepayment = self.env["service.prepayment"]
        by_prepayment = paid.grouped(lambda partial: partial.debit_move_id.move_id)
        return [
            error
            for move, partials in by_prepayment.items()
            for error in prepayment._get_kept_money_errors(
                move, sum(partials.mapped("debit_amount_currency"))
            )
        ]

    def _pays_prepayment(self):
        """Whether money came in for an authorized prepayment by this matching."""
        self.ensure_one()
        line = self.debit_move_id
        return (
            line.display_type == "payment_term"
            and line.move_id._is_service_prepayment()
            and line.move_id._is_receipt(self.credit_move_id.move_id)
        )
