from odoo import api, fields, models


class ServiceAbstractLine(models.AbstractModel):
    """A line of a document that is billed later: the product proposes its text, unit
    and taxes, and all of them can be changed.

    A model names its field of the document, which has a company and the partner whose
    language the text is in.
    """

    _name = "service.abstract.line"
    _description = "Line with a Product"

    _document_field = ""

    product_id = fields.Many2one(
        "product.product",
        check_company=True,
        index="btree_not_null",
        domain=[("sale_ok", "=", True)],
        ondelete="restrict",
    )
    name = fields.Text(
        string="Description",
        compute="_compute_name",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
    )
    product_uom_id = fields.Many2one(
        "uom.uom",
        string="Unit",
        compute="_compute_product_uom_id",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="restrict",
    )
    tax_ids = fields.Many2many(
        "account.tax",
        string="Product Taxes",
        compute="_compute_tax_ids",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        context={"active_test": False},
        domain=[("type_tax_use", "=", "sale")],
        ondelete="restrict",
        help="The taxes of the product. The fiscal position of each payer maps them "
        "when his invoice is made.",
    )

    @api.depends("product_id")
    def _compute_name(self):
        for line in self:
            lang = line[self._document_field].partner_id.lang
            product = line.product_id.with_context(lang=lang)
            if product:
                line.name = product.get_product_multiline_description_sale()
            else:
                line.name = line.name or False

    @api.depends("product_id")
    def _compute_product_uom_id(self):
        for line in self:
            line.product_uom_id = line.product_id.uom_id or line.product_uom_id

    @api.depends(lambda self: ("product_id", f"{self._document_field}.company_id"))
    def _compute_tax_ids(self):
        for line in self:
            company = line[self._document_field].company_id or self.env.company
            taxes = line.product_id.taxes_id._filter_taxes_by_company(company)
            line.tax_ids = taxes if line.product_id else line.tax_ids
