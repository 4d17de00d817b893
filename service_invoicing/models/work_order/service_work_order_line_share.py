from odoo import api, fields, models
from odoo.tools.misc import formatLang

from ...tools.shares import SharePart


class ServiceWorkOrderLine(models.Model):
    """From a line of the order to the lines of its payers' invoices."""

    _inherit = "service.work.order.line"

    income_account_id = fields.Many2one(
        "account.account",
        compute="_compute_income_account_id",
        exportable=False,
        help="Revenue account before any fiscal position.",
    )

    @api.depends("product_id", "order_id.company_id")
    def _compute_income_account_id(self):
        for line in self:
            line.income_account_id = line._get_income_account()

    def _get_income_account(self):
        self.ensure_one()
        company = self.order_id.company_id
        return company._get_service_income_account(self.product_id)

    def _get_share(self, invoice_type):
        """What the payer of an invoice type bears of this line, before tax."""
        self.ensure_one()
        return self[self.order_id._get_share_fields()[invoice_type]]

    def _get_payer(self, invoice_type):
        """Who bears the line's share of an invoice type.

        :return: ``res.partner``; empty when there is no such payer
        """
        self.ensure_one()
        if invoice_type == "service":
            return self.order_id.partner_id
        if invoice_type == "program":
            return self.sponsor_id
        if invoice_type == "insurance":
            return self.claim_id.filtered(lambda c: c.state != "rejected").insurer_id
        return self.env["res.partner"]

    def _get_third_types(self):
        """Billing types of who may bear a part beside the customer."""
        return [*self.env["service.work.order"]._get_share_fields()][1:]

    def _is_borne_whole(self, invoice_type):
        """Whether the payer of an invoice type bears the whole line.

        A line that costs nothing goes to whoever covers it, else to the customer.
        """
        self.ensure_one()
        if self.currency_id.is_zero(self.price_subtotal):
            covered = any(map(self._get_payer, self._get_third_types()))
            return covered == (invoice_type != "service")
        share = self._get_share(invoice_type)
        return self.currency_id.compare_amounts(share, self.price_subtotal) == 0

    def _describe_share(self, share):
        """Text of a partial line: the original figures and the part of them.

        :param float share: amount before tax in the order's currency
        """
        self.ensure_one()
        return self.env._(
            "%(name)s\nShare: %(share)s of %(subtotal)s (%(quantity)s %(unit)s at "
            "%(price)s%(discount)s)",
            name=self._get_printed_name(),
            share=formatLang(self.env, share, currency_obj=self.currency_id),
            subtotal=formatLang(
                self.env, self.price_subtotal, currency_obj=self.currency_id
            ),
            quantity=formatLang(self.env, self.quantity, dp="Product Unit"),
            unit=self.product_uom_id.name or "",
            price=formatLang(self.env, self.price_unit, dp="Product Price"),
            discount=self._describe_discount(),
        )

    def _describe_billed_share(self, billed, share):
        """Text of a partial line that bills another amount than its share: then the
        work costs what is billed and all the rest of it, whoever bears that.

        :param float billed: amount before tax in the order's currency
        :param float share: what of the line it stands for, likewise
        """
        self.ensure_one()
        currency = self.currency_id
        if not currency.compare_amounts(billed, share):
            return self._describe_share(share)
        total = self.price_subtotal - share + billed
        return self.env._(
            "%(name)s\nShare: %(share)s of %(subtotal)s (%(quantity)s %(unit)s)",
            name=self._get_printed_name(),
            share=formatLang(self.env, billed, currency_obj=currency),
            subtotal=formatLang(self.env, total, currency_obj=currency),
            quantity=formatLang(self.env, self.quantity, dp="Product Unit"),
            unit=self.product_uom_id.name or "",
        )

    def _get_printed_name(self):
        """Text of the line in the language of the environment, which is the payer's.

        A product's own name is translated; what somebody typed stays as it is.
        """
        self.ensure_one()
        product = self.product_id
        names = {
            product.with_context(lang=code).display_name
            for code, __ in self.env["res.lang"].get_installed()
        }
        return product.display_name if product and self.name in names else self.name

    def _describe_discount(self):
        if not self.discount:
            return ""
        return self.env._(
            ", less %(discount)s %%",
            discount=formatLang(self.env, self.discount, dp="Discount"),
        )

    def _get_share_part(self, invoice_type):
        """What the payer of an invoice type bears of this line.

        Who bears the line whole gets its quantity and price; otherwise one unit at the
        price of his share, with the original figures in the text.

        :return: ``SharePart``
        """
        self.ensure_one()
        share = self._get_share(invoice_type)
        pieces = self._get_share_pieces(invoice_type)
        if not self._is_borne_whole(invoice_type):
            name = self._describe_share(share)
            return self._get_additional_part(name, invoice_type, share, pieces)
        name = self._get_printed_name()
        part = self._get_additional_part(name, invoice_type, share, pieces)
        return part._replace(is_whole=True)

    def _get_share_pieces(self, invoice_type):
        """Quantity that the payer of an invoice type bears, where a tax counts
        it; the customer takes what rounding leaves."""
        self.ensure_one()
        if self._is_borne_whole(invoice_type):
            return self.quantity
        if invoice_type != "service":
            return self._get_pieces(self._get_share(invoice_type))
        others = sum(map(self._get_share_pieces, self._get_third_types()))
        return self.quantity - others if self.tax_ids._filter_per_piece() else 0.0

    def _get_pieces(self, amount):
        """Part of the quantity in an amount, where a tax counts it.

        :param float amount: before tax in the order's currency
        """
        self.ensure_one()
        return self.tax_ids._get_pieces(self.quantity, amount, self.price_subtotal)

    def _get_additional_part(self, name, invoice_type, amount, pieces=0.0):
        """A line of its own with the category, account and taxes of this line.

        :param float amount: before tax in the order's currency, signed
        :param float pieces: of the quantity; without any no tax counts them
        """
        self.ensure_one()
        taxes = self._get_taxes_of(invoice_type)
        return SharePart(
            order_line=self,
            name=name,
            category=self.cost_category,
            account=self._get_income_account(),
            taxes=taxes if pieces else taxes._without_per_piece(),
            amount=amount,
            pieces=pieces,
            share_type=invoice_type,
        )

    def _get_rest_parts(self, parts, total, kept):
        """What is left of a share that was released in part, the own risk by itself.

        :param list parts: ``SharePart`` of the whole share
        :param float total: what is left, before tax in the order's currency, signed
        :param dict kept: (order line, whether it is own risk) → what is released
        :return: list of ``SharePart``
        """
        self.ensure_one()
        currency = self.currency_id
        rests = [
            currency.round(part.amount - kept[self, part.is_deductible])
            for part in parts
        ]
        # what was imported without a release is not told apart
        rests[0] += currency.round(total - sum(rests))
        return [
            part if rest == part.amount else self._get_rest_part(part, rest)
            for part, rest in zip(parts, rests, strict=True)
            if not currency.is_zero(rest)
        ]

    def _get_rest_part(self, part, amount):
        """Another amount of a part of this line.

        :param float amount: before tax in the order's currency, signed
        """
        self.ensure_one()
        if part.is_deductible:
            return part.take(amount)
        pieces = self._get_pieces(amount)
        return part.take(amount)._replace(
            name=self._describe_share(amount),
            taxes=part.taxes if pieces else part.taxes._without_per_piece(),
            pieces=pieces,
            is_whole=False,
        )

    def _get_taxes_of(self, invoice_type):
        """Taxes of the share of an invoice type, before any fiscal position."""
        self.ensure_one()
        if invoice_type == "insurance":
            return self.claim_id._get_insured_taxes(self.tax_ids)
        return self.tax_ids

    def _prepare_whole_price_vals(self, taxes):
        """Quantity, price and discount as on the order.

        Only where the payer's taxes include or exclude something else than the
        product's is the price translated, so that the net stays what it was.
        """
        self.ensure_one()
        price = self.price_unit
        if taxes != self.tax_ids and (taxes | self.tax_ids)._get_included():
            net = self.tax_ids._get_net_for_price(price, self.currency_id)
            price = taxes._get_price_for_net(net, self.currency_id)
        return {
            "quantity": self.quantity,
            "product_uom_id": self.product_uom_id.id,
            "price_unit": price,
            "discount": self.discount,
        }

    # Amounts before tax of the lines: together they are what one invoice over the
    # whole order bears.

    @api.depends(
        "quantity",
        "price_unit",
        "discount",
        "tax_ids",
        "currency_id",
        "order_id.line_ids.quantity",
        "order_id.line_ids.price_unit",
        "order_id.line_ids.discount",
        "order_id.line_ids.tax_ids",
    )
    def _compute_price_subtotal(self):
        for order, lines in self.grouped("order_id").items():
            nets = (order.line_ids | lines)._get_nets()
            for line in lines:
                line.price_subtotal = nets[line]

    def _get_nets(self):
        """Amounts before tax of these lines on one document.

        What rounding the document leaves over is on the largest lines, as core puts it
        in the ledger.

        :return: dict line → amount in the order's currency
        """
        base_lines = [line._prepare_base_line() for line in self]
        self._add_rounded_details(base_lines)
        return {
            line: base_line["tax_details"]["total_excluded_currency"]
            + base_line["tax_details"]["delta_total_excluded_currency"]
            for line, base_line in zip(self, base_lines, strict=True)
        }

    def _add_rounded_details(self, base_lines):
        """Let the tax engine count base lines as one document."""
        company = self.company_id[:1] or self.env.company
        Tax = self.env["account.tax"]
        Tax._add_tax_details_in_base_lines(base_lines, company)
        Tax._round_base_lines_tax_details(base_lines, company)

    def _get_net_part(self, percent):
        """Net amount of a part of the line, found by the tax engine; never more than
        what the line has on the order.

        :param float percent: 0 to 100
        :return: amount before tax, rounded to the order's currency
        """
        self.ensure_one()
        base_line = self._prepare_base_line(percent)
        self._add_rounded_details([base_line])
        part = base_line["tax_details"]["total_excluded_currency"]
        whole = self.price_subtotal
        return whole if percent == 100.0 or abs(part) > abs(whole) else part
