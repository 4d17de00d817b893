from odoo import models


class ServiceDocumentMail(models.AbstractModel):
    """The log of a run says what became of an e-mail, whoever sent the invoice."""

    _inherit = "service.document.mail"

    def _keep(self, move):
        """A run whose sending still waits does not send it again."""
        res = super()._keep(move)
        if move.service_invoice_type == "maintenance" and move.is_move_sent:
            logs = self.env["maintenance.reinvoice.log"].sudo()
            logs.search(
                [("move_id", "=", move.id), ("send_state", "=", "waiting")]
            )._follow_mail({})
        return res

    def _follow(self, moves):
        unreached = super()._follow(moves)
        ours = moves.filtered(lambda m: m.service_invoice_type == "maintenance")
        if ours:
            logs = self.env["maintenance.reinvoice.log"].sudo()
            logs.search(
                [("move_id", "in", ours.ids), ("send_state", "!=", "waiting")]
            )._follow_mail(unreached)
        return unreached
