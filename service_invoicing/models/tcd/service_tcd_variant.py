from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date


class ServiceTcdVariant(models.Model):
    """The rate of a code for a kind of invoice or a cost category."""

    _name = "service.tcd.variant"
    _description = "Variant of a Tax, Charge or Discount Code"
    _order = "tcd_id, sequence, date_from NULLS FIRST, code, id"
    _rec_name = "code"
    _check_company_auto = True
    _check_company_domain = models.check_company_domain_parent_of

    _rate_positive = models.Constraint(
        "CHECK(rate >= 0)",
        "The rate of a variant is positive; the type of its code says whether it adds "
        "or deducts.",
    )
    _dates_in_order = models.Constraint(
        "CHECK(date_to >= date_from)", "The last day of a variant is before its first."
    )

    tcd_id = fields.Many2one(
        "service.tcd", string="Code", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="tcd_id.company_id", store=True, index=True)
    tcd_type = fields.Selection(related="tcd_id.tcd_type")
    sequence = fields.Integer(default=10)
    code = fields.Char(string="Variant", required=True)
    rate = fields.Float(
        digits=(16, 4),
        help="Takes the place of the code's rate; a tax code has none.",
    )
    tax_ids = fields.Many2many(
        "account.tax",
        string="Taxes",
        check_company=True,
        context={"active_test": False},
        domain=[("type_tax_use", "=", "sale")],
        ondelete="restrict",
        help="Take the place of the code's taxes. Empty: the taxes of the code.",
    )
    date_from = fields.Date(string="Valid From", help="First day. Empty: since always.")
    date_to = fields.Date(string="Valid To", help="Last day. Empty: until further.")

    @api.constrains("tcd_id", "code", "date_from", "date_to")
    def _check_overlap(self):
        for variant in self:
            twin = variant._get_overlapping()[:1]
            if twin:
                raise ValidationError(
                    self.env._(
                        "%(code)s: variant %(variant)s is there twice on the same day "
                        "(%(dates)s and %(others)s). Variants of different names may "
                        "be valid at once.",
                        code=variant.tcd_id.code,
                        variant=variant.code,
                        dates=variant._format_dates(),
                        others=twin._format_dates(),
                    )
                )

    def _get_overlapping(self):
        """Variants of the same code and name that are valid on the same day."""
        self.ensure_one()
        return (self.tcd_id.variant_ids - self).filtered(
            lambda other: other.code == self.code
            and (not self.date_to or other._starts_by(self.date_to))
            and (not other.date_to or self._starts_by(other.date_to))
        )

    def _starts_by(self, date):
        return not self.date_from or self.date_from <= date

    @api.constrains("rate")
    def _check_percentage(self):
        self.tcd_id._check_percentage()

    @api.constrains("tax_ids")
    def _check_taxes(self):
        errors = [
            error
            for variant in self
            if variant.tcd_type == "tax"
            for error in variant.tcd_id._get_tax_errors(variant.tax_ids)
        ]
        if errors:
            raise ValidationError("\n".join(errors))

    @api.depends("code", "tcd_id.code")
    def _compute_display_name(self):
        for variant in self:
            variant.display_name = f"{variant.tcd_id.code}/{variant.code}"

    def _is_valid(self, date):
        """Whether the variant is valid on a day."""
        self.ensure_one()
        return self._starts_by(date) and (not self.date_to or date <= self.date_to)

    def _format_dates(self):
        """The days of validity, for messages."""
        self.ensure_one()
        first = format_date(self.env, self.date_from) if self.date_from else "…"
        last = format_date(self.env, self.date_to) if self.date_to else "…"
        return f"{first} – {last}"
