from odoo import Command, api, fields, models

from ...tools.cost_category import ADDITIONAL_CHARGE
from ...tools.groups import BILLING
from ...tools.guards import raise_together, refuse_without_group
from ...tools.states import BILLING_STATES, UNBILLED_STATES


class ServiceWorkOrder(models.Model):
    """What the order releases for billing, payer by payer: all of it when its documents
    are complete, later what was not released any more."""

    _inherit = "service.work.order"

    release_ids = fields.One2many(
        "service.release", "work_order_id", string="Releases", readonly=True
    )
    release_count = fields.Integer(compute="_compute_release_count")

    @api.depends("release_ids")
    def _compute_release_count(self):
        for order in self:
            order.release_count = len(order.release_ids)

    def _check_released_kept(self, vals):
        """Who is billed in which currency does not change once a part is released.

        :raise UserError: naming the orders, what would change and their releases
        """
        names = {"partner_id", "pricelist_id", "company_id"} & vals.keys()
        if not names:
            return
        labels = self.fields_get(list(names), ["string"])
        raise_together(
            [
                self.env._(
                    "%(order)s: %(fields)s cannot be changed, as %(releases)s is "
                    "released already. Cancel the release, or credit its invoice, "
                    "first.",
                    order=order.name,
                    fields=", ".join(labels[name]["string"] for name in changed),
                    releases=", ".join(releases.mapped("name")),
                )
                for order in self
                if (changed := [n for n in names if order[n].id != vals[n]])
                and (releases := order._get_kept_releases())
            ]
        )

    def _get_kept_releases(self):
        """Releases of this order by which something is or will be billed."""
        self.ensure_one()
        return self._get_standing_releases().filtered(
            lambda r: r.state != "reprocessed"
        )

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
        """Release what is not released, and open all that is to be billed.

        :return: action that opens the releases that are not billed yet
        :raise UserError: naming the orders with nothing left to bill
        """
        refuse_without_group(self.env, BILLING)
        self.check_access("write")
        self._lock_for_billing()
        self._check_state(BILLING_STATES)
        self._release_rest()
        raise_together(
            [
                self.env._(
                    "Work order %s has nothing left to release: every payer with a "
                    "share has an invoice.",
                    order.name,
                )
                for order in self
                if not order._get_unbilled_releases()
            ]
        )
        return self._get_unbilled_releases().sudo(self.env.su)._get_list_action()

    def action_view_releases(self):
        """Open the releases of the orders."""
        self.check_access("read")
        return self.release_ids._get_list_action()

    def _get_unbilled_releases(self):
        """Releases of these orders that are on no invoice yet, oldest first."""
        releases = self.sudo().release_ids
        return releases.filtered(lambda r: r.state in UNBILLED_STATES).sorted("id")

    def _release_rest(self):
        """Release what nobody has released yet.

        :return: the new ``service.release``
        """
        releases = self.env["service.release"]
        self.sudo()._cancel_void_releases()
        # whoever checks or bills an order need not read all that its invoices need
        for order in self.sudo():
            for share in order._get_unreleased_shares():
                speaking = order._in_language_of(share.payer)
                releases |= speaking._create_release(share)
        return releases

    def _create_release(self, share, **values):
        """Release a share.

        :param OpenShare share: its parts in the language of the payer
        :param values: what differs from ``_prepare_release_vals``
        :return: ``service.release``, fresh
        """
        self.ensure_one()
        vals = self._prepare_release_vals(share) | values
        # nobody makes releases by hand; the rights are checked before
        Release = self.env["service.release"].sudo().with_context(tracking_disable=True)
        return Release.create(vals).with_context(tracking_disable=False)

    def _prepare_release_vals(self, share):
        """Values of the release of one payer's share.

        :param OpenShare share: who gets which lines
        """
        self.ensure_one()
        payer = share.payer
        return {
            "release_type": "order",
            "invoice_type": payer.invoice_type,
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "partner_id": payer.partner.id,
            "work_order_id": self.id,
            "has_tcd": share.has_tcd,
            "payment_term_id": self._get_payment_term(payer).id,
            "fiscal_position_id": self._get_fiscal_position(payer).id,
            "customer_reference": self.customer_reference,
            "line_ids": [
                Command.create(vals | {"sequence": sequence})
                for sequence, vals in enumerate(self._prepare_release_lines(share))
            ],
        }

    def _prepare_release_lines(self, share):
        """Values of the lines of a payer's release: his parts of the order's lines,
        then what the order's charges and discounts will come to.

        :return: list of dict
        """
        self.ensure_one()
        lines = [self._prepare_release_line_vals(part) for part in share.parts]
        rows = self._get_tcd_results(share.parts) if share.has_tcd else {}
        for row, result in rows.items():
            lines += [
                self._prepare_release_tcd_vals(row, taxes, amount)
                for (taxes, __), amount in result.parts.items()
            ]
        return lines

    def _prepare_release_line_vals(self, part):
        """Values of one line of a release.

        :param SharePart part: what the payer bears
        """
        vals = {
            "order_line_id": part.order_line.id,
            "product_id": part.order_line.product_id.id,
            "tcd_id": part.tcd.id if part.tcd else False,
            "tax_claim_id": part.tax_claim.id if part.tax_claim else False,
            "name": part.name,
            "cost_category": part.category or ADDITIONAL_CHARGE,
            "account_id": part.account.id,
            "tax_ids": [Command.set(part.taxes.ids)],
            "price_subtotal": part.amount,
            "share_type": part.share_type,
            "share_amount": self.currency_id.round(part.get_share()),
            "own_cost": part.own_cost,
            "pieces": part.pieces,
            "is_whole": part.is_whole,
            "is_deductible": part.is_deductible,
            "origin_line_id": part.release_line.id if part.release_line else False,
        }
        if part.is_whole:
            return vals | part.order_line._prepare_whole_price_vals(part.taxes)
        return vals | self._prepare_share_price_vals(part, part.taxes)

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
        """What is ready for billing is released; an order that leaves billing has
        nothing released any more."""
        leaving = self.browse()
        if state == "cancel":
            leaving = self
        elif state not in BILLING_STATES:
            leaving = self.filtered(lambda order: order.state in BILLING_STATES)
        res = super()._change_state(state, from_states, reason)
        if state == "to_invoice":
            self._release_rest()
            self._update_billing_state()
        if leaving:
            reason = reason or self.env._("The order is not ready for billing")
            leaving._get_unbilled_releases()._cancel(reason)
        return res

    def _cancel_void_releases(self):
        """Cancel what waits although something else bills it by now."""
        for order in self:
            if void := order._get_void_releases():
                void._cancel(self.env._("The share of the payer has changed"))
