from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools.cost_category import MATERIAL
from ...tools.guards import raise_together


class ServiceTcd(models.Model):
    """A code for taxes, charges and discounts."""

    _name = "service.tcd"
    _description = "Tax, Charge or Discount Code"
    _order = "sequence, code, id"
    _rec_names_search = ["code", "name"]
    _check_company_auto = True
    _check_company_domain = models.check_company_domain_parent_of

    _code_company_uniq = models.UniqueIndex(
        "(code, company_id)", "This code of a tax, charge or discount exists already."
    )
    _rate_positive = models.Constraint(
        "CHECK(rate >= 0)",
        "The rate of a tax, charge or discount is positive; its type says whether it "
        "adds or deducts.",
    )

    sequence = fields.Integer(default=10)
    code = fields.Char(required=True)
    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    tcd_type = fields.Selection(
        selection=[("tax", "Tax"), ("charge", "Charge"), ("discount", "Discount")],
        string="Type",
        required=True,
        default="charge",
        help="A tax code puts its taxes on the lines it applies to; charges and "
        "discounts become lines of their own.",
    )
    basis = fields.Selection(
        selection=[
            ("flat", "Flat"),
            ("percentage", "Percentage"),
            ("unit_rate", "Unit Rate"),
        ],
        required=True,
        default="flat",
        help="Of charges and discounts. Flat: the rate is the amount. Percentage: of "
        "the lines it applies to, before tax. Unit rate: times the quantity of the "
        "work on these lines, converted to the unit of the code; lines in units that "
        "cannot be converted do not count, nor do own-risk lines, charges and "
        "discounts. A line that bills a share of the work counts the same share of "
        "its quantity.",
    )
    rate = fields.Float(
        digits=(16, 4),
        help="Proposed on documents: an amount before tax in the document's currency "
        "(per unit for a unit rate), or a percentage. A tax has its own.",
    )
    uom_id = fields.Many2one(
        "uom.uom",
        string="Unit",
        default=lambda self: self._default_uom_id(),
        ondelete="restrict",
        help="What a unit rate counts. Without it the quantities count as they stand "
        "on the lines, whatever their unit.",
    )
    apply_on = fields.Selection(
        selection=[
            ("document", "Whole Document"),
            ("material", "Material"),
            ("resource", "Resources"),
        ],
        required=True,
        default="document",
        help="What a percentage and a unit rate count on, which tax sets a discount "
        "follows and which lines a tax is put on. Resources are every cost category "
        "but material. A tax on the whole document is also put on charges that bear a "
        "tax already; an untaxed charge, such as a stamp duty, stays untaxed.",
    )
    account_id = fields.Many2one(
        "account.account",
        check_company=True,
        ondelete="restrict",
        help="Credited by a charge, debited by a discount. A tax has its own.",
    )
    tax_ids = fields.Many2many(
        "account.tax",
        string="Taxes",
        check_company=True,
        context={"active_test": False},
        domain=[("type_tax_use", "=", "sale")],
        ondelete="restrict",
        help="Of a tax code: put on the lines it applies to, where they are not yet. "
        "Of a charge: on its line; without any, the charge is untaxed and gets the tax "
        "of 0 % from the settings, which electronic invoices need. Mapped by the "
        "payer's fiscal position. A discount has the taxes of the lines it reduces.",
    )
    auto_apply = fields.Boolean(
        help="Added to each new work order of the company, from where it comes to the "
        "service invoice, and to each new service invoice without a work order. Never "
        "to invoices of sponsors and insurers, prepayments and credit memos. A row "
        "that was removed is not added again.",
    )
    variant_ids = fields.One2many(
        "service.tcd.variant",
        "tcd_id",
        string="Variants",
        copy=True,
        help="Rates (of a tax code: taxes) of the code by their dates. A row takes the "
        "first that is valid on the date of its document; another one can be chosen.",
    )

    @api.model
    def _default_uom_id(self):
        return self.env.ref("uom.product_uom_unit", raise_if_not_found=False)

    @api.constrains("basis", "rate", "tcd_type", "variant_ids")
    def _check_percentage(self):
        for tcd in self:
            if tcd.tcd_type == "discount" and tcd.basis == "percentage":
                if max([tcd.rate, *tcd.variant_ids.mapped("rate")]) > 100:
                    raise ValidationError(
                        self.env._(
                            "%(code)s: a discount cannot be more than 100 %%.",
                            code=tcd.code,
                        )
                    )

    @api.constrains("tcd_type", "account_id", "tax_ids")
    def _check_type(self):
        errors = [error for tcd in self for error in tcd._get_type_errors()]
        if errors:
            raise ValidationError("\n".join(errors))

    def _get_type_errors(self):
        """What does not fit the type of the code.

        :return: list of translated sentences
        """
        self.ensure_one()
        if self.tcd_type != "tax":
            if self.account_id:
                return []
            return [self.env._("%s: a charge or discount needs an account.", self.code)]
        errors = []
        if self.account_id:
            errors.append(
                self.env._(
                    "%s: a tax code has no account of its own, its taxes have. Empty "
                    "it.",
                    self.code,
                )
            )
        if not self.tax_ids:
            errors.append(
                self.env._("%s: choose the taxes that the code adds.", self.code)
            )
        return errors + self._get_tax_errors(self.tax_ids)

    def _get_tax_errors(self, taxes):
        """Taxes that a tax code cannot add: what a line costs before tax must stay.

        :return: list of translated sentences
        """
        return [
            self.env._(
                "%(code)s: %(tax)s is included in the price and would lower what the "
                "lines cost before tax. Choose a tax that is added to the price.",
                code=self.code,
                tax=tax.display_name,
            )
            for tax in taxes.flatten_taxes_hierarchy()
            if tax.price_include
        ]

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        if "code" not in (default or {}):
            for tcd, vals in zip(self, vals_list, strict=True):
                vals["code"] = self.env._("%s (copy)", tcd.code)
        return vals_list

    def write(self, vals):
        if "tcd_type" in vals:
            self._check_type_kept(vals["tcd_type"])
        return super().write(vals)

    def _check_type_kept(self, tcd_type):
        """:raise UserError: naming the codes in use whose type would change"""
        changed = self.filtered(lambda tcd: tcd.tcd_type != tcd_type)
        rows = self.env["service.invoice.tcd"].sudo()
        used = rows.search([("tcd_id", "in", changed.ids)]).tcd_id
        raise_together(
            [
                self.env._(
                    "%s is used by documents and keeps its type. Archive it and make "
                    "another code.",
                    tcd.code,
                )
                for tcd in used
            ]
        )

    @api.depends("code", "name")
    def _compute_display_name(self):
        for tcd in self:
            tcd.display_name = f"[{tcd.code}] {tcd.name}" if tcd.code else tcd.name

    def _get_categories(self):
        """Cost categories the code applies on.

        :return: set of keys, see ``product.template._get_cost_categories``
        """
        self.ensure_one()
        categories = set(self.env["product.template"]._get_cost_categories())
        if self.apply_on == "material":
            return {MATERIAL}
        return categories - {MATERIAL} if self.apply_on == "resource" else categories

    def _get_variant(self, date):
        """The variant a row takes by itself: the first that is valid on the date.

        :return: ``service.tcd.variant``, empty when there is none
        """
        valid = self.variant_ids.filtered(lambda variant: variant._is_valid(date))
        return valid.sorted()[:1]

    @api.model
    def _get_auto_codes(self, companies):
        """Codes that new documents of these companies get by themselves: their own
        and those of their parents, of which their own of the same name take the place.

        :return: dict company → codes
        """
        # whoever makes a document gets the codes of its company, read or not
        codes = self.sudo().search([("company_id", "in", companies.parent_ids.ids)])
        return {
            company: codes._filter_nearest(company).filtered("auto_apply")
            for company in companies
        }

    def _filter_nearest(self, company):
        """Those of these codes that serve a company, one of each name."""
        of_company, nearest = self.grouped("company_id"), {}
        for parent in company.parent_ids:
            for tcd in of_company.get(parent.sudo(), self.browse()):
                nearest[tcd.code] = tcd
        return self.filtered(lambda tcd: nearest.get(tcd.code) == tcd)
