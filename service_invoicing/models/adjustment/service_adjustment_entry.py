from odoo import Command, models


class ServiceAdjustmentEntry(models.AbstractModel):
    """The entry by which a prepayment without tax settles an invoice.

    Prepayments are debited and the receivable of the invoice credited; both sides are
    matched. The entry lives and dies with the adjustment: undoing that reverses it.
    """

    _name = "service.adjustment.entry"
    _description = "Entries That Adjust Invoices with Prepayments"

    def _is_entry(self, move):
        """Whether it is the entry of an adjustment, or its reversal."""
        entries = move.sudo() | move.sudo().reversed_entry_id
        return bool(entries.service_adjusted_prepayment_id)

    def _adjust(self, invoice, line, amount):
        """Adjust an invoice with a prepayment in mode entry.

        :param line: liability line of the prepayment
        :param float amount: in the currency of both, no more than is open
        """
        invoice.ensure_one()
        vals = self._prepare_vals(invoice, line, amount)
        # the link is protected, and the caller's rights have been checked
        entry = invoice.sudo().with_company(invoice.company_id).create(vals)
        entry._post(soft=False)
        su = invoice.env.su
        prepaid, received = entry.line_ids.sorted("balance", reverse=True)
        (line | prepaid.sudo(su)).reconcile()
        received.sudo(su)._adjust_invoice(invoice, amount)

    def _prepare_vals(self, invoice, line, amount):
        """Values of the entry.

        Its amount in the company's currency is the prepayment's, in the same part, so
        that the liability ends at zero; what the rate of the invoice differs is an
        exchange difference of the receivable.

        :param line: liability line of the prepayment
        :param float amount: in the currency of both
        """
        prepayment = line.move_id
        receipts = prepayment._get_receivable_lines().matched_credit_ids
        date = max(invoice.date, prepayment.date, *receipts.mapped("max_date"))
        balance = line._get_residual_part(amount)
        name = invoice.env._(
            "Prepayment %(prepayment)s adjusted with %(invoice)s",
            prepayment=prepayment.name,
            invoice=invoice.name,
        )
        receivable = invoice._get_receivable_lines().account_id[:1]
        return {
            "move_type": "entry",
            "company_id": invoice.company_id.id,
            "date": self._get_open_date(invoice, date),
            "ref": name,
            "partner_id": invoice.commercial_partner_id.id,
            "service_adjusted_prepayment_id": prepayment.id,
            "line_ids": [
                Command.create(
                    {
                        "account_id": account.id,
                        "partner_id": invoice.commercial_partner_id.id,
                        "name": name,
                        "currency_id": invoice.currency_id.id,
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

    def _get_open_date(self, move, date):
        """The first day from ``date`` on whose period is open: core would move the
        entry to another day without a word. Nobody types its date, so there is nothing
        to refuse, whatever the company wants for invoices. It stands in a journal for
        entries, so that the lock of sales does not hold it up.

        :param move: the invoice, or the entry that is reversed
        """
        journal = move.journal_id.filtered(lambda journal: journal.type == "general")
        return move.company_id._get_first_open_date(date, False, journal)

    def _reverse(self, entries):
        """Reverse entries whose adjustments are undone; matched with nothing by now,
        each is settled by its reversal."""
        for entry in entries.sudo():
            entry._reverse_moves(
                [
                    {
                        "date": self._get_open_date(entry, entry.date),
                        "ref": entry.env._("Undone: %s", entry.ref),
                    }
                ],
                cancel=True,
            )
