from collections import defaultdict

from odoo import api, fields, models

from ...tools.invoice_type import select_share_types
from ...tools.shares import OpenShare, Payer
from ...tools.states import BILLING_STATES


class ServiceWorkOrder(models.Model):
    """What of the order is released, and what is still to be billed to whom.

    Of every line each share, as the document check agreed it, is released, closed or
    open. Releases say for which share they are, whoever bears it by now: so neither
    moved shares nor merged contacts change what is open.
    """

    _inherit = "service.work.order"

    next_invoice_type = fields.Selection(
        selection=select_share_types,
        string="Next Invoice",
        compute="_compute_next_invoice_type",
        store=True,
        help="The invoice that is to be made next. Empty when the order is not yet "
        "checked, when every payer has his invoice or waits for a collective one.",
    )
    amount_to_invoice = fields.Monetary(
        string="To Invoice",
        compute="_compute_next_invoice_type",
        store=True,
        help="Before tax: what of the payers' shares is on no invoice yet.",
    )
    waits_for_collective = fields.Boolean(
        string="Waits for Collective Invoice",
        compute="_compute_next_invoice_type",
        store=True,
        help="A sponsor or an insurer gets one invoice over many orders.",
    )

    @api.depends(
        "state",
        "amount_customer",
        "amount_program",
        "amount_insurance",
        "release_ids.state",
        "release_ids.partner_id.service_collective_invoice",
        "release_ids.credit_move_id",
        "release_ids.line_ids.share_amount",
        # what was imported without a release; its invoice tells when its state changes
        "invoice_ids",
        "line_ids.sponsor_id.service_collective_invoice",
        "line_ids.claim_id.insurer_id.service_collective_invoice",
    )
    def _compute_next_invoice_type(self):
        for order in self:
            shares = []
            if order.state in BILLING_STATES:
                shares = order._get_open_shares()
            single = [share for share in shares if not order._is_collective(share)]
            order.next_invoice_type = single[0].payer.invoice_type if single else False
            order.waits_for_collective = len(single) < len(shares)
            order.amount_to_invoice = sum(share.get_amount() for share in shares)

    # Shares that were moved are the new payer's.

    @api.depends(
        "release_ids.state",
        "release_ids.is_moved",
        "release_ids.line_ids.own_cost",
        "release_ids.credit_move_id",
        "release_ids.line_ids.share_amount",
    )
    def _compute_shares(self):
        res = super()._compute_shares()
        names = self._get_share_fields()
        for order in self:
            for __, source, target, amount in order._get_moved_lines():
                order[names[source.invoice_type]] -= amount
                order[names[target.invoice_type]] += amount
            for line in order._get_standing_releases().line_ids:
                # own cost is a part of the programs' share, as that of own programs
                cost = line._get_kept_own_cost()
                order[names[line.release_id.invoice_type]] -= cost
                order.amount_program += cost
                order.amount_own_cost += cost
        return res

    def _get_payer_shares(self):
        """Who bears what by now, as ``_get_agreed_shares``."""
        shares = self._get_agreed_shares()
        for __, source, target, amount in self._get_moved_lines():
            shares[source] = shares.get(source, 0.0) - amount
            shares[target] = shares.get(target, 0.0) + amount
        return shares

    def _get_moved_lines(self):
        """What others bear by now than by the document check.

        :return: list of (release line, ``Payer`` who was to bear it, ``Payer`` who
            bears it, amount before tax in the order's currency)
        """
        self.ensure_one()
        moved = self._get_standing_releases().filtered("is_moved")
        return [
            (line, line._get_agreed_payer(), line.release_id._get_payer(), amount)
            for line in moved.line_ids
            if line._is_share() and (amount := line._get_kept_share())
        ]

    def _get_standing_releases(self, void=None):
        """Releases of these orders by which something is, was or will be billed.

        :param void: releases that are not counted
        """
        releases = self.sudo().release_ids.filtered(lambda r: r.state != "cancelled")
        return releases - void if void else releases

    def _get_released_amounts(self, void=None):
        """Released amounts of the shares: to be billed, billed or closed.

        :param void: releases that are not counted
        :return: dict (order line, invoice type of its share by the document check) →
            amount before tax in the order's currency
        """
        self.ensure_one()
        amounts = defaultdict(float)
        releases = self._get_standing_releases(void)
        for line in releases.line_ids:
            if line._is_share() and line._uses_share():
                amounts[line.order_line_id, line.share_type] += line._get_kept_share()
        # imported, or made by other code than ours: the lines themselves say it
        for move in self._get_live_invoices() - releases.move_id:
            for line in move.invoice_line_ids:
                order_line = line.service_order_line_id.sudo()
                if order_line in self.line_ids and not line.service_tcd_id:
                    key = order_line, move.service_invoice_type
                    amounts[key] += line.price_subtotal
        return amounts

    def _get_open_shares(self):
        """What is still to be billed, in the order of billing: the customer, sponsors,
        insurers; then what was moved or credited in part.

        :return: list of ``OpenShare``, of which none is released twice
        """
        self.ensure_one()
        types = self.env["account.move"]._get_share_types()
        released = self._get_released_amounts()
        void = self._get_void_releases(released)
        releases = self._get_unbilled_releases() - void
        shares = [release._get_open_share() for release in releases]
        shares += self._get_unreleased_shares(void, None if void else released)
        return sorted(
            shares,
            key=lambda share: (
                share.release.is_supplement,
                types.index(share.payer.invoice_type),
            ),
        )

    def _get_void_releases(self, released=None):
        """Releases of what something else bills by now, as an invoice whose credit memo
        was taken back, or one that was imported.

        :param dict released: see ``_get_released_amounts``, where it is known
        """
        self.ensure_one()
        waiting = self._get_unbilled_releases()
        if released is None:
            released = waiting and self._get_released_amounts()
        twice = waiting and self._get_excess(released)
        if not twice:
            return waiting.browse()
        lines = waiting.line_ids.filtered(
            lambda line: (line.order_line_id, line.share_type) in twice
        )
        return lines.release_id

    def _get_unreleased_shares(self, void=None, released=None):
        """What nobody has released yet.

        :param void: releases that are not counted
        :param dict released: see ``_get_released_amounts``, where it is known
        :return: list of ``OpenShare`` without a release, in the languages of the payers
        """
        self.ensure_one()
        if released is None:
            released = self._get_released_amounts(void)
        sums = defaultdict(float)
        for (line, invoice_type), amount in released.items():
            sums[Payer(invoice_type, line._get_payer(invoice_type))] += amount
        shares = []
        for payer, agreed in self._get_agreed_shares().items():
            has_tcd = self._has_open_charges(payer, void)
            amount = self.currency_id.round(agreed - sums[payer])
            if (
                amount > 0
                or (has_tcd and self._has_charges())
                or self.currency_id.is_zero(agreed)
                and self._gets_empty_invoice(payer, void)
            ):
                order = self._in_language_of(payer)
                parts = order._get_unreleased_parts(payer, released, void)
                release = self.env["service.release"]
                shares.append(OpenShare(payer, parts, has_tcd, release))
        return shares

    def _gets_empty_invoice(self, payer, void):
        """Whether a payer who bears nothing gets an invoice and has none yet."""
        self.ensure_one()
        return self._gets_invoice_without_share(payer) and not any(
            release._get_payer() == payer
            and not release.is_moved
            and release.state != "reprocessed"
            for release in self._get_standing_releases(void)
        )

    def _get_unreleased_parts(self, payer, released, void):
        """What a payer bears by the document check and nobody has released.

        What is left of a line that was released in part is one part.

        :param dict released: see ``_get_released_amounts``
        :return: list of ``SharePart``
        """
        self.ensure_one()
        lines = self._get_standing_releases(void).line_ids.filtered(
            lambda line: line._uses_share()
        )
        kept = defaultdict(float)
        for line in lines.filtered(lambda line: line._is_share()):
            if line.share_type == payer.invoice_type:
                kept[line.order_line_id, line.is_deductible] += line._get_kept_share()
        parts, rests = [], defaultdict(list)
        for part in self._get_agreed_parts(payer):
            if part.tax_claim:
                if part.tax_claim not in lines.tax_claim_id:
                    parts.append(part)
            elif (part.order_line, payer.invoice_type) not in released:
                parts.append(part)
            else:
                rests[part.order_line].append(part)
        for line, own in rests.items():
            total = sum(part.amount for part in own)
            total -= released[line, payer.invoice_type]
            if not self.currency_id.is_zero(total):
                parts += line._get_rest_parts(own, total, kept)
        return parts

    def _has_open_charges(self, payer, void):
        """Whether the order's charges and discounts come with the next invoice of a
        payer: the customer's has them, once."""
        self.ensure_one()
        if payer != Payer("service", self.partner_id) or not self.tcd_ids:
            return False
        with_rows = self._get_standing_releases(void).filtered("has_tcd")
        # of a credited one the copy has them, even where it was cancelled since
        return not with_rows.filtered(lambda r: not any(r.copy_ids.mapped("has_tcd")))

    def _is_collective(self, share):
        """Whether a share waits for its payer's collective invoice.

        The customer's never does, nor what was moved or credited in part.

        :param OpenShare share: see ``_get_open_shares``
        """
        self.ensure_one()
        payer = share.payer
        return (
            payer.invoice_type != "service"
            and not share.release.is_supplement
            and payer.partner.with_company(self.company_id).service_collective_invoice
        )

    def _get_single_shares(self):
        """Shares that are billed by themselves, the next one first.

        :return: list of ``OpenShare``
        """
        self.ensure_one()
        return [s for s in self._get_open_shares() if not self._is_collective(s)]

    def _get_next_share(self):
        """First share to be billed by itself.

        :return: ``OpenShare`` or ``None``
        """
        return next(iter(self._get_single_shares()), None)

    def _get_invoices_instead(self, freed):
        """Invoices that bill what would be billed twice if it were given back.

        :param freed: ``service.release`` by which credit memos freed something
        :return: ``account.move``
        """
        moves = self.env["account.move"].sudo()
        for order in self:
            amounts = order._get_released_amounts()
            for line in freed.line_ids.filtered(lambda line: line._is_share()):
                amounts[line.order_line_id, line.share_type] += line.share_amount
            for line in order._get_unbilled_releases().line_ids:
                if line._is_share():
                    amounts[line.order_line_id, line.share_type] -= line.share_amount
            twice = order._get_excess(amounts)
            lines = order._get_standing_releases().line_ids.filtered(
                lambda line, keys=twice: line._is_share()
                and (line.order_line_id, line.share_type) in keys
            )
            releases = lines.release_id - freed.origin_id
            moves |= releases.filtered(lambda r: r.state == "invoiced").move_id
        return moves

    def _get_excess(self, amounts):
        """Shares of which more would be billed than was agreed.

        :param dict amounts: see ``_get_released_amounts``
        :return: set of (order line, invoice type)
        """
        self.ensure_one()
        agreed = self._get_agreed_amounts()
        return {
            key
            for key, amount in amounts.items()
            if self.currency_id.compare_amounts(abs(amount), abs(agreed[key])) > 0
        }
