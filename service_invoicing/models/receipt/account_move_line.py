from odoo import api, fields, models

from ...tools.guards import raise_together


class AccountMoveLine(models.Model):
    """A row of the payment schedule: due = adjusted + received + remaining.

    Amounts are in the document's currency, positive on credit memos too.
    """

    _inherit = "account.move.line"

    service_due_amount = fields.Monetary(
        string="Instalment",
        compute="_compute_service_installment",
        help="What is to be paid on this date.",
    )
    service_adjusted_amount = fields.Monetary(
        string="Adjusted",
        compute="_compute_service_installment",
        help="What was adjusted with other documents, such as prepayments and credit "
        "memos.",
    )
    service_received_amount = fields.Monetary(
        string="Received",
        compute="_compute_service_installment",
        help="What was received by payments and bank statements.",
    )
    service_remaining_amount = fields.Monetary(
        string="Due",
        compute="_compute_service_installment",
        help="What is still to be paid.",
    )

    @api.depends(
        "display_type",
        "amount_currency",
        "amount_residual_currency",
        "move_id.move_type",
        "matched_debit_ids.credit_amount_currency",
        "matched_credit_ids.debit_amount_currency",
    )
    def _compute_service_installment(self):
        for line in self:
            is_installment = line.display_type == "payment_term"
            amounts = line._get_installment_amounts() if is_installment else {}
            for name in ("due", "adjusted", "received", "remaining"):
                line[f"service_{name}_amount"] = amounts.get(name, 0.0)

    def _get_installment_amounts(self):
        """What is due, adjusted, received and remaining of this line.

        :return: dict name → amount in the document's currency
        """
        self.ensure_one()
        sign = -self.move_id.direction_sign
        adjusted, received = self._get_matched_amounts()
        return {
            "due": sign * self.amount_currency,
            "adjusted": adjusted,
            "received": received,
            "remaining": sign * self.amount_residual_currency,
        }

    def _get_term_vals(self):
        """What the payment term decides of this line, to compare it."""
        self.ensure_one()
        return self._round_term_vals(self.move_id, self)

    @api.model
    def _round_term_vals(self, move, values):
        """Dates and rounded amounts of an instalment.

        :param move: whose instalment it is
        :param values: a line, or a dict of core's ``needed_terms``
        """
        return (
            values["date_maturity"],
            values["discount_date"] or False,
            move.company_currency_id.round(values["balance"]),
            move.currency_id.round(values["amount_currency"]),
            move.currency_id.round(values["discount_amount_currency"] or 0.0),
        )

    def _keep_schedule(self, vals):
        if not self.env.su and {"date_maturity", "discount_date"} & vals.keys():
            self._check_schedule_kept(vals)

    def _check_schedule_kept(self, vals):
        """:raise UserError: naming the authorized documents whose schedule changes"""
        changed = self.filtered(
            lambda line: line.display_type == "payment_term"
            and line.move_id.state == "posted"
            and any(
                line[name] != fields.Date.to_date(vals[name])
                for name in {"date_maturity", "discount_date"} & vals.keys()
            )
        )
        raise_together(
            [
                self.env._(
                    "%s: the payment schedule does not change after authorization.",
                    move._get_service_label(),
                )
                for move in changed.move_id._filter_service_life_cycle()
            ]
        )

    @api.depends("move_id.service_receipt_type")
    def _compute_epd_needed(self):
        """What is due at once has no discount for paying early."""
        cash = self.filtered(lambda line: line.move_id._is_cash_receipt())
        res = super(AccountMoveLine, self - cash)._compute_epd_needed()
        cash.epd_dirty = True
        cash.epd_needed = False
        return res
