from odoo import api, fields, models


class AccountMove(models.Model):
    """Lists of invoices say which vehicles they are about, of work orders and of
    agreements."""

    _inherit = "account.move"

    service_license_plate = fields.Char(
        string="License Plate",
        compute="_compute_service_license_plate",
        compute_sudo=True,
    )

    @api.depends(
        "work_order_ids.vehicle_id.license_plate",
        "service_release_ids.agreement_id.vehicle_id.license_plate",
    )
    def _compute_service_license_plate(self):
        for move in self:
            vehicles = move.work_order_ids.vehicle_id
            vehicles |= move.service_release_ids.agreement_id.vehicle_id
            plates = vehicles.filtered("license_plate").mapped("license_plate")
            move.service_license_plate = ", ".join(plates)
