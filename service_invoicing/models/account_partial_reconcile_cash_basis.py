from odoo import models


class AccountPartialReconcile(models.Model):
    """Taxes that are due on payment, and lines on accounts that are reconciled.

    On payment core posts the base of these taxes to and fro, by default on the account
    of the line. Where that is a clearing or a prepayment account, whose open items say
    what is still to be done, these items come to nothing and are cleared at once. When
    a payment is undone core reverses its entry and clears both.
    """

    _inherit = "account.partial.reconcile"

    def _create_tax_cash_basis_moves(self):
        moves = super()._create_tax_cash_basis_moves()
        items = moves.filtered(
            lambda move: move.state == "posted"
            and move.tax_cash_basis_origin_move_id.service_invoice_type
        ).line_ids._filter_open_tax_bases()
        groups = items.grouped(lambda item: (item.move_id, item.account_id))
        self.env["account.move.line"]._reconcile_plan(list(groups.values()))
        return moves


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _filter_open_tax_bases(self):
        """Items of cash basis entries that repeat a line of their invoice, on its
        account."""
        return self.filtered(
            lambda item: item.account_id.reconcile
            and not item.reconciled
            and item.display_type != "tax"
            and item.account_id
            in item.move_id.tax_cash_basis_origin_move_id.invoice_line_ids.account_id
        )
