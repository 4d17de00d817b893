from odoo import models


class AccountMove(models.Model):
    """Which invoice lines are finished when rows of theirs are credited."""

    _inherit = "account.move"

    def _get_maintenance_credits(self):
        """Documents that took rows of these invoices back: credit memos, and invoices
        of compensations."""
        credits = self.maintenance_row_ids.credit_move_id | self.reversal_move_ids
        return credits.filtered(lambda move: move.state != "cancel")

    def _get_lines_finished_by(self, rows):
        """Lines of this invoice of which everything is credited with ``rows``."""
        return self._get_billed_lines().filtered(
            lambda line: line._is_finished_by(rows)
        )


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _is_finished_by(self, rows):
        """Whether nothing of this invoice line remains when ``rows`` are credited:
        it charges what its rows say, but for the cents of included taxes."""
        self.ensure_one()
        own = self.move_id.maintenance_row_ids.filtered(
            lambda row: row.move_line_id == self
        )
        if not own or any(not row.credit_move_id for row in own - rows):
            return False
        sign = -1 if self.move_id.move_type == "out_refund" else 1
        differs = abs(sign * sum(own.mapped("amount")) - self.price_subtotal)
        most = max(len(self.tax_ids), 1) * self.currency_id.rounding
        return self.currency_id.compare_amounts(differs, most) <= 0
