from collections import defaultdict

from odoo import api, models
from odoo.exceptions import UserError

from ...tools.arguments import (
    expects,
    parse_amount,
    parse_amounts,
    parse_flag,
    parse_id,
)
from ...tools.groups import BILLING
from ...tools.guards import raise_together, refuse_without_group
from ...tools.shares import OpenShare, Payer
from ...tools.split import split_amount

# an order of which a part may be billed: from the beginning of the work on
PART_STATES = ("in_progress", "checking", "to_invoice")


class ServiceWorkOrder(models.Model):
    """Interim invoices: a part of a payer's share is billed before the rest."""

    _inherit = "service.work.order"

    @expects(
        one=True,
        partner_id=parse_id("res.partner"),
        percentage=parse_amount,
        amounts=parse_amounts,
        with_charges=parse_flag,
    )
    def action_release_part(
        self, partner_id=None, percentage=None, amounts=None, with_charges=False
    ):
        """Release a part of what a payer bears; the rest is released and billed later,
        and its invoice says what was billed before.

        :param int partner_id: the payer; the customer by default
        :param float percentage: of every line of his share
        :param list amounts: pairs of work order line id and amount before tax, instead
            of a percentage
        :param bool with_charges: the order's charges and discounts come with this part
            and not with the last one
        :return: action that opens the release, which can be invoiced at once; without
            amounts and percentage the dialog that asks for them
        :raise UserError: when the order or the answers allow no release
        """
        refuse_without_group(self.env, BILLING)
        self.check_access("write")
        self._check_state(PART_STATES)
        if percentage is None and amounts is None:
            return self.env["service.release.part.wizard"]._open(self)
        self._lock_for_billing()
        share = self._choose_part_share(partner_id)
        parts = self._choose_released_parts(share, percentage, amounts)
        raise_together(self._get_part_errors(parts))
        with_charges = with_charges and share.has_tcd
        order = self._in_language_of(share.payer)
        parts = [order._describe_released_part(part) for part in parts]
        part = OpenShare(share.payer, parts, with_charges, share.release.browse())
        rest = share._replace(has_tcd=share.has_tcd and not with_charges)
        values = {}
        if share.release:
            # what was corrected, or credited once, goes on as it is
            share.release._cancel(self.env._("A part of it is released by itself"))
            share.release._release_without(rest, parts)
            values["origin_id"] = share.release.id
            values["credit_move_id"] = share.release.credit_move_id.id
        release = order._create_release(part, state="confirmed", **values)
        if self.state == "to_invoice":
            self._release_rest()
        return release.sudo(self.env.su).with_env(self.env)._get_list_action()

    def _choose_part_share(self, partner_id=None):
        """The share of which a part is released.

        :param int partner_id: the payer; the customer by default
        :return: ``OpenShare``
        :raise UserError: when this order has nothing open of him
        """
        self.ensure_one()
        wanted = partner_id or self.partner_id.id
        for share in self._get_open_shares():
            is_agreed = not share.release.is_supplement
            if (
                is_agreed
                and share.payer.partner.id == wanted
                and share.get_amount() > 0
            ):
                return share
        payer = self.env["res.partner"].browse(wanted).exists()
        raise UserError(
            self.env._(
                "%(order)s has nothing left to release to %(payer)s. Choose a payer "
                "with an open share.",
                order=self.name,
                payer=payer.display_name or wanted,
            )
        )

    def _choose_released_parts(self, share, percentage, amounts):
        """Parts of a share that are released by themselves.

        :param OpenShare share: what is open
        :return: list of ``SharePart``, one per line of the order
        :raise UserError: all that is wrong with the answers
        """
        self.ensure_one()
        if percentage is not None and amounts is not None:
            sentence = self.env._("%s: give amounts or a percentage, not both.")
            raise_together([sentence % self.name])
        parts = self._get_movable_parts(share.parts)
        if percentage is not None:
            if not 0 < percentage <= 100:
                raise_together(
                    [
                        self.env._(
                            "%(order)s: the percentage of a part lies between 0 and "
                            "100, not at %(percentage)s.",
                            order=self.name,
                            percentage=percentage,
                        )
                    ]
                )
            amounts = [
                [key, self.currency_id.round(part.amount * percentage / 100)]
                for key, part in parts.items()
            ]
        chosen = self._choose_parts(self, parts, amounts)
        return [
            part
            for key, taken in chosen.items()
            for part in self._split_part(share.parts, key, taken.amount)
        ]

    @api.model
    def _get_movable_parts(self, parts):
        """Parts of an open share that can be moved: one per line of the order.

        :param list parts: ``SharePart`` of the share
        :return: dict order line id → ``SharePart``; a deductible is in its line
        """
        movable = {}
        for part in parts:
            line = part.order_line
            if part.tax_claim or part.tcd or not line:
                continue
            if other := movable.get(line.id):
                movable[line.id] = other._replace(
                    amount=other.amount + part.amount,
                    share=other.get_share() + part.get_share(),
                    pieces=other.pieces + part.pieces,
                    is_deductible=other.is_deductible and part.is_deductible,
                )
            else:
                movable[line.id] = part._replace(name=line.name, is_whole=False)
        return {
            key: part
            for key, part in movable.items()
            if not part.order_line.currency_id.is_zero(part.amount)
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
                    chosen[key] = part.take(amount)
                continue
            errors.append(
                document.env._(
                    "%(document)s, “%(line)s”: %(amount)s cannot be chosen; what is "
                    "open is %(open)s.",
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
                    "%s: nothing is left that could be chosen, or no amount was given.",
                    document.display_name,
                )
            )
        raise_together(errors)
        return chosen

    @api.model
    def _split_part(self, parts, key, amount):
        """What an amount of an order line is of its share, the own risk apart.

        :param list parts: ``SharePart`` of the share
        :param key: id of the order line
        :return: list of ``SharePart``
        """
        own = [part for part in parts if part.is_share() and part.order_line.id == key]
        weights = [part.amount for part in own]
        amounts = split_amount(amount, weights, own[0].order_line.currency_id)
        return [
            part.take(taken) for part, taken in zip(own, amounts, strict=True) if taken
        ]

    def _get_part_errors(self, parts):
        """What keeps parts from being billed before the document check.

        :param list parts: ``SharePart`` that are released
        :return: list of translated sentences
        """
        self.ensure_one()
        if self.state == "to_invoice":
            return []
        lines = self.line_ids.browse().union(*(part.order_line for part in parts))
        return [
            *self._get_line_errors(lines),
            *self._get_claim_errors(lines.claim_id),
            *self._get_discount_errors(),
        ]

    @api.model
    def _describe_released_part(self, part):
        """A part with the text of the line it is of, in the payer's language."""
        line = part.order_line.with_env(self.env)
        if part.is_deductible:
            return part._replace(name=line.claim_id._describe_deductible())
        name = line._get_printed_name()
        if not part.is_whole:
            name = line._describe_share(part.amount)
        return part._replace(name=name)

    # What was billed of an order stays a part of it, whatever is changed before the
    # document check.

    def _get_overbilled_errors(self):
        """Lines of which more is billed than their payers bear by now.

        :return: list of translated sentences
        """
        self.ensure_one()
        billed = self._get_released_amounts(void=self._get_unbilled_releases())
        agreed = self._get_agreed_amounts()
        errors = [
            self.env._(
                "%(order)s, “%(line)s”: %(billed)s are billed already, more than the "
                "share of %(share)s. Correct the line, or credit the invoice first.",
                order=self.name,
                line=line.name,
                billed=self.currency_id.format(billed[line, invoice_type]),
                share=self.currency_id.format(agreed[line, invoice_type]),
            )
            for line, invoice_type in self._get_excess(billed)
        ]
        errors += self._get_changed_payer_errors()
        sums = defaultdict(float)
        for (line, invoice_type), amount in billed.items():
            sums[Payer(invoice_type, line._get_payer(invoice_type))] += amount
        return errors + [
            self.env._(
                "%(order)s: %(payer)s has been billed %(billed)s already, more than "
                "the share of %(share)s. Correct the lines, or credit the invoice "
                "first.",
                order=self.name,
                payer=payer.partner.display_name,
                billed=self.currency_id.format(sums[payer]),
                share=self.currency_id.format(share),
            )
            for payer, share in self._get_agreed_shares().items()
            if self.currency_id.compare_amounts(sums[payer], share) > 0
        ]

    def _get_changed_payer_errors(self):
        """Lines of which a part is billed to somebody who bears nothing of them by now.

        :return: list of translated sentences
        """
        self.ensure_one()
        releases = self._get_standing_releases(void=self._get_unbilled_releases())
        lines = releases.filtered(lambda r: not r.is_moved).line_ids.filtered(
            lambda line: line._is_share() and line._uses_share()
        )
        return [
            self.env._(
                "%(order)s, “%(line)s”: a part of it is billed to %(first)s, but "
                "%(payer)s is to bear it now. Credit that invoice first, or change the "
                "line back.",
                order=self.name,
                line=line.order_line_id.name,
                first=line.release_id.partner_id.display_name,
                payer=payer.partner.display_name or "–",
            )
            for line in lines
            if line.release_id._get_payer() != (payer := line._get_agreed_payer())
        ]

    # What the payer's other invoices of the order bill.

    def _get_parts_beside(self, payer, releases):
        """What a payer bears of the order beside what some releases bill.

        :param Payer payer: who has several invoices
        :param releases: what one of them bills
        :return: list of ``SharePart``
        """
        self.ensure_one()
        others = self._get_standing_releases(void=releases).filtered(
            lambda r: r._get_payer() == payer
            and r.state != "reprocessed"
            and not r.is_supplement
        )
        lines = others.line_ids.filtered(lambda line: line._is_share())
        parts = [line._get_part() for line in lines]
        for share in self._get_unreleased_shares():
            parts += share.parts if share.payer == payer else []
        return parts


class ServiceWorkOrderLine(models.Model):
    """Lines of which something is released stay."""

    _inherit = "service.work.order.line"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_released(self):
        lines = self.order_id._get_standing_releases().line_ids
        released = lines.filtered(
            lambda line: line.order_line_id in self and line._uses_share()
        ).order_line_id
        raise_together(
            [
                self.env._(
                    "%(order)s, “%(line)s” is released for billing in part and is "
                    "kept. Cancel its release, or credit its invoice, first.",
                    order=line.order_id.name,
                    line=line.name,
                )
                for line in released
            ]
        )
