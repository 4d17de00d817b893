from odoo import api, fields, models

from ...tools.cost_category import ADDITIONAL_CHARGE, COST_CATEGORIES
from ...tools.guards import refuse_protected, refuse_protected_at_creation


class ServiceWorkOrderLine(models.Model):
    """One line of work or material, and who bears it."""

    _name = "service.work.order.line"
    _description = "Service Work Order Line"
    _inherit = ["service.abstract.line"]
    _document_field = "order_id"
    _order = "order_id, sequence, id"
    _check_company_auto = True

    _one_payer_beside_customer = models.Constraint(
        "CHECK(program_id IS NULL OR claim_id IS NULL)",
        "A work order line is covered by a program or by a claim, never by both.",
    )
    _coverage_is_percentage = models.Constraint(
        "CHECK(coverage_percent BETWEEN 0 AND 100)",
        "The coverage of a work order line lies between 0 and 100 %.",
    )

    _discount_is_percentage = models.Constraint(
        "CHECK(discount BETWEEN 0 AND 100)",
        "The discount of a work order line lies between 0 and 100 %.",
    )

    order_id = fields.Many2one(
        "service.work.order", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="order_id.company_id", store=True)
    currency_id = fields.Many2one(related="order_id.currency_id", store=True)
    sequence = fields.Integer(default=10)
    cost_category = fields.Selection(
        selection=COST_CATEGORIES,
        compute="_compute_cost_category",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        help="Where the line stands in the invoice summary; proposed by the product.",
    )
    quantity = fields.Float(default=1.0, digits="Product Unit", required=True)
    price_unit = fields.Float(
        string="Unit Price",
        min_display_digits="Product Price",
        compute="_compute_price_unit",
        store=True,
        readonly=False,
        precompute=True,
    )
    discount = fields.Float(
        string="Discount (%)",
        digits="Discount",
        help="Stays inside the cost category of the line.",
    )
    program_id = fields.Many2one(
        "service.program",
        compute="_compute_program_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Whose sponsor bears a part of this line.",
    )
    sponsor_id = fields.Many2one(
        "res.partner",
        compute="_compute_sponsor_id",
        store=True,
        precompute=True,
        index="btree_not_null",
        help="Who is invoiced for the program's share, as the program said when it was "
        "chosen. Empty: the share is the workshop's own cost.",
    )
    claim_id = fields.Many2one(
        "service.insurance.claim",
        check_company=True,
        index="btree_not_null",
        domain="[('work_order_id', '=', order_id)]",
        help="Whose insurer bears a part of this line.",
    )
    coverage_percent = fields.Float(
        string="Coverage (%)",
        digits=(5, 2),
        compute="_compute_coverage_percent",
        store=True,
        readonly=False,
        precompute=True,
        help="Part of the line that the program or the claim bears. Not used for a "
        "program with an amount per order.",
    )
    price_subtotal = fields.Monetary(
        string="Net", compute="_compute_price_subtotal", store=True, help="Before tax."
    )
    amount_program = fields.Monetary(
        string="Program's Share",
        compute="_compute_shares",
        store=True,
        help="What the program bears of the line, before tax.",
    )
    amount_insurance = fields.Monetary(
        string="Insurer's Share",
        compute="_compute_shares",
        store=True,
        help="What the insurer bears of the line, before tax and before the "
        "deductible.",
    )
    amount_customer = fields.Monetary(
        string="Customer's Share",
        compute="_compute_shares",
        store=True,
        help="What the customer bears of the line, before tax; the deductible is not "
        "yet moved.",
    )
    invoice_line_ids = fields.One2many(
        "account.move.line", "service_order_line_id", readonly=True
    )

    @api.depends("product_id")
    def _compute_cost_category(self):
        for line in self:
            line.cost_category = (
                line.product_id.product_tmpl_id._get_service_cost_category()
                or line.cost_category
                or ADDITIONAL_CHARGE
            )

    @api.depends("product_id", "product_uom_id")
    def _compute_price_unit(self):
        """Another customer or price list leaves the prices, which may be typed: the
        button “Update Prices” of the order asks for those of the list."""
        for line in self:
            line.price_unit = (
                line._get_list_price() if line.product_id else (line.price_unit)
            )

    @api.depends("product_id")
    def _compute_program_id(self):
        programs = self.env["service.program"].search([("auto_propose", "=", True)])
        for line in self:
            # what covers the line stays, and a claim needs no second payer
            proposed = line.program_id.filtered(
                lambda p, line=line: line.cost_category in p._get_covered_categories()
            )
            if line.product_id and not proposed and not line.claim_id:
                proposed = programs.filtered(lambda p, line=line: p._applies_to(line))
            line.program_id = proposed[:1]

    # The terms of the program are read once, when it is chosen: a program changed
    # later must not change orders that were made under its old terms.

    @api.depends("program_id")
    def _compute_sponsor_id(self):
        for line in self:
            line.sponsor_id = line.program_id.filtered("invoiceable").sponsor_id

    @api.depends("program_id", "claim_id")
    def _compute_coverage_percent(self):
        for line in self:
            program = line.program_id
            if program.value_type == "percentage":
                line.coverage_percent = program.value
            else:
                line.coverage_percent = line.claim_id.coverage_percent

    @api.depends(
        "price_subtotal",
        "coverage_percent",
        "program_id",
        "claim_id.state",
        "order_id.line_ids.price_subtotal",
        "order_id.line_ids.program_id",
        "order_id.line_ids.coverage_percent",
    )
    def _compute_shares(self):
        amounts = self.order_id._allocate_program_amounts()
        names = self.env["service.work.order"]._get_share_fields()
        for line in self:
            shares = line._get_third_shares(amounts.get(line._origin or line, 0.0))
            # a form may have lost its currency
            currency = line.currency_id or line.env.company.currency_id
            rest = currency.round(line.price_subtotal - sum(shares.values()))
            for invoice_type, name in names.items():
                line[name] = shares.get(invoice_type, 0.0)
            line.amount_customer = rest

    def _get_third_shares(self, program_amount):
        """What others than the customer bear of this line.

        :param float program_amount: what the line's program bears of it
        :return: dict billing type → amount before tax in the order's currency
        """
        self.ensure_one()
        if self.program_id:
            return {"program": program_amount}
        if self.claim_id and self.claim_id.state != "rejected":
            return {"insurance": self._get_net_part(self.coverage_percent)}
        return {}

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            refuse_protected_at_creation(self, self._get_protected_fields(), vals)
        self._check_coverage_at_creation(vals_list)
        orders = {vals.get("order_id") for vals in vals_list} - {None, False}
        self.env["service.work.order"].browse(orders)._check_editable()
        return super().create(vals_list)

    def write(self, vals):
        refuse_protected(self, dict.fromkeys(self._get_protected_fields()), vals)
        self._check_coverage_at_write(vals)
        self.order_id._check_editable()
        res = super().write(vals)
        self.order_id._check_editable()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_checked(self):
        self.order_id._check_editable()

    def _get_list_price(self):
        """Price of the product by the order's pricelist.

        :return: price per unit of the line in the order's currency
        """
        self.ensure_one()
        order = self.order_id
        return order.pricelist_id._get_product_price(
            self.product_id,
            self.quantity or 1.0,
            currency=order.currency_id or self.env.company.currency_id,
            uom=self.product_uom_id,
            date=order.order_date or fields.Date.context_today(self),
        )

    def _prepare_base_line(self, percent=100.0):
        """Base line of the tax engine for a part of the line.

        :param float percent: part of the quantity: the price as entered is divided,
            gross with an included tax, and so are the pieces that a tax counts
        """
        self.ensure_one()
        return self.env["account.tax"]._prepare_base_line_for_taxes_computation(
            self,
            quantity=self.quantity * percent / 100.0,
            currency_id=self.currency_id or self.env.company.currency_id,
        )

    def _get_program_claim(self):
        """What the line asks of its program, before the program's limit.

        :return: amount before tax in the order's currency
        """
        self.ensure_one()
        if self.program_id.value_type == "amount":
            return max(self.price_subtotal, 0.0)
        return self._get_net_part(self.coverage_percent)
