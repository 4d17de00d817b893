from odoo import Command, api, fields, models

from ...tools.guards import raise_together


class AccountMove(models.Model):
    """The entry by which a prepayment without tax settles an invoice.

    Prepayments are debited and the receivable of the invoice credited; both sides are
    matched. The entry lives and dies with the adjustment: undoing that reverses it.
    """

    _inherit = "account.move"

    service_adjusted_prepayment_id = fields.Many2one(
        "account.move",
        string="Adjusted Prepayment",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The prepayment invoice that this entry moved to an invoice.",
    )

    # -- making ----------------------------------------------------------------

    def _adjust_with_prepayment(self, line, amount):
        """Adjust this invoice with a prepayment in mode entry.

        :param line: liability line of the prepayment
        :param float amount: in the currency of both, no more than is open
        """
        self.ensure_one()
        # the link is protected, and the caller's rights have been checked
        entry = (
            self.sudo()
            .with_company(self.company_id)
            .create(self._prepare_adjustment_entry_vals(line, amount))
        )
        entry._post(soft=False)
        prepaid, received = entry.line_ids.sorted("balance", reverse=True)
        (line | prepaid.sudo(self.env.su)).reconcile()
        received.sudo(self.env.su)._adjust_invoice(self, amount)

    def _prepare_adjustment_entry_vals(self, line, amount):
        """Values of the entry.

        Its amount in the company's currency is the prepayment's, in the same part, so
        that the liability ends at zero; what the rate of the invoice differs is an
        exchange difference of the receivable.

        :param line: liability line of the prepayment
        :param float amount: in the currency of both
        """
        prepayment = line.move_id
        date = max(self.date, prepayment.date, *prepayment._get_receipt_dates())
        balance = line._get_residual_part(amount)
        name = self.env._(
            "Prepayment %(prepayment)s adjusted with %(invoice)s",
            prepayment=prepayment.name,
            invoice=self.name,
        )
        receivable = self._get_receivable_lines().account_id[:1]
        return {
            "move_type": "entry",
            "company_id": self.company_id.id,
            "date": self._get_open_date(date),
            "ref": name,
            "partner_id": self.commercial_partner_id.id,
            "service_adjusted_prepayment_id": prepayment.id,
            "line_ids": [
                Command.create(
                    {
                        "account_id": account.id,
                        "partner_id": self.commercial_partner_id.id,
                        "name": name,
                        "currency_id": self.currency_id.id,
                        "amount_currency": sign * amount,
                        "balance": sign * balance,
                        "analytic_distribution": distribution,
                    }
                )
                for account, sign, distribution in (
                    (line.account_id, 1, line.analytic_distribution),
                    (receivable, -1, False),
                )
            ],
        }

    def _get_receipt_dates(self):
        """Days on which something was matched with the receivable of this document."""
        self.ensure_one()
        return self._get_receivable_lines().matched_credit_ids.mapped("max_date")

    def _get_open_date(self, date):
        """The first day from ``date`` on whose period is open: core would move the
        entry to another day without a word. Nobody types its date, so there is nothing
        to refuse, whatever the company wants for invoices. It stands in a journal for
        entries, so that the lock of sales does not hold it up."""
        self.ensure_one()
        journal = self.journal_id.filtered(lambda journal: journal.type == "general")
        return self.company_id._get_first_open_date(date, False, journal)

    # -- taking back -----------------------------------------------------------

    def _reverse_adjustment_entries(self):
        """Reverse entries whose adjustments are undone; matched with nothing by now,
        each is settled by its reversal."""
        for entry in self.sudo():
            entry._reverse_moves(
                [
                    {
                        "date": entry._get_open_date(entry.date),
                        "ref": self.env._("Undone: %s", entry.ref),
                    }
                ],
                cancel=True,
            )

    # -- guards ----------------------------------------------------------------

    def _is_adjustment_entry(self):
        """Whether it is the entry of an adjustment, or its reversal."""
        self.ensure_one()
        move = self.sudo()
        entries = move | move.reversed_entry_id
        return bool(entries.service_adjusted_prepayment_id)

    def _check_adjustment_entries_kept(self):
        """:raise UserError: naming the entries, and how they are taken back"""
        if self.env.su:
            return
        entries = self.filtered(lambda move: move._is_adjustment_entry())
        raise_together(
            [
                self.env._(
                    "%(entry)s (%(name)s) belongs to an adjustment. To take it back, "
                    "undo the adjustment in the log of the invoice.",
                    entry=entry.display_name,
                    name=entry.ref,
                )
                for entry in entries
            ]
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_adjustment_entries(self):
        self._check_adjustment_entries_kept()
