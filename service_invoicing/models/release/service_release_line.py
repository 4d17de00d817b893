from odoo import Command, api, fields, models

from ...tools.cost_category import ADDITIONAL_CHARGE, select_cost_categories
from ...tools.invoice_type import select_share_types
from ...tools.shares import PIECE_DIGITS, Payer, SharePart


class ServiceReleaseLine(models.Model):
    """One line of what has been released: part of a work order's line, or of a
    month."""

    _name = "service.release.line"
    _description = "Line of a Release for Billing"
    _order = "release_id, sequence, id"
    _check_company_auto = True

    release_id = fields.Many2one(
        "service.release", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="release_id.company_id", store=True, precompute=True
    )
    currency_id = fields.Many2one(related="release_id.currency_id")
    sequence = fields.Integer(default=10, readonly=True)
    product_id = fields.Many2one(
        "product.product",
        readonly=True,
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    name = fields.Text(string="Description", required=True, readonly=True)
    cost_category = fields.Selection(
        selection=select_cost_categories,
        required=True,
        readonly=True,
        default=ADDITIONAL_CHARGE,
        help="Where the line stands in the invoice summary.",
    )
    quantity = fields.Float(
        default=1.0,
        # a share of pieces has more digits than their unit
        digits=(16, PIECE_DIGITS),
        min_display_digits="Product Unit",
        required=True,
        readonly=True,
    )
    product_uom_id = fields.Many2one(
        "uom.uom",
        string="Unit",
        readonly=True,
        ondelete="restrict",
    )
    price_unit = fields.Float(
        string="Unit Price", min_display_digits="Product Price", readonly=True
    )
    discount = fields.Float(string="Discount (%)", digits="Discount", readonly=True)
    tax_ids = fields.Many2many(
        "account.tax",
        string="Product Taxes",
        readonly=True,
        check_company=True,
        context={"active_test": False},
        ondelete="restrict",
        help="The taxes of the product. The payer's fiscal position maps them on the "
        "invoice.",
    )
    order_line_id = fields.Many2one(
        "service.work.order.line",
        string="Work Order Line",
        readonly=True,
        index="btree_not_null",
    )
    tcd_id = fields.Many2one(
        "service.tcd",
        string="Charge or Discount",
        readonly=True,
        ondelete="restrict",
        help="The charge or discount of the work order that this line stands for.",
    )
    tax_claim_id = fields.Many2one(
        "service.insurance.claim",
        string="Claim Taxed to Customer",
        readonly=True,
        index="btree_not_null",
        help="The claim whose tax the customer pays by this line and its counterpart.",
    )
    account_id = fields.Many2one(
        "account.account",
        readonly=True,
        ondelete="restrict",
        help="Revenue account before the fiscal position of the payer.",
    )
    share_type = fields.Selection(
        selection=select_share_types,
        string="Share Of",
        readonly=True,
        help="Whose share of the work order's line it is by the document check: the "
        "customer's, a sponsor's or an insurer's, whoever is billed.",
    )
    share_amount = fields.Monetary(
        string="Share",
        readonly=True,
        help="What of that share it uses up, before tax. It differs from the amount "
        "where a price was corrected for one payer.",
    )
    own_cost = fields.Monetary(
        readonly=True,
        help="What of that share the workshop bears itself since the price was "
        "corrected, before tax.",
    )
    pieces = fields.Float(
        digits=(16, PIECE_DIGITS),
        readonly=True,
        help="What of the order line's quantity is in it, where a tax counts that.",
    )
    is_whole = fields.Boolean(
        readonly=True, help="The payer bears the whole line, at its own price."
    )
    is_deductible = fields.Boolean(readonly=True, help="It is a part of the own risk.")
    origin_line_id = fields.Many2one(
        "service.release.line",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The line of the credited or cancelled release that this one takes the "
        "place of.",
    )
    copy_ids = fields.One2many(
        "service.release.line", "origin_line_id", string="Billed Again", readonly=True
    )
    price_subtotal = fields.Monetary(
        string="Net",
        compute="_compute_price_subtotal",
        store=True,
        precompute=True,
        # of a work order's share it is the agreed amount, given at creation
        readonly=False,
        help="Before tax; of a discount negative.",
    )

    @api.depends("quantity", "price_unit", "discount", "tax_ids")
    def _compute_price_subtotal(self):
        Tax = self.env["account.tax"]
        for line in self:
            company = line.release_id.company_id or self.env.company
            base_line = line._prepare_base_line(line.tax_ids)
            Tax._add_tax_details_in_base_line(base_line, company)
            Tax._round_base_lines_tax_details([base_line], company)
            details = base_line["tax_details"]
            line.price_subtotal = details["total_excluded_currency"]

    def _prepare_base_line(self, taxes=None):
        """Base line of the tax engine.

        :param taxes: those of the payer by default
        """
        self.ensure_one()
        release = self.release_id
        if taxes is None:
            taxes = release.fiscal_position_id._map_kept_taxes(self.tax_ids)
        vals = self._prepare_price_vals(taxes)
        company = release.company_id or self.env.company
        return self.env["account.tax"]._prepare_base_line_for_taxes_computation(
            None,
            price_unit=vals["price_unit"],
            quantity=vals["quantity"],
            discount=vals["discount"],
            tax_ids=taxes,
            currency_id=release.currency_id or company.currency_id,
        )

    def _prepare_price_vals(self, taxes):
        """Quantity, price and discount as they stand on the invoice.

        Only where the payer's taxes include or exclude something else than the
        product's is the price translated, so that the net stays what it was.

        :param taxes: of the payer
        """
        self.ensure_one()
        price = self.price_unit
        if taxes != self.tax_ids and (taxes | self.tax_ids)._get_included():
            currency = self.currency_id
            net = self.tax_ids._get_net_for_price(price, currency)
            price = taxes._get_price_for_net(net, currency)
        return {
            "quantity": self.quantity,
            "product_uom_id": self.product_uom_id.id,
            "price_unit": price,
            "discount": self.discount,
        }

    def _prepare_invoice_line_vals(self, fiscal_position):
        """Values of the invoice line of a monthly release's line.

        :param fiscal_position: the payer's; maps the product's account and taxes
        """
        self.ensure_one()
        taxes = fiscal_position._map_kept_taxes(self.tax_ids)
        account = self.company_id._get_service_income_account(self.product_id)
        return {
            "product_id": self.product_id.id,
            "name": self.name,
            "service_cost_category": self.cost_category,
            "service_release_id": self.release_id.id,
            "service_release_line_id": self.id,
            "account_id": fiscal_position.map_account(account).id,
            "tax_ids": [Command.set(taxes.ids)],
            **taxes._prepare_pieces_vals(
                self.price_subtotal, self._prepare_price_vals(taxes), self.currency_id
            ),
        }

    def _prepare_released_again_vals(self, amount):
        """Values of a line that bills this one again.

        :param float amount: before tax, what was credited; the whole amount keeps
            quantity, price and discount
        """
        self.ensure_one()
        vals = self.copy_data({"release_id": False, "origin_line_id": self.id})[0]
        vals.pop("release_id", None)
        vals["share_amount"] = self._get_kept_share()
        if self.currency_id.compare_amounts(amount, self.price_subtotal) == 0:
            return vals
        taxes, quantity, price = self.tax_ids._get_price_of_part(
            self.quantity, amount, self.price_subtotal, self.currency_id
        )
        return vals | {
            "quantity": quantity,
            "price_unit": price,
            "discount": 0.0,
            "tax_ids": [Command.set(taxes.ids)],
            "price_subtotal": amount,
        }

    # Lines of work orders are parts of shares.

    def _is_share(self):
        """Whether the line is part of what the order's lines cost: no charge or
        discount, no tax of others, nothing that was typed on an invoice."""
        self.ensure_one()
        return bool(self.order_line_id and not self.tcd_id and not self.tax_claim_id)

    def _is_made_by_row(self):
        """Whether the line only says what a row of the order's T/C/D page will come
        to on the invoice."""
        self.ensure_one()
        return bool(self.tcd_id and self.release_id.has_tcd)

    def _get_kept_share(self):
        """Part of the share that this line still uses up: what credit memos freed or
        moved is on other releases, or nobody's again."""
        self.ensure_one()
        copies = self.copy_ids.filtered(lambda line: line.release_id.credit_move_id)
        return self.currency_id.round(
            self.share_amount - sum(copies.mapped("share_amount"))
        )

    def _get_kept_own_cost(self):
        """Own cost that the workshop still bears by this line."""
        self.ensure_one()
        if not self.own_cost or not self.share_amount:
            return 0.0
        kept = self._get_kept_share() / self.share_amount
        return self.currency_id.round(self.own_cost * kept)

    def _uses_share(self):
        """Whether the line bills or has closed something, be it nothing."""
        self.ensure_one()
        return self.release_id.state != "reprocessed" or bool(self._get_kept_share())

    def _get_agreed_payer(self):
        """Who was to bear it by the document check."""
        self.ensure_one()
        return Payer(self.share_type, self.order_line_id._get_payer(self.share_type))

    def _get_part(self):
        """The line as it is invoiced.

        :return: ``SharePart``
        """
        self.ensure_one()
        return SharePart(
            order_line=self.order_line_id,
            name=self.name,
            category=self.cost_category,
            account=self.account_id,
            taxes=self.tax_ids,
            amount=self.price_subtotal,
            pieces=self.pieces,
            is_whole=self.is_whole,
            is_deductible=self.is_deductible,
            tax_claim=self.tax_claim_id,
            tcd=self.tcd_id,
            share_type=self.share_type,
            share=self.share_amount,
            own_cost=self.own_cost,
            release_line=self,
        )
