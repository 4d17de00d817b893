from odoo import api, fields, models


class ServiceProgram(models.Model):
    _name = "service.program"
    _description = "Service Program"
    _inherit = ["mail.thread", "service.coverage.mixin"]
    _order = "date_from desc, name, id"
    _check_company_auto = True

    _dates_ordered = models.Constraint(
        "CHECK(date_from IS NULL OR date_to IS NULL OR date_from <= date_to)",
        "The program ends before it begins.",
    )
    _value_positive = models.Constraint(
        "CHECK(value >= 0)", "The value of a program cannot be negative."
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
    invoiceable = fields.Boolean(
        default=True,
        tracking=True,
        help="Not invoiceable: the program's share is the workshop's own cost.",
    )
    payment_term_id = fields.Many2one(
        "account.payment.term",
        string="Payment Terms",
        check_company=True,
        help="Terms of the program invoice. Empty: those of the sponsor.",
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

    def _get_order_amount(self, order):
        """What an amount program pays for one order.

        :return: amount before tax in the order's currency, not yet capped
        """
        self.ensure_one()
        return self.currency_id._convert(
            self.value, order.currency_id, self.company_id, order.order_date
        )
