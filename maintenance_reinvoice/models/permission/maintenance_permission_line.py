from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import formatLang

from ...tools.choices import METHODS


class MaintenancePermissionLine(models.Model):
    """One thing that is bought from a garage, and what of it the customer is
    charged."""

    _name = "maintenance.permission.line"
    _description = "Maintenance Permission Line"
    _inherit = ["mail.thread"]
    _order = "permission_id desc, sequence, id"
    _rec_names_search = ["name", "permission_id.name"]
    _check_company_auto = True

    # what is still to be invoiced is little among what ever was
    _open_idx = models.Index(
        "(company_id, id) WHERE reinvoice IS TRUE AND reinvoiced IS NOT TRUE"
    )

    permission_id = fields.Many2one(
        "maintenance.permission", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        related="permission_id.company_id", store=True, precompute=True, index=True
    )
    contract_id = fields.Many2one(
        related="permission_id.contract_id", store=True, precompute=True, index=True
    )
    vehicle_id = fields.Many2one(
        related="permission_id.vehicle_id", store=True, precompute=True
    )
    partner_id = fields.Many2one(
        related="permission_id.partner_id",
        store=True,
        precompute=True,
        string="Customer",
    )
    vendor_id = fields.Many2one(related="permission_id.vendor_id", string="Garage")
    permission_state = fields.Selection(
        related="permission_id.state", string="Permission Status"
    )
    permission_date = fields.Date(related="permission_id.date", string="Date")
    product_id = fields.Many2one(
        "product.product",
        string="Service",
        required=True,
        check_company=True,
        help="Gives the expense account of the bill, the revenue account and the "
        "taxes of the customer's invoice.",
    )
    name = fields.Char(
        string="Description",
        compute="_compute_name",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
    )
    service_type_id = fields.Many2one(
        "fleet.service.type",
        compute="_compute_service_type_id",
        store=True,
        readonly=False,
        precompute=True,
    )

    # what is bought
    purchase_currency_id = fields.Many2one(related="permission_id.purchase_currency_id")
    purchase_price = fields.Monetary(
        currency_field="purchase_currency_id",
        tracking=True,
        help="Net price agreed with the garage. Negative: a compensation, for "
        "instance an insurer's.",
    )
    bill_line_ids = fields.One2many(
        "account.move.line", "maintenance_line_id", string="Bill Lines", readonly=True
    )
    bill_posted = fields.Boolean(
        string="Purchase Invoice Created",
        compute="_compute_bill_posted",
        store=True,
        help="The garage's bill of this line is posted.",
    )
    bill_date = fields.Date(
        compute="_compute_bill_posted",
        store=True,
        help="Of the garage's last bill of this line that is posted.",
    )
    amount_billed = fields.Monetary(
        compute="_compute_bill_posted",
        store=True,
        currency_field="purchase_currency_id",
        help="Net amount of the posted bills less posted vendor credits, in the "
        "purchase currency.",
    )
    amount_credited = fields.Monetary(
        compute="_compute_bill_posted",
        store=True,
        currency_field="purchase_currency_id",
        help="Net amount of the garage's posted credits, in the purchase currency.",
    )

    # what is sold
    reinvoice = fields.Boolean(
        string="Re-invoice", help="The customer is to pay this line."
    )
    amount_to_reinvoice = fields.Monetary(
        string="Amount to Re-invoice",
        compute="_compute_amount_to_reinvoice",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="Net amount charged to the customer, in the currency of his invoice.",
    )
    reinvoice_method = fields.Selection(
        METHODS,
        string="Re-invoice Method",
        default="mass",
        required=True,
        tracking=True,
        help="Mass invoice: by the next run. Individual invoice: by hand. Final "
        "settlement: when the contract is settled. Excessive wear: the cost stays "
        "ours.",
    )
    reinvoice_partner_id = fields.Many2one(
        "res.partner",
        string="Re-invoice To",
        check_company=True,
        help="Pays this line instead of the contract's customer.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="Currency of the customer's invoice.",
    )
    reinvoice_reason = fields.Char(
        string="Reason", help="Why the line is charged, reduced or kept."
    )
    markup_allowed = fields.Boolean(
        string="Mark-up Allowed",
        copy=False,
        tracking=True,
        help="A manager allows more than the purchase price to be re-invoiced.",
    )
    row_ids = fields.One2many("maintenance.reinvoice.row", "line_id", readonly=True)
    sale_invoice_id = fields.Many2one(
        "account.move",
        string="Sales Invoice",
        compute="_compute_sale_invoice_id",
        store=True,
        index="btree_not_null",
        help="The live customer invoice of this line, draft or posted.",
    )
    posted_invoice_name = fields.Char(
        string="Posted Invoice Number", compute="_compute_reinvoiced", store=True
    )
    reinvoiced = fields.Boolean(
        string="Re-invoiced",
        compute="_compute_reinvoiced",
        store=True,
        help="The line is on a posted customer invoice.",
    )
    credit_ids = fields.Many2many(
        "account.move",
        string="Credit Memos",
        compute="_compute_credit_ids",
        help="Credit memos of this line; each names the invoice it credits.",
    )
    credit_proposed = fields.Boolean(
        string="Customer Credit Proposed",
        compute="_compute_credit_proposed",
        store=True,
        help="The garage has credited work that the customer paid for: he was charged "
        "more than what remains bought.",
    )
    extra = fields.Boolean(
        readonly=True,
        copy=False,
        help="Added after the permission was closed; does not count for its status.",
    )
    difference = fields.Boolean(
        string="Bill Difference",
        readonly=True,
        copy=False,
        help="Made by posting a bill that differs from the permission.",
    )
    difference_bill_id = fields.Many2one(
        "account.move",
        readonly=True,
        copy=False,
        ondelete="cascade",
        index="btree_not_null",
        help="The bill whose posting made this difference line.",
    )

    @api.depends("product_id")
    def _compute_name(self):
        for line in self:
            line.name = line.product_id.display_name or line.name

    @api.depends("permission_id.service_type_id")
    def _compute_service_type_id(self):
        for line in self:
            line.service_type_id = line.permission_id.service_type_id

    @api.depends("permission_id.sale_currency_id")
    def _compute_currency_id(self):
        for line in self:
            if line.sale_invoice_id and line.currency_id:
                continue
            line.currency_id = line.permission_id.sale_currency_id

    @api.depends(
        "bill_line_ids.parent_state",
        "bill_line_ids.price_subtotal",
        "bill_line_ids.move_id.move_type",
        "purchase_price",
    )
    def _compute_bill_posted(self):
        for line in self:
            posted = line.bill_line_ids.filtered(lambda b: b.parent_state == "posted")
            bills = posted._filter_billing()
            credits = posted - bills
            line.bill_posted = bool(bills)
            line.bill_date = bills._get_bill_date()
            line.amount_credited = -credits._sum_bought()
            line.amount_billed = posted._sum_bought()

    @api.depends("reinvoice", "purchase_price", "currency_id", "markup_percent")
    def _compute_amount_to_reinvoice(self):
        for line in self:
            if line.sale_invoice_id:
                line.amount_to_reinvoice = line.amount_to_reinvoice
            else:
                line.amount_to_reinvoice = line._get_proposed_amount()

    @api.onchange("reinvoice_method")
    def _onchange_reinvoice_method(self):
        if self.reinvoice_method == "excessive_wear" or not self.amount_to_reinvoice:
            self.amount_to_reinvoice = self._get_proposed_amount()

    @api.depends("row_ids.live", "row_ids.move_id")
    def _compute_sale_invoice_id(self):
        for line in self:
            line.sale_invoice_id = line.row_ids.filtered("live").move_id[:1]

    # by the rows, which every change of a move looks for anyway
    @api.depends("sale_invoice_id", "row_ids.move_id.state", "row_ids.move_id.name")
    def _compute_reinvoiced(self):
        for line in self:
            invoice = line.sale_invoice_id
            line.reinvoiced = invoice.state == "posted"
            line.posted_invoice_name = line.reinvoiced and invoice.name

    @api.depends("row_ids.credit_move_id")
    def _compute_credit_ids(self):
        for line in self:
            line.credit_ids = line.row_ids.credit_move_id

    @api.depends(
        "reinvoiced",
        "amount_billed",
        "amount_credited",
        "amount_to_reinvoice",
        "row_ids.credit_move_id",
    )
    def _compute_credit_proposed(self):
        for line in self:
            rows = line.row_ids.filtered("live")
            line.credit_proposed = (
                line.reinvoiced
                and line.amount_credited
                and not rows.credit_move_id
                and line.currency_id.compare_amounts(
                    abs(line.amount_to_reinvoice),
                    abs(line._get_amount_after_credit()),
                )
                > 0
            )

    @api.depends("permission_id.name", "name")
    def _compute_display_name(self):
        for line in self:
            line.display_name = f"{line.permission_id.name}: {line.name}"

    @api.constrains(
        "amount_to_reinvoice",
        "purchase_price",
        "currency_id",
        "reinvoice_method",
        "markup_allowed",
    )
    def _check_amount_to_reinvoice(self):
        errors = [error for line in self if (error := line._get_amount_error())]
        if errors:
            raise ValidationError("\n".join(errors))

    @api.constrains("extra", "reinvoice", "reinvoice_method")
    def _check_extra_individual(self):
        wrong = self.filtered(
            lambda line: line.extra
            and line.reinvoice
            and line.reinvoice_method != "individual"
        )
        if wrong:
            raise ValidationError(
                self.env._(
                    "Lines added after closing can only be invoiced individually: %s",
                    ", ".join(wrong.mapped("display_name")),
                )
            )

    def _is_purchase_done(self):
        """Nothing is to be bought any more: billed, or free of charge."""
        self.ensure_one()
        price = self.purchase_price
        return self.bill_posted or self.purchase_currency_id.is_zero(price)

    def _get_purchase_in_sale_currency(self):
        """The purchase price less the garage's credits, in the currency of the sale,
        at the permission's date; without purchase currency it is taken as it is."""
        self.ensure_one()
        return self._convert_to_sale_currency(self._get_bought_amount())

    def _convert_to_sale_currency(self, bought):
        """A purchase amount in the currency of the sale, at the permission's date."""
        permission = self.permission_id
        purchase_currency = permission.purchase_currency_id
        if not purchase_currency or not self.currency_id:
            return bought
        return purchase_currency._convert(
            bought,
            self.currency_id,
            permission.company_id or self.env.company,
            permission.date or fields.Date.context_today(self),
        )

    def _get_proposed_amount(self):
        """What ticking Reinvoice proposes: the purchase price with the agreed mark-up,
        or nothing."""
        self.ensure_one()
        if not self.reinvoice or self.reinvoice_method == "excessive_wear":
            return 0.0
        return self._get_reinvoice_limit()

    def _get_amount_error(self):
        """Sentence about a wrong amount to re-invoice, empty when it is right."""
        self.ensure_one()
        currency, amount = self.currency_id, self.amount_to_reinvoice
        # what is on an invoice was right when it was made, and is frozen
        if currency.is_zero(amount) or self.sale_invoice_id:
            return ""
        values = {"line": self.display_name, "amount": currency.format(amount)}
        if self.reinvoice_method == "excessive_wear":
            return self.env._(
                "%(line)s: excessive wear stays our cost, the amount to re-invoice "
                "must be zero instead of %(amount)s.",
                **values,
            )
        bought = self._get_reinvoice_limit()
        if currency.is_zero(bought) and not self.amount_credited:
            return ""
        values["bought"] = currency.format(bought)
        if amount * bought < 0:
            return self.env._(
                "%(line)s: the amount to re-invoice %(amount)s must have the sign of "
                "the purchase price %(bought)s.",
                **values,
            )
        if self.markup_allowed or currency.compare_amounts(
            abs(amount), abs(bought)
        ) in (-1, 0):
            return ""
        return self.env._(
            "%(line)s: %(amount)s is more than the purchase price %(bought)s"
            "%(markup)s. Lower it, or ask a manager to allow a mark-up.",
            **values,
            markup=self._get_markup_text(),
        )

    # What a contract or customer pays on top of the purchase price.

    markup_percent = fields.Float(
        string="Mark-up (%)",
        digits=(16, 2),
        compute="_compute_markup_percent",
        store=True,
        precompute=True,
        aggregator="avg",
        help="The contract's mark-up, else the customer's, as it was when the line was "
        "charged. Compensations are passed on without it.",
    )

    @api.depends("reinvoice", "purchase_price", "contract_id", "partner_id")
    def _compute_markup_percent(self):
        for line in self:
            # what is on an invoice was made with the mark-up of its time
            if not line.sale_invoice_id:
                line.markup_percent = line._get_markup_percent()

    def _get_markup_percent(self):
        """Per cent charged on top of the purchase price."""
        self.ensure_one()
        if self.purchase_price < 0:
            return 0.0
        permission = self.permission_id
        own = permission.contract_id.markup_percent
        return own or permission.partner_id._get_maintenance_markup(
            permission.company_id
        )

    def _get_bought_amount(self):
        """What remains bought of the agreed price after the garage's credits, in the
        purchase currency. A credit of what was billed too much takes nothing away."""
        self.ensure_one()
        price = self.purchase_price
        if not self.amount_credited:
            return price
        left = self.amount_billed
        if not self.bill_posted:
            left = price - self.amount_credited
        return max(0.0, min(price, left)) if price > 0 else min(0.0, max(price, left))

    def _get_amount_after_credit(self, charged=None):
        """What the customer should be charged: as before, while that is not more than
        what remains bought with its mark-up. A mark-up that a manager allowed for the
        line alone shrinks with the purchase.

        :param charged: what was charged before, in the currency of the sale; what the
            line charges now by default
        """
        self.ensure_one()
        charged = self.amount_to_reinvoice if charged is None else charged
        limit = self._get_reinvoice_limit()
        if not self.amount_credited or not self.purchase_price:
            return charged
        agreed = self._convert_to_sale_currency(self.purchase_price)
        agreed *= 1.0 + self.markup_percent / 100.0
        if self.markup_allowed and agreed and abs(charged) > abs(agreed):
            return self.currency_id.round(charged * limit / agreed)
        return limit if abs(charged) > abs(limit) else charged

    def _get_reinvoice_limit(self):
        """The most that may be charged: what remains bought with the mark-up, rounded
        to the currency of the sale."""
        self.ensure_one()
        bought = self._get_purchase_in_sale_currency()
        amount = bought * (1.0 + self.markup_percent / 100.0)
        return self.currency_id.round(amount) if self.currency_id else amount

    def _get_markup_text(self):
        """The mark-up in words for a message, empty without one."""
        self.ensure_one()
        if not self.markup_percent:
            return ""
        percent = formatLang(self.env, self.markup_percent, digits=2)
        return self.env._(" with its mark-up of %s %%", percent)
