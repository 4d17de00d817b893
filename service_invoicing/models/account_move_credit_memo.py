from odoo import models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    """What credit memos may take back: no more than the invoice, and only once."""

    _inherit = "account.move"

    def _get_overcredit_errors(self, batch):
        """Why this credit memo takes back more than is left of its invoice.

        Amounts before tax and with it are compared: taxes of parts may differ by
        rounding, and so may prices that include them, by a smallest unit per document.

        :param batch: what is being authorised together with this document
        :return: list of translated sentences, empty for other documents
        """
        self.ensure_one()
        origin = self.sudo().reversed_entry_id
        if self.move_type != "out_refund" or not origin.service_has_life_cycle:
            return []
        others = (origin.reversal_move_ids - self).filtered(
            lambda move: move.state == "posted" or (move in batch and move.id < self.id)
        )
        documents = len(others) + 1
        taxes = len(origin.line_ids.tax_line_id | self.line_ids.tax_line_id)
        slack = {"amount_untaxed": documents, "amount_total": documents * (1 + taxes)}
        for name, units in slack.items():
            # cash is rounded on every document by itself
            left = origin._get_unrounded(name) - others._get_unrounded(name)
            most = left + units * self.currency_id.rounding
            wanted = self._get_unrounded(name)
            if self.currency_id.compare_amounts(wanted, most) > 0:
                sentence = self._describe_overcredit(name, left)
                return [origin._add_deduction_hint(sentence)]
        return []

    def _describe_overcredit(self, name, left):
        """:param name: ``amount_untaxed`` or ``amount_total``, which is too much
        :param float left: what of it has not been credited yet
        """
        values = {
            "number": self._get_service_label(),
            "amount": self.currency_id.format(self[name]),
            "invoice": self.sudo().reversed_entry_id.display_name,
            "left": self.currency_id.format(max(left, 0.0)),
        }
        if name == "amount_untaxed":
            return self.env._(
                "%(number)s takes back %(amount)s of %(invoice)s, but only %(left)s of "
                "it has not been credited yet (before tax). Change its lines or delete "
                "it.",
                **values,
            )
        return self.env._(
            "%(number)s takes back %(amount)s of %(invoice)s, but only %(left)s of it "
            "has not been credited yet (with tax). Change its taxes or delete it.",
            **values,
        )

    def _get_document_rounding(self, lines):
        """How far amounts of lines may be from what the document bears before tax.

        :param lines: whatever has as many items as there are lines
        :return: amount in the document's currency; zero where each line is rounded
        """
        method = self.company_id.tax_calculation_rounding_method
        if method != "round_globally":
            return 0.0
        return len(lines) * self.currency_id.rounding

    def _check_not_credited_twice(self, parts):
        """:raise UserError: when other credit memos leave too little of the invoice"""
        credits = self.reversal_move_ids.filtered(lambda m: m.state != "cancel")
        left = self._get_unrounded("amount_untaxed")
        left -= credits._get_unrounded("amount_untaxed")
        left += self._get_document_rounding(parts)
        wanted = sum(part.amount for part in parts.values())
        if self.currency_id.compare_amounts(wanted, left) > 0:
            sentence = self.env._(
                "%(number)s: %(wanted)s is to be credited, but only %(left)s has not "
                "been credited yet.",
                number=self._get_service_label(),
                wanted=self.currency_id.format(wanted),
                left=self.currency_id.format(left),
            )
            raise UserError(self._add_deduction_hint(sentence))

    def _get_credit_reset_errors(self):
        """Why this credit memo cannot be taken back: what it credited is billed again.

        :return: list of translated sentences, empty for other documents
        """
        self.ensure_one()
        if self.move_type != "out_refund":
            return []
        again = self._get_billed_again()
        if not again:
            return []
        return [
            self.env._(
                "%(number)s cannot be taken back: what it credits is billed again by "
                "%(invoices)s. Delete or credit that first.",
                number=self._get_service_label(),
                invoices=", ".join(again.mapped("service_number")),
            )
        ]

    def _get_billed_again(self):
        """Live invoices of what this credit memo credits, moved shares among them."""
        origin = self.sudo().reversed_entry_id
        live = origin.work_order_ids._get_live_invoices() - origin
        moved = self.sudo().service_credited_share_ids
        again = live.filtered(lambda move: move.service_transfer_id in moved)
        if origin.service_status == "reversed":
            payer = origin._get_service_payer()
            again |= live.filtered(
                lambda move: move._get_service_payer() == payer
                and any(o._would_bill_twice(origin) for o in move.work_order_ids)
            )
        return again
