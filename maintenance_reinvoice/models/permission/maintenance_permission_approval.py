from odoo import models
from odoo.exceptions import UserError

from odoo.addons.service_invoicing.tools.actions import notify
from odoo.addons.service_invoicing.tools.arguments import expects, parse_text
from odoo.addons.service_invoicing.tools.guards import refuse_without_group

from ...tools.groups import APPROVER


class MaintenancePermission(models.Model):
    """Submitting, approving, rejecting and closing permissions."""

    _inherit = "maintenance.permission"

    def action_submit(self):
        """Ask for the approval of permissions in preparation."""
        self.check_access("write")
        self._check_decision("preparation")
        self._check_complete()
        self.sudo().write({"decision": "to_approve"})
        self._post_notes(lambda p: p.env._("Submitted for approval."))

    @expects()
    def action_approve(self):
        """Approve; what is above the approver's limit goes to (or waits in) To
        approve for somebody with a higher limit."""
        self.check_access("write")
        refuse_without_group(self.env, APPROVER)
        self._check_decision("preparation", "to_approve")
        self._check_approval()
        above = self.filtered(lambda p: not p._is_within_limit())
        waiting = above.filtered(lambda p: p.decision == "to_approve")
        if waiting:
            raise UserError(waiting._get_limit_message())
        above.sudo().write({"decision": "to_approve"})
        above._post_notes(lambda p: p._get_limit_message())
        approved = self - above
        approved.sudo().write({"decision": "approved"})
        approved._post_notes(lambda p: p.env._("Approved."))
        return notify(above._get_limit_message()) if above else True

    @expects(reason=parse_text)
    def action_reject(self, reason=None):
        """Reject what waits for approval; without ``reason`` the dialog."""
        self.check_access("write")
        refuse_without_group(self.env, APPROVER)
        self._check_decision("preparation", "to_approve")
        if not reason:
            return self.env["service.reason.wizard"]._open(
                self, "action_reject", self.env._("Reject")
            )
        self.sudo().write({"decision": "rejected"})
        self._tell_makers(self.env._("Rejected: %s", reason))
        return True

    @expects(reason=parse_text)
    def action_cancel(self, reason=None):
        """Cancel permissions nobody has billed or invoiced; without ``reason`` the
        dialog."""
        self.check_access("write")
        self._check_decision("preparation", "to_approve", "approved", "rejected")
        self._check_unused()
        if not reason:
            return self.env["service.reason.wizard"]._open(
                self, "action_cancel", self.env._("Cancel")
            )
        self.sudo().write({"decision": "cancelled"})
        self._post_notes(lambda p: p.env._("Cancelled: %s", reason))
        return True

    def action_reopen(self):
        """Back to preparation, as long as there is neither a bill nor an invoice."""
        self.check_access("write")
        self._check_decision("to_approve", "approved", "rejected", "cancelled")
        if any(permission.decision == "approved" for permission in self):
            refuse_without_group(self.env, APPROVER)
        self._check_unused()
        self.sudo().write({"decision": "preparation"})
        self._post_notes(lambda p: p.env._("Re-opened."))

    def _check_decision(self, *decisions):
        wrong = self.filtered(lambda p: p.decision not in decisions)
        if wrong:
            labels = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "This cannot be done in the present status: %s",
                    ", ".join(f"{p.name} ({labels[p.state]})" for p in wrong),
                )
            )

    def _check_unused(self):
        lines = self.line_ids.sudo()
        used = lines.filtered(lambda line: line.bill_line_ids or line.sale_invoice_id)
        if used:
            raise UserError(
                self.env._(
                    "These permissions already have bills or invoices: %s. Delete or "
                    "credit those first.",
                    ", ".join(used.permission_id.mapped("name")),
                )
            )

    def _is_within_limit(self):
        self.ensure_one()
        limit = self.env.user._get_maintenance_approval_limit(self.company_id)
        if limit is False or self.env.su:
            return True
        return self.company_currency_id.compare_amounts(
            self.amount_purchase_company, limit
        ) in (-1, 0)

    def _check_bought_limit(self):
        """What is bought on approved permissions, whatever has followed since, stays
        within the limit of who changes it.

        :raise UserError: naming the permissions above it
        """
        above = self.filtered(
            lambda p: p.decision == "approved" and not p._is_within_limit()
        )
        if above:
            raise UserError(
                self.env._(
                    "These approved permissions would be above your limit: %s. Re-open "
                    "them and have them approved anew, or have a manager do it.",
                    ", ".join(above.mapped("name")),
                )
            )

    def _get_limit_message(self):
        return self.env._(
            "Above your approval limit, a manager has to approve: %s",
            ", ".join(
                f"{p.name} ({p.company_currency_id.format(p.amount_purchase_company)})"
                for p in self
            ),
        )

    def _post_notes(self, get_body):
        """One chatter note per permission, with the text ``get_body`` returns."""
        for permission in self:
            permission.message_post(body=get_body(permission))
