from odoo import models
from odoo.exceptions import UserError


class ServicePayerChange(models.AbstractModel):
    """The share that an authorized invoice bills, or billed before it was credited, is
    moved to another payer."""

    _name = "service.payer.change"
    _description = "Shares of Invoices Moved to Other Payers"

    def _check(self, move):
        """:raise UserError: when this is no authorized invoice of a work order"""
        if not (
            move.service_has_life_cycle
            and move.move_type == "out_invoice"
            and move.state == "posted"
            and move.work_order_ids
            and not move._is_prepayment_document()
        ):
            raise UserError(
                move.env._(
                    "%s: only shares of authorized invoices of work orders can be "
                    "moved. Change an invoice that is not authorized on its order.",
                    move._get_service_label(),
                )
            )

    def _get_parts(self, move):
        """What can be moved to another payer.

        :return: dict line id → ``SharePart`` with what was not moved before; of a
            credited invoice that is what its orders have to invoice again
        """
        move.ensure_one()
        if move.service_status == "reversed":
            orders = move.work_order_ids
            return {
                key: part
                for share in self._get_due_shares(move)
                for key, part in orders._get_movable_parts(share.parts).items()
            }
        lines = move.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
            and not line.service_tax_claim_id
            and not line.service_prepayment_id
            # what a month bills is no share of a work order
            and not line._bills_month()
        )
        # drafts that somebody else made are named when they are in the way
        credits = move.sudo().reversal_move_ids.filtered(
            lambda m: m.state == "posted" or (m.state == "draft" and m._moves_share())
        )
        credited = lines._sum_credited(credits)
        parts = {}
        for line in lines:
            amount = move.currency_id.round(line.price_subtotal - credited[line])
            if amount:
                parts[line.id] = line._get_movable_part(amount)
        return parts

    def _get_due_shares(self, move):
        """What the payer of a credited invoice is to be billed again.

        :return: list of ``OpenShare``
        """
        payer = move._get_service_payer()
        return [
            share
            for order in move.sudo().work_order_ids
            for share in order._get_due_shares(payer)
        ]

    def _change(self, move, target, reason, date, amounts):
        """Credit parts of an invoice, unless it is credited already, and invoice them
        to another payer.

        :param Payer target: who bears them from now on
        :param list amounts: see ``account.move.action_service_move_share``
        :return: the new invoices, one per work order
        """
        if move.service_status == "reversed":
            move.sudo().work_order_ids._release_rest()
            releases = [share.release for share in self._get_due_shares(move)]
            source = move.env["service.release"].concat(*releases)
            return source.sudo(move.env.su)._move_share(move, target, reason, amounts)
        order = move.env["service.work.order"]
        parts = order._choose_parts(move, self._get_parts(move), amounts)
        Crediting = self.env["service.crediting"]
        credit = Crediting._create_of_parts(move, parts, reason, date)
        releases = [
            release.work_order_id._release_to(target, release, own, reason, credit)
            for release, own in self._group_by_release(move, parts).items()
        ]
        Crediting._authorize_if_allowed(credit)
        moves = move.browse().union(*(r._create_invoice() for r in releases))
        move._message_log(
            body=move.env._(
                "A share was moved to %(payer)s by credit memo %(credit)s: %(reason)s",
                payer=target.partner.display_name,
                credit=credit._get_service_label(),
                reason=reason,
            )
        )
        return moves

    def _group_by_release(self, move, parts):
        """Parts of an invoice by the release they came with; what was typed on it goes
        with its first order.

        :param dict parts: invoice line id → ``SharePart``
        :return: dict ``service.release`` → list of ``SharePart``
        """
        first = move.service_order_release_ids.sorted("id")[:1]
        by_release = {}
        for part in parts.values():
            line = part.release_line
            release = line.release_id if line else first
            by_release.setdefault(release, []).append(part)
        return by_release
