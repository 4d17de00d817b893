from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.cost_category import COST_CATEGORY_KEYS, MATERIAL


class ServiceTcd(models.Model):
    _name = "service.tcd"
    _description = "Charge or Discount Code"
    _order = "sequence, code, id"
    _rec_names_search = ["code", "name"]
    _check_company_auto = True

    _code_company_uniq = models.UniqueIndex(
        "(code, company_id)", "This T/C/D code exists already."
    )
    _rate_positive = models.Constraint(
        "CHECK(rate >= 0)",
        "The rate of a T/C/D code is positive; its type says whether it adds or "
        "deducts.",
    )

    sequence = fields.Integer(default=10)
    code = fields.Char(required=True)
    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    tcd_type = fields.Selection(
        selection=[("charge", "Charge"), ("discount", "Discount")],
        string="Type",
        required=True,
        default="charge",
    )
    basis = fields.Selection(
        selection=[("flat", "Flat"), ("percentage", "Percentage")],
        required=True,
        default="flat",
    )
    rate = fields.Float(
        digits=(16, 4),
        help="Proposed on documents: an amount before tax in the document's currency, "
        "or a percentage.",
    )
    apply_on = fields.Selection(
        selection=[
            ("document", "Whole Document"),
            ("material", "Material"),
            ("resource", "Resources"),
        ],
        required=True,
        default="document",
        help="What a percentage counts on and which tax sets a discount follows. "
        "Resources are every cost category but material.",
    )
    account_id = fields.Many2one(
        "account.account",
        required=True,
        check_company=True,
        help="Credited by a charge, debited by a discount.",
    )
    tax_ids = fields.Many2many(
        "account.tax",
        string="Taxes of the Charge",
        check_company=True,
        domain=[("type_tax_use", "=", "sale")],
        help="Mapped by the payer's fiscal position. A discount has the taxes of the "
        "lines it reduces.",
    )

    @api.constrains("basis", "rate", "tcd_type")
    def _check_percentage(self):
        for tcd in self:
            if tcd.tcd_type == "discount" and tcd.basis == "percentage":
                if tcd.rate > 100:
                    raise ValidationError(
                        self.env._(
                            "%(code)s: a discount cannot be more than 100 %%.",
                            code=tcd.code,
                        )
                    )

    @api.depends("code", "name")
    def _compute_display_name(self):
        for tcd in self:
            tcd.display_name = f"[{tcd.code}] {tcd.name}" if tcd.code else tcd.name

    def _get_categories(self):
        """Cost categories the code applies on.

        :return: set of keys of ``COST_CATEGORIES``
        """
        self.ensure_one()
        categories = set(COST_CATEGORY_KEYS)
        if self.apply_on == "material":
            return {MATERIAL}
        return categories - {MATERIAL} if self.apply_on == "resource" else categories
