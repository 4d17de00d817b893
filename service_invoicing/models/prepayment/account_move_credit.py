from odoo import models


class AccountMove(models.Model):
    """Prepayment invoices bill no share of their order, nor do their credit memos."""

    _inherit = "account.move"

    def _filter_shares(self):
        """Documents among these that are no prepayments."""
        return self.filtered(lambda move: not move._is_prepayment_document())

    def _decide_credit_effects(self):
        """What a credit memo of a prepayment takes back was never billed."""
        shares = self._filter_shares()
        credits = (self - shares).filtered("service_credit_effect")
        credits.sudo().service_credit_effect = False
        return super(AccountMove, shares)._decide_credit_effects()

    def _describe_credit(self):
        if not self._is_prepayment_document():
            return super()._describe_credit()
        return self.env._(
            "Credit memo %(credit)s takes back %(total)s of the prepayment "
            "%(invoice)s: %(reason)s.",
            credit=self._get_service_label(),
            invoice=self.reversed_entry_id._get_service_label(),
            total=self.currency_id.format(self.amount_total),
            reason=self.service_credit_reason or "–",
        )

    def _get_uncreditable(self):
        errors = super()._get_uncreditable()
        if errors or not self._is_service_prepayment():
            return errors
        return self._get_used_prepayment_errors(0.0)

    def _get_overcredit_errors(self, batch):
        errors = super()._get_overcredit_errors(batch)
        origin = self.sudo().reversed_entry_id
        if errors or not self._is_prepayment_document() or not origin:
            return errors
        return origin._get_used_prepayment_errors(self._get_prepayment_gross(), batch)

    def _get_used_prepayment_errors(self, wanted, batch=None):
        """Why no more of this prepayment can be credited: invoices have taken it.

        :param float wanted: gross amount to be credited; zero: anything at all
        :param batch: credit memos that are being authorized together
        :return: list of translated sentences
        """
        self.ensure_one()
        used = self._get_used_prepayment()
        if self.currency_id.compare_amounts(used, 0.0) <= 0:
            return []
        credits = self._get_prepayment_credits()
        left = self._get_prepayment_gross() - used
        left -= sum(move._get_prepayment_gross() for move in credits)
        compared = self.currency_id.compare_amounts(left, wanted)
        if compared > 0 or (wanted and not compared):
            return []
        return [
            self.env._(
                "%(number)s: %(used)s of the prepayment was adjusted with invoices, so "
                "that no more than %(left)s can be credited. Undo the adjustments or "
                "credit these invoices first.",
                number=self._get_service_label(),
                used=self.currency_id.format(used),
                left=self.currency_id.format(max(left, 0.0)),
            )
        ]
