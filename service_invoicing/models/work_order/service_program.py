from odoo import api, fields, models

from ...tools.guards import raise_together


class ServiceProgram(models.Model):
    """What a sponsor bears of the work, on which conditions."""

    _name = "service.program"
    _description = "Service Program"
    _inherit = ["mail.thread", "service.coverage.mixin"]
    _order = "date_from desc, name, id"
    _check_company_auto = True
    _check_company_domain = models.check_company_domain_parent_of

    _dates_ordered = models.Constraint(
        "CHECK(date_from IS NULL OR date_to IS NULL OR date_from <= date_to)",
        "The program ends before it begins.",
    )
    _value_positive = models.Constraint(
        "CHECK(value >= 0)", "The value of a program cannot be negative."
    )
    _maximum_positive = models.Constraint(
        "CHECK(maximum_amount >= 0)", "The maximum of a program cannot be negative."
    )
    _percentage_at_most_whole = models.Constraint(
        "CHECK(value_type != 'percentage' OR value <= 100)",
        "A program cannot pay more than 100 % of a line.",
    )

    name = fields.Char(required=True, translate=True, tracking=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    sponsor_id = fields.Many2one(
        "res.partner",
        required=True,
        check_company=True,
        tracking=True,
        help="Who pays for the program and gets the program invoice.",
    )
    date_from = fields.Date(
        string="Valid From", tracking=True, help="Checked on the order date."
    )
    date_to = fields.Date(
        string="Valid Until", tracking=True, help="Checked on the order date."
    )
    value_type = fields.Selection(
        selection=[("percentage", "Percentage"), ("amount", "Amount")],
        required=True,
        default="percentage",
        tracking=True,
    )
    value = fields.Float(
        required=True,
        digits=(16, 4),
        tracking=True,
        help="Percentage of each covered line, or an amount per order in the company's "
        "currency: before tax, spread over the covered lines after their discount and "
        "never more than these cost.",
    )
    maximum_amount = fields.Monetary(
        string="Maximum per Order",
        help="Most that a percentage program pays for one order, before tax in the "
        "company's currency. Zero: no limit.",
    )
    auto_propose = fields.Boolean(
        string="Propose on Lines",
        help="The program is proposed on new lines of work orders it applies to; the "
        "clerk may take it off.",
    )
    product_ids = fields.Many2many(
        "product.product",
        string="Only for Products",
        context={"active_test": False},
        ondelete="restrict",
        help="Proposed only for these products. Empty: for all.",
    )
    vehicle_model_ids = fields.Many2many(
        "fleet.vehicle.model",
        string="Only for Models",
        context={"active_test": False},
        ondelete="restrict",
        help="Proposed only for vehicles of these models. Empty: for all.",
    )
    invoiceable = fields.Boolean(
        default=True,
        tracking=True,
        help="Not invoiceable: the program's share is the workshop's own cost.",
    )
    payment_term_id = fields.Many2one(
        "account.payment.term",
        string="Payment Terms",
        check_company=True,
        ondelete="restrict",
        help="Terms of the program invoice. Empty: those of the sponsor.",
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        lines = self.env["service.work.order.line"].sudo()
        used = lines.search([("program_id", "in", self.ids)]).program_id
        raise_together(
            [
                self.env._(
                    "Program “%s” is used on work orders. Archive it instead of "
                    "deleting it.",
                    program.name,
                )
                for program in used
            ]
        )

    def _is_valid_on(self, date):
        """Whether the program may be used for an order of this date."""
        self.ensure_one()
        return (not self.date_from or self.date_from <= date) and (
            not self.date_to or date <= self.date_to
        )

    @api.depends("name", "sponsor_id")
    def _compute_display_name(self):
        for program in self:
            parts = [program.name, program.sponsor_id.display_name]
            program.display_name = " – ".join(filter(None, parts))

    def _get_order_limit(self, order):
        """Most that the program pays for one order.

        :return: amount before tax in the order's currency; ``None`` without limit
        """
        self.ensure_one()
        limit = self.value if self.value_type == "amount" else self.maximum_amount
        if not limit and self.value_type == "percentage":
            return None
        return self.currency_id._convert(
            limit, order.currency_id, self.company_id, order.order_date
        )

    def _applies_to(self, line):
        """Whether the program is proposed for a line of a work order."""
        self.ensure_one()
        order = line.order_id
        return (
            self.company_id in order.company_id.parent_ids
            and self._is_valid_on(order.order_date or fields.Date.context_today(self))
            and line.cost_category in self._get_covered_categories()
            and (not self.product_ids or line.product_id in self.product_ids)
            and (
                not self.vehicle_model_ids
                or order.vehicle_id.model_id in self.vehicle_model_ids
            )
        )
