from odoo import models


class MaintenanceDialogMixin(models.AbstractModel):
    """What dialogs of permissions, bills and rows have in common."""

    _name = "maintenance.dialog.mixin"
    _inherit = "service.dialog.mixin"
    _description = "Maintenance Dialog"
