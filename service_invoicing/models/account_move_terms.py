from odoo import api, models
from odoo.tools import frozendict


class AccountMove(models.Model):
    """Instalments of service invoices count from the anchor date."""

    _inherit = "account.move"

    @api.depends("service_anchor_date", "service_receipt_type")
    def _compute_needed_terms(self):
        anchored = self._filter_service_life_cycle().filtered("service_anchor_date")
        if not anchored and not self.env.context.get("service_anchor_date"):
            return super()._compute_needed_terms()
        others = (self - anchored).with_context(service_anchor_date=None)
        res = super(AccountMove, others)._compute_needed_terms()
        for move in anchored:
            move = move.with_context(service_anchor_date=move.service_anchor_date)
            super(AccountMove, move)._compute_needed_terms()
            if move.needed_terms and move._is_due_at_once():
                move.needed_terms = move._get_single_needed_term()
        return res

    def _is_due_at_once(self):
        """Whether all of it is due on the anchor date."""
        self.ensure_one()
        return not self.invoice_payment_term_id or self._is_cash_receipt()

    def _is_cash_receipt(self):
        """Whether the payment term does not count, nor does its discount."""
        return self.service_has_life_cycle and self.service_receipt_type == "cash"

    def _get_single_needed_term(self):
        """One instalment of everything on the anchor date.

        :return: dict as core's ``needed_terms``
        """
        values = self.needed_terms.values()
        key = {
            "move_id": self.id,
            "date_maturity": self.service_anchor_date,
            "discount_date": False,
        }
        balance = sum(term["balance"] for term in values)
        amount = sum(term["amount_currency"] for term in values)
        # a form may have lost its currency
        currency = self.currency_id or self.company_currency_id
        return {
            frozendict(key): {
                "balance": self.company_currency_id.round(balance),
                "amount_currency": currency.round(amount),
                "discount_date": False,
                "discount_balance": 0.0,
                "discount_amount_currency": 0.0,
            }
        }

    def _is_eligible_for_early_payment_discount(self, currency, reference_date):
        return not self._is_cash_receipt() and (
            super()._is_eligible_for_early_payment_discount(currency, reference_date)
        )

    @api.depends("service_receipt_type")
    def _compute_show_payment_term_details(self):
        res = super()._compute_show_payment_term_details()
        cash = self.filtered(lambda move: move._is_cash_receipt())
        cash.show_discount_details = False
        cash.show_payment_term_details = False
        return res
