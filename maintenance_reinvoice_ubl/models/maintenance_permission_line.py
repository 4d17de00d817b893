from odoo import models
from odoo.exceptions import UserError


class MaintenancePermissionLine(models.Model):
    """Which work something is given back of, and what electronic invoices lack."""

    _inherit = "maintenance.permission.line"

    def _get_einvoice_origins(self):
        """Lines of the work that this negative line gives something back of: those of
        its permission; and where the garage's credit note names the bill it credits,
        those which that bill charges for the same vehicle."""
        self.ensure_one()
        credits = self.bill_line_ids._filter_billing().move_id.filtered(
            lambda move: move.move_type == "in_refund" and move.state == "posted"
        )
        billed = credits.reversed_entry_id.invoice_line_ids.maintenance_line_id
        same = billed.filtered(lambda line: line.vehicle_id == self.vehicle_id)
        return self.permission_id.line_ids | same

    def _get_group_refusals(self, groups, options):
        """What goes out electronically has a VAT category on every line: without one
        the whole invoice could not be sent."""
        found = super()._get_group_refusals(groups, options)
        for key, lines in groups.items():
            if lines[:1] not in found and lines._lacks_einvoice_vat(key, options):
                found.update(dict.fromkeys(lines, ["no_vat"]))
        return found

    def _lacks_einvoice_vat(self, header, options):
        """Whether the invoice of these lines goes to a payer of electronic invoices
        and has a line without VAT, by the customer's fiscal position.

        :param header: grouping key of the lines
        """
        header = dict(header)
        if not header["payer_id"]._gets_einvoices(self.company_id):
            return False
        position = header["fiscal_position_id"]
        try:
            blocks = self._get_reinvoice_blocks(position, options)
        except UserError:
            # a revenue account is missing: told when the group is invoiced
            return False
        return not all(key["taxes"]._has_einvoice_vat() for key, _lines in blocks)
