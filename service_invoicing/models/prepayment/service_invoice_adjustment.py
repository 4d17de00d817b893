from odoo import models


class ServiceInvoiceAdjustment(models.Model):
    """What stands on the invoice is not undone from the log."""

    _inherit = "service.invoice.adjustment"

    def _get_undo_errors(self):
        errors = super()._get_undo_errors()
        partial = self.sudo().partial_id
        if not errors and partial and partial._is_deduction():
            return [
                self.env["service.prepayment.deduction"]._describe_kept(self.move_id)
            ]
        return errors
