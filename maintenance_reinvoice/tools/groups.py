"""The roles of re-invoicing."""

USER = "maintenance_reinvoice.group_maintenance_user"
APPROVER = "maintenance_reinvoice.group_maintenance_approver"
REINVOICE = "maintenance_reinvoice.group_maintenance_reinvoice"
MANAGER = "maintenance_reinvoice.group_maintenance_manager"
