from odoo import models


class ServiceMoveGuard(models.AbstractModel):
    """Documents of re-invoicing are guarded as all that are billed."""

    _inherit = "service.move.guard"

    def _get_write_steps(self):
        steps = super()._get_write_steps()
        return [*steps, "_keep_maintenance", "_renew_difference_todos"]

    def _get_removal_steps(self):
        return [*super()._get_removal_steps(), "_renew_difference_todos"]

    def _get_reset_checks(self):
        return [*super()._get_reset_checks(), "_check_maintenance_reset"]

    def _get_cancel_checks(self):
        return [*super()._get_cancel_checks(), "_check_maintenance_reset"]

    def _filter_booked(self, moves):
        """Redistribution and its clearing rest on what is booked, too."""
        return super()._filter_booked(moves) | moves._filter_maintenance_made()

    def _get_booked_error(self, move, labels):
        if not move._filter_maintenance_made():
            return super()._get_booked_error(move, labels)
        return self.env._(
            "%(number)s: %(fields)s do not change any more. Correct the account of the "
            "service or the company, cancel the rows with the button “Cancel "
            "Maintenance Rows” of the invoice and re-invoice them; or move the amount "
            "by an entry of its own.",
            number=move.display_name,
            fields=labels,
        )
