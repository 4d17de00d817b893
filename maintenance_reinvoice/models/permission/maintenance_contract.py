from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.service_invoicing.tools.actions import open_menu
from odoo.addons.service_invoicing.tools.arguments import expects
from odoo.addons.service_invoicing.tools.numbers import take_number

from ...tools.markup import refuse_markup


class MaintenanceContract(models.Model):
    """The contract under which a vehicle is leased and maintained."""

    _name = "maintenance.contract"
    _description = "Maintenance Contract"
    _inherit = ["mail.thread", "mail.activity.mixin", "analytic.mixin"]
    _order = "name, id"
    _rec_names_search = ["name", "customer_reference", "partner_id.name"]
    _check_company_auto = True

    _name_company_uniq = models.UniqueIndex(
        "(name, company_id)", "This contract number is already used."
    )
    _dates_check = models.Constraint(
        "CHECK(date_end IS NULL OR date_start IS NULL OR date_end >= date_start)",
        "A contract cannot end before it starts.",
    )

    active = fields.Boolean(
        default=True, help="Archived contracts are kept but no longer proposed."
    )
    name = fields.Char(
        string="Contract Number",
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
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        check_company=True,
        tracking=True,
        index=True,
        help="Pays the re-invoiced maintenance unless a line names somebody else.",
    )
    vehicle_ids = fields.Many2many(
        "fleet.vehicle",
        string="Vehicles",
        check_company=True,
        context={"active_test": False},
        ondelete="restrict",
    )
    analytic_lost = fields.Boolean(
        compute="_compute_analytic_lost",
        export_string_translation=False,
    )
    date_start = fields.Date(string="Start Date", default=fields.Date.context_today)
    date_end = fields.Date(string="End Date")
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        help="Currency in which maintenance is re-invoiced.",
    )
    customer_reference = fields.Char(
        string="Customer Order Number",
        tracking=True,
        help="Printed on the customer's invoices.",
    )
    customer_reference_required = fields.Boolean(
        string="Order Number Required",
        tracking=True,
        help="The customer accepts no invoice without his order number: permissions "
        "are approved and re-invoiced only with their own or the contract's.",
    )
    state = fields.Selection(
        [("draft", "Draft"), ("open", "Open"), ("closed", "Closed")],
        string="Status",
        default="draft",
        required=True,
        tracking=True,
        group_expand=True,
    )
    permission_ids = fields.One2many(
        "maintenance.permission", "contract_id", string="Permissions"
    )
    permission_count = fields.Integer(compute="_compute_permission_count")

    @api.depends("analytic_distribution")
    def _compute_analytic_lost(self):
        """Asked for every line of a run; nothing but deleting, which forgets what was
        computed, loses an account."""
        for contract in self:
            contract.analytic_lost = contract._has_lost_analytic()

    @api.depends("permission_ids")
    def _compute_permission_count(self):
        groups = self.env["maintenance.permission"]._read_group(
            [("contract_id", "in", self.ids)], ["contract_id"], ["__count"]
        )
        counts = {contract.id: count for contract, count in groups}
        for contract in self:
            contract.permission_count = counts.get(contract.id, 0)

    @api.depends("name", "partner_id")
    def _compute_display_name(self):
        for contract in self:
            customer = f" ({partner.name})" if (partner := contract.partner_id) else ""
            contract.display_name = f"{contract.name}{customer}"

    @api.constrains("state", "vehicle_ids", "date_start", "date_end", "company_id")
    def _check_vehicle_once(self):
        """A vehicle has one open contract at a time: who pays must be certain."""
        for contract in self.filtered(lambda c: c.state == "open"):
            for other in contract.vehicle_ids._get_open_contracts(contract.company_id):
                if other != contract and contract._overlaps(other):
                    shared = contract.vehicle_ids & other.vehicle_ids
                    raise ValidationError(
                        self.env._(
                            "Vehicle %(vehicle)s is already on contract %(other)s in "
                            "the period of contract %(contract)s. End the other "
                            "contract first.",
                            vehicle=shared[0].display_name,
                            other=other.name,
                            contract=contract.name,
                        )
                    )

    def _overlaps(self, other):
        self.ensure_one()
        return not (
            (self.date_end and other.date_start and self.date_end < other.date_start)
            or (other.date_end and self.date_start and other.date_end < self.date_start)
        )

    def _is_open_on(self, date):
        """Whether permissions of ``date`` may be given; without a date, at all."""
        self.ensure_one()
        return (
            self.active
            and self.state == "open"
            and (not self.date_start or not date or self.date_start <= date)
            and (not self.date_end or not date or self.date_end >= date)
        )

    @api.constrains("active", "state")
    def _check_archived(self):
        """What is archived must not go on silently."""
        active = self.filtered(lambda c: c.state == "open" and not c.active)
        if active:
            raise ValidationError(
                self.env._(
                    "Close these contracts before they are archived: %s",
                    ", ".join(active.mapped("name")),
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        new = self.env._("New")
        vals_list = [dict(vals) for vals in vals_list]
        for vals in vals_list:
            refuse_markup(self.browse(), "markup_percent", vals)
            if vals.get("name", new) == new:
                company = self.env["res.company"].browse(vals.get("company_id"))
                vals["name"] = take_number(self.env, self._name, company)
        return super().create(vals_list)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        used = self.filtered("permission_ids")
        if used:
            raise UserError(
                self.env._(
                    "Contracts with permissions cannot be deleted, close them "
                    "instead: %s",
                    ", ".join(used.mapped("name")),
                )
            )

    def action_open(self):
        """Open draft or closed contracts: permissions can be given on them."""
        self.check_access("write")
        self.write({"state": "open"})

    def action_close(self):
        """Close contracts: no more permissions, except for what is under way."""
        self.check_access("write")
        self.write({"state": "closed"})

    @expects(one=True)
    def action_view_permissions(self):
        return open_menu(
            self.env,
            "maintenance_reinvoice.maintenance_permission_action",
            [("contract_id", "=", self.id)],
            default_contract_id=self.id,
        )

    markup_percent = fields.Float(
        string="Mark-up (%)",
        digits=(16, 2),
        tracking=True,
        help="Charged on top of the purchase price of what is re-invoiced under this "
        "contract. Zero: the customer's mark-up.",
    )

    def write(self, vals):
        refuse_markup(self, "markup_percent", vals)
        return super().write(vals)
