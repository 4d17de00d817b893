from odoo import models

from ..tools.guards import raise_together


class AccountMove(models.Model):
    """An invoice bills something of every release on it, whoever calls."""

    _inherit = "account.move"

    def _service_save(self):
        raise_together([e for move in self for e in move._get_release_errors()])
        return super()._service_save()

    def _get_service_post_errors(self):
        return super()._get_service_post_errors() + self._get_release_errors()

    def _get_release_errors(self):
        """Why this invoice cannot be saved or authorised with its releases: the lines
        of some were deleted, which would count as billed all the same.

        :return: list of translated sentences, one per release
        """
        self.ensure_one()
        if self.move_type != "out_invoice":
            return []
        # whoever may bill the invoice may know which releases it bills
        move = self.sudo()
        billed = move._get_billed_lines().service_release_id
        return [
            self.env._(
                "%(number)s bills release %(release)s without lines: all of them were "
                "deleted. Take the release off the invoice with “Remove From Invoice” "
                "instead of its lines, or delete the invoice if it bills nothing else.",
                number=self._get_service_label(),
                release=release.name,
            )
            for release in move.service_release_ids - billed
            if release.state == "invoiced" and release._has_work_to_bill()
        ]
