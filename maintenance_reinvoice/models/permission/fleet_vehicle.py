from odoo import api, models


class FleetVehicle(models.Model):
    """The vehicle's maintenance contract on a day."""

    _inherit = "fleet.vehicle"

    @api.model
    def _get_keeping_fields(self):
        return super()._get_keeping_fields() + [
            ("maintenance.contract", "vehicle_ids", ""),
            ("maintenance.permission", "vehicle_id", ""),
            ("maintenance.reinvoice.log", "vehicle_id", ""),
        ]

    def _get_open_contracts(self, company):
        """Open maintenance contracts of ``company`` that name one of the vehicles."""
        return self.env["maintenance.contract"].search(
            [
                ("company_id", "=", company.id),
                ("vehicle_ids", "in", self.ids),
                ("state", "=", "open"),
            ]
        )

    def _get_maintenance_contract(self, company, date, contracts=None):
        """The open contract of this vehicle on ``date``; empty if there is none.

        :param contracts: open contracts of several vehicles, found in one search
        """
        self.ensure_one()
        if contracts is None:
            contracts = self._get_open_contracts(company)
        return contracts.filtered(
            lambda contract: self in contract.vehicle_ids and contract._is_open_on(date)
        )[:1]
