from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.arguments import expects
from ...tools.attempt import attempt
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

    def _check_no_authorized_invoice(self):
        """:raise UserError: naming the authorised invoices of each order"""
        raise_together(
            [
                self.env._(
                    "%(order)s cannot go back: %(invoices)s is authorised. Credit it "
                    "first.",
                    order=order.name,
                    invoices=", ".join(posted.mapped("service_number")),
                )
                for order in self
                if (
                    posted := order._get_live_invoices().filtered(
                        lambda move: move.state == "posted"
                    )
                )
            ]
        )

    def _update_billing_state(self):
        """Bring the state in line with the invoices: invoiced when no payer is left."""
        for order in self.sudo().filtered(lambda order: order.state in BILLING_STATES):
            state = "to_invoice" if order._get_open_payers() else "invoiced"
            if order.state != state:
                order.state = state
                # what is to be invoiced again is seen again
                order.active = order.active or state == "to_invoice"
                order._update_billing_activity()
        self._cancel_stale_releases()

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
        self._lock_for_billing()
        self._check_state(BILLING_STATES)
        payer = self._get_next_payer()
        if not payer:
            raise UserError(self._describe_nothing_to_invoice())
        move = self._create_invoice(payer)
        return move._get_form_action()

    def _describe_nothing_to_invoice(self):
        """Why no invoice can be made, in words for the clerk."""
        self.ensure_one()
        if payers := self._get_open_payers():
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
        return self._bill_each([(order, order._create_invoices) for order in self])

    def _bill_each(self, jobs, title=None):
        """Make invoices one by one; one failure, of whatever kind, stops no other.

        :param jobs: pairs of the documents that are billed together and the function
            that does it and returns their invoices
        :param str title: of the message that tells what failed
        :return: action that opens the invoices made, after telling what failed
        :raise UserError: when nothing could be invoiced
        """
        moves = self.env["account.move"]
        errors = []
        for documents, bill in jobs:
            made = []
            error = attempt(documents, lambda make=bill, m=made: m.append(make()))
            if error:
                names = ", ".join(documents.mapped("display_name"))
                errors.append(error if names in error else f"{names}: {error}")
            moves = moves.union(*made)
        if not moves:
            raise_together(errors)
        return self._notify_result(moves, errors, title)

    def _create_invoices(self):
        """All invoices of one order that are still to be made.

        :raise UserError: when there is none
        """
        moves = self.env["account.move"]
        while not moves or self.next_invoice_type:
            action = self.action_create_next_invoice()
            moves |= moves.browse(action["res_id"])
        return moves

    def _notify_result(self, moves, errors, title=None):
        """Open the invoices; what failed is told first and stays on the screen."""
        action = self._open_invoices(moves)
        if not errors:
            return action
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "title": title or self.env._("Not everything was invoiced"),
                "message": "\n".join(errors),
                "next": action,
            },
        }

    def action_view_invoices(self):
        """Open the invoices of the orders."""
        self.check_access("read")
        return self._open_invoices(self.invoice_ids)

    @api.model
    def _open_invoices(self, moves):
        """Action that opens one invoice, or the list of several."""
        return (
            moves._get_form_action() if len(moves) == 1 else self._list_invoices(moves)
        )

    @api.model
    def _list_invoices(self, moves):
        """Action that opens invoices as a list."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_invoicing.account_move_action_all"
        )
        action["domain"] = [("id", "in", moves.ids)]
        action["context"] = {"create": False}
        return action

    # What payers were billed of the order's lines, compared by amount.

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
        releases = self.sudo().release_ids.filtered(lambda r: r.move_id in moves)
        for release in releases:
            amounts = billed[release.move_id._get_service_payer()]
            for line, amount in release._sum_by_order_line().items():
                amounts[line] += amount
        # imported, or made by other code than ours: the lines themselves say it
        for move in moves - releases.move_id:
            amounts = billed[move._get_service_payer()]
            for line in move.sudo().invoice_line_ids:
                order_line = line.service_order_line_id
                if order_line in self.line_ids and not line.service_tcd_id:
                    amounts[order_line] += line.price_subtotal
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
