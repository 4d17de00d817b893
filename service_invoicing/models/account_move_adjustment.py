from odoo import fields, models

from ..tools.guards import raise_together


class AccountMove(models.Model):
    """The adjustment log on both its sides: the invoice and the document that paid."""

    _inherit = "account.move"

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
