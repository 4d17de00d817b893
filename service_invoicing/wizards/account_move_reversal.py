from odoo import api, fields, models

from ..tools.arguments import expects, parse_flag
from ..tools.choices import CREDIT_EFFECTS


class AccountMoveReversal(models.TransientModel):
    """Core's credit note of our invoices credits them as the button *Credit Memo*."""

    _inherit = "account.move.reversal"

    service_has_life_cycle = fields.Boolean(
        compute="_compute_service_has_life_cycle",
        help="An invoice of service billing is among those to be credited.",
    )
    service_credit_effect = fields.Selection(
        selection=CREDIT_EFFECTS,
        string="What Is Credited Is",
        help="Whether the work orders bill again what is credited. Without a choice: "
        "billed again if all of the invoice is credited, else closed.",
    )

    @api.depends("move_ids")
    def _compute_service_has_life_cycle(self):
        for wizard in self:
            moves = wizard.move_ids._filter_service_life_cycle()
            wizard.service_has_life_cycle = bool(moves)

    def _prepare_default_reversal(self, move):
        """The customer's reference stays; the reason has a field of its own."""
        values = super()._prepare_default_reversal(move)
        if move.service_has_life_cycle:
            values["ref"] = move.ref
        return values

    def _modify_default_reverse_values(self, origin_move):
        values = super()._modify_default_reverse_values(origin_move)
        if origin_move.service_has_life_cycle:
            values["ref"] = origin_move.ref
            values["invoice_origin"] = origin_move.invoice_origin
            # that of the origin is set with the links below, which only they explain
            payer = origin_move.partner_id.with_company(origin_move.company_id)
            values["invoice_payment_term_id"] = payer.property_payment_term_id.id
        return values

    @expects(one=True, is_modify=parse_flag)
    def reverse_moves(self, is_modify=False):
        # a replacement bills what is credited; it is not closed
        answers = {
            "service_credit_effect": "free"
            if is_modify
            else self.service_credit_effect,
            "service_credit_reason": self.reason,
        }
        wizard = self.with_context(service_reversal_answers=answers)
        action = super(AccountMoveReversal, wizard).reverse_moves(is_modify)
        if is_modify:
            self._link_service_replacements()
        return action

    def _link_service_replacements(self):
        """A replacement bills the same work orders as the invoice it replaces, so that
        nobody bills them once more."""
        origins = {
            self._get_service_replacement_key(move): move
            for move in self.move_ids.filtered("service_has_life_cycle")
        }
        for move in self.new_move_ids.filtered("service_has_life_cycle"):
            origin = origins[self._get_service_replacement_key(move)]
            move.sudo().write(
                {
                    "service_replaces_id": origin.id,
                    "work_order_ids": origin.work_order_ids.ids,
                    "invoice_payment_term_id": origin.invoice_payment_term_id.id,
                }
            )
            self.env["service.release.change"]._take_over(move, origin)
            origin._update_releases()

    def _get_service_replacement_key(self, move):
        """What an invoice and its replacement have in common.

        :return: (billing type, payer, origin, work order lines)
        """
        return (
            move.service_invoice_type,
            move.partner_id,
            move.invoice_origin,
            move.invoice_line_ids.service_order_line_id,
        )
