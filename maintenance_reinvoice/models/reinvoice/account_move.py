from contextlib import ExitStack, contextmanager

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.sql import column_exists, create_column

from odoo.addons.service_invoicing.tools.arguments import expects
from odoo.addons.service_invoicing.tools.guards import (
    get_context_defaults,
    raise_together,
)

from ...tools.actions import open_list
from ...tools.computed import get_forbidden_labels

PROTECTED_FIELDS = {
    "maintenance_accrual_date",
    "maintenance_accrued_line_ids",
    "maintenance_approved_differences",
    "maintenance_attachment_file",
    "maintenance_credited_row_ids",
    "maintenance_difference_approved",
    "maintenance_entry_ids",
    "maintenance_mass_analytic_account_id",
    "maintenance_mass_invoice",
    "maintenance_origin_id",
    "maintenance_redistribution_id",
    "maintenance_row_ids",
}


class AccountMove(models.Model):
    """Re-invoicing: the invoice of permissions and its redistribution entry."""

    _inherit = "account.move"

    service_invoice_type = fields.Selection(
        selection_add=[("maintenance", "Maintenance (print type Service)")],
        ondelete={"maintenance": "set null"},
    )
    maintenance_mass_invoice = fields.Boolean(
        string="Mass invoice",
        copy=False,
        readonly=True,
        help="Made by a mass re-invoicing run, or the credit memo of such an invoice.",
    )
    maintenance_mass_analytic_account_id = fields.Many2one(
        "account.analytic.account",
        string="Mass dimension",
        copy=False,
        readonly=True,
        index="btree_not_null",
        help="Dimension of the customer ledger: shown on the journal items, without "
        "analytic items on the receivable.",
    )
    maintenance_origin_id = fields.Many2one(
        "account.move",
        string="Redistributed invoice",
        copy=False,
        readonly=True,
        index="btree_not_null",
        help="The collective invoice that this entry redistributes.",
    )
    maintenance_entry_ids = fields.One2many(
        "account.move", "maintenance_origin_id", string="Redistribution entries"
    )
    maintenance_redistribution_id = fields.Many2one(
        "account.move",
        string="Redistribution entry",
        compute="_compute_maintenance_redistribution_id",
        store=True,
        help="Moves this collective invoice from the clearing account to the revenue "
        "of each contract.",
    )
    maintenance_row_ids = fields.One2many(
        "maintenance.reinvoice.row", "move_id", string="Re-invoiced lines", copy=False
    )
    # Read by nobody: by it the ORM knows that a new move has no log, and need not
    # search for it whenever the state of a move changes.
    maintenance_log_ids = fields.One2many(
        "maintenance.reinvoice.log",
        "move_id",
        copy=False,
        readonly=True,
        export_string_translation=False,
    )
    maintenance_permission_count = fields.Integer(
        compute="_compute_maintenance_permission_count"
    )

    def _auto_init(self):
        # no move has an entry yet when the add-on is installed: creating the column
        # here saves computing it for every move of the database
        name = "maintenance_redistribution_id"
        if not column_exists(self.env.cr, self._table, name):
            create_column(self.env.cr, self._table, name, "int4")
        return super()._auto_init()

    @api.depends("maintenance_row_ids", "invoice_line_ids.maintenance_line_id")
    def _compute_maintenance_permission_count(self):
        for move in self:
            move.maintenance_permission_count = len(move._get_maintenance_permissions())

    @api.depends("maintenance_entry_ids")
    def _compute_maintenance_redistribution_id(self):
        for move in self:
            move.maintenance_redistribution_id = move.maintenance_entry_ids[:1]

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            # the caller's context fills what the values leave out
            given = get_context_defaults(self.env) | vals
            self._check_maintenance_protected(
                {name for name, value in given.items() if value}
            )
        return super().create(vals_list)

    def _get_maintenance_delete_checks(self):
        """Names of the methods that refuse to delete documents, with a sentence."""
        return ["_check_maintenance_accrual_delete", "_check_maintenance_delete"]

    def _get_maintenance_reverse_checks(self):
        """The same of core's own reversal."""
        return ["_check_maintenance_accrual", "_check_maintenance_reverse"]

    def _keep_maintenance(self, vals):
        self._check_maintenance_protected(vals)
        if vals.get("state") in ("draft", "cancel"):
            for name in self.env["service.move.guard"]._get_maintenance_checks():
                getattr(self, name)()

    def _is_maintenance_invoice(self):
        """Whether rows stand behind it; an ordinary document is not asked for any."""
        return self.service_invoice_type and self.sudo().maintenance_row_ids

    def copy_data(self, default=None):
        # a copy would bill the clearing account without rows and redistribution
        made = self.filtered(
            lambda move: move.maintenance_origin_id or move._is_maintenance_invoice()
        )
        if made:
            raise UserError(
                self.env._(
                    "These documents come from maintenance re-invoicing and cannot be "
                    "duplicated: %s. Re-invoice the permission lines instead.",
                    ", ".join(made.mapped("display_name")),
                )
            )
        return super().copy_data(default)

    @api.model
    def _check_maintenance_protected(self, names):
        """Refuse re-invoicing's own marks from outside."""
        if labels := get_forbidden_labels(self, PROTECTED_FIELDS, names):
            raise UserError(
                self.env._("Only maintenance re-invoicing itself sets: %s", labels)
            )

    def unlink(self):
        for name in self._get_maintenance_delete_checks():
            getattr(self, name)()
        # a deleted draft frees its permission lines for the next invoice
        typed = self.sudo().filtered("service_invoice_type")
        typed.maintenance_row_ids.unlink()
        return super().unlink()

    def _post(self, soft=True):
        with ExitStack() as phases:
            for name in self._get_maintenance_post_phases():
                phases.enter_context(getattr(self, name)())
            return super()._post(soft)

    def _get_maintenance_post_phases(self):
        """Names of the methods around core's posting, in the order in which they
        begin; the last one ends first. Each is a context manager."""
        return ["_post_maintenance_bills", "_post_maintenance_rows"]

    @contextmanager
    def _post_maintenance_rows(self):
        """What re-invoicing made is posted as it was made, on a day that is open; its
        mass dimension is shown on the customer's ledger items. A garage may have
        credited the work before it is invoiced."""
        self.env["maintenance.reinvoice.check"]._check_documents(self)
        self.env["service.closed.period"]._leave(self._filter_maintenance_sales())
        yield
        # ours to write: nobody sets it by hand
        posted = self._filter_posted().sudo()
        name = "maintenance_mass_analytic_account_id"
        for account, moves in posted.filtered(name).grouped(name).items():
            moves._get_receivable_lines().write({name: account.id})
        lines = posted.maintenance_row_ids.line_id
        lines.filtered("amount_credited").permission_id._update_credit_todos()

    def _get_next_sequence_format(self):
        """Core looks for the last number before every document, although it counts on
        from what it keeps itself: documents of re-invoicing that share journal, day and
        type are numbered by the hundred, so it is looked for once."""
        if not self._is_numbered_together():
            return super()._get_next_sequence_format()
        known = self._get_sequence_cache()
        key = ("maintenance", self.journal_id.id, self.date, self.move_type)
        if key not in known:
            known[key] = super()._get_next_sequence_format()
        number_format, values = known[key]
        return number_format, dict(values)

    def _is_numbered_together(self):
        """Whether its number follows from journal, day and type alone."""
        return bool(
            (self.service_invoice_type == "maintenance" or self.maintenance_origin_id)
            and not self.journal_id.is_self_billing
            and self.env["maintenance.invoice.items"]._is_core_way("numbers")
        )

    def _reverse_moves(self, default_values_list=None, cancel=False):
        for name in self._get_maintenance_reverse_checks():
            getattr(self, name)()
        return super()._reverse_moves(default_values_list, cancel)

    def _check_maintenance_reverse(self):
        """Core would credit the clearing account and leave revenue and rows as they
        are."""
        made = self.filtered(
            lambda move: move.maintenance_origin_id
            or move.maintenance_mass_invoice
            or move._is_maintenance_invoice()
        )
        if made:
            raise UserError(
                self.env._(
                    "These documents come from maintenance re-invoicing: %s. Credit "
                    "them with the button “Cancel Maintenance Rows” of the invoice, "
                    "which also takes care of redistribution and permissions.",
                    ", ".join(made.mapped("display_name")),
                )
            )

    def _check_maintenance_reset(self):
        """Refuse to reset or cancel what other documents rest on; all reasons of
        all documents at once."""
        raise_together([e for move in self.sudo() for e in move._get_reset_errors()])

    def _get_reset_errors(self):
        self.ensure_one()
        errors = self.env["maintenance.bill.check"]._get_reset_errors(self)
        if self.service_invoice_type or self.maintenance_origin_id:
            errors = (
                self._get_collective_reset_errors()
                + self._get_redistribution_reset_errors()
                + errors
            )
        return errors

    def _get_collective_reset_errors(self):
        """Why a collective invoice or its credit memo stays.

        :return: list of translated sentences
        """
        errors = []
        credits = self.maintenance_row_ids.credit_move_id
        if self.maintenance_credited_row_ids:
            errors.append(
                self.env._(
                    "%s credits re-invoiced rows and stays posted. Re-invoice the "
                    "freed rows instead.",
                    self.name,
                )
            )
        elif credits:
            errors.append(
                self.env._(
                    "Rows of %(invoice)s are credited by %(credits)s, so it stays "
                    "posted. Credit its other rows instead.",
                    invoice=self.name,
                    credits=", ".join(credits.mapped("name")),
                )
            )
        elif self.maintenance_redistribution_id:
            errors.append(
                self.env._(
                    "Collective invoice %s is redistributed to its contracts. Use its "
                    "button “Cancel Maintenance Rows” to credit it.",
                    self.name,
                )
            )
        return errors

    def _get_redistribution_reset_errors(self):
        """Why the entry of a collective invoice or of its credit memo stays.

        :return: list of translated sentences
        """
        errors = []
        invoice = self.maintenance_origin_id
        if invoice.maintenance_credited_row_ids:
            errors.append(
                self.env._(
                    "%(entry)s redistributes credit memo %(credit)s and stays posted. "
                    "Re-invoice the freed rows instead.",
                    entry=self.name,
                    credit=invoice.name,
                )
            )
        elif invoice:
            errors.append(
                self.env._(
                    "%(entry)s redistributes collective invoice %(invoice)s. Use the "
                    "button “Cancel Maintenance Rows” of that invoice to reverse it.",
                    entry=self.name,
                    invoice=invoice.name,
                )
            )
        return errors

    # -- buttons ----------------------------------------------------------------

    def action_view_maintenance_permissions(self):
        """The permissions behind a garage's bill or a customer's invoice."""
        permissions = self._get_maintenance_permissions()
        return open_list(permissions, self.env._("Maintenance Permissions"))

    @expects(one=True)
    def action_view_redistribution(self):
        """The redistribution entry of a collective invoice."""
        return self.maintenance_redistribution_id._get_records_action(context={})
