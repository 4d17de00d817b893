from odoo import api, fields, models

from ...tools.arguments import expects, parse_amount, parse_amounts, parse_key
from ...tools.groups import BILLING
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
        types = self._get_share_types()
        for move in self._filter_service_computed("service_auto_adjust"):
            move.service_auto_adjust = (
                move.service_invoice_type in types and move.move_type == "out_invoice"
            )

    def _is_adjustable(self):
        """Whether it is an invoice that other documents can adjust."""
        self.ensure_one()
        return (
            self.service_has_life_cycle
            and self.move_type == "out_invoice"
            and self.service_invoice_type in self._get_share_types()
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

    # -- the button “Adjust”: credits chosen by hand ------------------------------

    @expects(one=True, line_ids=parse_amounts, amount=parse_amount)
    def action_service_adjust(self, line_ids=None, amount=None):
        """Adjust an authorized invoice with credits of its payer.

        By hand any open credit of the payer on the same receivable account and in the
        same currency can be chosen, also one of another work order or of none.

        :param list line_ids: ids of journal items that are open credits (of a
            prepayment its liability line), or pairs of such an id and an amount; by
            default the credits of the invoice's own orders, oldest first
        :param float amount: adjust so much in all, in the currency of the invoice
        :return: without line_ids and amount the dialog that asks for them, else True
        :raise UserError: all that is wrong with the invoice, the credits and amounts
        """
        life_cycle = self.env["service.life.cycle"]
        life_cycle._check(self, BILLING, ("authorized", "partially_adjusted"))
        life_cycle._check_payable(self)
        Finder = self.env["service.adjustment.finder"]
        raise_together(Finder._get_invoice_errors(self))
        if line_ids is None and amount is None:
            return self.env["service.adjust.wizard"]._open(self)
        chosen = Finder._choose_credits(self, line_ids)
        raise_together(Finder._get_chosen_errors(self, chosen, amount))
        Finder._adjust_with_chosen(self, chosen, amount)
        return True

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

    # The entries that adjust with a prepayment.

    service_adjusted_prepayment_id = fields.Many2one(
        "account.move",
        string="Adjusted Prepayment",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The prepayment invoice that this entry moved to an invoice.",
    )

    def _check_adjustment_entries_kept(self):
        """:raise UserError: naming the entries, and how they are taken back"""
        if self.env.su:
            return
        Entry = self.env["service.adjustment.entry"]
        raise_together(
            [
                self.env._(
                    "%(entry)s (%(name)s) belongs to an adjustment. To take it back, "
                    "undo the adjustment in the log of the invoice.",
                    entry=move.display_name,
                    name=move.ref,
                )
                for move in self
                if Entry._is_entry(move)
            ]
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_adjustment_entries(self):
        self._check_adjustment_entries_kept()
