from odoo import fields, models

from ...tools.guards import refuse_protected


class AccountMoveLine(models.Model):
    """Lines of prepayment invoices, and lines of invoices that deduct them."""

    _inherit = "account.move.line"

    service_work_order_id = fields.Many2one(
        "service.work.order",
        string="Work Order",
        index="btree_not_null",
        copy=False,
        check_company=True,
        help="The order a line of a direct prepayment is meant for, if there is one "
        "already. The invoice of that order then takes it; other prepayments without "
        "an order are adjusted by hand.",
    )
    service_prepayment_id = fields.Many2one(
        "account.move",
        string="Deducted Prepayment",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The prepayment invoice this line takes up.",
    )

    service_deduction_manual = fields.Boolean(
        string="Deducted by Hand",
        readonly=True,
        copy=False,
        help="Saving the invoice keeps this deduction, as far as it is still open.",
    )

    def _check_deduction_links(self):
        """Only Save makes deductions, and only credit memos give them back.

        :raise AccessError: when such a link was given by hand
        """
        for line in self.filtered("service_prepayment_id"):
            origin = line.service_credited_line_id
            gives_back = (
                line.move_id.move_type == "out_refund"
                and line.move_id.reversed_entry_id.service_has_life_cycle
                and (
                    line.display_type != "product"
                    or origin.move_id == line.move_id.reversed_entry_id
                    and origin.service_prepayment_id == line.service_prepayment_id
                )
            )
            if not gives_back:
                link = {"service_prepayment_id": line.service_prepayment_id.id}
                refuse_protected(self.browse(), dict.fromkeys(link), link)
        manual = {"service_deduction_manual": True}
        if any(self.mapped("service_deduction_manual")):
            refuse_protected(self.browse(), dict.fromkeys(manual), manual)

    def _correct_prepayment_accounts(self):
        """A form computes the account of a new row as that of an ordinary invoice."""
        wrong = self._filter_prepayment_lines().filtered(
            lambda line: line.account_id._get_prepayment_errors()
        )
        wrong._compute_account_id()

    def _have_parts(self, parts):
        """Whether these deductions of one prepayment are what they should be.

        :param dict parts: (account, taxes) → ``AdvancePart``
        """
        currency = self.currency_id
        found = {
            (line.account_id, line.tax_ids): (
                currency.round(-line.price_subtotal),
                currency.round(-line.price_total),
            )
            for line in self
        }
        return len(found) == len(self) and found == {
            key: (currency.round(part.net), currency.round(part.gross))
            for key, part in parts.items()
        }

    def _get_deducted_gross(self, partial=None):
        """What this line of an invoice deducts, with its tax.

        :param partial: ``account.partial.reconcile`` with the liability; only its
            share of the line then. The shares of all add up to the whole.
        :return: amount in the currency of the invoice, positive
        """
        self.ensure_one()
        line = self if self.service_prepayment_id else partial.debit_move_id
        gross = -line.price_total
        if not partial or not line.amount_currency:
            return gross
        before = line.matched_credit_ids.filtered(lambda p: p.id < partial.id)
        start = sum(before.mapped("debit_amount_currency"))
        share = gross / line.amount_currency
        end = start + partial.debit_amount_currency
        currency = line.currency_id
        return currency.round(
            currency.round(end * share) - currency.round(start * share)
        )

    def _filter_prepayment_lines(self):
        """Those of these lines that are the liability of a prepayment invoice."""
        return self.filtered(
            # a line that is only printed belongs to no document
            lambda line: line.move_id
            and line.display_type == "product"
            and not line.service_tcd_id
            and line.move_id._is_prepayment_document()
        )

    def _compute_account_id(self):
        """Prepayments are a liability, whatever product stands for them."""
        res = super()._compute_account_id()
        for line in self._filter_prepayment_lines():
            move = line.move_id
            account = move.company_id.service_prepayment_account_id
            if account:
                line.account_id = move.fiscal_position_id.map_account(account)
        return res

    def _get_computed_taxes(self):
        """Without tax in mode entry; what the payer withholds he withholds from the
        invoice of the work."""
        taxes = super()._get_computed_taxes()
        if not taxes or not self._filter_prepayment_lines():
            return taxes
        if self.move_id.service_prepayment_mode == "entry":
            return taxes.browse()
        return taxes - taxes._filter_withheld()

    def _check_edi_line_tax_required(self):
        """An advance without tax is no supply yet."""
        is_untaxed = (
            self.move_id.service_prepayment_mode == "entry"
            and self._filter_prepayment_lines()
        )
        return not is_untaxed and super()._check_edi_line_tax_required()

    def _reconcile_deductions(self):
        """Close the liability of prepayments with the lines that deduct them."""
        plan = []
        for line in self.filtered(lambda line: line.move_id.move_type == "out_invoice"):
            open_lines = line.service_prepayment_id._get_prepayment_lines().filtered(
                lambda other, line=line: not other.reconciled
                and other.account_id == line.account_id
                and other.tax_ids == line.tax_ids
            )
            if open_lines and not line.reconciled:
                plan.append(line | open_lines.sudo(self.env.su))
        if plan:
            self._reconcile_plan(plan)
