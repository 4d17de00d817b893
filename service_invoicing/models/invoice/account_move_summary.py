from odoo import api, fields, models


class AccountMove(models.Model):
    """The invoice summary: what is billed by cost category, and what is to be paid.

    Net = cost categories + charges − discounts; with taxes it is the total; less
    withholding it is the amount before adjustment; less what was adjusted and received
    it is what is due. All columns are in the document's currency and positive on credit
    memos too, but for the signed ones, which lists add up.
    """

    _inherit = "account.move"

    service_amount_material = fields.Monetary(
        string="Material", compute="_compute_service_summary", store=True
    )
    service_amount_labour = fields.Monetary(
        string="Labour", compute="_compute_service_summary", store=True
    )
    service_amount_other_resource = fields.Monetary(
        string="Other Resources", compute="_compute_service_summary", store=True
    )
    service_amount_external_repair = fields.Monetary(
        string="External Repair", compute="_compute_service_summary", store=True
    )
    service_amount_external_service = fields.Monetary(
        string="External Services", compute="_compute_service_summary", store=True
    )
    service_amount_fixed_price = fields.Monetary(
        string="Fixed Price", compute="_compute_service_summary", store=True
    )
    service_amount_additional_charge = fields.Monetary(
        string="Addl. Charges",
        compute="_compute_service_summary",
        store=True,
        help="Additional charges and every line without a cost category.",
    )
    service_amount_tax = fields.Monetary(
        string="Taxes",
        compute="_compute_service_summary",
        store=True,
        help="Taxes of the invoice, without withholding.",
    )
    service_amount_charge = fields.Monetary(
        string="Charges", compute="_compute_service_summary", store=True
    )
    service_amount_discount = fields.Monetary(
        string="Discounts", compute="_compute_service_summary", store=True
    )
    service_amount_untaxed = fields.Monetary(
        string="Net Amount",
        compute="_compute_service_amount_untaxed",
        help="Before tax: cost categories + charges − discounts.",
    )
    service_amount_total = fields.Monetary(
        string="Total Amount",
        compute="_compute_service_summary",
        store=True,
        help="Net + taxes.",
    )
    service_amount_withholding = fields.Monetary(
        string="Withholding Tax", compute="_compute_service_summary", store=True
    )
    service_amount_before_adjustment = fields.Monetary(
        string="Before Adjustment",
        compute="_compute_service_summary",
        store=True,
        help="Total − withholding tax.",
    )
    service_amount_adjusted = fields.Monetary(
        string="Adjusted",
        compute="_compute_service_adjusted",
        store=True,
        help="Reconciled with anything but a receipt: credit memos, prepayments. What "
        "is deducted on the invoice counts with its tax.",
    )
    service_amount_net = fields.Monetary(
        string="Payable",
        compute="_compute_service_adjusted",
        store=True,
        help="Before adjustment − adjusted: what is to be received, before receipts.",
    )
    service_amount_due = fields.Monetary(
        string="Due Amount",
        compute="_compute_service_due",
        help="What is still to be paid: payable − received.",
    )
    # what lists show and add up, as Net, Total and Due: credit memos are negative
    service_amount_untaxed_signed = fields.Monetary(
        string="Net, Signed",
        compute="_compute_service_signed",
        store=True,
        help="Before tax, charges and discounts included.",
    )
    service_amount_total_signed = fields.Monetary(
        string="Total, Signed",
        compute="_compute_service_signed",
        store=True,
        help="With taxes, charges and discounts.",
    )
    service_amount_due_signed = fields.Monetary(
        string="Due, Signed",
        compute="_compute_service_signed",
        store=True,
        help="What is still to be paid.",
    )

    service_entries = fields.Char(
        string="Entries",
        compute="_compute_service_entries",
        help="Accounts that the document debits and credits, in the company's "
        "currency. Accounting Information shows every item, and what authorizing adds.",
    )

    @api.depends(
        "service_invoice_type",
        "move_type",
        "line_ids.amount_currency",
        "line_ids.display_type",
        "line_ids.service_cost_category",
        "line_ids.service_tcd_id",
        "line_ids.service_prepayment_id",
        "line_ids.price_total",
    )
    def _compute_service_summary(self):
        categories = self.env["product.template"]._get_cost_categories()
        names = [*categories, "tax", "charge", "discount", "withholding"]
        for move in self._filter_service_computed("service_amount_total"):
            sums = dict.fromkeys(names, 0.0)
            if move.service_invoice_type:
                move.line_ids._add_to_service_summary(sums)
                # of the whole service, whatever of it was billed with prepayments
                sums["tax"] += move._get_service_deduction()[1]
                sums["withholding"] += move._get_payment_withholding()
            for name, amount in sums.items():
                move[f"service_amount_{name}"] = amount
            total = (
                sum(sums[key] for key in categories)
                + sums["tax"]
                + sums["charge"]
                - sums["discount"]
            )
            move.service_amount_total = total
            move.service_amount_before_adjustment = total - sums["withholding"]

    def _get_service_deduction(self):
        """What is deducted on this document, with its tax, and the tax within it, in
        the document's currency: prepayments say so."""
        return 0.0, 0.0

    def _get_payment_withholding(self):
        """What the payer withholds when he pays: it is on no line of the invoice.

        Another add-on says so; here everything withheld is a tax on the invoice.

        :return: amount in the document's currency, positive
        """
        return 0.0

    @api.depends(
        "service_amount_before_adjustment",
        "state",
        "line_ids.matched_debit_ids.credit_amount_currency",
        "line_ids.matched_credit_ids.debit_amount_currency",
        "line_ids.service_prepayment_id",
        "line_ids.price_total",
    )
    def _compute_service_adjusted(self):
        for move in self._filter_service_computed("service_amount_net"):
            adjusted, __ = move._get_service_deduction()
            if move.service_invoice_type and move.state == "posted":
                adjusted += move._get_adjusted_amount()
            move.service_amount_adjusted = adjusted
            move.service_amount_net = move.service_amount_before_adjustment - adjusted

    @api.depends("service_amount_total", "service_amount_tax")
    def _compute_service_amount_untaxed(self):
        for move in self:
            move.service_amount_untaxed = (
                move.service_amount_total - move.service_amount_tax
            )

    # What is payable changes with the items and what they are matched with, as what is
    # left of it does. Core marks what is left of a move at nearly every change of
    # another one's items: whatever depends on it pays for that.
    @api.depends("service_amount_net", "state")
    def _compute_service_due(self):
        for move in self:
            is_due = move.service_invoice_type and move.state != "cancel"
            move.service_amount_due = is_due and move._get_service_due_amount()

    @api.depends("service_amount_untaxed", "service_amount_due", "move_type")
    def _compute_service_signed(self):
        for move in self._filter_service_computed("service_amount_total_signed"):
            for name in ("untaxed", "total", "due"):
                amount = -move.direction_sign * move[f"service_amount_{name}"]
                move[f"service_amount_{name}_signed"] = amount

    def _compute_service_entries(self):
        """Shown to who authorizes; depends on nothing, so that no change of any journal
        item asks for it."""
        typed = self.filtered("service_invoice_type")
        (self - typed).service_entries = False
        for move in typed:
            debits, credits = move.env["service.entry.preview"]._describe_sides(move)
            move.service_entries = move.env._(
                "Dr %(debits)s / Cr %(credits)s",
                debits=debits or "–",
                credits=credits or "–",
            )

    def _get_service_due_amount(self):
        """What the payer has to pay: what is left after adjustments and receipts.

        :return: amount in the document's currency
        """
        self.ensure_one()
        return self.amount_residual

    def _get_adjusted_amount(self):
        """What is reconciled with anything but a receipt or an exchange difference.

        :return: amount in the document's currency
        """
        self.ensure_one()
        return sum(line._get_matched_amounts()[0] for line in self._get_installments())

    def _get_rounding_lines(self):
        return self.line_ids.filtered(lambda line: line.display_type == "rounding")

    def _get_unrounded(self, name):
        """Sum of an amount of these documents, without what rounds cash.

        :param str name: ``amount_untaxed`` or ``amount_total``
        """
        lines = self._get_rounding_lines()
        if name == "amount_untaxed":
            # a rounded tax is no part of it
            lines = lines.filtered(lambda line: not line.tax_repartition_line_id)
        signed = (line.amount_currency * line.move_id.direction_sign for line in lines)
        return sum(self.mapped(name)) - sum(signed)
