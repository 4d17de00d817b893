from odoo import api, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.service_invoicing.tools.guards import (
    changes_values,
    get_context_defaults,
    refuse_implausible,
)

PROTECTED_FIELDS = {
    "accrual_move_ids",
    "amount_before_credit",
    "amount_billed",
    "amount_credited",
    "bill_line_ids",
    "bill_posted",
    "credit_proposed",
    "difference",
    "extra",
    "markup_percent",
    "posted_invoice_name",
    "reinvoiced",
    "row_ids",
    "sale_invoice_id",
    "settled",
}
SELL_FIELDS = {
    "amount_to_reinvoice",
    "currency_id",
    "markup_allowed",
    "name",
    "permission_id",
    "product_id",
    "reinvoice",
    "reinvoice_method",
    "reinvoice_partner_id",
    "reinvoice_reason",
}
AMOUNT_FIELDS = ("purchase_price", "amount_to_reinvoice")
BUY_FIELDS = {"purchase_price", "product_id", "permission_id"}


class MaintenancePermissionLine(models.Model):
    """What may be done to a line depends on how far its permission has come; the
    answer is the same for a form, an import and a remote client."""

    _inherit = "maintenance.permission.line"

    @api.model_create_multi
    def create(self, vals_list):
        permissions = self.env["maintenance.permission"]
        default_id = self.env.context.get("default_permission_id")
        vals_list = [dict(vals) for vals in vals_list]
        for vals in vals_list:
            given = get_context_defaults(self.env) | vals
            self._check_protected({name for name, value in given.items() if value})
            refuse_implausible(self.browse(), AMOUNT_FIELDS, vals, vals.get("name"))
            self._force_excessive_wear(vals)
            permission_id = vals.get("permission_id") or default_id
            if permission_id and not vals.get("difference"):
                self._check_addition(permissions.browse(permission_id), vals)
        lines = super().create(vals_list)
        lines._check_approved_limit()
        return lines

    def write(self, vals):
        self._check_protected(vals)
        refuse_implausible(self, AMOUNT_FIELDS, vals)
        self._check_sell_side(vals)
        self._check_buy_side(vals)
        vals = dict(vals)
        self._force_excessive_wear(vals)
        result = super().write(vals)
        if "purchase_price" in vals:
            self._check_approved_limit()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        # whoever prepares permissions need not see bills
        used = self.sudo().filtered(lambda line: line.row_ids or line.bill_line_ids)
        if used:
            raise UserError(
                self.env._(
                    "Lines that have been billed or re-invoiced cannot be deleted: %s",
                    ", ".join(used.mapped("display_name")),
                )
            )
        self._check_may_change_approved()

    @api.model
    def _check_protected(self, names):
        """Refuse what is computed, and mark-ups that no manager allows."""
        if self.env.su:
            return
        forbidden = PROTECTED_FIELDS & set(names)
        if forbidden:
            raise UserError(
                self.env._(
                    "These fields follow from bills and invoices and cannot be "
                    "written: %s",
                    ", ".join(sorted(self._get_labels(forbidden))),
                )
            )
        if "markup_allowed" in names and not self.env.user.has_group(
            "maintenance_reinvoice.group_maintenance_manager"
        ):
            raise AccessError(self.env._("Only a manager may allow a mark-up."))

    @api.model
    def _get_labels(self, names):
        return [self._fields[name]._description_string(self.env) for name in names]

    @api.model
    def _force_excessive_wear(self, vals):
        if vals.get("reinvoice_method") == "excessive_wear":
            vals.setdefault("amount_to_reinvoice", 0.0)

    def _check_addition(self, permission, vals):
        """Whether a line may be added, given how far its permission has come; one
        added after closing is marked as extra."""
        if permission.state in ("rejected", "cancelled"):
            raise UserError(
                self.env._(
                    "Permission %s is rejected or cancelled. Re-open it to add lines.",
                    permission.name,
                )
            )
        if permission.state == "approved":
            permission._check_group("group_maintenance_approver")
        if permission.state not in ("closed", "reinvoiced"):
            return
        vals.setdefault("reinvoice_method", "individual")
        vals["extra"] = True
        currency = permission.purchase_currency_id
        if not currency.is_zero(vals.get("purchase_price") or 0.0):
            raise UserError(
                self.env._(
                    "The bills of permission %s are complete: only a line without "
                    "purchase price can be added. Make a new permission for more "
                    "work.",
                    permission.name,
                )
            )

    def _check_sell_side(self, vals):
        frozen = self.filtered(
            lambda line: line.sale_invoice_id
            and changes_values(line, vals, SELL_FIELDS)
        )
        if frozen:
            raise UserError(
                self.env._(
                    "What has been re-invoiced can no longer be changed: %s. Cancel "
                    "the line's invoice first.",
                    ", ".join(
                        f"{line.display_name} ({line.sale_invoice_id.display_name})"
                        for line in frozen
                    ),
                )
            )

    def _check_buy_side(self, vals):
        changed = self.filtered(lambda line: changes_values(line, vals, BUY_FIELDS))
        billed = changed.sudo().filtered("bill_line_ids")
        if billed:
            raise UserError(
                self.env._(
                    "What is on a garage's bill can no longer be changed on the "
                    "permission: %s. Delete the draft bill first, or have the vendor "
                    "credit it.",
                    ", ".join(billed.mapped("display_name")),
                )
            )
        changed._check_may_change_approved()

    def _check_may_change_approved(self):
        """Once approved, what is bought changes only by an approver's hand."""
        approved = self.permission_id.filtered(lambda p: p.decision == "approved")
        if approved:
            approved._check_group("group_maintenance_approver")

    def _check_approved_limit(self):
        """What is added to an approved permission stays within the limit of who adds.

        :raise UserError: naming the permissions above it
        """
        if self.env.su:
            return
        above = self.permission_id.filtered(
            lambda p: p.state == "approved" and not p._is_within_limit()
        )
        if above:
            raise UserError(
                self.env._(
                    "These approved permissions would be above your limit: %s. Re-open "
                    "them and have them approved anew.",
                    ", ".join(above.mapped("name")),
                )
            )
