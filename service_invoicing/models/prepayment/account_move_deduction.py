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

    def _get_deducted_tax(self):
        """Tax within what is deducted: it was billed with the prepayments."""
        self.ensure_one()
        lines = self._get_deduction_lines()
        taxes = sum(line.price_total - line.price_subtotal for line in lines)
        currency = self.currency_id or self.company_currency_id
        return currency.round(-taxes) if lines else 0.0

    def _get_posted_deductions(self):
        """Lines of authorized documents that deduct this prepayment or give it back."""
        self.ensure_one()
        return self.sudo().service_deduction_line_ids.filtered(
            lambda line: line.parent_state == "posted"
            and line.display_type == "product"
            and line.move_id.service_has_life_cycle
        )

    def copy_data(self, default=None):
        """What was deducted is given back by a credit memo; another copy, such as a
        corrected invoice, deducts at Save what there is then."""
        vals_list = super().copy_data(default)
        if "move_reverse_cancel" not in self.env.context:
            for vals in vals_list:
                vals["line_ids"] = [
                    command
                    for command in vals.get("line_ids", [])
                    if not (command[2] or {}).get("service_prepayment_id")
                ]
        return vals_list

    # -- on Save ---------------------------------------------------------------

    def _sync_service_deductions(self):
        """Bring the deductions of drafts in line with what there is to deduct."""
        moves = self.filtered(lambda m: m.state == "draft" and m._is_adjustable())
        self.env["service.prepayment.deduction"]._sync(moves)

    def _deduct_prepayment(self, prepayment, gross=None):
        """Deduct a prepayment on this draft by hand, see
        ``service.prepayment.deduction``."""
        self.ensure_one()
        self.env["service.prepayment.deduction"]._deduct(self, prepayment, gross)

    def _describe_deduction(self, prepayment):
        """What a deduction says, in the payer's language."""
        env = self.with_context(lang=self.partner_id.lang or self.env.lang).env
        return env._("Less prepayment %s", prepayment.name)

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
        self._check_service_action(BILLING, OPEN_STATUSES)
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
        self._deduct_prepayment(self.browse(prepayment_id), gross)
        self._mark_service_change()
        return True
