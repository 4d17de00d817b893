from odoo import Command, api, models


class AccountPaymentRegister(models.TransientModel):
    """The payment dialog withholds on the whole service, whatever was adjusted.

    Core takes the part of the withholding that the payment is of the invoice: once a
    prepayment or a credit memo has settled some of it, too little.
    """

    _inherit = "account.payment.register"

    @api.depends("can_edit_wizard", "display_withholding")
    def _compute_withholding_line_ids(self):
        service = self.filtered(lambda wizard: wizard._get_service_withholding_moves())
        others = self - service
        res = super(AccountPaymentRegister, others)._compute_withholding_line_ids()
        for wizard in service.filtered(lambda wizard: not wizard.withholding_line_ids):
            wizard.withholding_line_ids = wizard._prepare_service_withholding_commands()
        return res

    def _get_service_withholding_moves(self):
        """Typed documents that this one payment settles. Where it nets credit memos
        with invoices core's way is kept: a line cannot withhold less than nothing."""
        self.ensure_one()
        if not (self.display_withholding and self.can_edit_wizard):
            return self.env["account.move"]
        moves = self.batches[0]["lines"].move_id
        if len(set(moves.mapped("move_type"))) > 1:
            return self.env["account.move"]
        return moves.filtered("service_invoice_type")

    def _prepare_service_withholding_commands(self):
        """Lines per document for typed ones; for any others, core's.

        :return: list of commands for ``withholding_line_ids``
        """
        typed = self._get_service_withholding_moves()
        commands = [
            Command.create(vals)
            for move in typed
            for vals in self.env["service.withholding"]._prepare_left_vals_list(move)
        ]
        base_lines = []
        for move in self.batches[0]["lines"].move_id - typed:
            base_lines += move._get_rounded_base_and_tax_lines()[0]
        return commands + self.withholding_line_ids._prepare_withholding_lines_commands(
            base_lines, self.company_id
        )

    def _get_service_paid_shares(self):
        """Which part of what is open on each document this payment settles. As core
        reconciles, the earliest due is settled first.

        :return: dict move → number from 0 to 1
        """
        self.ensure_one()
        lines = self.batches[0]["lines"].sorted(
            lambda line: (
                line.date_maturity or line.date,
                line.currency_id.id,
                line.amount_currency,
            )
        )
        residuals = [abs(line.amount_residual) for line in lines]
        money = self._get_settled_share() * sum(residuals)
        settled = dict.fromkeys(lines.move_id, 0.0)
        for line, residual in zip(lines, residuals, strict=True):
            part = min(money, residual)
            settled[line.move_id] += part
            money -= part
        return {
            move: self._get_share_of_open(move, part) for move, part in settled.items()
        }

    def _get_share_of_open(self, move, amount):
        """Which part an amount is of what is open on the receivable, both in the
        company's currency."""
        items = move._get_receivable_lines()
        return amount / (abs(sum(items.mapped("amount_residual"))) or 1.0)

    def _get_settled_share(self):
        """Which part of all that is open this payment settles, 0 to 1. What is written
        off is settled too, but for an early payment discount: that is taken off the
        work."""
        totals = self._get_total_amounts_to_pay(self.batches)
        whole = totals["full_amount_for_difference"]
        if not whole:
            return 0.0
        if (
            self.payment_difference_handling == "reconcile"
            and not totals["epd_applied"]
        ):
            return 1.0
        return min(abs(self.amount) / whole, 1.0)

    def _create_payment_vals_from_wizard(self, batch_result):
        """An invoice that this payment does not reach has nothing withheld on it."""
        vals = super()._create_payment_vals_from_wizard(batch_result)
        if "withholding_line_ids" in vals:
            vals["withholding_line_ids"] = [
                command
                for command in vals["withholding_line_ids"]
                if command[2]["base_amount"] or not command[2].get("service_move_id")
            ]
        return vals
