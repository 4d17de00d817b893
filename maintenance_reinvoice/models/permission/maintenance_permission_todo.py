from odoo import models

TODO_APPROVE = "maintenance_reinvoice.mail_activity_type_approve"


class MaintenancePermission(models.Model):
    """Who is to decide gets a to-do, and the maker learns the reason of a refusal."""

    _inherit = "maintenance.permission"

    def _update_approval_todos(self):
        """One to-do for what waits for approval, none for what is decided."""
        self.activity_unlink([TODO_APPROVE])
        waiting = self.filtered(lambda p: p.decision == "to_approve")
        for company, permissions in waiting.grouped("company_id").items():
            approver = company.maintenance_approver_id
            if approver:
                permissions.activity_schedule(TODO_APPROVE, user_id=approver.id)

    def _tell_makers(self, body):
        """A note on each permission that reaches who made it."""
        for permission in self:
            maker = permission.create_uid - self.env.user
            readers = maker.filtered("active").partner_id
            permission.message_post(body=body, partner_ids=readers.ids)
