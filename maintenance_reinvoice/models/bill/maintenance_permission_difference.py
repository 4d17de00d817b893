from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.service_invoicing.tools.guards import refuse_without_group

from ...tools.groups import APPROVER

TODO_DIFFERENCE = "maintenance_reinvoice.mail_activity_type_difference"


class MaintenancePermission(models.Model):
    """What the garage's draft bills charge otherwise is approved on the permission: an
    approver need not see bills."""

    _inherit = "maintenance.permission"

    difference_note = fields.Text(
        string="Difference to Approve",
        compute="_compute_difference_note",
        compute_sudo=True,
        help="What draft bills charge more or less than agreed, beyond the tolerance: "
        "they are posted when an approver accepts it.",
    )

    @api.depends(
        "line_ids.purchase_price",
        "line_ids.bill_line_ids.price_subtotal",
        "line_ids.bill_line_ids.parent_state",
        "line_ids.bill_line_ids.move_id.maintenance_approved_differences",
    )
    def _compute_difference_note(self):
        for permission in self:
            permission.difference_note = permission._get_difference_note() or False

    def action_approve_difference(self):
        """Accept what draft bills of the permissions charge beyond the tolerance."""
        self.check_access("write")
        refuse_without_group(self.env, APPROVER)
        notes = {p: p._get_difference_note() for p in self.sudo()}
        settled = self.filtered(lambda p: not notes[p])
        if settled:
            raise UserError(
                self.env._(
                    "No draft bill differs from these permissions by more than the "
                    "tolerance: %s",
                    settled._join_names(),
                )
            )
        self.env["maintenance.bill.difference"]._approve(self._get_disputed_bills())
        self._post_notes(lambda p: p.env._("Difference approved: %s", notes[p]))

    def _get_disputed_bills(self):
        """Draft bills of the permissions that wait for an approver."""
        difference = self.env["maintenance.bill.difference"]
        billed = self.sudo().line_ids.bill_line_ids._filter_billing()
        drafts = billed.move_id.filtered(lambda bill: bill.state == "draft")
        return drafts.filtered(lambda bill: difference._get_disputed(bill))

    def _get_difference_note(self):
        """One sentence for each difference that an approver has to accept."""
        self.ensure_one()
        difference = self.env["maintenance.bill.difference"]
        return "\n".join(
            difference._describe(bill, permission, amount)
            for bill in self._get_disputed_bills()
            for permission, amount in difference._get_disputed(bill).items()
            if permission in (self, self.browse())
        )

    def _update_difference_todos(self):
        """One to-do of the approver for a permission whose bill waits for him, none
        for another."""
        todo_type = self.env.ref(TODO_DIFFERENCE, raise_if_not_found=False)
        if not todo_type:
            return
        told = self.filtered(lambda p: todo_type in p.activity_ids.activity_type_id)
        waiting = self.filtered(lambda p: p._get_difference_note())
        (told - waiting).activity_unlink([TODO_DIFFERENCE])
        for company, permissions in (waiting - told).grouped("company_id").items():
            if approver := company.maintenance_approver_id:
                permissions.activity_schedule(TODO_DIFFERENCE, user_id=approver.id)
