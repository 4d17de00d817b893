from odoo import api, fields, models
from odoo.fields import Domain

from ...tools.arguments import expects, parse_key
from ...tools.guards import raise_together
from ...tools.invoice_type import INVOICE_TYPES, PREPAYMENT_KEYS


class AccountMove(models.Model):
    """Adjusting invoices with what their payers have to their credit.

    At authorisation only credits of the same payer, work order, receivable account,
    currency and company are taken, oldest first; nothing else is ever touched.
    """

    _inherit = "account.move"

    service_auto_adjust = fields.Boolean(
        string="Auto Adjust",
        compute="_compute_service_auto_adjust",
        store=True,
        readonly=False,
        precompute=True,
        copy=False,
        help="When the invoice is authorised, prepayments, credit memos and "
        "unallocated receipts of the same payer and work order are adjusted with it, "
        "oldest first.",
    )

    @api.depends("service_invoice_type", "move_type")
    def _compute_service_auto_adjust(self):
        types = self._get_adjustable_types()
        for move in self:
            move.service_auto_adjust = (
                move.service_invoice_type in types and move.move_type == "out_invoice"
            )

    @api.model
    def _get_adjustable_types(self):
        """Billing types of invoices that are adjusted with other documents."""
        return [key for key, __ in INVOICE_TYPES]

    def _is_adjustable(self):
        """Whether it is an invoice that other documents can adjust."""
        self.ensure_one()
        return (
            self.service_has_life_cycle
            and self.move_type == "out_invoice"
            and self.service_invoice_type in self._get_adjustable_types()
        )

    # -- at authorisation ------------------------------------------------------

    def _service_auto_adjust(self):
        """Adjust these invoices, just posted, with the credits of their orders."""
        moves = self.filtered(
            lambda move: move.service_auto_adjust
            and move.state == "posted"
            and move._is_adjustable()
        )
        moves._adjust_with_order_credits()

    def _adjust_with_order_credits(self):
        """Adjust with credits of the same orders, the oldest first.

        The credits are looked up for all invoices at once; what one invoice takes,
        the next one finds used.
        """
        credits = self._find_order_credits()
        for move in self:
            for line in credits.filtered(move._is_credit_of_orders):
                if move.payment_state != "blocked" and not move._get_credit_error(line):
                    move._adjust_with_credit(line)

    def _find_order_credits(self):
        """Open credits of the work orders of these invoices, the oldest first.

        Of one invoice those that adjust it; of several all that adjust one of them.
        """
        lines = self.env["account.move.line"]
        if not self.work_order_ids:
            return lines
        lines = lines.search(
            self._get_adjustable_order_credits_domain(), order="date, id"
        )
        if len(self) > 1:
            return lines
        return lines.filtered(
            lambda line: self._is_credit_of_orders(line)
            and not self._get_credit_error(line)
        )

    def _find_credits(self):
        """Open credits that can adjust this invoice by hand, the oldest first."""
        self.ensure_one()
        lines = self.env["account.move.line"].search(
            self._get_adjustable_credits_domain(), order="date, id"
        )
        return lines.filtered(lambda line: not self._get_credit_error(line))

    def _propose_amounts(self, credits):
        """What each of some credits adjusts when they are taken one after the other.

        :return: dict credit → amount in the currency of the invoice
        """
        self.ensure_one()
        left = self.amount_residual
        amounts = {}
        for line in credits:
            amounts[line] = min(line._get_adjustable_amount(), max(left, 0.0))
            left -= amounts[line]
        return amounts

    def _get_adjustable_credits_domain(self):
        """Journal items that may adjust one of these invoices, of any order.

        :return: ``Domain`` on journal items; the final word on each pair of invoice
            and item has ``_get_credit_error``
        """
        common = Domain(
            [
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
                ("balance", "<", 0),
                ("company_id", "in", self.company_id.ids),
                ("currency_id", "in", self.currency_id.ids),
                (
                    "partner_id.commercial_partner_id",
                    "in",
                    self.commercial_partner_id.ids,
                ),
                ("move_id.payment_state", "!=", "blocked"),
                ("move_id.service_adjusted_prepayment_id", "=", False),
            ]
        )
        undone = "move_id.reversed_entry_id.service_adjusted_prepayment_id"
        common &= ~Domain(undone, "!=", False)
        return common & self._get_crediting_items_domain()

    def _get_crediting_items_domain(self):
        """Kinds of journal items that pay: open credits on the receivable account, and
        prepayments that were received."""
        accounts = self._get_receivable_lines().account_id
        return Domain("account_id", "in", accounts.ids) | self._get_prepaid_domain()

    def _get_prepaid_domain(self):
        """Liability lines of prepayments in mode entry."""
        return Domain(
            [
                ("move_id.service_invoice_type", "in", PREPAYMENT_KEYS),
                ("move_id.move_type", "=", "out_invoice"),
                ("move_id.service_prepayment_mode", "=", "entry"),
                ("move_id.service_prepayment_open", ">", 0),
                ("display_type", "=", "product"),
            ]
        )

    def _get_adjustable_order_credits_domain(self):
        """Those of them that belong to the work orders of these invoices."""
        orders = self.sudo().work_order_ids.ids
        memos = Domain(
            [
                ("move_id.move_type", "=", "out_refund"),
                ("move_id.service_invoice_type", "!=", False),
                ("move_id.work_order_ids", "in", orders),
            ]
        )
        receipts = Domain("payment_id.service_work_order_id", "in", orders)
        prepaid = self._get_prepaid_domain() & (
            Domain("move_id.work_order_ids", "in", orders)
            | Domain("service_work_order_id", "in", orders)
        )
        kinds = memos | receipts | prepaid
        return self._get_adjustable_credits_domain() & kinds

    def _is_credit_of_orders(self, line):
        """Whether a credit belongs to the orders of this invoice, and to no other."""
        self.ensure_one()
        orders = line._get_credited_orders()
        return bool(orders) and orders <= self.sudo().work_order_ids

    # -- one credit ------------------------------------------------------------

    def _get_credit_error(self, line):
        """Why a journal item cannot adjust this invoice, ``None`` when it can."""
        self.ensure_one()
        error = line._get_adjusting_error() or self._get_foreign_credit_error(line)
        return error and self.env._(
            "%(invoice)s cannot be adjusted with %(document)s: %(error)s",
            invoice=self._get_service_label(),
            document=line.move_id.display_name,
            error=error,
        )

    def _get_foreign_credit_error(self, line):
        """Why a credit is not one of this invoice's payer and account."""
        if line.company_id != self.company_id:
            return self.env._("it belongs to another company.")
        if line.partner_id.commercial_partner_id != self.commercial_partner_id:
            return self.env._(
                "it is a credit of %(other)s, the invoice is paid by %(payer)s.",
                other=line.partner_id.display_name or "–",
                payer=self.partner_id.display_name,
            )
        accounts = self._get_receivable_lines().account_id
        if line._get_adjusting_account() not in accounts:
            return self.env._("it is on another receivable account.")
        if line.currency_id != self.currency_id:
            return self.env._("it is in %s.", line.currency_id.name)
        return None

    def _adjust_with_credit(self, line, amount=None):
        """Adjust this invoice with one credit.

        :param line: a journal item for which ``_get_credit_error`` finds nothing
        :param float amount: no more than this, in the currency of both
        :return: what was adjusted; never more than is open on either side
        """
        self.ensure_one()
        limits = [line._get_adjustable_amount(), self.amount_residual]
        limits += [] if amount is None else [amount]
        amount = self.currency_id.round(min(limits))
        if self.currency_id.compare_amounts(amount, 0.0) > 0:
            line._adjust_invoice(self, amount)
            return amount
        return 0.0

    @expects(one=True, line_id=parse_key)
    def js_assign_outstanding_line(self, line_id):
        """Core does not ask whose credit it is.

        :raise UserError: when it is another payer's
        """
        line = self.env["account.move.line"].browse(line_id)
        raise_together(
            [
                self.env._(
                    "%(invoice)s is paid by %(payer)s and cannot be adjusted with a "
                    "credit of %(other)s.",
                    invoice=move._get_service_label(),
                    payer=move.partner_id.display_name,
                    other=line.partner_id.display_name or "–",
                )
                for move in self._filter_service_life_cycle()
                if line.partner_id.commercial_partner_id != move.commercial_partner_id
            ]
        )
        return super().js_assign_outstanding_line(line_id)

    # The adjustment log on both its sides: the invoice and the document that paid.

    service_adjustment_ids = fields.One2many(
        "service.invoice.adjustment",
        "move_id",
        string="Adjustment Log",
        readonly=True,
        copy=False,
        help="What other documents than receipts paid of this invoice, and what of it "
        "was undone.",
    )
    service_adjusting_ids = fields.One2many(
        "service.invoice.adjustment",
        "source_move_id",
        string="Adjusted Invoices",
        readonly=True,
        copy=False,
        help="The invoices that this document adjusted.",
    )

    def _get_service_source_name(self):
        """What the log calls this document: its legal number and ours."""
        self.ensure_one()
        if self.state != "posted":
            return self._get_service_label()
        number = self.service_number
        if not number or number == self.name:
            return self.name
        return f"{self.name} ({number})"

    def _get_adjusting_lines(self, line):
        """Journal items of this document by which it can adjust an invoice.

        :param line: the item that was matched with the invoice
        """
        self.ensure_one()
        if self._is_service_prepayment():
            return self._get_prepayment_lines()
        return self.line_ids.filtered(
            lambda item: item.account_id == line.account_id and item.balance < 0
        )

    def button_draft(self):
        self._check_adjusting_kept()
        return super().button_draft()

    def _check_adjusting_kept(self):
        """Core keeps the matching of what is reset, and drops it when it is changed.

        :raise UserError: naming the documents that adjust an invoice
        """
        live = self.sudo().service_adjusting_ids.filtered(lambda row: not row.undone)
        raise_together(
            [
                self.env._(
                    "%(document)s cannot be reset: it adjusts %(invoice)s by "
                    "%(amount)s. Undo that first, in the log of the invoice.",
                    document=row.source_name,
                    invoice=row.move_id._get_service_label(),
                    amount=row.currency_id.format(row.amount),
                )
                for row in live
            ]
        )
