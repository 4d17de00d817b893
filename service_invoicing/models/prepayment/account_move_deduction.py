from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.arguments import expects, parse_amount, parse_id
from ...tools.groups import BILLING
from ...tools.guards import raise_together, refuse_without_group

OPEN_STATUSES = ("draft", "fresh", "returned")


class AccountMove(models.Model):
    """Prepayments that bear tax are deducted on the invoice, by lines that are brought
    up to date at every Save."""

    _inherit = "account.move"

    # -- what is deducted -------------------------------------------------------

    def _get_deduction_lines(self):
        """Lines that deduct prepayments."""
        return self.invoice_line_ids.filtered(
            lambda line: line.service_prepayment_id and line.display_type == "product"
        )

    def _get_deducted_amount(self):
        """What the lines of this document deduct, with its tax, in its currency."""
        self.ensure_one()
        lines = self._get_deduction_lines()
        # a form may be without a currency for a moment
        currency = self.currency_id or self.company_currency_id
        return currency.round(-sum(lines.mapped("price_total"))) if lines else 0.0

    def _get_service_deduction(self):
        """The tax within it was billed with the prepayments."""
        amount, tax = super()._get_service_deduction()
        if lines := self._get_deduction_lines():
            amount += self._get_deducted_amount()
            taxes = sum(line.price_total - line.price_subtotal for line in lines)
            tax -= (self.currency_id or self.company_currency_id).round(taxes)
        return amount, tax

    # -- on Save ---------------------------------------------------------------

    def _sync_service_deductions(self):
        """Bring the deductions of drafts in line with what there is to deduct."""
        moves = self.filtered(lambda m: m.state == "draft" and m._is_adjustable())
        self.env["service.prepayment.deduction"]._sync(moves)

    # The button “Deduct Prepayment”: prepayments with tax that Save does not take
    # by itself, such as direct ones.

    service_has_deductible = fields.Boolean(
        compute="_compute_service_has_deductible",
        help="The payer has paid in advance with tax, and it can be deducted here.",
    )

    @api.depends("state", "partner_id", "currency_id", "service_invoice_type")
    def _compute_service_has_deductible(self):
        Deduction = self.env["service.prepayment.deduction"]
        for move in self:
            move.service_has_deductible = bool(
                move.state == "draft"
                and move._is_adjustable()
                and Deduction._find_by_hand(move._origin)
            )

    @expects(one=True, prepayment_id=parse_id("account.move"), gross=parse_amount)
    def action_service_deduct(self, prepayment_id=None, gross=None):
        """Deduct a prepayment on an invoice that is not authorized yet.

        :param int prepayment_id: a received prepayment with tax of the same payer,
            also a direct one; without it the dialog that asks for it is returned
        :param float gross: no more than this, with tax; by default what there is
        :raise UserError: when there is nothing to deduct
        """
        refuse_without_group(self.env, BILLING)
        self.env["service.life.cycle"]._check(self, BILLING, OPEN_STATUSES)
        Deduction = self.env["service.prepayment.deduction"]
        prepayments = self._is_adjustable() and Deduction._find_by_hand(self)
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
        raise_together(Deduction._get_amount_errors(self, gross))
        Deduction._deduct(self, self.browse(prepayment_id), gross)
        self.env["service.move.guard"]._mark_change(self)
        return True

    # What posting and crediting do to deductions.

    @contextmanager
    def _post_deductions(self):
        """Deductions are of what there is now, and matched with their prepayments."""
        Deduction = self.env["service.prepayment.deduction"]
        Deduction._take(self)
        freed = Deduction._free(self._filter_service_credits())
        yield
        posted = self._filter_posted()
        (posted._get_deduction_lines() | freed)._reconcile_deductions()

    def _reconcile_reversed_moves(self, reverse_moves, move_reverse_cancel):
        """Core matches whatever stands on one account: of documents with advances
        each line is matched with the line it credits, and the receivable with the
        receivable."""
        Deduction = self.env["service.prepayment.deduction"]
        advances = reverse_moves._filter_service_credits().filtered(
            lambda move: Deduction._get_advance_lines(move)
        )
        if not advances:
            return super()._reconcile_reversed_moves(reverse_moves, move_reverse_cancel)
        for move in reverse_moves - advances:
            super(AccountMove, move.reversed_entry_id)._reconcile_reversed_moves(
                move, move_reverse_cancel
            )
        plan = [lines for move in advances for lines in Deduction._plan_matching(move)]
        lines = self.env["account.move.line"]
        lines.with_context(move_reverse_cancel=move_reverse_cancel)._reconcile_plan(
            plan
        )
        return reverse_moves
