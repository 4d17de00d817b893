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
        self._release_without(share, parts)
        release = order._release_to(target, self, parts, reason)
        return release._create_invoice()
