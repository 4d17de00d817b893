from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.service_invoicing.tools.guards import (
    changes_values,
    refuse_implausible,
    refuse_without_group,
)
from odoo.addons.service_invoicing.tools.numbers import take_number

from ...tools.computed import (
    get_computed_names,
    get_forbidden_labels,
    without_empty_computed,
)
from ...tools.groups import APPROVER
from ...tools.states import STATES

DECISIONS = [state for state in STATES if state[0] not in ("closed", "reinvoiced")]
# what only our own methods set; what is computed comes on top of it
PROTECTED_FIELDS = {"decision", "odometer_id"}
# what stands in the history of the vehicle's odometer
ODOMETER_FIELDS = {"odometer", "date", "vehicle_id"}
# what was approved together with the lines
BUY_FIELDS = {"company_id", "vendor_id", "purchase_currency_id"}
# what was approved, too, and an approver may correct
APPROVER_FIELDS = {
    "contract_id",
    "date",
    "name",
    "partner_id",
    "sale_currency_id",
    "vehicle_id",
}
# what the customer's invoices were made from
SELL_FIELDS = {
    "company_id",
    "contract_id",
    "date",
    "name",
    "partner_id",
    "vehicle_id",
    "sale_currency_id",
    "customer_reference",
}


class MaintenancePermission(models.Model):
    """The permission for a garage to work on a leased vehicle."""

    _name = "maintenance.permission"
    _description = "Maintenance Permission"
    _inherit = ["service.odometer.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _rec_names_search = ["name", "vehicle_id.license_plate", "partner_id.name"]
    _check_company_auto = True

    _name_company_uniq = models.UniqueIndex(
        "(name, company_id)", "This permission number is already used."
    )

    name = fields.Char(
        string="Permission Number",
        default=lambda self: self.env._("New"),
        required=True,
        copy=False,
        index="trigram",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        index=True,
    )
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    vehicle_id = fields.Many2one(
        "fleet.vehicle", required=True, check_company=True, index=True
    )
    contract_id = fields.Many2one(
        "maintenance.contract",
        compute="_compute_contract_id",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        check_company=True,
        index=True,
        help="Proposed from the vehicle: its open contract on the permission's date.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        compute="_compute_partner_id",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        check_company=True,
        index=True,
        help="Proposed from the contract. Receives the re-invoicing invoices unless "
        "a line names somebody else.",
    )
    vendor_id = fields.Many2one(
        "res.partner",
        string="Garage",
        check_company=True,
        tracking=True,
        index="btree_not_null",
        help="The vendor who does the work and sends the bill.",
    )
    driver_id = fields.Many2one(
        "res.partner",
        string="Driver",
        compute="_compute_driver_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    odometer = fields.Float(
        digits=(16, 0),
        copy=False,
        help="Reading on arrival at the garage, in the vehicle's unit. Kept in the "
        "vehicle's odometer history.",
    )
    service_type_id = fields.Many2one("fleet.service.type", string="Service Type")
    date = fields.Date(
        required=True, default=fields.Date.context_today, tracking=True, index=True
    )
    customer_reference = fields.Char(
        string="Customer Order Number",
        compute="_compute_customer_reference",
        store=True,
        readonly=False,
        precompute=True,
        help="Proposed from the contract; printed on the customer's invoice.",
    )
    purchase_currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        help="Currency of the garage's bill.",
    )
    sale_currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_sale_currency_id",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        help="Currency of the customer's invoice, proposed from the contract.",
    )
    line_ids = fields.One2many(
        "maintenance.permission.line", "permission_id", string="Lines", copy=True
    )
    decision = fields.Selection(
        DECISIONS,
        default="preparation",
        required=True,
        copy=False,
        help="What people decided; the status adds what followed from it.",
    )
    state = fields.Selection(
        STATES,
        string="Status",
        compute="_compute_state",
        store=True,
        index=True,
        group_expand=True,
        help="Closed once every line's bill is posted, re-invoiced once every line is "
        "re-invoiced. Both follow by themselves; lines added later do not count.",
    )
    amount_purchase = fields.Monetary(
        string="Purchase",
        compute="_compute_amounts",
        store=True,
        currency_field="purchase_currency_id",
        help="Purchase prices of the lines, before tax.",
    )
    amount_purchase_company = fields.Monetary(
        string="Purchase in Company Currency",
        compute="_compute_amount_purchase_company",
        currency_field="company_currency_id",
        help="What the approval limit is compared with: net, at the rate of the "
        "permission's date.",
    )
    amount_sale = fields.Monetary(
        string="To Re-invoice",
        compute="_compute_amounts",
        store=True,
        currency_field="sale_currency_id",
        help="Amounts to re-invoice of the lines, before tax.",
    )

    @api.depends("vehicle_id", "date", "company_id")
    def _compute_contract_id(self):
        wrong = self.filtered(lambda p: not p._has_right_contract())
        for company, permissions in wrong.grouped("company_id").items():
            contracts = permissions.vehicle_id._get_open_contracts(company)
            for permission in permissions:
                found = permission.vehicle_id._get_maintenance_contract(
                    company, permission.date, contracts
                )
                permission.contract_id = found or permission.contract_id

    def _has_right_contract(self):
        """The contract is the vehicle's, and its dates fit as long as nothing has been
        decided; afterwards a contract changes by hand only."""
        self.ensure_one()
        contract, vehicle = self.contract_id, self.vehicle_id
        if not vehicle:
            return True
        if vehicle not in contract.vehicle_ids:
            return False
        return self.decision != "preparation" or contract._is_open_on(self.date)

    @api.depends("contract_id")
    def _compute_partner_id(self):
        for permission in self:
            contract = permission.contract_id
            permission.partner_id = contract.partner_id or permission.partner_id

    @api.depends("vehicle_id")
    def _compute_driver_id(self):
        for permission in self:
            permission.driver_id = permission.vehicle_id.driver_id

    @api.depends("contract_id")
    def _compute_customer_reference(self):
        for permission in self:
            permission.customer_reference = permission.contract_id.customer_reference

    @api.depends("contract_id", "company_id")
    def _compute_sale_currency_id(self):
        for permission in self:
            permission.sale_currency_id = (
                permission.contract_id.currency_id or permission.company_id.currency_id
            )

    @api.depends("line_ids.purchase_price", "line_ids.amount_to_reinvoice")
    def _compute_amounts(self):
        for permission in self:
            lines = permission.line_ids
            permission.amount_purchase = sum(lines.mapped("purchase_price"))
            permission.amount_sale = sum(lines.mapped("amount_to_reinvoice"))

    @api.depends("amount_purchase", "purchase_currency_id", "date", "company_id")
    def _compute_amount_purchase_company(self):
        for permission in self:
            company = permission.company_id
            permission.amount_purchase_company = (
                permission.purchase_currency_id._convert(
                    permission.amount_purchase,
                    company.currency_id,
                    company,
                    permission.date or fields.Date.context_today(permission),
                )
            )

    @api.depends(
        "decision",
        "line_ids.extra",
        "line_ids.bill_posted",
        "line_ids.purchase_price",
        "line_ids.reinvoiced",
    )
    def _compute_state(self):
        for permission in self:
            permission.state = (
                permission._get_progress_state()
                if permission.decision == "approved"
                else permission.decision
            )

    def _get_progress_state(self):
        """How far an approved permission has come: approved, closed, reinvoiced."""
        self.ensure_one()
        lines = self.line_ids.filtered(lambda line: not line.extra)
        if lines and all(line.reinvoiced for line in lines):
            return "reinvoiced"
        if lines and all(line._is_purchase_done() for line in lines):
            return "closed"
        return "approved"

    @api.depends("name", "vehicle_id.license_plate")
    def _compute_display_name(self):
        for permission in self:
            plate = permission.vehicle_id.license_plate
            name = permission.name
            permission.display_name = f"{name} [{plate}]" if plate else name

    @api.model_create_multi
    def create(self, vals_list):
        new = self.env._("New")
        defaults = self.default_get([*self._get_protected_names()])
        vals_list = [without_empty_computed(self, vals) for vals in vals_list]
        for vals in vals_list:
            refuse_implausible(self.browse(), ("odometer",), vals)
            given = defaults | vals
            self._check_protected(
                name
                for name, value in given.items()
                if value and value != "preparation"
            )
            if vals.get("name", new) == new:
                vals["name"] = self._get_next_number(vals) or new
        permissions = super().create(vals_list)
        permissions._update_odometer_reading()
        return permissions

    def write(self, vals):
        refuse_implausible(self, ("odometer",), vals)
        self._check_protected(vals)
        self._check_sell_side(vals)
        self._check_buy_side(vals)
        self._check_approver_side(vals)
        approved = self._filter_approval_changed(vals)
        result = super().write(vals)
        if ODOMETER_FIELDS & vals.keys():
            self._update_odometer_reading()
        self._check_approval_kept(approved, vals)
        if "decision" in vals:
            # whoever decides may not see the to-dos of others
            self.sudo()._update_approval_todos()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        allowed = ("preparation", "cancelled", "rejected")
        decided = self.filtered(lambda p: p.state not in allowed)
        if decided:
            raise UserError(
                self.env._(
                    "Only permissions in preparation, rejected or cancelled can be "
                    "deleted, these cannot: %s",
                    ", ".join(decided.mapped("name")),
                )
            )

    @api.model
    def _get_protected_names(self):
        """Fields that nobody gives a value: our marks, and all that is computed."""
        return PROTECTED_FIELDS | get_computed_names(self)

    @api.model
    def _check_protected(self, names):
        """Refuse from outside what follows from actions, lines and bills."""
        labels = get_forbidden_labels(self, self._get_protected_names(), names)
        if labels:
            raise UserError(
                self.env._(
                    "Status and amounts of a permission follow from its approval, its "
                    "lines, its bills and its invoices; they cannot be written "
                    "directly: %s",
                    labels,
                )
            )

    def _check_approver_side(self, vals):
        """Once approved, whom and what it is for changes by an approver's hand."""
        changed = self.filtered(
            lambda p: p.decision == "approved"
            and changes_values(p, vals, APPROVER_FIELDS)
        )
        if changed:
            refuse_without_group(self.env, APPROVER)

    def _check_buy_side(self, vals):
        """What was approved changes only after it was re-opened."""
        changed = self.filtered(
            lambda p: p.decision == "approved" and changes_values(p, vals, BUY_FIELDS)
        )
        if changed:
            raise UserError(
                self.env._(
                    "Company, garage and currency of approved permissions can no "
                    "longer be changed: %s. Re-open them first.",
                    ", ".join(changed.mapped("name")),
                )
            )

    def _check_sell_side(self, vals):
        if not SELL_FIELDS & set(vals):
            return
        frozen = self.filtered(lambda p: any(p.line_ids.mapped("sale_invoice_id")))
        changed = frozen.filtered(lambda p: changes_values(p, vals, SELL_FIELDS))
        if changed:
            raise UserError(
                self.env._(
                    "These permissions have invoiced lines, so what they sell can no "
                    "longer be changed: %s. Cancel the lines' invoices first.",
                    ", ".join(changed.mapped("name")),
                )
            )

    # Numbers come from the service type's series, else from the general one.

    @api.model
    def _get_next_number(self, vals):
        """Number of a new permission with the values ``vals``."""
        default_id = self.env.context.get("default_company_id")
        company = vals.get("company_id") or default_id or self.env.company.id
        sequence = self._get_service_type(vals).with_company(company)
        sequence = sequence.maintenance_sequence_id
        if sequence:
            return sequence.next_by_id()
        company = self.env["res.company"].browse(company)
        return take_number(self.env, self._name, company)

    @api.model
    def _get_service_type(self, vals):
        """The service type that ``vals`` or the caller's context give."""
        default_id = self.env.context.get("default_service_type_id")
        type_id = vals.get("service_type_id", default_id)
        return self.env["fleet.service.type"].browse(type_id or ())
