from odoo import models

from odoo.addons.service_invoicing_ubl.tools.references import Reference


class AccountMove(models.Model):
    """What electronic invoices of maintenance say: contracts, vehicles and the days of
    the work, from the rows that the documents bill or take back."""

    _inherit = "account.move"

    def _has_einvoice_facts(self):
        is_maintenance = self.service_invoice_type == "maintenance"
        return is_maintenance or super()._has_einvoice_facts()

    def _get_einvoice_rows(self):
        """Rows that this document bills, or takes back."""
        self.ensure_one()
        move = self.sudo()
        return move.maintenance_row_ids | move.maintenance_credited_row_ids

    def _get_einvoice_preceding(self):
        """An invoice may take back a credit note that a run made; such a credit note
        gives back something of work that was invoiced before."""
        move = self.sudo()
        found = super()._get_einvoice_preceding()
        found |= move.maintenance_credited_row_ids.move_id
        if self.move_type == "out_refund":
            found |= move.maintenance_row_ids._get_einvoice_origins()
        return found

    def _get_einvoice_contract(self):
        contracts = self._get_einvoice_rows().contract_id
        if not contracts:
            return super()._get_einvoice_contract()
        return contracts.name if len(contracts) == 1 else ""

    def _get_einvoice_vehicles(self):
        rows = self._get_einvoice_rows()
        return super()._get_einvoice_vehicles() | rows.permission_id.vehicle_id

    def _get_einvoice_references(self):
        """The permission, where it is one alone; those of collective invoices are on
        the attachment."""
        found = super()._get_einvoice_references()
        permission = self._get_einvoice_rows().permission_id
        if len(permission) == 1:
            text = self.env._("Maintenance permission")
            found.append(Reference(permission.name, text))
        return found

    def _get_einvoice_attachments(self):
        """The list of permissions."""
        files = super()._get_einvoice_attachments()
        if not self._has_maintenance_attachment():
            return files
        return files | self.maintenance_attachment_id

    def _prepare_einvoice_lines(self):
        facts = super()._prepare_einvoice_lines()
        rows = self._get_einvoice_rows().with_context(lang=self.env.lang)
        has_contracts = len(rows.contract_id) > 1
        has_vehicles = self._has_einvoice_vehicles_on_lines()
        by_line = rows.grouped("move_line_id")
        for line in self._get_billed_lines():
            own = by_line.get(line) or by_line.get(line.service_credited_line_id)
            if own:
                facts[line.id] = own._prepare_einvoice_line(has_contracts, has_vehicles)
        return facts
