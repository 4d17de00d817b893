from odoo import Command, api, models
from odoo.exceptions import UserError

from ...tools.line_kind import TEXT_LINES
from ...tools.locks import claim_rows
from ...tools.tax_data import NET_KEY


class AccountMove(models.Model):
    """The one way to make a credit memo of an invoice or of parts of it."""

    _inherit = "account.move"

    def _lock_for_credit(self):
        """Let nobody else credit these invoices before this transaction ends.

        As with the billing of work orders the rows are changed, so that who did not
        see our credit memo fails and starts again.

        :raise UserError: naming what somebody else is crediting now
        """
        if self.sudo().work_order_ids:
            self.sudo().work_order_ids._lock_for_billing()
        for move in self - self.try_lock_for_update():
            raise UserError(
                self.env._(
                    "%s is being changed by somebody else right now. Look at it again "
                    "in a moment.",
                    move._get_service_label(),
                )
            )
        claim_rows(self)

    def _create_service_credit(self, parts, reason, date, **values):
        """Credit memo of parts of this invoice, saved for authorisation.

        :param dict parts: invoice line id → ``SharePart`` with the amount to credit
        :param values: what differs from ``_prepare_service_credit_vals``
        """
        self.ensure_one()
        move = self.with_context(lang=self.partner_id.lang or self.env.lang)
        vals = move._prepare_service_credit_vals(parts, reason, date) | values
        # protected links: see the creation of invoices by the work order
        credit = self.with_company(self.company_id).sudo().create(vals)
        credit._use_receivable_of(self)
        credit._take_service_rest()
        credit = credit.sudo(self.env.su)
        credit.action_service_save()
        return credit

    def _prepare_service_credit_vals(self, parts, reason, date):
        """Values of the credit memo: in storno companies core's own reversal would mix
        signs, hence a document of its own with positive lines.

        :param dict parts: invoice line id → ``SharePart`` with the amount to credit
        """
        self.ensure_one()
        is_whole = self._is_whole_credit(parts)
        borne = self._get_borne_taxes()
        lines = self.invoice_line_ids.filtered(
            lambda line: line.id in parts
            or (is_whole and line.display_type in TEXT_LINES)
        )
        return {
            "move_type": "out_refund",
            "reversed_entry_id": self.id,
            "service_invoice_type": self.service_invoice_type,
            "service_credit_reason": reason,
            "work_order_ids": [Command.set(self.work_order_ids.ids)],
            "company_id": self.company_id.id,
            "journal_id": self.journal_id.id,
            "partner_id": self.partner_id.id,
            "partner_shipping_id": self.partner_shipping_id.id,
            "currency_id": self.currency_id.id,
            "fiscal_position_id": self.fiscal_position_id.id,
            "invoice_payment_term_id": self._get_credit_payment_term().id,
            "invoice_cash_rounding_id": is_whole and self.invoice_cash_rounding_id.id,
            "invoice_date": date,
            "invoice_origin": self.invoice_origin,
            "invoice_user_id": self.invoice_user_id.id,
            # the customer's own; the payer's system looks for it
            "ref": self.ref,
            "invoice_line_ids": [
                Command.create(
                    line._prepare_service_credit_line_with_taxes(
                        parts[line.id].amount if line.id in parts else 0.0, borne
                    )
                )
                for line in lines
            ],
        }

    def _get_credit_payment_term(self):
        """Terms of the credit memo: none, as in core, unless they change the taxes."""
        term = self.invoice_payment_term_id
        is_mixed = term.early_pay_discount_computation == "mixed"
        return term if is_mixed else term.browse()

    def _is_whole_credit(self, parts):
        """Whether ``parts`` are the whole invoice, line for line."""
        self.ensure_one()
        return all(
            line.id in parts
            and not self.currency_id.compare_amounts(
                parts[line.id].amount, line.price_subtotal
            )
            for line in self._get_billed_lines()
        )

    def _use_receivable_of(self, invoice):
        """What the payer owes and gets back is on one account, whatever account new
        invoices of his have meanwhile."""
        lines = self._get_receivable_lines()
        account = invoice._get_receivable_lines().account_id[:1]
        if account and lines.account_id != account:
            lines.account_id = account

    def _take_service_rest(self, batch=None):
        """Let this draft credit memo take back what the others have left.

        :param batch: what is authorised together with it: only this, and what has been
            authorised before, counts. Without it drafts count, too
        """
        self.ensure_one()
        invoice = self.reversed_entry_id
        others = invoice._get_live_credits() - self
        if batch is not None:
            others = others.filtered(
                lambda move: move.state == "posted"
                or (move in batch and move.id < self.id)
            )
        lines = invoice._get_finished_lines(others | self)
        if lines:
            self._take_rest(invoice, lines, others)

    def _get_finished_lines(self, credits):
        """Lines of this invoice of which these credit memos leave nothing, with the
        taxes they bear."""
        self.ensure_one()
        lines = self._get_billed_lines()
        credited = lines._sum_credited(credits)
        own = credits._get_billed_lines().grouped("service_credited_line_id")
        return lines.filtered(
            lambda line: self.currency_id.is_zero(line.price_subtotal - credited[line])
            and all(item.tax_ids == line.tax_ids for item in own.get(line, line))
        )

    def _prepare_remaining_tax_vals(self, bases, taxes):
        """Values by line that add these differences to the largest line of a tax set.

        :param dict bases: taxes → difference of the amount before tax
        :param dict taxes: tax → difference of the tax amount
        :return: dict line id → values; empty when there is no difference
        """
        self.ensure_one()
        base_lines = sorted(
            self._get_rounded_base_and_tax_lines()[0],
            key=lambda base_line: -abs(base_line["tax_details"]["total_excluded"]),
        )
        vals = {}
        for base_line in base_lines:
            key = base_line["tax_ids"]
            base = self.currency_id.round(bases.pop(key, 0.0))
            differences = {
                tax: self.currency_id.round(taxes.pop(tax, 0.0))
                for tax in key._flatten_taxes_and_sort_them()[0]
            }
            if base or any(differences.values()):
                line = base_line["record"]
                vals[line.id] = {
                    "tax_ids": [Command.set(line.tax_ids.ids)],
                    "extra_tax_data": self._prepare_manual_taxes(
                        base_line, base, differences
                    ),
                }
        return vals

    def _prepare_manual_taxes(self, base_line, base, differences):
        """Core's ``extra_tax_data`` of a line with other amounts than computed.

        :param float base: difference of the amount before tax
        :param dict differences: tax → difference of the tax amount
        """
        details = base_line["tax_details"]
        total = details["total_excluded_currency"]
        total += details["delta_total_excluded_currency"]
        return {
            "currency_id": base_line["currency_id"].id,
            "price_unit": base_line["price_unit"],
            "discount": base_line["discount"],
            "quantity": base_line["quantity"],
            "rate": base_line["rate"],
            "manual_total_excluded_currency": total + base,
            "manual_tax_amounts": {
                str(data["tax"].id): {
                    "base_amount_currency": data["base_amount_currency"] + base,
                    "tax_amount_currency": data["tax_amount_currency"]
                    + differences.get(data["tax"], 0.0),
                }
                for data in details["taxes_data"]
            },
            # the price that is shown is another than the one that was counted with
            **base_line.get(NET_KEY, {}),
        }

    # Credit memos in a foreign currency take the rate of the invoice they credit.

    @api.depends("reversed_entry_id")
    def _compute_expected_currency_rate(self):
        return super()._compute_expected_currency_rate()

    @api.depends("reversed_entry_id")
    def _compute_invoice_currency_rate(self):
        return super()._compute_invoice_currency_rate()

    def _get_expected_currency_rate_at(self, date):
        invoice = self._get_credited_invoice()
        if invoice and invoice.currency_id == self.currency_id:
            return invoice.invoice_currency_rate
        return super()._get_expected_currency_rate_at(date)

    def _get_credited_invoice(self):
        """The invoice of ours that this credit memo credits, for its amounts."""
        if self.move_type != "out_refund" or not self.reversed_entry_id:
            return self.browse()
        return self.sudo().reversed_entry_id.filtered("service_invoice_type")
