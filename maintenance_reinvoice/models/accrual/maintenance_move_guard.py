from odoo import models
from odoo.exceptions import UserError


class MaintenanceMoveGuard(models.AbstractModel):
    """An accrual and its reversal stay together."""

    _inherit = "maintenance.move.guard"

    def _get_accruals(self, moves):
        """The accrual entries that the moves are, or that they reverse."""
        moves = moves.sudo()
        return (moves | moves.reversed_entry_id).filtered("maintenance_accrual_date")

    def _check_accrual(self, moves):
        """Refuse to touch an accrual without its reversal, or the other way round; a
        second reversal would take the revenue of the month away twice.

        :raise UserError: naming the entries and the button that takes both back
        """
        accruals = self._get_accruals(moves)
        if accruals and not moves.env.su:
            raise UserError(
                self.env._(
                    "These entries accrue maintenance over the end of a month, and "
                    "their reversals belong to them: %s. Use their button “Take Back "
                    "Accrual”, which cancels both.",
                    ", ".join(accruals.mapped("display_name")),
                )
            )

    def _check_accrual_delete(self, moves):
        self._check_accrual(moves.filtered(lambda move: move.state != "cancel"))
