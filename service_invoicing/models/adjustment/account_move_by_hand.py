from odoo import models
from odoo.exceptions import UserError

from ...tools.arguments import expects, parse_amount, parse_amounts
from ...tools.groups import BILLING
from ...tools.guards import raise_together


class AccountMove(models.Model):
    """The button “Adjust”: credits chosen by hand."""

    _inherit = "account.move"

    @expects(one=True, line_ids=parse_amounts, amount=parse_amount)
    def action_service_adjust(self, line_ids=None, amount=None):
        """Adjust an authorised invoice with credits of its payer.

        By hand any open credit of the payer on the same receivable account and in the
        same currency can be chosen, also one of another work order or of none.

        :param list line_ids: ids of journal items that are open credits (of a
            prepayment its liability line), or pairs of such an id and an amount; by
            default the credits of the invoice's own orders, oldest first
        :param float amount: adjust so much in all, in the currency of the invoice
        :return: without line_ids and amount the dialog that asks for them, else True
        :raise UserError: all that is wrong with the invoice, the credits and amounts
        """
        self._check_service_action(BILLING, ("authorized", "partially_adjusted"))
        self._check_service_payable()
        raise_together(self._get_unadjustable())
        if line_ids is None and amount is None:
            return self.env["service.adjust.wizard"]._open(self)
        chosen = self._choose_credits(line_ids, amount)
        raise_together(self._get_chosen_errors(chosen, amount))
        self._adjust_with_chosen(chosen, amount)
        return True

    def _adjust_with_chosen(self, chosen, amount):
        """Adjust with credits one after the other.

        :param list chosen: see ``_choose_credits``
        :param float amount: in all, ``None`` for what there is
        """
        for line, limit in chosen:
            limits = [value for value in (limit, amount) if value is not None]
            adjusted = self._adjust_with_credit(line, min(limits, default=None))
            if amount is not None:
                amount -= adjusted

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

    def _choose_credits(self, line_ids, amount):
        """The credits to adjust with.

        :return: list of (journal item, amount of its own or ``None``), in the order
            in which they were given
        """
        if line_ids is None:
            credits = self._find_order_credits()
            return [(line, None) for line in credits]
        Line = self.env["account.move.line"]
        lines = Line.browse(dict.fromkeys(key for key, __ in line_ids))
        known = Line.search([("id", "in", lines.ids)])
        if lines - known or len(line_ids) != len(lines):
            raise UserError(
                self.env._(
                    "%s: choose each credit once, from those that you see.",
                    self._get_service_label(),
                )
            )
        return [(Line.browse(key), limit) for key, limit in line_ids]

    def _get_chosen_errors(self, chosen, amount):
        """All that is wrong with the credits and amounts that were chosen.

        :param list chosen: see ``_choose_credits``
        :param float amount: to be adjusted in all, ``None`` for what there is
        """
        errors = [e for line, __ in chosen if (e := self._get_credit_error(line))]
        errors = errors or self._get_nothing_chosen_errors(chosen)
        if errors:
            return errors
        available = 0.0
        for line, limit in chosen:
            left = line._get_adjustable_amount()
            available += left if limit is None else limit
            if limit is not None:
                errors += self._get_amount_errors(limit, left, line.move_id)
        if not errors:
            errors += self._get_typed_sum_errors(chosen)
        if amount is not None and not errors:
            most = min(available, self.amount_residual)
            errors += self._get_amount_errors(amount, most, self)
        return errors

    def _get_typed_sum_errors(self, chosen):
        """Why amounts that are fine one by one are too much together."""
        typed = [(line, limit) for line, limit in chosen if limit is not None]
        errors = []
        if typed:
            total = sum(limit for __, limit in typed)
            errors += self._get_amount_errors(total, self.amount_residual, self)
        # the lines of one prepayment share what was received for it
        for move in self.browse({x.move_id.id for x, __ in typed if x._is_prepaid()}):
            total = sum(limit for line, limit in typed if line.move_id == move)
            most = move._get_adjustable_prepayment()
            errors += self._get_amount_errors(total, most, move)
        return errors

    def _get_nothing_chosen_errors(self, chosen):
        if chosen:
            return []
        return [
            self.env._(
                "%s: there is nothing to adjust it with.", self._get_service_label()
            )
        ]

    def _get_amount_errors(self, amount, most, document):
        """Why so much cannot be adjusted.

        :param float most: what can be adjusted
        :param document: on which it is too much
        """
        wanted = self.currency_id.round(amount)
        if wanted > 0 and self.currency_id.compare_amounts(wanted, most) <= 0:
            return []
        return [
            self.env._(
                "%(document)s: %(amount)s cannot be adjusted, but more than zero and "
                "at most %(most)s.",
                document=document._get_service_label(),
                amount=self.currency_id.format(amount),
                most=self.currency_id.format(max(most, 0.0)),
            )
        ]
