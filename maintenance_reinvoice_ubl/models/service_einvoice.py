from odoo import models

from odoo.addons.service_invoicing_ubl.tools.references import Reference


class ServiceEinvoice(models.AbstractModel):
    """What electronic invoices of maintenance say: contracts, vehicles and the days of
    the work, from the rows that the documents bill or take back."""

    _inherit = "service.einvoice"

    def _has_facts(self, move):
        is_maintenance = move.service_invoice_type == "maintenance"
        return is_maintenance or super()._has_facts(move)

    def _get_rows(self, move):
        """Rows that this document bills, or takes back."""
        move = move.sudo()
        return move.maintenance_row_ids | move.maintenance_credited_row_ids

    def _get_preceding(self, move):
        """An invoice may take back a credit note that a run made; such a credit note
        gives back something of work that was invoiced before."""
        found = super()._get_preceding(move)
        found |= move.maintenance_credited_row_ids.move_id
        if move.move_type == "out_refund":
            found |= move.maintenance_row_ids._get_einvoice_origins()
        return found

    def _get_contract(self, move):
        contracts = self._get_rows(move).contract_id
        if not contracts:
            return super()._get_contract(move)
        return contracts.name if len(contracts) == 1 else ""

    def _get_vehicles(self, move):
        vehicles = super()._get_vehicles(move)
        return vehicles | self._get_rows(move).permission_id.vehicle_id

    def _get_references(self, move):
        """The permission, where it is one alone; those of collective invoices are on
        the attachment."""
        found = super()._get_references(move)
        permission = self._get_rows(move).permission_id
        if len(permission) == 1:
            text = move.env._("Maintenance permission")
            found.append(Reference(permission.name, text))
        return found

    def _get_attachments(self, move):
        """The list of permissions."""
        files = super()._get_attachments(move)
        if not self.env["maintenance.attachment"]._has_one(move):
            return files
        return files | move.maintenance_attachment_id

    def _prepare_lines(self, move):
        facts = super()._prepare_lines(move)
        rows = self._get_rows(move)
        has_contracts = len(rows.contract_id) > 1
        names_vehicle = self._names_vehicles_on_lines(move)
        by_line = rows.grouped("move_line_id")
        for line in move._get_billed_lines():
            own = by_line.get(line) or by_line.get(line.service_credited_line_id)
            if own:
                facts[line.id] = own._prepare_einvoice_line(
                    has_contracts, names_vehicle
                )
        return facts
