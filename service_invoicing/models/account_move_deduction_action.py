from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.arguments import expects, parse_amount, parse_id
from ..tools.guards import raise_together, refuse_without_group
from .account_move_life_cycle import BILLING

OPEN_STATUSES = ("draft", "fresh", "returned")


class AccountMove(models.Model):
    """The button “Deduct Prepayment”: prepayments with tax that Save does not take by
    itself, such as direct ones."""

    _inherit = "account.move"

    service_has_deductible = fields.Boolean(
        compute="_compute_service_has_deductible",
        help="The payer has paid in advance with tax, and it can be deducted here.",
    )

    @api.depends("state", "partner_id", "currency_id", "service_invoice_type")
    def _compute_service_has_deductible(self):
        for move in self:
            move.service_has_deductible = bool(
                move.state == "draft"
                and move._is_adjustable()
                and move._origin._find_all_deductible()
            )

    def _find_all_deductible(self):
        """Prepayments that can be deducted on this draft by hand, the oldest first."""
        if not self:
            return self
        domain = self._get_deductible_prepayments_domain()
        moves = self.search(domain, order="date, id")
        return moves.filtered(lambda move: not self._get_deduction_error(move))

    @expects(one=True, prepayment_id=parse_id("account.move"), gross=parse_amount)
    def action_service_deduct(self, prepayment_id=None, gross=None):
        """Deduct a prepayment on an invoice that is not authorised yet.

        :param int prepayment_id: a received prepayment with tax of the same payer,
            also a direct one; without it the dialog that asks for it is returned
        :param float gross: no more than this, with tax; by default what there is
        :raise UserError: when there is nothing to deduct
        """
        refuse_without_group(self.env, BILLING)
        self._check_service_action(BILLING, OPEN_STATUSES)
        prepayments = self._is_adjustable() and self._find_all_deductible()
        if not prepayments:
            raise UserError(
                self.env._(
                    "%(number)s: %(payer)s has no received prepayment with tax that "
                    "could be deducted.",
                    number=self._get_service_label(),
                    payer=self.partner_id.display_name,
                )
            )
        if not prepayment_id:
            return self.env["service.deduction.wizard"]._open(self, prepayments)
        raise_together(self._get_deducted_amount_errors(gross))
        self._deduct_prepayment(self.browse(prepayment_id), gross)
        self._mark_service_change()
        return True

    def _get_deducted_amount_errors(self, gross):
        """Why this cannot be deducted, ``None`` being what there is."""
        if gross is None or gross > 0:
            return []
        return [
            self.env._(
                "%(number)s: the amount to deduct has to be positive, not %(amount)s.",
                number=self._get_service_label(),
                amount=gross,
            )
        ]
