from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date
from odoo.tools.misc import formatLang

from ...tools.month import month_start


class ServiceAgreementReading(models.Model):
    """A reading of a meter, or what was used in a month."""

    _name = "service.agreement.reading"
    _description = "Reading of a Service Agreement"
    _inherit = ["mail.thread"]
    _order = "date desc, id desc"
    _check_company_auto = True

    _meter_date_uniq = models.UniqueIndex(
        "(meter_id, date)",
        "There is a reading of this day already: change it instead.",
    )
    _typed_once_a_month = models.UniqueIndex(
        "(line_id, month) WHERE kind = 'quantity'",
        "The quantity of this month has been typed already: change it instead.",
    )
    _value_positive = models.Constraint(
        "CHECK(value >= 0 AND old_value >= 0)",
        "A reading or quantity cannot be negative.",
    )

    line_id = fields.Many2one(
        "service.agreement.line",
        string="Agreement Line",
        required=True,
        index=True,
        ondelete="cascade",
        domain=[("kind", "=", "usage")],
        tracking=True,
    )
    agreement_id = fields.Many2one(
        "service.agreement",
        compute="_compute_agreement_id",
        store=True,
        index=True,
        ondelete="cascade",
    )
    meter_id = fields.Many2one(
        "service.agreement.line",
        compute="_compute_meter_id",
        store=True,
        index=True,
        ondelete="cascade",
        help="The first line with the meter that was read.",
    )
    company_id = fields.Many2one(related="agreement_id.company_id", store=True)
    partner_id = fields.Many2one(related="agreement_id.partner_id", store=True)
    vehicle_id = fields.Many2one(related="agreement_id.vehicle_id", store=True)
    usage_source = fields.Selection(related="line_id.usage_source")
    date = fields.Date(
        required=True,
        default=fields.Date.context_today,
        index=True,
        tracking=True,
        help="A reading counts for the month of this day. Date a reading that was "
        "taken on the first days of a month back to the last day of the month before.",
    )
    month = fields.Date(compute="_compute_month", store=True, precompute=True)
    kind = fields.Selection(
        selection=[
            ("initial", "First Reading"),
            ("reading", "Reading"),
            ("replacement", "Meter Exchanged"),
            ("quantity", "Quantity of the Month"),
        ],
        compute="_compute_kind",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        tracking=True,
        help="First Reading: where the meter stood when billing begins. Meter "
        "Exchanged: a new meter or vehicle begins with another value.",
    )
    value = fields.Float(
        digits="Product Unit",
        required=True,
        tracking=True,
        help="What the meter shows; after an exchange, what the new one begins with. "
        "Of a typed quantity, how much was used in the month.",
    )
    old_value = fields.Float(
        string="Last Value of the Old Meter",
        digits="Product Unit",
        tracking=True,
        help="What the old meter showed when it was exchanged. It is billed up to it.",
    )
    reason = fields.Char(tracking=True, help="Why the meter was exchanged.")
    automatic = fields.Boolean(
        readonly=True, help="Read by the monthly run from the odometer's log."
    )

    @api.depends("line_id")
    def _compute_agreement_id(self):
        for reading in self:
            reading.agreement_id = reading.line_id.agreement_id

    @api.depends("line_id", "line_id.origin_line_id")
    def _compute_meter_id(self):
        for reading in self:
            reading.meter_id = reading.line_id.origin_line_id or reading.line_id

    @api.depends("date")
    def _compute_month(self):
        for reading in self:
            reading.month = reading.date and month_start(reading.date)

    @api.depends("line_id.usage_source")
    def _compute_kind(self):
        for reading in self:
            if reading.line_id.usage_source == "typed":
                reading.kind = "quantity"
            elif reading.kind in (False, "quantity"):
                reading.kind = "reading"

    @api.depends("line_id", "date", "value")
    def _compute_display_name(self):
        for reading in self:
            reading.display_name = self.env._(
                "%(line)s, %(date)s: %(value)s",
                line=reading.line_id.display_name,
                date=format_date(self.env, reading.date),
                value=reading._format(reading.value),
            )

    @api.constrains("line_id", "kind", "reason")
    def _check_kind(self):
        errors = [error for reading in self for error in reading._get_kind_errors()]
        if errors:
            raise ValidationError("\n".join(errors))

    def _get_kind_errors(self):
        """Readings of lines that have none, and exchanges without a reason.

        :return: list of translated sentences
        """
        self.ensure_one()
        line = self.line_id
        errors = []
        if line.kind != "usage":
            errors.append(
                self.env._("%(line)s is not billed by usage.", line=line.display_name)
            )
        elif (self.kind == "quantity") == line._is_metered():
            errors.append(
                self.env._(
                    "%(line)s takes %(what)s: this is another kind of entry.",
                    line=line.display_name,
                    what=dict(
                        line._fields["usage_source"]._description_selection(self.env)
                    )[line.usage_source],
                )
            )
        if self.kind == "replacement" and not (self.reason or "").strip():
            errors.append(
                self.env._(
                    "%(reading)s: say why the meter was exchanged.",
                    reading=self.display_name,
                )
            )
        return errors

    @api.constrains("line_id", "date", "kind", "value", "old_value")
    def _check_order(self):
        """A meter never runs backwards, whoever enters its readings and in which
        order."""
        errors = [
            meter._describe_backward(before, after)
            for meter in self.meter_id
            for before, after in meter._get_reading_pairs()
            if after._get_end_value() < before.value
        ]
        if errors:
            raise ValidationError("\n".join(errors))

    def _check_agreement_running(self):
        """:raise ValidationError: naming readings of cancelled agreements"""
        cancelled = self.filtered(lambda r: r.agreement_id.state == "cancelled")
        if cancelled:
            raise ValidationError(
                self.env._(
                    "Agreement %s is cancelled: it takes no readings.",
                    ", ".join(cancelled.agreement_id.mapped("name")),
                )
            )

    def _get_end_value(self):
        """What the meter that was read before showed at this reading."""
        self.ensure_one()
        return self.old_value if self.kind == "replacement" else self.value

    def _format(self, value):
        return formatLang(self.env, value, dp="Product Unit")
