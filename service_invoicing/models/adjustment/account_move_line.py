from odoo import api, models


class AccountMoveLine(models.Model):
    """Journal items that adjust invoices: open credits on the receivable account, and
    the liability lines of prepayments that were received."""

    _inherit = "account.move.line"

    def _get_credited_orders(self):
        """Work orders this credit belongs to; a line of a direct prepayment may name
        its own."""
        self.ensure_one()
        line = self.sudo()
        own = line.payment_id.service_work_order_id or line.service_work_order_id
        return own or line.move_id.work_order_ids

    def _get_adjusting_account(self):
        """Receivable account on which this credit stands; for a prepayment the one it
        was received on."""
        self.ensure_one()
        if self._is_prepaid():
            return self.move_id._get_receivable_lines().account_id[:1]
        return self.account_id

    def _is_prepaid(self):
        """Whether this is the liability of a prepayment invoice."""
        self.ensure_one()
        move = self.move_id
        return move._is_service_prepayment() and self in move._get_prepayment_lines()

    def _get_adjustable_amount(self):
        """What is open of this credit, in its currency, positive.

        Of a prepayment no more than what was received and not used yet.
        """
        self.ensure_one()
        amount = -self.amount_residual_currency
        if self._is_prepaid():
            amount = min(amount, self.move_id.service_prepayment_open)
        return amount

    def _get_adjusting_error(self):
        """Why this item adjusts nothing at all, ``None`` when it can."""
        self.ensure_one()
        if self.parent_state != "posted":
            return self.env._("it is not authorized.")
        if self.move_id.payment_state == "blocked":
            return self.env._("it is on hold.")
        if self.move_id._is_adjustment_entry():
            return self.env._("it belongs to an adjustment: take its prepayment.")
        if self._is_prepaid():
            return self._get_prepaid_error()
        if self.account_id.account_type != "asset_receivable":
            return self.env._("it is no credit of a payer.")
        return self._get_open_credit_error()

    def _get_prepaid_error(self):
        """Why a prepayment adjusts nothing."""
        if self.move_id.service_prepayment_mode != "entry":
            return self.env._(
                "it bears tax and is deducted on the invoice before that is authorized."
            )
        if not self.move_id.service_prepayment_received:
            return self.env._("it has not been received yet.")
        return self._get_open_credit_error()

    def _get_open_credit_error(self):
        """Why nothing of this credit is left."""
        if self.currency_id.compare_amounts(self._get_adjustable_amount(), 0.0) <= 0:
            return self.env._("nothing is open of it.")
        return None

    def _adjust_invoice(self, invoice, amount):
        """Match this credit with an invoice.

        :param float amount: in the currency of both, no more than is open
        """
        self.ensure_one()
        if self._is_prepaid():
            invoice._adjust_with_prepayment(self, amount)
            return
        receivables = invoice._get_receivable_lines().filtered(
            lambda line: not line.reconciled
        )
        limits = {self.id: amount}
        lines = (self | receivables).with_context(service_adjusting_limits=limits)
        lines.reconcile()

    def _get_residual_part(self, amount):
        """The part of what is open of this item in the company's currency, at the
        rate of the item.

        :param float amount: in the item's currency, no more than is open
        :return: positive; all that is left for all that is left
        """
        self.ensure_one()
        values = {
            "amount_residual": self.amount_residual,
            "amount_residual_currency": self.amount_residual_currency,
        }
        self._limit_residual(values, amount)
        return abs(values["amount_residual"])

    @api.model
    def _prepare_reconciliation_amls(self, values_list, shadowed_aml_values=None):
        """Core matches as much as it can; here a credit may be given a limit. It is
        taken for all there is of it, so that exchange differences, taxes on payment
        and later matchings come out as for any other matching."""
        limits = self.env.context.get("service_adjusting_limits") or {}
        for values in values_list:
            if values["aml"].id in limits:
                values["aml"]._limit_residual(values, limits[values["aml"].id])
        return super()._prepare_reconciliation_amls(values_list, shadowed_aml_values)

    def _limit_residual(self, values, limit):
        """Let core see no more than ``limit`` of what is open of this item.

        :param dict values: core's residual amounts, changed in place
        """
        residual = values["amount_residual_currency"]
        if self.currency_id.compare_amounts(abs(residual), limit) <= 0:
            return
        sign = -1 if residual < 0 else 1
        # core's own rate of a journal item: with another one there were differences
        balance = limit * abs(self.balance / self.amount_currency)
        balance = self.company_currency_id.round(balance)
        values["amount_residual_currency"] = sign * limit
        values["amount_residual"] = sign * min(balance, abs(values["amount_residual"]))
