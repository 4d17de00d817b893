from odoo import Command, api, models
from odoo.exceptions import UserError

from ...tools.choices import TEXT_LINES
from ...tools.locks import claim_rows


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
        """Credit memo of parts of this invoice, saved for authorization.

        :param dict parts: invoice line id → ``SharePart`` with the amount to credit
        :param values: what differs from ``_prepare_service_credit_vals``
        """
        self.ensure_one()
        move = self.with_context(lang=self.partner_id.lang or self.env.lang)
        vals = move._prepare_service_credit_vals(parts, reason, date) | values
        # protected links: see the creation of invoices by the work order
        credit = self.with_company(self.company_id).sudo().create(vals)
        Memo = self.env["service.credit.memo"]
        Memo._use_receivable_of(credit, self)
        Memo._take_rest_of_invoice(credit)
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
        borne = self.env["service.credit.memo"]._get_borne_taxes(self)
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

    def _get_live_credits(self):
        """Credit memos of these invoices, drafts among them."""
        return self.reversal_move_ids.filtered(lambda move: move.state != "cancel")

    def _recompute_cash_rounding_lines(self):
        invoice = self._get_credited_invoice()
        if not invoice._get_rounding_lines():
            return super()._recompute_cash_rounding_lines()
        Memo = self.env["service.credit.memo"]
        others = invoice._get_live_credits() - self
        is_last = Memo._finishes(self, invoice, others)
        if self.invoice_cash_rounding_id and not is_last:
            # somebody wants this part rounded by itself
            return super()._recompute_cash_rounding_lines()
        Memo._take_rounding(self, invoice, others, is_last)
