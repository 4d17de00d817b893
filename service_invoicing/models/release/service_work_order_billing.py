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

    def _update_billing_state(self):
        """Bring the state in line with the invoices: invoiced when nothing is open."""
        self.sudo()._cancel_void_releases()
        for order in self.sudo().filtered(lambda order: order.state in BILLING_STATES):
            state = "to_invoice" if order._get_open_shares() else "invoiced"
            if order.state != state:
                order.state = state
                # what is to be invoiced again is seen again
                order.active = order.active or state == "to_invoice"
                order._update_billing_activity()

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
        self._lock_for_billing()
        self._check_state(BILLING_STATES)
        move = self._take_next_release()._create_invoice()
        return move._get_form_action()

    def _take_next_release(self):
        """The release that is invoiced next by itself.

        :raise UserError: when there is none
        """
        self.ensure_one()
        self._release_rest()
        share = self._get_next_share()
        if not share:
            raise UserError(self._describe_nothing_to_invoice())
        return share.release.sudo(self.env.su)

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
