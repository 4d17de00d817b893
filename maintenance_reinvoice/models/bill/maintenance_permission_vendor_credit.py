from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.service_invoicing.tools.guards import refuse_without_group

from ...tools.groups import REINVOICE

TODO_CREDIT = "maintenance_reinvoice.mail_activity_type_credit_customer"


class MaintenancePermission(models.Model):
    """A vendor's credit that the customer should hear of is somebody's to-do."""

    _inherit = "maintenance.permission"

    credit_proposed = fields.Boolean(
        string="Customer Credit Proposed",
        compute="_compute_credit_proposed",
        store=True,
        help="The garage has credited work that the customer paid for.",
    )

    @api.depends("line_ids.credit_proposed")
    def _compute_credit_proposed(self):
        for permission in self:
            proposed = permission.line_ids.mapped("credit_proposed")
            permission.credit_proposed = any(proposed)

    def action_credit_customer(self):
        """Credit the customer what the garage has credited."""
        return self.line_ids.filtered("credit_proposed").action_credit_customer()

    def _update_credit_todos(self):
        """One to-do for a permission whose customer should be credited, none for
        another."""
        if not self:
            return
        todo_type = self.env.ref(TODO_CREDIT, raise_if_not_found=False)
        if not todo_type:
            return
        permissions = self.sudo()
        proposed = permissions.filtered("credit_proposed")
        (permissions - proposed).activity_unlink([TODO_CREDIT])
        waiting = proposed.filtered(
            lambda p: todo_type not in p.activity_ids.activity_type_id
        )
        by_user = waiting.grouped(lambda p: p._get_credit_user())
        for user, mine in by_user.items():
            mine.activity_schedule(TODO_CREDIT, user_id=user.id)

    def _get_credit_user(self):
        """Who sees to the customer's credit: the company's choice, else who made the
        permission, else who is at work."""
        self.ensure_one()
        responsible = self.company_id.maintenance_credit_user_id
        maker = self.create_uid.filtered("active")
        return responsible or maker or self.env.user


class MaintenancePermissionLine(models.Model):
    """What the garage gave back of a line."""

    _inherit = "maintenance.permission.line"

    amount_before_credit = fields.Monetary(
        string="Before the Garage's Credit",
        copy=False,
        readonly=True,
        help="What was to be charged until the garage's credit lowered it.",
    )
    amount_after_credit = fields.Monetary(
        string="Right Amount",
        compute="_compute_amount_after_credit",
        help="What the customer should be charged after the garage's credits: no more "
        "than what remains bought, with the mark-up he pays.",
    )

    @api.depends("amount_to_reinvoice", "amount_billed", "amount_credited")
    def _compute_amount_after_credit(self):
        for line in self:
            line.amount_after_credit = line._get_amount_after_credit()

    def _forget_lowering(self, vals):
        """What somebody chose is not raised again when a credit is reset."""
        if "amount_to_reinvoice" in vals and "amount_before_credit" not in vals:
            if lowered := self.filtered("amount_before_credit"):
                lowered.sudo().write({"amount_before_credit": 0.0})

    def _lower_to_bought(self):
        """A garage's credit lowers what will be charged to what remains bought, and
        never raises it; what is already on an invoice stays."""
        for line in self.filtered(
            lambda row: row.reinvoice and not row.sale_invoice_id
        ):
            amount, right = line.amount_to_reinvoice, line._get_amount_after_credit()
            if line.currency_id.compare_amounts(abs(amount), abs(right)) > 0:
                line._set_after_credit(right, line.amount_before_credit or amount)

    def _undo_lowering(self):
        """After a credit was reset: the charge as before, as far as the other credits
        allow."""
        for line in self.filtered("amount_before_credit"):
            if not line.sale_invoice_id:
                before = line.amount_before_credit
                right = line._get_amount_after_credit(before)
                line._set_after_credit(right, before)

    def _set_after_credit(self, amount, before):
        """Charge ``amount``, and remember what it was while that was more."""
        self.ensure_one()
        lowered = self.currency_id.compare_amounts(amount, before)
        self.sudo().write(
            {
                "amount_to_reinvoice": amount,
                "amount_before_credit": before if lowered else 0.0,
            }
        )

    def action_credit_customer(self):
        """Open the cancellation of the customer's invoice with the right amount, for
        lines that the garage has credited.

        :raise UserError: naming the lines without such a proposal
        """
        self.check_access("read")
        refuse_without_group(self.env, REINVOICE)
        others = self.filtered(lambda line: not line.credit_proposed)
        if others or not self:
            raise UserError(
                self.env._(
                    "The garage has credited nothing that the customer still pays "
                    "for: %s",
                    ", ".join(others.mapped("display_name")) or "–",
                )
            )
        rows = self.row_ids.filtered(lambda row: row.live and not row.credit_move_id)
        return self.env["maintenance.reinvoice.cancel"]._open(
            rows.move_id.maintenance_row_ids._filter_creditable(),
            rows,
            {
                row: {"amount_to_reinvoice": row.line_id.amount_after_credit}
                for row in rows
            },
        )


class MaintenanceReinvoiceRow(models.Model):
    """Rows of which the garage gave something back."""

    _inherit = "maintenance.reinvoice.row"

    def write(self, vals):
        result = super().write(vals)
        if "credit_move_id" in vals:
            lines = self.line_id.filtered("amount_credited")
            lines.permission_id._update_credit_todos()
        return result
