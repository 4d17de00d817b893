from odoo import fields, models

from ...tools.choices import METHODS
from ...tools.states import STATES


class MaintenanceLineReport(models.AbstractModel):
    """What reports of permission lines, a row for each, have in common."""

    _name = "maintenance.line.report"
    _description = "Report of Permission Lines"

    line_id = fields.Many2one(
        "maintenance.permission.line", string="Permission Line", readonly=True
    )
    permission_id = fields.Many2one("maintenance.permission", readonly=True)
    contract_id = fields.Many2one("maintenance.contract", readonly=True)
    vehicle_id = fields.Many2one("fleet.vehicle", readonly=True)
    payer_id = fields.Many2one(
        "res.partner",
        string="Payer",
        readonly=True,
        help="Who is invoiced: the customer, unless the line names somebody else.",
    )
    vendor_id = fields.Many2one("res.partner", string="Garage", readonly=True)
    product_id = fields.Many2one("product.product", string="Service", readonly=True)
    service_type_id = fields.Many2one("fleet.service.type", readonly=True)
    reinvoice_method = fields.Selection(
        METHODS, string="Re-invoice Method", readonly=True
    )
    state = fields.Selection(STATES, string="Status", readonly=True)
