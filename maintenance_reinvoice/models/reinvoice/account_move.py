from contextlib import ExitStack

from odoo import api, fields, models
from odoo.tools.sql import column_exists, create_column

from odoo.addons.service_invoicing.tools.actions import open_list
from odoo.addons.service_invoicing.tools.arguments import expects
from odoo.addons.service_invoicing.tools.guards import get_context_defaults


class AccountMove(models.Model):
    """Re-invoicing: the invoice of permissions and its redistribution entry."""

    _inherit = "account.move"

    service_invoice_type = fields.Selection(
        selection_add=[("maintenance", "Maintenance (print type Service)")],
        ondelete={"maintenance": "set null"},
    )
    maintenance_mass_invoice = fields.Boolean(
        string="Mass Invoice",
        copy=False,
        readonly=True,
        help="Made by a mass re-invoicing run, or the credit memo of such an invoice.",
    )
    maintenance_mass_analytic_account_id = fields.Many2one(
        "account.analytic.account",
        string="Mass Dimension",
        copy=False,
        readonly=True,
        index="btree_not_null",
        help="Dimension of the customer ledger: shown on the journal items, without "
        "analytic items on the receivable.",
    )
    maintenance_origin_id = fields.Many2one(
        "account.move",
        string="Redistributed Invoice",
        copy=False,
        readonly=True,
        index="btree_not_null",
        help="The collective invoice that this entry redistributes.",
    )
    maintenance_entry_ids = fields.One2many(
        "account.move", "maintenance_origin_id", string="Redistribution Entries"
    )
    maintenance_redistribution_id = fields.Many2one(
        "account.move",
        string="Redistribution Entry",
        compute="_compute_maintenance_redistribution_id",
        store=True,
        help="Moves this collective invoice from the clearing account to the revenue "
        "of each contract.",
    )
    maintenance_row_ids = fields.One2many(
        "maintenance.reinvoice.row", "move_id", string="Re-invoiced Lines", copy=False
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
            self.env["maintenance.move.guard"]._check_protected(
                {name for name, value in given.items() if value}
            )
        return super().create(vals_list)

    def _keep_maintenance(self, vals):
        self.env["maintenance.move.guard"]._check_protected(vals)
        if vals.get("state") in ("draft", "cancel"):
            self._check_maintenance_reset()

    def _check_maintenance_reset(self):
        guard = self.env["maintenance.move.guard"]
        guard._check_all(guard._get_reset_checks(), self)

    def copy_data(self, default=None):
        self.env["maintenance.move.guard"]._check_copy(self)
        return super().copy_data(default)

    def unlink(self):
        guard = self.env["maintenance.move.guard"]
        guard._check_all(guard._get_delete_checks(), self)
        # a deleted draft frees its permission lines for the next invoice
        typed = self.sudo().filtered("service_invoice_type")
        typed.maintenance_row_ids.unlink()
        return super().unlink()

    def _post(self, soft=True):
        posting = self.env["maintenance.posting"]
        with ExitStack() as phases:
            for name in posting._get_phases():
                phases.enter_context(getattr(posting, name)(self))
            return super()._post(soft)

    def _get_next_sequence_format(self):
        """Core looks for the last number before every document, although it counts on
        from what it keeps itself: documents of re-invoicing that share journal, day and
        type are numbered by the hundred, so it is looked for once."""
        is_ours = (
            self.service_invoice_type == "maintenance" or self.maintenance_origin_id
        )
        if (
            not is_ours
            or self.journal_id.is_self_billing
            or not self.env["maintenance.invoice.items"]._is_core_way("numbers")
        ):
            return super()._get_next_sequence_format()
        known = self._get_sequence_cache()
        key = ("maintenance", self.journal_id.id, self.date, self.move_type)
        if key not in known:
            known[key] = super()._get_next_sequence_format()
        number_format, values = known[key]
        return number_format, dict(values)

    def _reverse_moves(self, default_values_list=None, cancel=False):
        guard = self.env["maintenance.move.guard"]
        guard._check_all(guard._get_reverse_checks(), self)
        return super()._reverse_moves(default_values_list, cancel)

    def _get_maintenance_permissions(self):
        """Permissions billed or re-invoiced by the moves."""
        lines = self.invoice_line_ids.sudo().maintenance_line_id
        lines |= self.sudo().maintenance_row_ids.line_id
        return lines.permission_id.sudo(False)

    # -- buttons ----------------------------------------------------------------

    def action_view_maintenance_permissions(self):
        """The permissions behind a garage's bill or a customer's invoice."""
        permissions = self._get_maintenance_permissions()
        return open_list(permissions, self.env._("Maintenance Permissions"))

    @expects(one=True)
    def action_view_redistribution(self):
        """The redistribution entry of a collective invoice."""
        return self.maintenance_redistribution_id._get_records_action(context={})
