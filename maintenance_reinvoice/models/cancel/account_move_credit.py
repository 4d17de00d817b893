from odoo import Command, fields, models


class AccountMove(models.Model):
    """The credit memo of rows of a maintenance invoice: values and matching."""

    _inherit = "account.move"

    maintenance_credited_row_ids = fields.One2many(
        "maintenance.reinvoice.row", "credit_move_id", string="Credited lines"
    )

    def _get_credit_parts(self, rows):
        """``{invoice line: net amount to take back}``, in the invoice's currency and
        with the sign of the invoice line."""
        sign = -1 if self.move_type == "out_refund" else 1
        return {
            line: sign * sum(group.mapped("amount"))
            for line, group in rows.grouped("move_line_id").items()
        }

    def _prepare_credit_vals(self, parts, options):
        """Values of the credit memo. What takes back a credit note, or more
        compensation than work, is an invoice."""
        negative = self.env["account.tax"]._is_owed_to_customer(
            [(line.tax_ids, amount) for line, amount in parts.items()],
            self.currency_id,
        )
        refund = (self.move_type == "out_invoice") != negative
        kind = "credit" if refund else "invoice"
        journal = self.company_id._get_maintenance_journal(kind)
        credits_invoice = refund and self.move_type == "out_invoice"
        borne = self.env["service.credit.memo"]._get_borne_taxes(self)
        return {
            "move_type": "out_refund" if refund else "out_invoice",
            "service_invoice_type": "maintenance",
            "reversed_entry_id": self.id if credits_invoice else False,
            "company_id": self.company_id.id,
            "journal_id": journal.id,
            "partner_id": self.partner_id.id,
            "partner_shipping_id": self.partner_shipping_id.id,
            "currency_id": self.currency_id.id,
            "invoice_currency_rate": self.invoice_currency_rate,
            "fiscal_position_id": self.fiscal_position_id.id,
            "invoice_payment_term_id": self._get_credit_payment_term().id,
            **self.company_id._prepare_maintenance_dates(
                options["posting_date"], options.get("vat_date")
            ),
            "invoice_origin": self.name,
            # the customer's own; the payer's system looks for it
            "ref": self.ref,
            "service_credit_reason": options.get("reason") or False,
            "maintenance_mass_invoice": self.maintenance_mass_invoice,
            "maintenance_mass_analytic_account_id": (
                self.maintenance_mass_analytic_account_id.id
            ),
            "invoice_line_ids": [
                Command.create(
                    line._prepare_credit_line_with_taxes(
                        -amount if negative else amount, borne
                    )
                )
                for line, amount in parts.items()
            ],
        }

    # -- matching ---------------------------------------------------------------

    def _reconcile_reversed_moves(self, reverse_moves, move_reverse_cancel):
        # core would also match clearing items of one document with each other; each
        # of them is cleared by the redistribution of its contract
        if not any(move.maintenance_mass_invoice for move in self):
            return super()._reconcile_reversed_moves(reverse_moves, move_reverse_cancel)
        for move, reverse in zip(self, reverse_moves, strict=False):
            if move.maintenance_mass_invoice:
                (move + reverse)._match_receivables()
            else:
                super(AccountMove, move)._reconcile_reversed_moves(
                    reverse, move_reverse_cancel
                )
        return reverse_moves

    # Which invoice lines are finished when rows of theirs are credited.

    def _get_maintenance_credits(self):
        """Documents that took rows of these invoices back: credit memos, and invoices
        of compensations."""
        credits = self.maintenance_row_ids.credit_move_id | self.reversal_move_ids
        return credits.filtered(lambda move: move.state != "cancel")

    def _get_lines_finished_by(self, rows):
        """Lines of this invoice of which everything is credited with ``rows``."""
        return self._get_billed_lines().filtered(
            lambda line: line._is_finished_by(rows)
        )


class AccountMoveLine(models.Model):
    """Lines of credit memos that take back re-invoiced rows."""

    _inherit = "account.move.line"

    def _prepare_credit_line_with_taxes(self, amount, borne):
        """The same with the taxes that this line bears, whatever their rates today.

        :param dict borne: see ``_get_borne_taxes``
        """
        vals = self._prepare_credit_line_vals(amount)
        return vals | self._prepare_borne_tax_vals(amount, vals, borne)

    def _prepare_credit_line_vals(self, amount):
        """Values of the credit memo line that takes back ``amount`` (net) of this
        invoice line: same account, taxes, contract and dimension."""
        self.ensure_one()
        price = self.tax_ids._prepare_net_price_vals(amount, self.currency_id)
        vals = {
            "name": self.name,
            "sequence": self.sequence,
            **price,
            "account_id": self.account_id.id,
            "product_id": self.product_id.id,
            "tax_ids": [Command.set(self.tax_ids.ids)],
            "analytic_distribution": self.analytic_distribution or False,
            "service_credited_line_id": self.id,
            "maintenance_contract_id": self.maintenance_contract_id.id,
            "maintenance_revenue_account_id": self.maintenance_revenue_account_id.id,
            "maintenance_mass_analytic_account_id": (
                self.maintenance_mass_analytic_account_id.id
            ),
        }
        if self.company_id.account_storno:
            vals["is_storno"] = not self.is_storno
        return vals

    def _is_finished_by(self, rows):
        """Whether nothing of this invoice line remains when ``rows`` are credited:
        it charges what its rows say, but for the cents of included taxes."""
        self.ensure_one()
        own = self.move_id.maintenance_row_ids.filtered(
            lambda row: row.move_line_id == self
        )
        if not own or any(not row.credit_move_id for row in own - rows):
            return False
        sign = -1 if self.move_id.move_type == "out_refund" else 1
        differs = abs(sign * sum(own.mapped("amount")) - self.price_subtotal)
        most = max(len(self.tax_ids), 1) * self.currency_id.rounding
        return self.currency_id.compare_amounts(differs, most) <= 0
