from odoo import models


class AccountMove(models.Model):
    """Core's own reversal of invoices that follow the billing life cycle."""

    _inherit = "account.move"

    def _reverse_moves(self, default_values_list=None, cancel=False):
        """Core would unmatch everything, receipts included, before it cancels an
        invoice; here only the adjustments in the way are undone, when the credit memo
        is posted."""
        typed = self._filter_service_life_cycle()
        if not typed:
            return super()._reverse_moves(default_values_list, cancel)
        values = default_values_list or [{} for __ in self]
        values = [
            {"ref": move.ref} | vals if move in typed else vals
            for move, vals in zip(self, values, strict=True)
        ]
        refunds = {}
        for moves, cancels in ((typed, False), (self - typed, cancel)):
            chosen = [v for m, v in zip(self, values, strict=True) if m in moves]
            if moves:
                reversed_moves = super(AccountMove, moves)._reverse_moves(
                    chosen, cancels
                )
                refunds |= dict(zip(moves, reversed_moves, strict=True))
        for move in typed:
            refunds[move]._link_service_reversal()
        if cancel:
            for move in typed:
                refunds[move]._post_service_reversal(move)
        return self.browse().concat(*(refunds[move] for move in self))

    def _link_service_reversal(self):
        """A credit memo belongs to the work orders of the invoice it credits."""
        self.ensure_one()
        invoice = self.sudo().reversed_entry_id
        self.sudo().write(
            {"work_order_ids": invoice.work_order_ids.ids}
            | self._get_reversal_answers()
        )

    def _get_reversal_answers(self):
        """What was answered in core's dialog, by field of the credit memo."""
        answers = self.env.context.get("service_reversal_answers") or {}
        names = ("service_credit_effect", "service_credit_reason")
        return {name: answers[name] for name in names if answers.get(name)}

    def _post_service_reversal(self, invoice):
        # taxes on payment are made for what was received, and for nothing else
        is_clean = not invoice._has_matched_money()
        self.with_context(move_reverse_cancel=is_clean)._post(soft=False)
