from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools.cost_category import ADDITIONAL_CHARGE, COST_CATEGORIES
from ...tools.guards import refuse_implausible
from ...tools.month import overlap

FIXED_PRICE = "fixed_price"
METERED = ("reading", "odometer")
NUMBERS = ("amount", "rate", "included_units")


class ServiceAgreementLine(models.Model):
    """One thing that an agreement bills every month, at a fixed price or by usage."""

    _name = "service.agreement.line"
    _description = "Service Agreement Line"
    _inherit = ["service.abstract.line"]
    _document_field = "agreement_id"
    _order = "agreement_id, sequence, id"
    _check_company_auto = True

    _dates_ordered = models.Constraint(
        "CHECK(date_from IS NULL OR date_to IS NULL OR date_from <= date_to)",
        "A line of an agreement ends before it begins.",
    )
    _rate_positive = models.Constraint(
        "CHECK(rate >= 0)", "The rate of an agreement line cannot be negative."
    )
    _included_positive = models.Constraint(
        "CHECK(included_units >= 0)", "The included units cannot be negative."
    )
    _usage_has_source = models.Constraint(
        "CHECK(kind != 'usage' OR usage_source IS NOT NULL)",
        "A line by usage needs to know where its quantity comes from.",
    )

    agreement_id = fields.Many2one(
        "service.agreement", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="agreement_id.company_id", store=True)
    currency_id = fields.Many2one(related="agreement_id.currency_id", store=True)
    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        selection=[("fixed", "Fixed Amount"), ("usage", "Usage")],
        required=True,
        default="fixed",
        help="Fixed Amount: the same every month. Usage: what was used in the month, "
        "less the included units, times the rate.",
    )
    cost_category = fields.Selection(
        selection=COST_CATEGORIES,
        compute="_compute_cost_category",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        help="Where the line stands in the invoice summary; proposed by the product, "
        "else fixed amounts are fixed prices and usage is an additional charge.",
    )
    amount = fields.Monetary(
        string="Amount per Month",
        help="Of a full month, as the taxes say before tax or with it. A month that "
        "the line is not valid for as a whole is billed by its calendar days.",
    )
    rate = fields.Float(
        min_display_digits="Product Price",
        help="Price of one unit in the agreement's currency, as the taxes say before "
        "tax or with it.",
    )
    included_units = fields.Float(
        digits="Product Unit",
        help="Units of a full month that cost nothing. Of a month that the line is "
        "not valid for as a whole, as many as its calendar days are worth.",
    )
    usage_source = fields.Selection(
        selection=[
            ("typed", "Typed Quantity"),
            ("reading", "Readings"),
            ("odometer", "Odometer of the Vehicle"),
        ],
        string="Quantity From",
        compute="_compute_usage_source",
        store=True,
        readonly=False,
        precompute=True,
        help="Typed Quantity: somebody types what was used in the month. Readings: the "
        "difference of the last reading of the month and the last one before it. "
        "Odometer: the same, read from the log of the vehicle.",
    )
    date_from = fields.Date(
        string="Valid From",
        help="For a new price or an addition in the middle. Empty: from the first day "
        "of the agreement, but never for months that are released already.",
    )
    date_to = fields.Date(
        string="Valid Until",
        help="For a price that ends. Empty: until the last day of the agreement.",
    )
    origin_line_id = fields.Many2one(
        "service.agreement.line",
        string="Continues",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        domain="[('agreement_id', '=', agreement_id), ('origin_line_id', '=', False),"
        " ('kind', '=', 'usage')]",
        help="The line whose meter this one goes on with, for instance after a new "
        "rate. Their readings are the same.",
    )
    meter_reading_ids = fields.One2many(
        "service.agreement.reading", "meter_id", string="Readings of its Meter"
    )

    own_reading_ids = fields.One2many("service.agreement.reading", "line_id")

    @api.depends("product_id", "kind")
    def _compute_cost_category(self):
        for line in self:
            by_kind = FIXED_PRICE if line.kind == "fixed" else ADDITIONAL_CHARGE
            line.cost_category = line.product_id.service_cost_category or by_kind

    @api.depends("kind")
    def _compute_usage_source(self):
        for line in self:
            if line.kind == "fixed":
                line.usage_source = False
            else:
                line.usage_source = line.usage_source or "typed"

    @api.depends("name", "agreement_id.name")
    @api.depends_context("service_agreement_line_alone")
    def _compute_display_name(self):
        """In the agreement's own form its number says nothing new."""
        alone = self.env.context.get("service_agreement_line_alone")
        for line in self:
            title = (line.name or "").split("\n")[0]
            name = line.agreement_id.name
            line.display_name = title if alone else f"{name}: {title}"

    @api.constrains("origin_line_id", "kind", "agreement_id", "usage_source")
    def _check_origin(self):
        for line in self.filtered("origin_line_id"):
            origin = line.origin_line_id
            if (
                origin.origin_line_id
                or origin.agreement_id != line.agreement_id
                or origin.usage_source != line.usage_source
                or not line._is_metered()
            ):
                raise ValidationError(
                    self.env._(
                        "%(line)s cannot go on with the meter of %(origin)s: both must "
                        "be lines of one agreement that are read in the same way, and "
                        "the other one must be the first with this meter.",
                        line=line.display_name,
                        origin=origin.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            refuse_implausible(self.browse(), NUMBERS, vals, vals.get("name"))
        lines = super().create(vals_list)
        lines.agreement_id._check_terms_editable()
        lines._check_begins_unreleased()
        lines.agreement_id._requeue()
        return lines

    def write(self, vals):
        self._check_meter_kept(vals)
        refuse_implausible(self, NUMBERS, vals)
        self.agreement_id._check_terms_editable()
        before = {}
        if vals.keys() & {"date_from", "date_to"}:
            before = {line: (line.date_from, line.date_to) for line in self}
        res = super().write(vals)
        self.agreement_id._check_terms_editable()
        self._check_released_days_kept(before)
        self.agreement_id._requeue()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_over(self):
        self.agreement_id._check_terms_editable()

    def _is_metered(self):
        """Whether the quantity is the difference of two readings."""
        self.ensure_one()
        return self.kind == "usage" and self.usage_source in METERED

    def _get_meter(self):
        """The line that the readings belong to."""
        self.ensure_one()
        return self.origin_line_id or self

    def _is_valid_on(self, day):
        """Whether the line is billed for this day, the agreement's dates apart."""
        self.ensure_one()
        return bool(overlap(day, day, self.date_from, self.date_to))

    def _get_term_errors(self):
        """What is missing before the line can be billed.

        :return: list of translated sentences, each naming the agreement
        """
        self.ensure_one()
        names = {"agreement": self.agreement_id.name, "line": self.name}
        errors = []
        if self.kind == "fixed" and not self.amount:
            errors.append(
                self.env._("%(agreement)s, “%(line)s”: there is no amount.", **names)
            )
        if self.kind == "usage" and not self.rate:
            errors.append(
                self.env._("%(agreement)s, “%(line)s”: there is no rate.", **names)
            )
        if self.usage_source == "odometer" and not self.agreement_id.vehicle_id:
            errors.append(
                self.env._(
                    "%(agreement)s, “%(line)s”: there is no vehicle whose odometer "
                    "could be read.",
                    **names,
                )
            )
        if not self.tax_ids:
            errors.append(
                self.env._(
                    "%(agreement)s, “%(line)s”: there is no tax. Take a tax of 0 %% "
                    "for what is not taxed.",
                    **names,
                )
            )
        return errors
