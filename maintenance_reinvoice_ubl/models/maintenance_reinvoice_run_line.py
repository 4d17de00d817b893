from odoo import fields, models


class MaintenanceReinvoiceRunLine(models.Model):
    """Why an electronic invoice cannot be made."""

    _inherit = "maintenance.reinvoice.run.line"

    reason = fields.Selection(
        selection_add=[
            ("no_vat", "Electronic invoice: a service without customer tax"),
        ]
    )
