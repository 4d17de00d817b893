from odoo import api, fields, models

from ...tools.choices import PREPAYMENT_MODES
from ...tools.guards import raise_together


class AccountMove(models.Model):
    """Prepayment invoices: money that is asked for before the work is billed.

    Their lines are a liability until invoices take them up. “Gross” amounts are what
    the payer pays for these lines: in mode deduction with tax, in mode entry there is
    none. All amounts are in the currency of the prepayment.
    """

    _inherit = "account.move"

    service_prepayment_mode = fields.Selection(
        selection=PREPAYMENT_MODES,
        string="Prepayment Is Adjusted",
        compute="_compute_service_prepayment_mode",
        store=True,
        copy=False,
        help="What the company had chosen when the prepayment was made.",
    )
    service_prepayment_received = fields.Monetary(
        string="Prepayment Received",
        compute="_compute_service_prepayment",
        store=True,
        help="Money received for the prepayment invoice.",
    )
    service_prepayment_used = fields.Monetary(
        string="Prepayment Used",
        compute="_compute_service_prepayment",
        store=True,
        help="What authorized invoices have taken of the prepayment, with its tax.",
    )
    service_prepayment_open = fields.Monetary(
        string="Prepayment Open",
        compute="_compute_service_prepayment",
        store=True,
        help="What was received and neither credited nor used yet: so much can be "
        "adjusted with invoices.",
    )
    service_deduction_line_ids = fields.One2many(
        "account.move.line",
        "service_prepayment_id",
        string="Deductions",
        readonly=True,
        copy=False,
        help="Lines of invoices and credit memos that deduct this prepayment.",
    )

    @api.depends("service_invoice_type", "company_id", "reversed_entry_id")
    def _compute_service_prepayment_mode(self):
        for move in self._filter_service_computed("service_prepayment_mode"):
            mode = False
            if move._is_prepayment_document():
                # what a document was made with it keeps
                mode = (
                    move._origin.service_prepayment_mode
                    or move.sudo().reversed_entry_id.service_prepayment_mode
                    or move.company_id.service_prepayment_mode
                )
            move.service_prepayment_mode = mode

    def _get_prepayment_lines(self):
        """The liability lines of prepayments: all they bill but charges and
        discounts."""
        documents = self.filtered(lambda move: move._is_prepayment_document())
        return documents.invoice_line_ids.filtered(
            lambda line: line.display_type == "product" and not line.service_tcd_id
        )

    @api.depends(
        "service_invoice_type",
        "service_prepayment_mode",
        # only posted documents count, and their amounts stay as they are
        "state",
        "line_ids.matched_debit_ids.credit_amount_currency",
        "line_ids.matched_credit_ids.debit_amount_currency",
        "reversal_move_ids.state",
        "service_deduction_line_ids.parent_state",
    )
    def _compute_service_prepayment(self):
        for move in self._filter_service_computed("service_prepayment_received"):
            is_live = move._is_service_prepayment() and move.state == "posted"
            move.service_prepayment_received = (
                move._get_received_prepayment() if is_live else 0.0
            )
            move.service_prepayment_used = (
                move._get_used_prepayment() if is_live else 0.0
            )
            move.service_prepayment_open = (
                move._get_adjustable_prepayment() if is_live else 0.0
            )

    def _get_prepayment_gross(self):
        """What the payer pays for the liability lines of this document.

        Charges, discounts and cash rounding are no part of the advance.
        """
        self.ensure_one()
        lines = self._get_prepayment_lines()
        if self.service_prepayment_mode != "deduction":
            return self.currency_id.round(
                self.direction_sign * sum(lines.mapped("amount_currency"))
            )
        others = self._get_billed_lines() - lines
        rounding = self.line_ids.filtered(lambda line: line.display_type == "rounding")
        gross = self.amount_total - sum(others.mapped("price_total"))
        gross -= self.direction_sign * sum(rounding.mapped("amount_currency"))
        return self.currency_id.round(gross)

    def _get_received_prepayment(self):
        """Money received for this prepayment invoice, charges on it included."""
        self.ensure_one()
        return sum(line._get_matched_amounts()[1] for line in self._get_installments())

    def _get_prepayment_credits(self):
        """Authorized credit memos of this prepayment."""
        self.ensure_one()
        return self.sudo().reversal_move_ids.filtered(lambda m: m.state == "posted")

    def _get_used_prepayment(self):
        """Gross amount that authorized invoices, or entries by hand, have taken.

        A credit memo of an invoice gives back what that invoice had deducted.
        """
        self.ensure_one()
        deducted = sum(
            -line.price_total * (-1 if line.move_id.move_type == "out_refund" else 1)
            for line in self._get_posted_deductions()
        )
        return self.currency_id.round(deducted + self._get_matched_prepayment())

    def _get_posted_deductions(self):
        """Lines of authorized documents that deduct this prepayment or give it back."""
        self.ensure_one()
        return self.sudo().service_deduction_line_ids.filtered(
            lambda line: line.parent_state == "posted"
            and line.display_type == "product"
            and line.move_id.service_has_life_cycle
        )

    def _get_matched_prepayment(self):
        """What is reconciled with the liability lines, but for deductions, the
        prepayment's own credit memos and exchange differences."""
        self.ensure_one()
        matched = 0.0
        for partial in self._get_prepayment_lines().sudo().matched_debit_ids:
            line = partial.debit_move_id
            is_other = (
                line.service_prepayment_id
                or line.move_id.reversed_entry_id == self
                or line.move_id.exchange_diff_partial_ids
            )
            if not is_other:
                matched += partial.credit_amount_currency
        return matched

    def _get_adjustable_prepayment(self):
        """Gross amount that invoices may still take: what was received, less what was
        taken and credited before.

        What is not received yet is missing from the advance first: charges on the
        prepayment invoice are paid before it.

        :return: amount in the currency of the prepayment, never negative
        """
        self.ensure_one()
        if not self._is_service_prepayment() or self.state != "posted":
            return 0.0
        return max(self._get_prepayment_balance(), 0.0)

    def _get_prepayment_balance(self, returned=0.0):
        """The same, below zero where more was taken than was received.

        :param returned: what of the money received would be taken away
        """
        self.ensure_one()
        credits = self._get_prepayment_credits()
        credited = sum(move._get_prepayment_gross() for move in credits)
        wanted = self.amount_total - sum(credits.mapped("amount_total"))
        received = self._get_received_prepayment() - returned
        left = self._get_prepayment_gross() - credited - max(wanted - received, 0.0)
        return self.currency_id.round(left - self._get_used_prepayment())

    def _is_downpayment(self):
        """Electronic formats tell a request for an advance from an invoice by it."""
        return self._is_service_prepayment() or super()._is_downpayment()

    # What invoices have taken of a prepayment is not credited.

    def _get_used_up_errors(self):
        """Why nothing at all of this prepayment can be credited.

        :return: list of translated sentences, empty for other documents
        """
        self.ensure_one()
        if not self._is_service_prepayment():
            return []
        return self._get_used_prepayment_errors(0.0)

    def _get_overused_errors(self, batch):
        """Why this credit memo takes back more of its prepayment than is left.

        :param batch: what is being authorized together with this document
        :return: list of translated sentences, empty for other documents
        """
        self.ensure_one()
        origin = self.sudo().reversed_entry_id
        if not self._is_prepayment_document() or not origin:
            return []
        return origin._get_used_prepayment_errors(self._get_prepayment_gross(), batch)

    def _get_used_prepayment_errors(self, wanted, batch=None):
        """Why no more of this prepayment can be credited: invoices have taken it.

        :param float wanted: gross amount to be credited; zero: anything at all
        :param batch: credit memos that are being authorized together
        :return: list of translated sentences
        """
        self.ensure_one()
        used = self._get_used_prepayment()
        if self.currency_id.compare_amounts(used, 0.0) <= 0:
            return []
        credits = self._get_prepayment_credits()
        left = self._get_prepayment_gross() - used
        left -= sum(move._get_prepayment_gross() for move in credits)
        compared = self.currency_id.compare_amounts(left, wanted)
        if compared > 0 or (wanted and not compared):
            return []
        return [
            self.env._(
                "%(number)s: %(used)s of the prepayment was adjusted with invoices, so "
                "that no more than %(left)s can be credited. Undo the adjustments or "
                "credit these invoices first.",
                number=self._get_service_label(),
                used=self.currency_id.format(used),
                left=self.currency_id.format(max(left, 0.0)),
            )
        ]

    # What has been received for a prepayment, or was taken of it, is kept.

    def _keep_prepaid(self, vals):
        if vals.get("state") in ("draft", "cancel"):
            self._check_prepaid_kept()

    def _check_prepaid_kept(self):
        """Neither money that was adjusted with nor the entry that did it is undone."""
        self._check_prepaid_money_kept()
        self._check_adjustment_entries_kept()

    def _check_prepaid_money_kept(self):
        """Money stays while invoices are adjusted with the prepayment it paid.

        :raise UserError: naming prepayments and invoices
        """
        if not self.env.su:
            posted = self.filtered(lambda move: move.state == "posted")
            posted._get_matched_lines().matched_debit_ids._check_prepaid_money_kept()

    def _get_kept_money_errors(self, amount):
        """Why so much of what was received for this prepayment may not be taken away.

        :param amount: in the currency of the prepayment
        :return: list of translated sentences
        """
        self.ensure_one()
        if not self.service_prepayment_used or (
            self._get_prepayment_balance(amount) >= 0.0
        ):
            return []
        rows = self.sudo().service_adjusting_ids.filtered(lambda row: not row.undone)
        invoices = rows.move_id | self.sudo().service_deduction_line_ids.move_id
        return [
            self.env._(
                "The money received for %(number)s stays: %(invoices)s is adjusted "
                "with it. Undo the adjustment first.",
                number=self._get_service_label(),
                invoices=", ".join(move._get_service_label() for move in invoices),
            )
        ]

    def _check_prepayments_complete(self):
        raise_together([e for move in self for e in move._get_prepayment_errors()])

    def _get_prepayment_errors(self):
        """Why this prepayment cannot be saved or authorized as it stands.

        :return: list of translated sentences, empty for other documents
        """
        self.ensure_one()
        if not self._is_service_prepayment():
            return []
        lines = self._get_prepayment_lines()
        errors = self._get_prepayment_account_errors(lines)
        errors += self._get_prepayment_tax_errors(lines)
        if self.currency_id.compare_amounts(sum(lines.mapped("price_subtotal")), 0) < 0:
            errors.append(
                self.env._(
                    "%s: a prepayment cannot be negative. Credit a prepayment invoice "
                    "to give money back.",
                    self._get_service_label(),
                )
            )
        return errors

    def _get_prepayment_account_errors(self, lines):
        """:param lines: the liability lines of this prepayment"""
        label = self._get_service_label()
        if not self.company_id.service_prepayment_account_id:
            return [
                self.env._(
                    "%(number)s: choose the prepayment account of %(company)s in the "
                    "settings of service billing first.",
                    number=label,
                    company=self.company_id.display_name,
                )
            ]
        return [
            f"{label}: {error}" for error in lines.account_id._get_prepayment_errors()
        ]

    def _get_prepayment_tax_errors(self, lines):
        """:param lines: the liability lines of this prepayment"""
        values = {"number": self._get_service_label()}
        errors = []
        for line in lines:
            values["line"] = line.name or line.product_id.display_name or "–"
            if self.service_prepayment_mode == "entry":
                if line.tax_ids:
                    errors.append(
                        self.env._(
                            "%(number)s, “%(line)s”: this prepayment bears no tax, "
                            "because it is adjusted by an entry. Remove the tax; where "
                            "the law taxes advances, choose “Deducted on the invoice, "
                            "with tax” in the settings and make it anew.",
                            **values,
                        )
                    )
            elif line.tax_ids._filter_withheld():
                errors.append(
                    self.env._(
                        "%(number)s, “%(line)s”: what the payer withholds he withholds "
                        "from the invoice of the work. Remove the withholding tax.",
                        **values,
                    )
                )
        return errors
