from odoo import fields, models
from odoo.exceptions import UserError


class MaintenanceReinvoiceLog(models.Model):
    """One invoice of a run that is credited: in a dialog, or by a cancellation."""

    _inherit = "maintenance.reinvoice.log"

    credited_move_id = fields.Many2one(
        "account.move",
        string="Credited Invoice",
        ondelete="cascade",
        index="btree_not_null",
        help="The invoice that the cancellation takes back.",
    )

    def action_cancel_rows(self):
        """Open the cancellation of what the groups' invoices charge. The rows of one
        invoice are ticked; of several each row has to be chosen."""
        rows = self.move_id.maintenance_row_ids._filter_creditable()
        rows._check_may_cancel()
        if not rows:
            raise UserError(
                self.env._(
                    "There is no posted invoice with rows to credit. Post the invoices "
                    "first; what is credited already is not credited twice."
                )
            )
        ticked = rows if len(rows.move_id) == 1 else rows.browse()
        return self.env["maintenance.reinvoice.cancel"]._open(rows, ticked)

    def _get_rows_to_credit(self):
        """``{log: rows}``, locked and looked at again. An invoice of which somebody
        else credits a row waits as a whole."""
        rows = self.run_line_ids.row_id
        busy = rows - rows.sudo().try_lock_for_update().sudo(False)
        rows.invalidate_recordset()
        waiting = self.run_line_ids.filtered(lambda line: line.row_id in busy)
        waiting.sudo()._refuse(["busy"])
        for log in waiting.log_id.sudo():
            log.posting_error = self.env._(
                "Rows of %s are being credited by somebody else right now.",
                log.credited_move_id.name,
            )
        return (self - waiting.log_id).run_line_ids._group_free_rows()

    def _write_credits(self, credits):
        """:param dict credits: log → its credit memo"""
        for log, credit in credits.items():
            amount = -sum(credit.maintenance_credited_row_ids.mapped("amount"))
            vals = {"move_id": credit.id, "amount": amount, "processed": True}
            log.sudo().write(vals)
        empty = self.filtered(lambda log: log not in credits and not log.posting_error)
        empty.sudo().processed = True
        body = self.env._("Made by cancellation run %s.", self.run_id.name)
        moves = self.env["account.move"].union(*credits.values())
        moves._message_log_batch(bodies=dict.fromkeys(moves.ids, body))
