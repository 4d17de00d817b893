from functools import partial

from odoo import api, models
from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.service_invoicing.tools.guards import (
    changes_values,
    refuse_implausible,
    refuse_without_group,
)

from ...tools.computed import (
    get_computed_names,
    get_forbidden_labels,
    without_empty_computed,
    without_related_defaults,
)
from ...tools.groups import APPROVER, MANAGER
from ...tools.states import COMPLETE_STATES

PROTECTED_FIELDS = {
    "accrual_move_ids",
    "amount_before_credit",
    "bill_line_ids",
    "difference",
    "difference_bill_id",
    "extra",
    "row_ids",
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
EXTRA_VALS = {"reinvoice": True, "reinvoice_method": "individual"}


class MaintenancePermissionLine(models.Model):
    """What may be done to a line depends on how far its permission has come; the
    answer is the same for a form, an import and a remote client."""

    _inherit = "maintenance.permission.line"

    @api.model_create_multi
    def create(self, vals_list):
        self = without_related_defaults(self)
        defaults = self._get_guarded_defaults()
        vals_list = [without_empty_computed(self, vals) for vals in vals_list]
        for vals in vals_list:
            given = defaults | vals
            self._check_protected({name for name, value in given.items() if value})
            refuse_implausible(self.browse(), AMOUNT_FIELDS, vals, vals.get("name"))
            if not vals.get("difference"):
                self._check_addition(given, vals)
            self._force_excessive_wear(vals, defaults.get("reinvoice_method"))
        lines = super().create(vals_list)
        lines.filtered("purchase_price").permission_id._check_bought_limit()
        return lines

    def write(self, vals):
        vals = dict(vals)
        followers = [getattr(self, name)(vals) for name in self._get_write_steps()]
        result = super().write(vals)
        for follow in filter(None, followers):
            follow()
        return result

    @api.model
    def _get_write_steps(self):
        """Names of what keeps lines from being changed, or completes ``vals``. Each may
        return a function for what follows the change."""
        return [
            "_check_protected",
            "_check_amounts",
            "_check_sell_side",
            "_check_buy_side",
            "_check_move",
            "_forget_lowering",
            "_force_excessive_wear",
            "_keep_amounts",
        ]

    def _check_amounts(self, vals):
        refuse_implausible(self, AMOUNT_FIELDS, vals)

    def _keep_amounts(self, vals):
        """:return: function that looks at the amounts once they are written"""
        return partial(self._follow_amounts, vals, self._get_revived(vals))

    def _follow_amounts(self, vals, revived):
        self._check_reason_kept(vals)
        for line in revived:
            line.amount_to_reinvoice = line._get_proposed_amount()
        if "purchase_price" in vals:
            self.permission_id._check_bought_limit()

    def unlink(self):
        # without a compensation more is bought than was approved
        permissions = self.filtered("purchase_price").permission_id
        result = super().unlink()
        permissions.exists()._check_bought_limit()
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
        labels = get_forbidden_labels(self, self._get_protected_names(), names)
        if labels:
            raise UserError(
                self.env._(
                    "These fields follow from the permission, its bills and its "
                    "invoices and cannot be written: %s",
                    labels,
                )
            )
        is_manager = self.env.su or self.env.user.has_group(MANAGER)
        if "markup_allowed" in names and not is_manager:
            raise AccessError(self.env._("Only a manager may allow a mark-up."))

    @api.model
    def _get_protected_names(self):
        """Fields that nobody gives a value: our marks, and all that is computed."""
        return PROTECTED_FIELDS | get_computed_names(self)

    @api.model
    def _get_guarded_defaults(self):
        """What new lines get unless told otherwise, whoever set it: the caller's
        context, or a default that a user keeps."""
        names = self._get_protected_names() | {
            "permission_id",
            "purchase_price",
            "markup_allowed",
            "reinvoice_method",
        }
        return self.default_get(list(names))

    @api.model
    def _get_given_permission(self, vals):
        """The permission that ``vals`` name, read as the field reads it."""
        field = self._fields["permission_id"]
        permission_id = field.convert_to_cache(vals.get("permission_id"), self.browse())
        return self.env["maintenance.permission"].browse(permission_id or ())

    @api.model
    def _force_excessive_wear(self, vals, method=None):
        """It stays our cost, whatever amount comes with it.

        :param method: of what ``vals`` leave out
        """
        if vals.get("reinvoice_method", method) == "excessive_wear":
            vals["amount_to_reinvoice"] = 0.0

    def _check_addition(self, given, vals):
        """Whether a line may be added, given how far its permission has come; one
        added after closing is marked as extra in ``vals``.

        :param dict given: ``vals`` and the defaults of what they leave out
        """
        permission = self._get_given_permission(given)
        if permission.state in ("rejected", "cancelled"):
            raise UserError(
                self.env._(
                    "Permission %s is rejected or cancelled. Re-open it to add lines.",
                    permission.name,
                )
            )
        if permission.state == "approved":
            refuse_without_group(self.env, APPROVER)
        if permission.state not in COMPLETE_STATES:
            return
        self._propose_extra(vals)
        vals["extra"] = True
        currency = permission.purchase_currency_id
        if not currency.is_zero(given.get("purchase_price") or 0.0):
            raise UserError(self._get_extra_error(permission))

    @api.constrains("extra", "purchase_price", "difference")
    def _check_extra_purchase(self):
        """What was added after closing is only sold, whoever gives it a price."""
        wrong = self.filtered(
            lambda line: line.extra
            and not line.difference
            and not line.purchase_currency_id.is_zero(line.purchase_price)
        )
        if wrong:
            raise ValidationError(self._get_extra_error(wrong.permission_id))

    def _get_extra_error(self, permissions):
        return self.env._(
            "The bills of these permissions are complete: %s. After that only a line "
            "without purchase price can be added. Make a new permission for more work.",
            ", ".join(permissions.mapped("name")),
        )

    def _check_move(self, vals):
        """A line moves to another permission only while nothing is decided on both."""
        moved = self.filtered(lambda row: changes_values(row, vals, {"permission_id"}))
        if self.env.su or not moved:
            return
        permissions = moved.permission_id + self._get_given_permission(vals)
        decided = permissions.filtered(lambda p: p.decision != "preparation")
        if decided:
            raise UserError(
                self.env._(
                    "A line stays on its permission unless both are in preparation, "
                    "and these are not: %s. Add a new line instead.",
                    ", ".join(decided.mapped("name")),
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
            refuse_without_group(self.env, APPROVER)

    # A line added after closing is there to be re-invoiced by itself.

    @api.model
    def default_get(self, fields):
        vals = super().default_get(fields)
        permission = self._get_given_permission(
            {"permission_id": self.env.context.get("default_permission_id")}
        )
        if permission.state in COMPLETE_STATES:
            vals |= {name: EXTRA_VALS[name] for name in EXTRA_VALS if name in fields}
        return vals

    @api.onchange("permission_id")
    def _onchange_permission_id(self):
        if not self._origin and self.permission_id.state in COMPLETE_STATES:
            self.update(EXTRA_VALS)

    @api.model
    def _propose_extra(self, vals):
        """Complete the values of a line that is added after closing; one that is
        charged in another way is ticked by whoever adds it."""
        method = EXTRA_VALS["reinvoice_method"]
        if vals.setdefault("reinvoice_method", method) == method:
            vals.setdefault("reinvoice", EXTRA_VALS["reinvoice"])
