from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.arguments import expects


class AccountMoveSendBatchWizard(models.TransientModel):
    """Sending a list again sends what was not sent: who has his document is left
    out, unless it is wished otherwise."""

    _inherit = "account.move.send.batch.wizard"

    service_sent_count = fields.Integer(
        string="Sent before", compute="_compute_service_sent_count"
    )
    service_send_again = fields.Boolean(
        string="Send these again",
        help="Otherwise documents of service billing and of re-invoicing that went out "
        "by e-mail are left out.",
    )

    @api.depends("move_ids")
    def _compute_service_sent_count(self):
        for wizard in self:
            moves = wizard.move_ids._origin
            sent = self.env["service.document.mail"]._filter_sent(moves)
            wizard.service_sent_count = len(sent)

    @api.model
    def _get_alerts(self, moves, moves_data):
        """Core expects the recipients of a single document as records, as its dialog
        for one has them; a list of which one is left has ids."""
        if len(moves) == 1:
            data = moves_data[moves]
            partners = self.env["res.partner"].browse(data.get("mail_partner_ids"))
            moves_data = {moves: data | {"mail_partner_ids": partners}}
        return super()._get_alerts(moves, moves_data)

    @expects(one=True)
    def action_send_and_print(self, force_synchronous=False, allow_fallback_pdf=False):
        if not self.service_send_again:
            self._leave_out_sent()
        return super().action_send_and_print(
            force_synchronous=force_synchronous, allow_fallback_pdf=allow_fallback_pdf
        )

    def _leave_out_sent(self):
        """:raise UserError: when nothing would be left"""
        sent = self.env["service.document.mail"]._filter_sent(self.move_ids)
        if not sent:
            return
        if sent == self.move_ids:
            raise UserError(
                self.env._(
                    "All these documents were sent. To send them once more, tick Send "
                    "these again."
                )
            )
        self.move_ids -= sent
