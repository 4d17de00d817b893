from markupsafe import Markup

from odoo import models


class AccountMove(models.Model):
    """Bills that come by e-mail or as UBL files propose their permissions."""

    _inherit = "account.move"

    def _extend_with_attachments(self, files_data, new=False):
        result = super()._extend_with_attachments(files_data, new)
        if new:
            self._announce_match()
        return result

    def _announce_match(self):
        """Say in the chatter which permissions a new bill names; attaching them is
        for a person to do."""
        for move in self:
            note = move._get_match_note()
            if note:
                todo = self.env._(
                    "Check the proposal and attach them with “Attach Permissions”."
                )
                move.message_post(body=Markup("%s<br/>%s") % (note, todo))
