from odoo import fields, models

from odoo.addons.service_invoicing.tools.arguments import (
    expects,
    parse_ids,
    parse_text,
)

from ...tools.actions import open_documents
from ...tools.corrections import parse_corrections, parse_free
from ...tools.dates import parse_date


class AccountMove(models.Model):
    """The button that credits rows of an invoice, and what they are credited by."""

    _inherit = "account.move"

    maintenance_credited_row_ids = fields.One2many(
        "maintenance.reinvoice.row", "credit_move_id", string="Credited Lines"
    )

    @expects(
        one=True,
        row_ids=parse_ids,
        posting_date=parse_date,
        vat_date=parse_date,
        free=parse_free,
        reason=parse_text,
        corrections=parse_corrections,
    )
    def action_maintenance_cancel(
        self,
        row_ids=None,
        posting_date=None,
        vat_date=None,
        free=True,
        reason=None,
        corrections=None,
    ):
        """Credit rows of a posted maintenance invoice and open the credit memo.

        Without ``posting_date`` the dialog is returned. ``row_ids`` are ids of the
        invoice's re-invoiced rows; ``free``: they may be re-invoiced again.

        :param corrections: pairs of a row's id and its right net amount, with the id
            of another payer as a third (False: the permission's customer). These rows
            are credited, too, and re-invoiced at once by the same kind of invoice;
            an amount of zero is not re-invoiced. All or nothing
        :raise UserError: everything that is wrong, at once
        """
        Cancellation = self.env["maintenance.cancellation"]
        Cancellation._check_invoice(self)
        ids = [*(row_ids or ()), *(row.id for row in corrections or ())]
        rows = self.env["maintenance.reinvoice.row"].browse(dict.fromkeys(ids))
        if not posting_date:
            return self.env["maintenance.reinvoice.cancel"]._open(
                self.maintenance_row_ids._filter_creditable(), rows or None, corrections
            )
        options = {
            "posting_date": posting_date,
            "vat_date": vat_date,
            "free": free,
            "reason": reason,
        }
        # all or nothing, whoever catches an error
        with self.env.cr.savepoint():
            moves = Cancellation._cancel(self, rows, options, corrections)
        return open_documents(moves)

    def _reconcile_reversed_moves(self, reverse_moves, move_reverse_cancel):
        # core would also match clearing items of one document with each other; each
        # of them is cleared by the redistribution of its contract
        if not any(move.maintenance_mass_invoice for move in self):
            return super()._reconcile_reversed_moves(reverse_moves, move_reverse_cancel)
        pairs = list(zip(self, reverse_moves, strict=False))
        self.env["maintenance.cancellation"]._match_each(
            move + reverse for move, reverse in pairs if move.maintenance_mass_invoice
        )
        for move, reverse in pairs:
            if not move.maintenance_mass_invoice:
                super(AccountMove, move)._reconcile_reversed_moves(
                    reverse, move_reverse_cancel
                )
        return reverse_moves
