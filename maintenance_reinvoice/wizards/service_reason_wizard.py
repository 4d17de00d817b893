from odoo import api, models


class ServiceReasonWizard(models.TransientModel):
    """Permissions are rejected and cancelled for a reason."""

    _inherit = "service.reason.wizard"

    @api.model
    def _get_methods(self):
        methods = super()._get_methods()
        return methods | {"maintenance.permission": {"action_reject", "action_cancel"}}
