from odoo import api, models


class AccountMove(models.Model):
    """Core's buttons are shown where they answer."""

    _inherit = "account.move"

    @api.depends(
        "maintenance_entry_ids", "maintenance_row_ids", "maintenance_origin_id"
    )
    def _compute_show_reset_to_draft_button(self):
        res = super()._compute_show_reset_to_draft_button()
        for move in self.filtered("show_reset_to_draft_button"):
            record = move.sudo()
            if record._get_reset_errors() or record._get_maintenance_accruals():
                move.show_reset_to_draft_button = False
        return res
