from odoo import fields, models

from odoo.addons.service_invoicing.tools.arguments import expects


class MaintenancePermissionReason(models.TransientModel):
    _name = "maintenance.permission.reason"
    _inherit = "maintenance.dialog.mixin"
    _description = "Reason for Rejecting or Cancelling Permissions"

    permission_ids = fields.Many2many("maintenance.permission", required=True)
    method = fields.Selection(
        [("action_reject", "Reject"), ("action_cancel", "Cancel")], required=True
    )
    reason = fields.Text(required=True)

    @expects(one=True)
    def action_confirm(self):
        """Do what the dialog was opened for, with the reason."""
        if self.method == "action_reject":
            return self.permission_ids.action_reject(reason=self.reason)
        return self.permission_ids.action_cancel(reason=self.reason)
