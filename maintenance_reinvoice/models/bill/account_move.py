from functools import partial

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.service_invoicing.tools.arguments import expects
from odoo.addons.service_invoicing.tools.guards import refuse_without_group

from ...tools.groups import APPROVER

# what a bill charges, and whether that still has to be approved
DISPUTED_FIELDS = {
    "invoice_line_ids",
    "line_ids",
    "currency_id",
    "state",
    "maintenance_approved_differences",
}


class AccountMove(models.Model):
    """Garages' bills and credits: what is posted agrees with its permissions, and they
    follow."""

    _inherit = "account.move"

    maintenance_difference_approved = fields.Boolean(
        copy=False,
        readonly=True,
        help="An approver accepted that this bill differs from its permissions.",
    )
    maintenance_approved_differences = fields.Json(
        copy=False,
        readonly=True,
        help="Net difference that was approved, by permission: another one has to be "
        "approved anew.",
    )
    maintenance_credit_proposed = fields.Boolean(
        compute="_compute_maintenance_credit_proposed",
        help="This vendor credit is about work that the customer paid for.",
    )

    @api.depends("invoice_line_ids.maintenance_line_id.credit_proposed")
    def _compute_maintenance_credit_proposed(self):
        for move in self:
            lines = move._get_vendor_credit_lines()
            move.maintenance_credit_proposed = any(lines.mapped("credit_proposed"))

    # -- which documents --------------------------------------------------------

    def _get_vendor_credit_lines(self):
        """Permission lines that these vendor credits are about."""
        return self.sudo().invoice_line_ids._filter_crediting().maintenance_line_id

    def _get_bill_name(self):
        """How messages name a bill that may still have no number."""
        self.ensure_one()
        return self.ref or self.display_name

    # -- to-dos of approvers ----------------------------------------------------

    def _renew_difference_todos(self, vals=None):
        """:return: function that asks approvers for what vendor bills charge otherwise
        after the change or removal, ``None`` where there is nobody to be asked"""
        if vals is not None and not vals.keys() & DISPUTED_FIELDS:
            return None
        bills = self.filtered(
            lambda move: move.move_type == "in_invoice"
            and move.company_id.sudo().maintenance_approver_id
        )
        if not bills:
            return None
        return partial(bills._follow_difference, bills._get_billed_permissions())

    def _get_billed_permissions(self):
        return self.sudo().invoice_line_ids.maintenance_line_id.permission_id

    def _follow_difference(self, before):
        """:param before: permissions that the bills were about before the change"""
        permissions = before | self.exists()._get_billed_permissions()
        permissions._update_difference_todos()

    # -- resetting --------------------------------------------------------------

    def button_draft(self):
        result = super().button_draft()
        self.env["maintenance.posting"]._take_bills_back(self)
        return result

    # -- buttons ----------------------------------------------------------------

    def action_approve_difference(self):
        """Accept that draft bills differ from their permissions by more than the
        company's tolerance."""
        self.check_access("write")
        refuse_without_group(self.env, APPROVER)
        bills = self.sudo().invoice_line_ids._filter_billing().move_id
        wrong = self.filtered(lambda m: m.state != "draft") + (self - bills)
        if wrong:
            raise UserError(
                self.env._(
                    "Only differences of draft bills with permissions can be "
                    "approved, not those of: %s",
                    ", ".join(wrong.mapped("display_name")),
                )
            )
        self.env["maintenance.bill.difference"]._approve(self)

    @expects(one=True)
    def action_maintenance_credit_customer(self):
        """Credit the customers what this vendor credit takes back."""
        self.check_access("read")
        lines = self._get_vendor_credit_lines().filtered("credit_proposed")
        return lines.sudo(False).action_credit_customer()
