from odoo import Command, api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools.arguments import expects, parse_amounts, parse_id, parse_text
from ...tools.groups import BILLING
from ...tools.guards import raise_together, refuse_without_group
from ...tools.invoice_type import INVOICE_TYPES
from ...tools.shares import Payer
from ...tools.states import BILLING_STATES


class ServiceWorkOrder(models.Model):
    """Shares move from one payer to another after the document check."""

    _inherit = "service.work.order"

    @expects(
        one=True,
        invoice_type=parse_text,
        partner_id=parse_id("res.partner"),
        reason=parse_text,
        amounts=parse_amounts,
    )
    def action_move_share(
        self, invoice_type=None, partner_id=None, reason=None, amounts=None
    ):
        """Move the share that would be invoiced next to another payer.

        :param str invoice_type: what the new payer gets; without it the dialog that
            asks for everything is returned
        :param int partner_id: the new payer
        :param str reason: told in the chatter
        :param list amounts: pairs of work order line id and amount before tax; by
            default the whole share
        :return: action that opens the new invoice
        """
        refuse_without_group(self.env, BILLING)
        self.check_access("write")
        self._check_state(BILLING_STATES)
        source = self._get_next_payer()
        if not source:
            raise UserError(self._describe_nothing_to_invoice())
        if not (invoice_type and partner_id and reason):
            return self.env["service.share.wizard"]._open(self)
        self._lock_for_billing()
        target = Payer(invoice_type, self.env["res.partner"].browse(partner_id))
        moves = self._move_open_share(source, target, reason, amounts)
        return self._open_invoices(moves)

    def _get_movable_parts(self, payer):
        """What an open payer is to be invoiced for, one part per order line.

        :param Payer payer: who has no live invoice
        :return: dict order line id → ``SharePart``; a deductible is in its line
        """
        self.ensure_one()
        parts = {}
        if payer not in self._get_open_payers():
            return parts
        for part in self._get_share_parts(payer):
            if part.tax_claim or not part.order_line:
                continue
            key = part.order_line.id
            if key in parts:
                parts[key] = parts[key]._replace(
                    amount=parts[key].amount + part.amount,
                    pieces=parts[key].pieces + part.pieces,
                    is_deductible=parts[key].is_deductible and part.is_deductible,
                )
            else:
                parts[key] = part._replace(name=part.order_line.name, is_whole=False)
        return {
            key: part
            for key, part in parts.items()
            if not self.currency_id.is_zero(part.amount)
        }

    @api.model
    def _choose_parts(self, document, parts, amounts=None):
        """The parts to move, with the amounts that were asked for.

        :param document: record that the errors name
        :param dict parts: line id → ``SharePart`` that can be moved
        :param list amounts: pairs of line id and amount; ``None``: all of it
        :return: dict line id → ``SharePart``
        :raise UserError: all that is wrong with the amounts
        """
        chosen = {}
        errors = []
        currency = document.currency_id
        pairs = [[key, part.amount] for key, part in parts.items()]
        for key, amount in pairs if amounts is None else amounts:
            part = parts.get(key)
            if amount is None:
                amount = part.amount if part else 0.0
            amount = currency.round(amount)
            if part and 0 <= amount / part.amount <= 1:
                if amount:
                    pieces = part.pieces * amount / part.amount
                    chosen[key] = part._replace(amount=amount, pieces=pieces)
                continue
            errors.append(
                document.env._(
                    "%(document)s, “%(line)s”: %(amount)s cannot be moved; what can "
                    "be moved is %(open)s.",
                    document=document.display_name,
                    line=part.name if part else self.env._("line %s", key),
                    amount=currency.format(amount),
                    open=currency.format(part.amount if part else 0.0),
                )
            )
        total = sum(part.amount for part in chosen.values())
        if not errors and currency.compare_amounts(total, 0.0) <= 0:
            errors.append(
                document.env._(
                    "%s: nothing is left to be moved to another payer, or no amount "
                    "was given.",
                    document.display_name,
                )
            )
        raise_together(errors)
        return chosen

    def _move_open_share(self, source, target, reason, amounts=None):
        """Move what an open payer is to be invoiced for, and invoice the new one.

        :return: the new invoices, one per order
        """
        parts = {}
        for order in self:
            parts |= order._get_movable_parts(source)
        parts = self._choose_parts(self[:1], parts, amounts)
        moves = self.env["account.move"]
        for order in self:
            chosen = {
                key: part
                for key, part in parts.items()
                if part.order_line.order_id == order
            }
            if chosen:
                transfer = order._create_transfer(source, target, chosen, reason)
                moves |= order._create_invoice(transfer._get_payer())
        return moves

    def _create_transfer(self, source, target, parts, reason, credit=None):
        """Keep that a share is borne by somebody else from now on.

        :param Payer source: who was to bear it
        :param Payer target: who bears it now
        :param dict parts: line id → ``SharePart``
        :param credit: the credit memo of the first payer, if there is one
        :return: ``service.share.transfer``
        """
        self.ensure_one()
        if target.invoice_type not in dict(INVOICE_TYPES):
            raise UserError(
                self.env._(
                    "%(order)s: “%(type)s” is no kind of invoice. Choose one of "
                    "%(types)s.",
                    order=self.name,
                    type=target.invoice_type,
                    types=", ".join(dict(INVOICE_TYPES)),
                )
            )
        if target[:2] == source[:2]:
            raise UserError(
                self.env._(
                    "%(order)s: %(payer)s bears this share already. Choose another "
                    "payer.",
                    order=self.name,
                    payer=target.partner.display_name,
                )
            )
        # only this dialog writes transfers; its rights are checked before
        transfer = (
            self.env["service.share.transfer"]
            .sudo()
            .create(self._prepare_transfer_vals(source, target, parts, reason, credit))
        )
        self._message_log(
            body=self.env._(
                "%(amount)s before tax moved from %(first)s to %(new)s: %(reason)s",
                amount=self.currency_id.format(transfer.amount),
                first=source.partner.display_name,
                new=target.partner.display_name,
                reason=reason,
            )
        )
        return transfer.sudo(self.env.su)

    def _create_credited_share(self, source, parts, credit):
        """Keep that a credit memo took a part of a payer's share: it is billed to him
        again, or closed.

        :param Payer source: who got the credit memo
        :param dict parts: invoice line id → ``SharePart``
        """
        self.ensure_one()
        reason = credit.service_credit_reason or credit.display_name
        vals = self._prepare_transfer_vals(source, source, parts, reason, credit)
        vals["effect"] = credit.service_credit_effect
        # made where credit memos are authorised, after their checks
        return self.env["service.share.transfer"].sudo().create(vals)

    def _prepare_transfer_vals(self, source, target, parts, reason, credit=None):
        """Values of a transfer with its lines."""
        self.ensure_one()
        return {
            "work_order_id": self.id,
            "source_invoice_type": source.invoice_type,
            "source_partner_id": source.partner.id,
            "source_transfer_id": source.transfer.id if source.transfer else False,
            "invoice_type": target.invoice_type,
            "partner_id": target.partner.id,
            "credit_move_id": credit.id if credit else False,
            "reason": reason,
            "line_ids": [
                Command.create(
                    self._prepare_transfer_line_vals(part, key if credit else False)
                )
                for key, part in parts.items()
            ],
        }

    def _prepare_transfer_line_vals(self, part, move_line_id):
        """Values of a transfer's line.

        :param move_line_id: id of the credited invoice line, ``False`` without
        """
        line = self.env["account.move.line"].browse(move_line_id or ())
        return {
            "order_line_id": part.order_line.id,
            "move_line_id": line.id,
            "tcd_id": line.service_tcd_id.id,
            "name": part.name,
            "cost_category": part.category,
            "account_id": part.account.id,
            "tax_ids": [Command.set(part.taxes.ids)],
            "amount": part.amount,
            "pieces": part.pieces,
            "deductible": part.is_deductible,
        }

    # Payers who become one when their contacts are merged.

    @api.model
    def _search_billed_to(self, partners):
        """Orders in billing of which one of these partners bears or bore a share."""
        payers = ("partner_id", "line_ids.sponsor_id", "claim_ids.insurer_id")
        moved = ("transfer_ids.partner_id", "transfer_ids.source_partner_id")
        domain = Domain.OR(
            Domain(name, "in", partners.ids)
            for name in (*payers, *moved, "release_ids.partner_id")
        )
        return self.with_context(active_test=False).search(
            domain & Domain("state", "in", BILLING_STATES)
        )

    def _cancel_colliding_releases(self, partners):
        """Cancel the unbilled releases that would bill one payer twice if these
        partners were one.

        :return: the cancelled ``service.release``
        """
        releases = self._filter_unbilled_releases().filtered(
            lambda release: release.partner_id in partners
        )
        groups = releases.grouped(
            lambda release: (
                release.work_order_id,
                release.invoice_type,
                release.transfer_id,
            )
        )
        colliding = releases.browse().concat(
            *(group for group in groups.values() if len(group) > 1)
        )
        if colliding:
            colliding._cancel(self.env._("Two payers became one"))
        return colliding

    def _follow_merged_payers(self, cancelled):
        """Bring what is open, states and releases in line with the merged payers.

        :param cancelled: releases that one for both payers takes the place of
        """
        self.env.add_to_compute(self._fields["next_invoice_type"], self)
        self._update_billing_state()
        for release in cancelled:
            order, payer = release.work_order_id, release._get_payer()
            is_open = payer in order._get_open_payers()
            if is_open and not order._get_unbilled_release(payer):
                order._create_release(payer)
