from odoo import models


class ServiceRelease(models.Model):
    """A release that is on no invoice yet goes to another payer."""

    _inherit = "service.release"

    def _move_share(self, document, target, reason, amounts=None):
        """Invoice to another payer what these releases were to bill; what is not moved
        is released anew to who bears it.

        :param document: order or credited invoice, which errors name
        :param Payer target: who bears it from now on
        :param str reason: told in the chatter
        :param list amounts: pairs of work order line id and amount before tax; by
            default all of it
        :return: the new invoices, one per release
        """
        WorkOrder = self.env["service.work.order"]
        shares = [release._get_open_share() for release in self]
        parts = {}
        for share in shares:
            parts |= WorkOrder._get_movable_parts(share.parts)
        chosen = WorkOrder._choose_parts(document, parts, amounts)
        moves = self.env["account.move"]
        for share in shares:
            lines = {part.order_line for part in share.parts}
            own = [part for part in chosen.values() if part.order_line in lines]
            if own:
                moves |= share.release._move_parts(share, own, target, reason)
        return moves

    def _move_parts(self, share, parts, target, reason):
        """Move some parts of this release, and release its rest anew.

        :param OpenShare share: what this release bills
        :param list parts: ``SharePart`` that are moved
        :return: ``account.move`` of the new payer
        """
        self.ensure_one()
        order = self.work_order_id
        order._check_target(target, self._get_payer())
        self._cancel(reason)
        if rest := self._get_rest(share, parts):
            order._in_language_of(share.payer)._create_release(
                rest,
                origin_id=self.id,
                credit_move_id=self.credit_move_id.id,
                is_moved=self.is_moved,
                is_supplement=self.is_supplement,
                reason=self.reason,
            )
        release = order._release_to(target, self, parts, reason)
        return release._create_invoice()

    def _get_rest(self, share, moved):
        """What is left of a share.

        :param list moved: ``SharePart`` that go to another payer
        :return: ``OpenShare``, or ``None`` when there is nothing
        """
        rest = list(share.parts)
        for part in moved:
            own = [p for p in rest if p.order_line == part.order_line]
            left = sum(p.amount for p in own) - part.amount
            if part.order_line.currency_id.is_zero(left):
                rest = [p for p in rest if p not in own or p.tax_claim]
            else:
                # the own risk stays as it is
                largest = max(own, key=lambda p: abs(p.amount))
                rest[rest.index(largest)] = self._get_rest_part(share, largest, part)
        return share._replace(parts=rest) if rest or share.has_tcd else None

    def _get_rest_part(self, share, part, moved):
        """What is left of a part.

        :param SharePart moved: what goes to another payer
        """
        line = part.order_line
        amount = line.currency_id.round(part.amount - moved.amount)
        left = line._get_rest_part(share.payer.invoice_type, amount)
        return left._replace(
            share_type=part.share_type,
            share=part.get_share() - moved.get_share(),
            release_line=part.release_line,
        )
