from odoo import models

from odoo.addons.service_invoicing.tools.guards import raise_together


class AccountPartialReconcile(models.Model):
    """A collective invoice stays matched with its redistribution entry: what was
    cleared would look as if it still waited for its contract."""

    _inherit = "account.partial.reconcile"

    def write(self, vals):
        if vals.keys() & self._get_matched_fields():
            self._check_maintenance_cleared()
        return super().write(vals)

    def unlink(self):
        self._check_maintenance_cleared()
        return super().unlink()

    def _check_maintenance_cleared(self):
        """Refuse to take redistribution apart by hand.

        :raise UserError: naming the invoices and their entries
        """
        # core takes apart what is not matched for every item that changes
        if self.env.su or not self:
            return
        items = (self.debit_move_id | self.credit_move_id).sudo()
        sources = items.maintenance_source_line_id & items
        raise_together(
            [
                self.env._(
                    "Collective invoice %(invoice)s stays matched with its "
                    "redistribution entry %(entry)s. Credit rows with the button "
                    "“Cancel Maintenance Rows” of the invoice.",
                    invoice=move.display_name,
                    entry=move.maintenance_redistribution_id.display_name,
                )
                for move in sources.move_id
            ]
        )
