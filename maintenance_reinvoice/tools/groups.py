"""The roles of re-invoicing."""

MANAGER = "maintenance_reinvoice.group_maintenance_manager"
