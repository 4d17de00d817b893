from itertools import zip_longest

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.actions import open_invoices
from ...tools.arguments import expects
from ...tools.groups import BILLING
from ...tools.guards import raise_together, refuse_without_group
from ...tools.locks import claim_rows
from ...tools.states import BILLING_STATES


class ServiceWorkOrder(models.Model):
    """The button that makes the next invoice, and what is on no invoice yet."""

    _inherit = "service.work.order"

    invoice_ids = fields.Many2many(
        "account.move",
        relation="account_move_service_work_order_rel",
        column1="work_order_id",
        column2="move_id",
        string="Invoices",
        copy=False,
        readonly=True,
    )
    invoice_count = fields.Integer(compute="_compute_invoice_count", compute_sudo=True)

    @api.depends("invoice_ids")
    def _compute_invoice_count(self):
        for order in self:
            order.invoice_count = len(order.invoice_ids)

    def _update_billing_state(self):
        """Bring the state in line with the invoices: invoiced when nothing is open."""
        self.sudo()._cancel_void_releases()
        orders = self.sudo().filtered(lambda order: order.state in BILLING_STATES)
        states = {
            order: "to_invoice" if order._get_open_shares() else "invoiced"
            for order in orders
        }
        changed = orders.filtered(lambda order: order.state != states[order])
        for state, alike in changed.grouped(states.get).items():
            alike.state = state
            # what is to be invoiced again is seen again
            if state == "to_invoice":
                alike.active = True
        changed._update_billing_activity()

    def _follow_removed_invoices(self):
        """What is open, and with it the state, is told without them."""
        orders = self.exists()
        orders.modified(["invoice_ids"])
        orders._update_billing_state()

    @expects(one=True)
    def action_create_next_invoice(self):
        """Make and save the next invoice: service, then program, then insurance.

        The order is locked while its invoice is made, so that two clerks cannot bill
        the same payer twice.

        :return: action that opens the invoice
        :raise UserError: when the order is not checked or every payer has an invoice
        """
        refuse_without_group(self.env, BILLING)
        self.check_access("write")
        return open_invoices(self._create_next_invoices())

    def _create_next_invoices(self):
        """Make and save the next invoice of each of these orders.

        :raise UserError: see ``action_create_next_invoice``
        """
        self._lock_for_billing()
        self._check_state(BILLING_STATES)
        releases = [order._take_next_release() for order in self]
        return self.env["service.release"]._create_invoices(releases)

    def _take_next_release(self):
        """The release that is invoiced next by itself.

        :raise UserError: when there is none
        """
        self._release_rest()
        return self._choose_next_share().release.sudo(self.env.su)

    def _choose_next_share(self):
        """The share that is invoiced next by itself.

        :return: ``OpenShare``
        :raise UserError: when nothing is left to invoice
        """
        self.ensure_one()
        share = self._get_next_share()
        if not share:
            raise UserError(self._describe_nothing_to_invoice())
        return share

    def _describe_nothing_to_invoice(self):
        """Why no invoice can be made, in words for the clerk."""
        self.ensure_one()
        if shares := self._get_open_shares():
            payers = [share.payer for share in shares]
            return self.env._(
                "Work order %(order)s: %(payers)s get collective invoices. Make these "
                "with “Make Collective Invoices”.",
                order=self.name,
                payers=", ".join(payer.partner.display_name for payer in payers),
            )
        return self.env._(
            "Work order %(order)s has nothing left to invoice: every payer with a "
            "share has an invoice.",
            order=self.name,
        )

    def _lock_for_billing(self):
        """Let nobody else bill these orders before this transaction ends.

        :raise UserError: naming the orders somebody else is billing now
        """
        if not self:
            return
        locked = self.try_lock_for_update()
        raise_together(
            [
                self.env._(
                    "Work order %(order)s is being billed by somebody else right now. "
                    "Look at it again in a moment.",
                    order=order.name,
                )
                for order in self - locked
            ]
        )
        claim_rows(self)

    def action_create_invoices(self):
        """Make and save all invoices that are still to be made, for many orders.

        An order that fails stops no other: it is named with its reason, and nothing
        of it is kept.

        :return: action that opens the invoices made, after telling what failed
        :raise UserError: when no order could be invoiced
        """
        refuse_without_group(self.env, BILLING)
        self.check_access("write")
        life_cycle = self.env["service.life.cycle"]
        run = life_cycle._bill_in_background("orders", self)
        return run or life_cycle._bill_each(
            list(self), lambda orders: self.browse().union(*orders)._create_invoices()
        )

    def _create_invoices(self):
        """All invoices of these orders that are still to be made, together.

        :raise UserError: when an order has none
        """
        moves, orders = self.env["account.move"], self
        while orders:
            moves |= orders._create_single_invoices()
            # what is open only once these are made
            orders = orders.filtered("next_invoice_type")
        return moves

    def _create_single_invoices(self):
        """Make and save the invoices of all shares that are billed by themselves: the
        next ones of all orders first, then those that follow.

        :raise UserError: see ``action_create_next_invoice``
        """
        self._lock_for_billing()
        self._check_state(BILLING_STATES)
        self._fetch_for_billing()
        self._release_rest()
        shares = [order._get_single_shares() for order in self]
        raise_together(
            [
                order._describe_nothing_to_invoice()
                for order, own in zip(self, shares, strict=True)
                if not own
            ]
        )
        releases = [
            share.release.sudo(self.env.su)
            for following in zip_longest(*shares)
            for share in filter(None, following)
        ]
        return self.env["service.release"]._create_invoices(releases)

    def _fetch_for_billing(self):
        """Read what is asked of each order from all of them at once."""
        lines = self.sudo().line_ids
        releases = self.sudo().release_ids.line_ids
        lines.mapped("tax_ids")
        lines.claim_id.mapped("line_ids")
        releases.mapped("tax_ids")
        releases.mapped("copy_ids")

    def action_view_invoices(self):
        """Open the invoices of the orders."""
        self.check_access("read")
        return open_invoices(self.invoice_ids)
