from odoo import models

from odoo.addons.service_invoicing_ubl.tools.references import LineFacts, Period


class MaintenanceReinvoiceRow(models.Model):
    """What an electronic invoice says of the rows on one of its lines."""

    _inherit = "maintenance.reinvoice.row"

    def _get_einvoice_origins(self):
        """Earlier invoices of the work that these rows give something back of, as far
        as documents say which work it was.

        :return: posted invoices to the same payer
        """
        moves = self.move_id.browse()
        for row in self.filtered(lambda row: row.amount < 0):
            lines = row.line_id._get_einvoice_origins()
            moves |= lines.row_ids.filtered(row._is_einvoice_origin).move_id
        return moves

    def _is_einvoice_origin(self, charged):
        """Whether the row ``charged`` was invoiced to the payer of this one before it,
        and still is: what was taken back as a whole has been settled."""
        self.ensure_one()
        move, invoice = self.move_id, charged.move_id
        return (
            charged.amount > 0
            and charged.id < self.id
            and not charged.credit_move_id
            and invoice.move_type == "out_invoice"
            and invoice.state == "posted"
            and invoice.commercial_partner_id == move.commercial_partner_id
        )

    def _prepare_einvoice_line(self, has_contract, has_vehicle):
        """Period and properties of the line that stands for these rows.

        :param has_contract: whether the line names its contract
        :param has_vehicle: whether the line names its vehicle, if it is one alone
        :return: ``LineFacts``
        """
        permissions = self.permission_id
        days = [day for day in permissions.mapped("date") if day]
        vehicle = permissions.vehicle_id
        properties = []
        if has_contract:
            contracts = ", ".join(self.contract_id.mapped("name"))
            properties.append((self.env._("Contract"), contracts))
        if has_vehicle and len(vehicle) == 1 and vehicle.license_plate:
            properties.append((self.env._("Vehicle"), vehicle.license_plate))
        if len(permissions) == 1 and permissions.odometer:
            reading = vehicle._get_einvoice_odometer(permissions.odometer)
            properties.append((self.env._("Odometer"), reading))
        return LineFacts(
            Period(min(days), max(days)) if days else None, tuple(properties)
        )
