from odoo import models


class AccountBankStatementLine(models.Model):
    """Undoing the matching of no statement line costs nothing."""

    _inherit = "account.bank.statement.line"

    def action_undo_reconciliation(self):
        # Core asks for it at every change of journal items, almost always of no line
        # at all; from here the deletion of no payments and the reset of no entries
        # would go through every add-on.
        return super().action_undo_reconciliation() if self else None
