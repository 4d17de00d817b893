from contextlib import contextmanager

from odoo import api, fields, models

from ...tools.actions import notify, open_invoices
from ...tools.arguments import (
    expects,
    parse_amounts,
    parse_day,
    parse_id,
    parse_text,
    parse_texts,
)
from ...tools.groups import BILLING
from ...tools.guards import refuse_without_group
from ...tools.shares import Payer


class AccountMove(models.Model):
    """The share of an invoice is moved to another payer, or corrected for its own."""

    _inherit = "account.move"

    @expects(
        one=True,
        invoice_type=parse_text,
        partner_id=parse_id("res.partner"),
        reason=parse_text,
        date=parse_day,
        amounts=parse_amounts,
    )
    def action_service_move_share(
        self, invoice_type=None, partner_id=None, reason=None, date=None, amounts=None
    ):
        """Move a refused share of this invoice to another payer.

        The share is credited, unless the invoice has been credited before, and
        invoiced to the new payer. Who may authorize also authorizes the credit memo;
        the new invoice is saved and waits for its authorization.

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
        refuse_without_group(self.env, BILLING)
        self.check_access("write")
        Change = self.env["service.payer.change"]
        Change._check(self)
        if not (invoice_type and partner_id and reason):
            return self.env["service.share.wizard"]._open(self)
        orders = self.sudo(False).work_order_ids
        orders._lock_for_billing()
        target = Payer(invoice_type, self.env["res.partner"].browse(partner_id))
        date = date or fields.Date.context_today(self)
        moves = Change._change(self, target, reason, date, amounts)
        return open_invoices(moves)

    @expects(
        one=True,
        reason=parse_text,
        amounts=parse_amounts,
        difference=parse_text,
        date=parse_day,
        texts=parse_texts,
    )
    def action_service_correct(
        self, reason=None, amounts=None, difference=None, date=None, texts=None
    ):
        """Bill lines of this invoice at other amounts or with other texts: by a new
        release and a new invoice in its place before it is authorized, by credit memo
        and new invoice in one step after it.

        :param str reason: told to the readers of all documents; without it, or without
            amounts, the dialog that asks for everything is returned
        :param list amounts: pairs of invoice line id and amount before tax
        :param str difference: who bears what the payer does not any more: ``nobody``,
            ``own`` (the workshop) or ``customer``
        :param date: of the credit memo; today by default
        :param list texts: pairs of invoice line id and text; by default the amounts
            say themselves what they are of the work
        :return: action that opens the new invoices, after naming the credit memo
        :raise UserError: naming what cannot be corrected
        """
        refuse_without_group(self.env, BILLING)
        self.check_access("write")
        Correction = self.env["service.correction"]
        Correction._check(self)
        if not reason or not (amounts or texts):
            return self.env["service.correct.wizard"]._open(self)
        orders = self.sudo(False).work_order_ids
        orders._lock_for_billing()
        date = date or fields.Date.context_today(self)
        moves = Correction._correct(
            self, amounts or [], difference or "nobody", texts or [], reason, date
        )
        credit = (
            moves.sudo().service_release_ids.credit_move_id & self.reversal_move_ids
        )
        if not credit:
            return open_invoices(moves)
        message = self.env._(
            "%(number)s is credited by %(credit)s.",
            number=self._get_service_label(),
            credit=credit._get_service_label(),
        )
        return notify(message, "success", next=open_invoices(moves))

    def _get_transfer_post_errors(self, batch):
        """A moved share is not authorized before it is credited to the first payer.

        :param batch: what is being authorized together with this document
        """
        self.ensure_one()
        credits = self.sudo().service_release_ids.credit_move_id
        credit = credits.filtered(lambda move: move.state != "posted")[:1]
        if self.move_type != "out_invoice" or not credit or credit in batch:
            return []
        return [
            self.env._(
                "%(number)s bills a share that was moved from %(payer)s. Authorize "
                "the credit memo %(credit)s first.",
                number=self._get_service_label(),
                payer=credit.partner_id.display_name,
                credit=credit._get_service_label(),
            )
        ]

    # An invoice that was changed by hand no longer bills its share exactly.

    service_share_warning = fields.Char(
        compute="_compute_service_share_warning",
        help="How far an invoice that is not authorized yet differs from the share of "
        "its work orders.",
    )

    @api.depends(
        "state",
        "work_order_ids",
        "invoice_line_ids.price_subtotal",
        "invoice_line_ids.service_tcd_id",
    )
    def _compute_service_share_warning(self):
        for move in self:
            is_open = move.state == "draft"
            move.service_share_warning = is_open and move._get_share_warning()

    def _get_share_warning(self):
        """What the invoice bills and what the share is, where these differ.

        Charges and discounts of the invoice are not counted. Prices that include tax
        may give way by a smallest unit, and lines that are rounded together.

        :return: translated sentence, or ``False``
        """
        self.ensure_one()
        # whoever may read the invoice may know what it should bill
        orders = self.sudo().work_order_ids._origin
        if not orders or self.move_type != "out_invoice":
            return False
        if self._is_prepayment_document():
            return False
        released = self.sudo()._origin.service_order_release_ids.line_ids
        own = released.filtered(lambda line: line._is_share())
        share = sum(own.mapped("price_subtotal"))
        lines = self.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
            and not line.service_tcd_id
            and not line.service_prepayment_id
            and not line._bills_month()
        )
        billed = sum(lines.mapped("price_subtotal"))
        slack = len(orders) * self.currency_id.rounding
        slack += self.env["service.credit.memo"]._get_rounding(self, lines)
        if self.currency_id.compare_amounts(abs(billed - share), slack) <= 0:
            return False
        return self.env._(
            "%(number)s bills %(billed)s before tax, the share of %(orders)s is "
            "%(share)s.",
            number=self._get_service_label(),
            billed=self.currency_id.format(billed),
            orders=", ".join(orders.mapped("name")),
            share=self.currency_id.format(share),
        )

    @contextmanager
    def _post_share_warnings(self):
        """What was authorized although somebody was warned is told afterwards."""
        warnings = {
            move: move.service_share_warning
            for move in self
            if move.service_share_warning
        }
        yield
        for move, warning in warnings.items():
            for document in (move, *move.sudo().work_order_ids):
                if move.state == "posted":
                    document._message_log(
                        body=self.env._("Authorized although: %s", warning)
                    )
