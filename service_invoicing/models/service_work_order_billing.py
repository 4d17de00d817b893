from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..tools.guards import raise_together, refuse_without_group
from ..tools.invoice_type import INVOICE_TYPES
from .service_work_order_state import BILLING_STATES


class Payer(NamedTuple):
    """Who gets one invoice of a work order, and of which kind."""

    invoice_type: str
    partner: models.BaseModel


class ServiceWorkOrder(models.Model):
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
    next_invoice_type = fields.Selection(
        selection=INVOICE_TYPES,
        string="Next Invoice",
        compute="_compute_next_invoice_type",
        store=True,
        help="The invoice that is to be made next. Empty when the order is not yet "
        "checked or when every payer has his invoice.",
    )

    @api.depends("invoice_ids")
    def _compute_invoice_count(self):
        for order in self:
            order.invoice_count = len(order.invoice_ids)

    @api.depends(
        "state",
        "amount_customer",
        "amount_program",
        "amount_insurance",
        "invoice_ids.service_status",
        "invoice_ids.service_invoice_type",
        "invoice_ids.partner_id",
    )
    def _compute_next_invoice_type(self):
        for order in self:
            payer = order.state in BILLING_STATES and order._get_next_payer()
            order.next_invoice_type = payer and payer.invoice_type

    def _get_live_invoices(self):
        """Invoices that bill the orders now: drafts count, deleted or wholly credited
        ones do not."""
        return self.sudo().invoice_ids.filtered(
            lambda move: move.move_type == "out_invoice"
            and move.service_status not in ("deleted", "reversed")
        )

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

    def _get_payer_shares(self):
        """The payers of the order in the order of billing.

        :return: dict ``Payer`` → amount before tax in the order's currency, deductible
            moved, order-level charges and discounts not counted
        """
        self.ensure_one()
        shares = {Payer("service", self.partner_id): self.amount_customer}
        for invoice_type in ("program", "insurance"):
            for line in self.line_ids:
                if partner := line._get_payer(invoice_type):
                    payer = Payer(invoice_type, partner)
                    share = line._get_share(invoice_type)
                    shares[payer] = shares.get(payer, 0.0) + share
        for claim in self.line_ids.claim_id:
            payer = Payer("insurance", claim.insurer_id)
            if payer in shares:
                shares[payer] -= claim.deductible_applied
        return shares

    def _get_payers(self):
        """Payers who get an invoice: those with a share, by the company's choice all.

        The customer also gets one for the charges and discounts of the order.
        """
        self.ensure_one()
        shares = self._get_payer_shares()
        return [
            payer
            for payer, share in shares.items()
            if self.company_id.service_issue_zero_invoice
            or not self.currency_id.is_zero(share)
            or (payer.invoice_type == "service" and self.tcd_ids)
        ]

    def _get_next_payer(self):
        """First payer without a live invoice, or ``None``."""
        self.ensure_one()
        billed = {
            Payer(move.service_invoice_type, move.partner_id)
            for move in self._get_live_invoices()
        }
        return next((p for p in self._get_payers() if p not in billed), None)

    def _update_billing_state(self):
        """Bring the state in line with the invoices: invoiced when no payer is left."""
        for order in self.sudo().filtered(lambda order: order.state in BILLING_STATES):
            state = "to_invoice" if order.next_invoice_type else "invoiced"
            if order.state != state:
                order.state = state
                order._update_billing_activity()

    def action_create_next_invoice(self):
        """Make and save the next invoice: service, then program, then insurance.

        The order is locked while its invoice is made, so that two clerks cannot bill
        the same payer twice.

        :return: action that opens the invoice
        :raise UserError: when the order is not checked or every payer has an invoice
        """
        self.ensure_one()
        refuse_without_group(self.env, "service_invoicing.group_service_billing")
        self.check_access("write")
        self._lock_for_billing()
        self._check_state(BILLING_STATES)
        payer = self._get_next_payer()
        if not payer:
            raise UserError(
                self.env._(
                    "Work order %(order)s has nothing left to invoice: every payer "
                    "with a share has an invoice.",
                    order=self.name,
                )
            )
        move = self._create_invoice(payer)
        return move._get_form_action()

    def _lock_for_billing(self):
        """Let nobody else bill these orders before this transaction ends.

        The rows are changed and not just locked: a transaction that began earlier
        does not see our invoices, and must fail and start again instead of billing
        on what it saw.

        :raise UserError: naming the orders somebody else is billing now
        """
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
        self.env.execute_query(
            SQL(
                "UPDATE service_work_order SET write_date = now() AT TIME ZONE 'UTC' "
                "WHERE id IN %s RETURNING id",
                tuple(self.ids),
            )
        )
        self.invalidate_recordset()

    def action_create_invoices(self):
        """Make and save all invoices that are still to be made, for many orders.

        An order that fails stops no other: it is named with its reason, and nothing
        of it is kept.

        :return: action that opens the invoices made, after telling what failed
        :raise UserError: when no order could be invoiced
        """
        refuse_without_group(self.env, "service_invoicing.group_service_billing")
        self.check_access("write")
        moves = self.env["account.move"]
        errors = []
        for order in self:
            try:
                with self.env.cr.savepoint():
                    moves |= order._create_invoices()
            except UserError as error:
                errors.append(str(error))
        if not moves:
            raise_together(errors)
        return self._notify_result(moves, errors)

    def _create_invoices(self):
        """All invoices of one order that are still to be made.

        :raise UserError: when there is none
        """
        moves = self.env["account.move"]
        while not moves or self.next_invoice_type:
            action = self.action_create_next_invoice()
            moves |= moves.browse(action["res_id"])
        return moves

    def _notify_result(self, moves, errors):
        """Open the invoices; what failed is told first and stays on the screen."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_invoicing.account_move_action_all"
        )
        action["domain"] = [("id", "in", moves.ids)]
        if not errors:
            return action
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "title": self.env._("%s work orders were not invoiced", len(errors)),
                "message": "\n".join(errors),
                "next": action,
            },
        }

    def action_view_invoices(self):
        """Open the invoices of the orders."""
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_invoicing.account_move_action_all"
        )
        action["domain"] = [("work_order_ids", "in", self.ids)]
        action["context"] = {"create": False}
        if len(self.invoice_ids) == 1:
            return self.invoice_ids._get_form_action()
        return action
