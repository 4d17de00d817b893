from collections import defaultdict

from odoo import models


class ServiceWorkOrder(models.Model):
    """What payers were billed of the order's lines, compared by amount.

    A payer may have several invoices of one order: when two contacts became one, each
    of them may have had his own.
    """

    _inherit = "service.work.order"

    def _get_billed_amounts(self, without=None):
        """What live invoices bill of the lines, and closed ones billed, by what was
        released with them; less what credit memos took back of a part.

        :param without: invoices that are not counted
        :return: dict ``Payer`` → dict order line → amount before tax in the order's
            currency
        """
        self.ensure_one()
        moves = self._get_live_invoices() | self._get_closed_invoices()
        moves -= without or moves.browse()
        billed = {
            move._get_service_payer(): defaultdict(float) for move in moves.sorted("id")
        }
        for release in self.sudo().release_ids.filtered(lambda r: r.move_id in moves):
            amounts = billed[release.move_id._get_service_payer()]
            for line, amount in release._sum_by_order_line().items():
                amounts[line] += amount
        # superseded or not, a share was credited as long as its credit memo counts
        for transfer in self.transfer_ids.filtered(lambda t: t.state != "undone"):
            credited = transfer.sudo().credit_move_id.reversed_entry_id
            if credited in moves:
                amounts = billed[credited._get_service_payer()]
                for line in transfer.line_ids.filtered(lambda tl: tl._is_share()):
                    amounts[line.order_line_id] -= line.amount
        return billed

    def _get_open_payers(self):
        """Payers of whose share something is on no live invoice and was not closed.

        :return: dict ``Payer`` → amount before tax in the order's currency
        """
        self.ensure_one()
        billed = self._get_billed_amounts()
        open_payers = {}
        for payer, share in self._get_payers().items():
            if payer in billed:
                share = self.currency_id.round(share - sum(billed[payer].values()))
                if share <= 0 or self._is_rounding(payer, share, billed[payer]):
                    continue
            open_payers[payer] = share
        return open_payers

    def _is_rounding(self, payer, rest, billed):
        """Whether a payer was billed all his lines, with no more left than releases of
        older versions were rounded by.

        :param float rest: what he was billed too little, before tax
        :param dict billed: order line → what he was billed of it
        """
        self.ensure_one()
        slack = len(billed) * self.currency_id.rounding
        return self.currency_id.compare_amounts(rest, slack) <= 0 and not (
            self._get_lines_of(payer) - self.line_ids.browse().concat(*billed)
        )

    def _filter_open_parts(self, payer, parts):
        """What a payer has not been billed yet.

        :param list parts: ``SharePart`` of all that he bears
        :return: list of ``SharePart``; what is left of a line that he was billed in
            part is one part
        """
        self.ensure_one()
        billed = self._get_billed_amounts().get(payer)
        if billed is None:
            return parts
        rests = defaultdict(float)
        for part in parts:
            rests[part.order_line] += part.amount
        open_parts = [
            part for part in parts if part.order_line and part.order_line not in billed
        ]
        for line, amount in rests.items():
            rest = self.currency_id.round(amount - billed.get(line, amount))
            if rest:
                open_parts.append(line._get_rest_part(payer.invoice_type, rest))
        return open_parts

    def _bills_tcd(self, payer):
        """Whether the next invoice of a payer bears the order's charges and discounts:
        the customer's does, once."""
        self.ensure_one()
        return (
            payer.invoice_type == "service"
            and not payer.transfer
            and payer not in self._get_billed_amounts()
        )

    def _get_share_on_invoice(self, move):
        """What of its payer's share an invoice should bill: all that no other invoice
        of his bills.

        :param move: ``account.move``, not authorised yet
        :return: amount before tax in the order's currency
        """
        self.ensure_one()
        payer = move._get_service_payer()
        others = self._get_billed_amounts(without=move).get(payer, {})
        share = self._get_payer_shares().get(payer, 0.0)
        return share - sum(others.values())

    def _would_bill_twice(self, move):
        """Whether a payer were billed more than his share if a credited invoice were
        live again."""
        self.ensure_one()
        payer = move._get_service_payer()
        releases = move.sudo().service_release_ids.filtered(
            lambda release: release.work_order_id == self
        )
        billed = self._get_billed_amounts().get(payer, {})
        total = sum(billed.values()) + sum(releases._sum_by_order_line().values())
        share = self._get_payer_shares().get(payer, 0.0)
        return self.currency_id.compare_amounts(total, share) > 0
