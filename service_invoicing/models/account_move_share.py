from odoo import Command, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..tools.guards import refuse_without_group
from ..tools.shares import Payer
from .account_move_guard import AUTHORIZER
from .account_move_life_cycle import BILLING


class AccountMove(models.Model):
    """A refused share is moved to another payer: credit memo and new invoice."""

    _inherit = "account.move"

    service_transfer_id = fields.Many2one(
        "service.share.transfer",
        string="Moved Share",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The share this invoice bills, which another payer was to bear first.",
    )

    service_credited_share_ids = fields.One2many(
        "service.share.transfer",
        "credit_move_id",
        string="Credited Shares",
        readonly=True,
        help="The shares this credit memo takes back because another payer bears them.",
    )

    def _get_service_payer(self):
        """Whose share of its work orders this invoice bills."""
        self.ensure_one()
        return Payer(
            self.service_invoice_type,
            self.partner_id,
            self.service_transfer_id or None,
        )

    def action_service_move_share(
        self, invoice_type=None, partner_id=None, reason=None, date=None, amounts=None
    ):
        """Move a refused share of this invoice to another payer.

        The share is credited, unless the invoice has been credited before, and
        invoiced to the new payer. Who may authorise also authorises the credit memo;
        the new invoice is saved and waits for its authorisation.

        :param str invoice_type: what the new payer gets; without it the dialog that
            asks for everything is returned
        :param int partner_id: the new payer
        :param str reason: told to the readers of all documents
        :param date: of the credit memo; today by default
        :param list amounts: pairs of invoice line id (of a credited invoice: work
            order line id) and amount before tax; by default all that is left
        :return: action that opens the new invoices
        :raise UserError: naming what cannot be moved
        """
        self.ensure_one()
        refuse_without_group(self.env, BILLING)
        self.check_access("write")
        self._check_share_movable()
        if not (invoice_type and partner_id and reason):
            return self.env["service.share.wizard"]._open(self)
        orders = self.sudo(False).work_order_ids
        orders._lock_for_billing()
        target = Payer(invoice_type, self.env["res.partner"].browse(partner_id))
        date = fields.Date.to_date(date) or fields.Date.context_today(self)
        if self.service_status == "reversed":
            moves = orders._move_open_share(
                self._get_service_payer(), target, reason, amounts
            )
        else:
            moves = self._move_invoiced_share(target, reason, date, amounts)
        return orders._open_invoices(moves)

    def _check_share_movable(self):
        """:raise UserError: when this is no authorised invoice of a work order"""
        if not (
            self.service_has_life_cycle
            and self.move_type == "out_invoice"
            and self.state == "posted"
            and self.work_order_ids
        ):
            raise UserError(
                self.env._(
                    "%s: only shares of authorised invoices of work orders can be "
                    "moved. Change an invoice that is not authorised on its order.",
                    self._get_service_label(),
                )
            )

    def _get_movable_parts(self):
        """What can be moved to another payer.

        :return: dict line id → ``SharePart`` with what was not moved before; of a
            credited invoice that is what its orders have to invoice again
        """
        self.ensure_one()
        if self.service_status == "reversed":
            payer = self._get_service_payer()
            return {
                key: part
                for order in self.work_order_ids
                for key, part in order._get_movable_parts(payer).items()
            }
        lines = self.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
            and not line.service_tax_claim_id
        )
        moved = lines._get_moved_amounts()
        parts = {}
        for line in lines:
            amount = self.currency_id.round(line.price_subtotal - moved[line])
            if amount:
                parts[line.id] = line._get_movable_part(amount)
        return parts

    def _move_invoiced_share(self, target, reason, date, amounts):
        """Credit parts of this invoice and invoice them to another payer.

        :return: the new invoices, one per work order
        """
        WorkOrder = self.env["service.work.order"]
        parts = WorkOrder._choose_parts(self, self._get_movable_parts(), amounts)
        self._check_not_credited_twice(parts)
        self._check_credit_date(date)
        credit = self._create_share_credit(parts, reason, date)
        source = self._get_service_payer()
        by_order = {}
        for key, part in parts.items():
            order = part.order_line.order_id or self.work_order_ids[:1]
            by_order.setdefault(order, {})[key] = part
        transfers = [
            order._create_transfer(source, target, chosen, reason, credit)
            for order, chosen in by_order.items()
        ]
        credit._authorize_if_allowed()
        moves = self.browse()
        for transfer in transfers:
            moves |= transfer.work_order_id._create_invoice(transfer._get_payer())
        self._message_log(
            body=self.env._(
                "A share was moved to %(payer)s by credit memo %(credit)s: %(reason)s",
                payer=target.partner.display_name,
                credit=credit._get_service_label(),
                reason=reason,
            )
        )
        return moves

    def _check_credit_date(self, date):
        """Core would silently post on another day.

        :raise UserError: naming the lock dates of the company
        """
        company = self.company_id
        locks = company._get_violated_lock_dates(date, True, self.journal_id)
        if locks:
            raise UserError(
                self.env._(
                    "%(number)s: the credit memo cannot be dated %(date)s, the period "
                    "is closed by %(locks)s. Choose a later date.",
                    number=self._get_service_label(),
                    date=format_date(self.env, date),
                    locks=company._format_lock_dates(locks),
                )
            )

    def _create_share_credit(self, parts, reason, date):
        """Credit memo of parts of this invoice, saved for authorisation.

        :param dict parts: invoice line id → ``SharePart`` with the amount to credit
        """
        self.ensure_one()
        move = self.with_context(lang=self.partner_id.lang or self.env.lang)
        vals = move._prepare_share_credit_vals(parts, reason, date)
        # protected links: see the creation of invoices by the work order
        Move = self.with_company(self.company_id).sudo()
        credit = Move.create(vals).sudo(self.env.su)
        credit.action_service_save()
        return credit

    def _prepare_share_credit_vals(self, parts, reason, date):
        """Values of the credit memo: in storno companies core's own reversal would mix
        signs, hence a document of its own with positive lines."""
        self.ensure_one()
        lines = self.invoice_line_ids.browse(parts)
        return {
            "move_type": "out_refund",
            "reversed_entry_id": self.id,
            "service_invoice_type": self.service_invoice_type,
            "work_order_ids": [Command.set(self.work_order_ids.ids)],
            "company_id": self.company_id.id,
            "journal_id": self.journal_id.id,
            "partner_id": self.partner_id.id,
            "currency_id": self.currency_id.id,
            "fiscal_position_id": self.fiscal_position_id.id,
            "invoice_date": date,
            "invoice_origin": self.invoice_origin,
            "invoice_user_id": self.invoice_user_id.id,
            "ref": self.env._(
                "Share of %(number)s: %(reason)s", number=self.name, reason=reason
            ),
            "invoice_line_ids": [
                Command.create(line._prepare_share_credit_line_vals(part.amount))
                for line, part in zip(lines, parts.values(), strict=True)
            ],
        }

    def _authorize_if_allowed(self):
        """Authorise what this user may authorise; the rest waits for somebody else."""
        if self.env.user.has_group(AUTHORIZER) and not any(
            move._get_service_post_errors() for move in self
        ):
            self.action_service_authorize()

    def _get_transfer_post_errors(self, batch):
        """A moved share is not authorised before it is credited to the first payer.

        :param batch: what is being authorised together with this document
        """
        self.ensure_one()
        credit = self.sudo().service_transfer_id.credit_move_id
        if self.move_type != "out_invoice" or not credit or credit in batch:
            return []
        if credit.state == "posted":
            return []
        return [
            self.env._(
                "%(number)s bills a share that was moved from %(payer)s. Authorise "
                "the credit memo %(credit)s first.",
                number=self._get_service_label(),
                payer=credit.partner_id.display_name,
                credit=credit._get_service_label(),
            )
        ]
