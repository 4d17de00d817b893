from odoo import models

from ...tools.arguments import expects, parse_amount, parse_amounts
from ...tools.groups import BILLING
from ...tools.guards import raise_together


class AccountMove(models.Model):
    """The button “Adjust”: credits chosen by hand."""

    _inherit = "account.move"

    @expects(one=True, line_ids=parse_amounts, amount=parse_amount)
    def action_service_adjust(self, line_ids=None, amount=None):
        """Adjust an authorized invoice with credits of its payer.

        By hand any open credit of the payer on the same receivable account and in the
        same currency can be chosen, also one of another work order or of none.

        :param list line_ids: ids of journal items that are open credits (of a
            prepayment its liability line), or pairs of such an id and an amount; by
            default the credits of the invoice's own orders, oldest first
        :param float amount: adjust so much in all, in the currency of the invoice
        :return: without line_ids and amount the dialog that asks for them, else True
        :raise UserError: all that is wrong with the invoice, the credits and amounts
        """
        life_cycle = self.env["service.life.cycle"]
        life_cycle._check(self, BILLING, ("authorized", "partially_adjusted"))
        life_cycle._check_payable(self)
        raise_together(self._get_unadjustable())
        if line_ids is None and amount is None:
            return self.env["service.adjust.wizard"]._open(self)
        Finder = self.env["service.adjustment.finder"]
        chosen = Finder._choose_credits(self, line_ids)
        raise_together(Finder._get_chosen_errors(self, chosen, amount))
        Finder._adjust_with_chosen(self, chosen, amount)
        return True

    def _get_unadjustable(self):
        """Why this document is not adjusted by hand.

        :return: list of translated sentences
        """
        self.ensure_one()
        label = self._get_service_label()
        if not self._is_adjustable():
            return [self.env._("%s is no invoice that can be adjusted.", label)]
        if self.currency_id.compare_amounts(self.amount_residual, 0.0) <= 0:
            return [self.env._("%s: nothing is open.", label)]
        return []
