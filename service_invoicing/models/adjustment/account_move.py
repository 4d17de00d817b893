from odoo import api, fields, models

from ...tools.arguments import expects, parse_key
from ...tools.guards import raise_together


class AccountMove(models.Model):
    """Adjusting invoices with what their payers have to their credit.

    At authorization only credits of the same payer, work order, receivable account,
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
        help="When the invoice is authorized, prepayments, credit memos and "
        "unallocated receipts of the same payer and work order are adjusted with it, "
        "oldest first. What was prepaid waits for the last invoice of the payer: it is "
        "not ticked on an invoice of a part of his share.",
    )

    @api.depends("service_invoice_type", "move_type")
    def _compute_service_auto_adjust(self):
        types = self._get_adjustable_types()
        for move in self._filter_service_computed("service_auto_adjust"):
            move.service_auto_adjust = (
                move.service_invoice_type in types and move.move_type == "out_invoice"
            )

    @api.model
    def _get_adjustable_types(self):
        """Billing types of invoices that are adjusted with other documents."""
        return self._get_share_types()

    def _is_adjustable(self):
        """Whether it is an invoice that other documents can adjust."""
        self.ensure_one()
        return (
            self.service_has_life_cycle
            and self.move_type == "out_invoice"
            and self.service_invoice_type in self._get_adjustable_types()
        )

    # -- at authorization ------------------------------------------------------

    def _service_auto_adjust(self):
        """Adjust these invoices, just posted, with the credits of their orders."""
        moves = self.filtered(
            lambda move: move.service_auto_adjust
            and move.state == "posted"
            and move._is_adjustable()
        )
        if moves:
            self.env["service.adjustment.finder"]._adjust(moves)

    # -- one credit ------------------------------------------------------------

    @expects(one=True, line_id=parse_key)
    def js_assign_outstanding_line(self, line_id):
        """Core does not ask whose credit it is.

        :raise UserError: when it is another payer's, or the invoice is on hold
        """
        self.env["service.life.cycle"]._check_payable(self)
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

    def _check_adjusting_kept(self):
        """Core keeps the matching of what is reset, and drops it when it is changed.

        :raise UserError: naming the documents that adjust an invoice
        """
        # what is matched with nothing adjusts nothing
        moves = self._get_matched_lines().move_id.sudo()
        live = moves.service_adjusting_ids.filtered(lambda row: not row.undone)
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
