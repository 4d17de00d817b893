from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from ...tools.arguments import expects
from ...tools.guards import (
    raise_together,
    refuse_protected,
    refuse_protected_at_creation,
)
from ...tools.numbers import take_number
from ...tools.split import split_amount
from ...tools.states import EDITABLE_STATES

# what stands in the history of the vehicle's odometer
ODOMETER_FIELDS = {"odometer", "order_date", "vehicle_id"}


class ServiceWorkOrder(models.Model):
    """The order of a customer whose cost is shared among payers."""

    _name = "service.work.order"
    _description = "Service Work Order"
    _inherit = [
        "service.document.mixin",
        "service.odometer.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "order_date desc, id desc"
    _check_company_auto = True
    _odometer_date = "order_date"

    _name_company_uniq = models.UniqueIndex(
        "(name, company_id)", "Another work order has this number already."
    )

    name = fields.Char(
        string="Number", copy=False, readonly=True, index="trigram", default="/"
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        check_company=True,
        tracking=True,
    )
    payment_term_id = fields.Many2one(
        "account.payment.term",
        string="Payment Terms",
        compute="_compute_payment_term_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        ondelete="restrict",
        help="Terms of the service invoice.",
    )
    pricelist_id = fields.Many2one(
        "product.pricelist",
        compute="_compute_pricelist_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        help="Proposes the prices of the lines and sets the order's currency.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_currency_id",
        store=True,
        precompute=True,
        help="That of the pricelist, else the company's. All invoices are in it.",
    )
    vehicle_id = fields.Many2one(
        "fleet.vehicle",
        check_company=True,
        index="btree_not_null",
        tracking=True,
        ondelete="restrict",
    )
    license_plate = fields.Char(related="vehicle_id.license_plate")
    vehicle_order_count = fields.Integer(related="vehicle_id.service_order_count")
    odometer = fields.Float(
        digits=(12, 0),
        copy=False,
        help="Reading when the vehicle came in, in its own unit. Kept in the vehicle's "
        "odometer history.",
    )
    last_odometer = fields.Float(
        string="Last Reading",
        digits=(12, 0),
        compute="_compute_last_odometer",
        help="Highest reading in the vehicle's odometer history before this one.",
    )
    odometer_confirmed = fields.Boolean(
        string="Reading Confirmed",
        copy=False,
        tracking=True,
        help="The reading is right although it is lower than the last one, for "
        "instance after the odometer was exchanged.",
    )
    odometer_unit = fields.Selection(related="vehicle_id.odometer_unit")
    repair_type = fields.Selection(
        selection=[("general", "General"), ("body", "Body"), ("parts", "Parts")],
        required=True,
        default="general",
    )
    order_date = fields.Date(
        required=True,
        default=fields.Date.context_today,
        index=True,
        tracking=True,
        help="Programs must be valid on this date.",
    )
    advisor_id = fields.Many2one(
        "res.users",
        string="Service Advisor",
        default=lambda self: self.env.user,
        index=True,
        tracking=True,
    )
    customer_reference = fields.Char(
        help="The customer's own order number, printed on all invoices."
    )
    note = fields.Html()
    line_ids = fields.One2many("service.work.order.line", "order_id", copy=True)
    claim_ids = fields.One2many("service.insurance.claim", "work_order_id")
    tcd_ids = fields.One2many(
        "service.invoice.tcd",
        "work_order_id",
        string="Taxes, Charges and Discounts",
        copy=True,
        help="Charges and discounts of the order; they go on the service invoice.",
    )
    state = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("in_progress", "In Progress"),
            ("checking", "Document Check"),
            ("to_invoice", "To Invoice"),
            ("invoiced", "Invoiced"),
            ("cancel", "Cancelled"),
        ],
        string="Status",
        default="draft",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
        group_expand=True,
    )
    amount_untaxed = fields.Monetary(
        string="Net", compute="_compute_amounts", store=True, help="Before tax."
    )
    amount_tax = fields.Monetary(
        string="Estimated Tax",
        compute="_compute_amounts",
        store=True,
        help="Estimate by the products' taxes: each payer is taxed on his own invoice.",
    )
    amount_total = fields.Monetary(
        string="Estimated Total",
        compute="_compute_amounts",
        store=True,
        help="Net + estimated tax, whatever of it is withheld. The order's taxes, "
        "charges and discounts come with the invoices.",
    )
    amount_customer = fields.Monetary(
        string="Customer's Share",
        compute="_compute_shares",
        store=True,
        help="Before tax, deductible and shares moved to him included.",
    )
    amount_program = fields.Monetary(
        string="Programs' Share",
        compute="_compute_shares",
        store=True,
        help="Before tax. Includes programs that are the workshop's own cost.",
    )
    amount_own_cost = fields.Monetary(
        string="Own Cost",
        compute="_compute_shares",
        store=True,
        help="Part of the programs' share that nobody is invoiced for: of the "
        "workshop's own programs, and of prices that were corrected at its cost.",
    )
    amount_insurance = fields.Monetary(
        string="Insurers' Share",
        compute="_compute_shares",
        store=True,
        help="Before tax, less the deductible.",
    )

    @api.depends("partner_id", "company_id")
    def _compute_payment_term_id(self):
        for order in self:
            partner = order.partner_id.with_company(order.company_id)
            order.payment_term_id = partner.property_payment_term_id

    @api.depends("partner_id", "company_id")
    def _compute_pricelist_id(self):
        for order in self:
            partner = order.partner_id.with_company(order.company_id)
            order.pricelist_id = partner.property_product_pricelist

    @api.depends("vehicle_id", "order_date", "odometer_id")
    def _compute_last_odometer(self):
        history = self._get_odometer_history()
        for order in self:
            order.last_odometer = order._get_earlier_reading(history).value

    def _has_odometer_reading(self):
        return super()._has_odometer_reading() and self.state != "cancel"

    @api.depends("pricelist_id", "company_id")
    def _compute_currency_id(self):
        for order in self:
            order.currency_id = (
                order.pricelist_id.currency_id or order.company_id.currency_id
            )

    @api.depends("line_ids.price_subtotal", "line_ids.tax_ids", "currency_id")
    def _compute_amounts(self):
        Tax = self.env["account.tax"]
        for order in self:
            company = order.company_id or self.env.company
            base_lines = [line._prepare_base_line() for line in order.line_ids]
            order.amount_tax = Tax._sum_billed_taxes(base_lines, company)
            order.amount_untaxed = sum(order.line_ids.mapped("price_subtotal"))
            order.amount_total = order.amount_untaxed + order.amount_tax

    @api.depends(
        "line_ids.amount_customer",
        "line_ids.amount_program",
        "line_ids.amount_insurance",
        "claim_ids.deductible",
        "line_ids.claim_id",
        "line_ids.program_id",
    )
    def _compute_shares(self):
        names = self._get_share_fields().values()
        for order in self:
            lines = order.line_ids
            deductible = sum(lines.claim_id.mapped("deductible_applied"))
            own_lines = lines.filtered(
                lambda line: line.program_id and not line.sponsor_id
            )
            order.amount_own_cost = sum(own_lines.mapped("amount_program"))
            for name in names:
                order[name] = sum(lines.mapped(name))
            order.amount_customer += deductible
            order.amount_insurance -= deductible

    @api.constrains("order_date", "line_ids")
    def _check_program_dates(self):
        errors = [
            order._describe_invalid_program(program)
            for order in self
            for program in order.line_ids.program_id
            if not program._is_valid_on(order.order_date)
        ]
        if errors:
            raise ValidationError("\n".join(errors))

    def _describe_invalid_program(self, program):
        self.ensure_one()
        return self.env._(
            "%(order)s: program “%(program)s” is valid from %(date_from)s until "
            "%(date_to)s, the order is of %(date)s. Choose another program.",
            order=self.name,
            program=program.name,
            date_from=format_date(self.env, program.date_from) or "…",
            date_to=format_date(self.env, program.date_to) or "…",
            date=format_date(self.env, self.order_date),
        )

    @api.model
    def _get_protected_fields(self):
        """Fields only the order's own methods write → harmless value at creation."""
        computed = dict.fromkeys(
            (
                "amount_untaxed",
                "amount_tax",
                "amount_total",
                *self._get_share_fields().values(),
                "amount_own_cost",
                "amount_to_invoice",
                "next_invoice_type",
                "waits_for_collective",
                "invoice_ids",
                "release_ids",
                "checked_date",
                "discount_percent",
                "discount_unapproved",
                "discount_approved",
                "discount_approved_by_id",
                "odometer_id",
            ),
            False,
        )
        return computed | {"state": "draft", "name": "/"}

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            refuse_protected_at_creation(self, self._get_protected_fields(), vals)
            company = self.env["res.company"].browse(
                vals.get("company_id") or self.env.company.id
            )
            if vals.get("name", "/") == "/":
                vals["name"] = take_number(self.env, self._name, company)
        orders = super().create(vals_list)
        for name in self._get_creation_steps():
            getattr(orders, name)()
        return orders

    def _get_creation_steps(self):
        """Names of what is done when orders were made, in this order."""
        return ["_add_automatic_tcd", "_update_odometer_reading"]

    def write(self, vals):
        refuse_protected(self, dict.fromkeys(self._get_protected_fields()), vals)
        if vals.keys() & self._get_billing_fields():
            self._check_editable()
        if not vals.get("active", True):
            self._check_may_archive()
        for name in self._get_write_checks():
            getattr(self, name)(vals)
        result = super().write(vals)
        # what is cancelled, or taken up again, has another reading or none
        if ODOMETER_FIELDS & vals.keys() or vals.get("state") in ("cancel", "draft"):
            self._update_odometer_reading()
        return result

    def _get_write_checks(self):
        """Names of what else keeps orders from being changed; each gets the values."""
        return ["_check_released_kept"]

    def _check_may_archive(self):
        """:raise UserError: naming orders that wait for invoices, which nobody would
        see any more"""
        raise_together(
            [
                self.env._(
                    "Work order %(order)s waits for its invoices: make them, or cancel "
                    "the order, before archiving it.",
                    order=order.name,
                )
                for order in self
                if order.state == "to_invoice"
            ]
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_started(self):
        raise_together(
            [
                self.env._(
                    "Work order %(order)s has been started; cancel it instead of "
                    "deleting it.",
                    order=order.name,
                )
                for order in self
                if order.state not in ("draft", "cancel") or order.sudo().invoice_ids
            ]
        )

    def _allocate_program_amounts(self):
        """What programs pay of the lines they cover.

        :return: dict line → amount before tax in the order's currency. An amount per
            order, or the program's maximum, is allocated in proportion to the lines.
        """
        amounts = {}
        for order in self:
            lines = order.line_ids.filtered("program_id")
            for program, covered in lines.grouped("program_id").items():
                wanted = [line._get_program_claim() for line in covered]
                limit = program._get_order_limit(order)
                if limit is not None and limit < sum(wanted):
                    wanted = split_amount(limit, wanted, order.currency_id)
                for line, part in zip(covered, wanted, strict=True):
                    amounts[line._origin or line] = part
        return amounts

    def copy_data(self, default=None):
        """A copy is a new order: programs of the past and claims stay behind."""
        vals_list = super().copy_data(default)
        today = fields.Date.context_today(self)
        for vals in vals_list:
            vals["order_date"] = today
            for __, __, line_vals in vals.get("line_ids", []):
                line_vals.update(claim_id=False, program_id=False)
        return vals_list

    # When the vehicle should come again: a note for the customer, billed nowhere.

    next_service_date = fields.Date(
        copy=False,
        tracking=True,
        help="Printed on the service invoice; may be changed after the document check.",
    )
    next_service_odometer = fields.Float(
        digits=(12, 0),
        copy=False,
        help="Reading at which the vehicle should come again, in its own unit. Printed "
        "on the service invoice.",
    )
    next_service_note = fields.Text(
        copy=False, help="What is due next. Printed on the service invoice."
    )

    def _describe_next_service(self):
        """The next service in words: when, at which reading, what.

        :return: text in the language of the environment, empty without a next service
        """
        self.ensure_one()
        date = format_date(self.env, self.next_service_date)
        reading = self.vehicle_id._format_odometer(self.next_service_odometer)
        due = date or reading
        if date and reading:
            due = self.env._(
                "%(date)s or at %(odometer)s, whichever comes first",
                date=date,
                odometer=reading,
            )
        return "\n".join(text for text in (due, self.next_service_note) if text)

    # Prices are those of the price list when a product is chosen, and then stay
    # until somebody asks for them anew.

    show_update_prices = fields.Boolean(
        string="Price List Has Changed",
        store=False,
        help="The lines have prices of another price list, or typed ones.",
    )

    @api.onchange("vehicle_id")
    def _onchange_vehicle_id(self):
        """The vehicle proposes its customer."""
        if self.vehicle_id and not self.partner_id:
            self.partner_id = self.vehicle_id._get_service_customer()

    @expects(one=True)
    def action_view_vehicle_orders(self):
        """All work orders of the order's vehicle."""
        return self.vehicle_id.action_view_service_orders()

    @api.onchange("pricelist_id")
    def _onchange_pricelist_id(self):
        has_changed = self._origin.pricelist_id != self.pricelist_id
        has_products = bool(self.line_ids.product_id)
        self.show_update_prices = has_products and has_changed

    def action_update_prices(self):
        """Take the prices of all products from the price list, typed ones too.

        :raise UserError: naming orders that are checked already
        """
        self.check_access("write")
        self._check_state(EDITABLE_STATES)
        self.line_ids.filtered("product_id")._compute_price_unit()
        for order in self:
            order.show_update_prices = False
            order._message_log(
                body=self.env._(
                    "Prices were updated by the price list %s.",
                    order.pricelist_id.display_name or "–",
                )
            )
        return True
