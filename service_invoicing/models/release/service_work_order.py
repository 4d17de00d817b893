from odoo import Command, api, fields, models

from ...tools.cost_category import ADDITIONAL_CHARGE
from ...tools.groups import BILLING
from ...tools.guards import raise_together, refuse_without_group
from ...tools.states import BILLING_STATES, UNBILLED_STATES


class ServiceWorkOrder(models.Model):
    """What the order releases for billing, payer by payer.

    Releases follow the invoices: who has no live invoice may have one release that is
    not billed yet, and it says what his invoice will say.
    """

    _inherit = "service.work.order"

    release_ids = fields.One2many(
        "service.release", "work_order_id", string="Releases", readonly=True
    )
    release_count = fields.Integer(compute="_compute_release_count")

    @api.depends("release_ids")
    def _compute_release_count(self):
        for order in self:
            order.release_count = len(order.release_ids)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_released(self):
        raise_together(
            [
                self.env._(
                    "Work order %(order)s has releases (%(releases)s) and is kept.",
                    order=order.name,
                    releases=", ".join(order.release_ids.mapped("name")),
                )
                for order in self
                if order.release_ids
            ]
        )

    def action_release(self):
        """Release the shares of all payers without an invoice, to be billed together
        with other releases.

        :return: action that opens the releases that are not billed yet
        :raise UserError: naming the orders with nothing left to release
        """
        refuse_without_group(self.env, BILLING)
        self.check_access("write")
        self._lock_for_billing()
        self._check_state(BILLING_STATES)
        raise_together(
            [
                self.env._(
                    "Work order %s has nothing left to release: every payer with a "
                    "share has an invoice.",
                    order.name,
                )
                for order in self
                if not order._get_open_payers()
            ]
        )
        releases = self.env["service.release"]
        for order in self:
            for payer in order._get_open_payers():
                releases |= order._get_unbilled_release(payer) or order._create_release(
                    payer
                )
        return releases._get_list_action()

    def action_view_releases(self):
        """Open the releases of the orders."""
        self.check_access("read")
        return self.release_ids._get_list_action()

    def _filter_unbilled_releases(self):
        """Releases of these orders that are on no invoice yet."""
        return self.sudo().release_ids.filtered(lambda r: r.state in UNBILLED_STATES)

    def _get_unbilled_release(self, payer):
        """The release that a payer's next invoice bills; empty without one."""
        self.ensure_one()
        return self._filter_unbilled_releases().filtered(
            lambda release: release._get_payer() == payer
        )

    def _ensure_release(self, payer):
        """The release that a payer's invoice bills, made now if nobody released it.

        :raise UserError: when it does not say any more what the order bills
        """
        self.ensure_one()
        release = self._get_unbilled_release(payer)
        if not release:
            return self._create_release(payer, state="confirmed")
        raise_together(release._get_stale_errors())
        return release

    def _create_release(self, payer, **values):
        """Release a payer's share.

        :param Payer payer: who has no live invoice
        :param values: what differs from ``_prepare_release_vals``
        :return: ``service.release``, fresh
        """
        self.ensure_one()
        vals = self._in_language_of(payer)._prepare_release_vals(payer) | values
        # nobody makes releases by hand; the rights to bill are checked before
        Release = self.env["service.release"].sudo().with_context(tracking_disable=True)
        return Release.create(vals).with_context(tracking_disable=False)

    def _prepare_release_vals(self, payer):
        """Values of the release of one payer's share.

        :param Payer payer: who gets the invoice
        """
        self.ensure_one()
        transfer = payer.transfer
        return {
            "release_type": "order",
            "invoice_type": payer.invoice_type,
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "partner_id": payer.partner.id,
            "work_order_id": self.id,
            "transfer_id": transfer.id if transfer else False,
            "is_supplement": bool(transfer),
            "origin_id": self._get_credited_release(payer).id,
            "payment_term_id": self._get_payment_term(payer).id,
            "fiscal_position_id": self._get_fiscal_position(payer).id,
            "customer_reference": self.customer_reference,
            "line_ids": [
                Command.create(vals | {"sequence": sequence})
                for sequence, vals in enumerate(self._prepare_release_lines(payer))
            ],
        }

    def _get_credited_release(self, payer):
        """The release a new one bills again: the payer's last one, of a share that was
        moved to him or credited in part the one it was taken from."""
        self.ensure_one()
        releases = self.sudo().release_ids
        if payer.transfer:
            payer = payer.transfer._get_source_payer()
        else:
            live = self._get_live_invoices()
            releases = releases.filtered(lambda release: release.move_id not in live)
        return releases.filtered(
            lambda release: release.state in ("invoiced", "reprocessed")
            and release._get_payer() == payer
        ).sorted("id")[-1:]

    def _prepare_release_lines(self, payer):
        """Values of the lines of a payer's release: his parts of the order's lines,
        then the order's charges and discounts.

        :return: list of dict
        """
        self.ensure_one()
        has_rows = self._bills_tcd(payer)
        lines = [
            self._prepare_release_line_vals(
                part, self._get_part_taxes(part) if has_rows else part.taxes
            )
            for part in self._get_share_parts(payer)
        ]
        for row, result in self._get_tcd_results().items() if has_rows else ():
            lines += [
                self._prepare_release_tcd_vals(row, taxes, amount)
                for (taxes, __), amount in result.parts.items()
            ]
        return lines

    def _prepare_release_line_vals(self, part, taxes):
        """Values of one line of a release.

        :param SharePart part: what the payer bears
        :param taxes: before his fiscal position, those of tax rows among them
        """
        vals = {
            "order_line_id": part.order_line.id,
            "product_id": part.order_line.product_id.id,
            "name": part.name,
            "cost_category": part.category,
            "tax_ids": [Command.set(taxes.ids)],
            "price_subtotal": part.amount,
        }
        if part.is_whole:
            return vals | part.order_line._prepare_whole_price_vals(taxes)
        return vals | self._prepare_share_price_vals(part, taxes)

    def _prepare_release_tcd_vals(self, row, taxes, amount):
        """Values of the line of a charge or discount.

        :param row: ``service.invoice.tcd`` of the order
        :param float amount: before tax in the order's currency, signed
        """
        tcd = row.tcd_id.with_env(self.env)
        return {
            "tcd_id": tcd.id,
            "name": tcd.name,
            "cost_category": ADDITIONAL_CHARGE,
            "tax_ids": [Command.set(taxes.ids)],
            "quantity": 1.0,
            "price_unit": taxes._get_price_for_net(amount, self.currency_id),
            "price_subtotal": amount,
        }

    def _change_state(self, state, from_states, reason=None):
        """An order that leaves billing has nothing released any more."""
        leaving = self.browse()
        if state not in BILLING_STATES:
            leaving = self.filtered(lambda order: order.state in BILLING_STATES)
        res = super()._change_state(state, from_states, reason)
        if leaving:
            releases = leaving._filter_unbilled_releases()
            releases._cancel(reason or self.env._("The order is not ready for billing"))
        return res

    def _cancel_stale_releases(self):
        """Cancel what was released and is not billed to its payer any more, or not in
        that amount: his share was moved, or another invoice bills it."""
        stale = self._filter_unbilled_releases().filtered(
            lambda release: release.work_order_id.state in BILLING_STATES
            and release._get_stale_errors()
        )
        if stale:
            stale._cancel(self.env._("The share of the payer has changed"))

    def _release_again(self, payer, credit):
        """Fresh release of what a credit memo frees, unless there is one already.

        :param Payer payer: whose share is to be billed again
        """
        self.ensure_one()
        is_open = payer in self._get_open_payers()
        if is_open and not self._get_unbilled_release(payer):
            self._create_release(payer, credit_move_id=credit.id)
