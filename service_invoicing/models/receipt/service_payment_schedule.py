from odoo import Command, fields, models
from odoo.tools import format_date, frozendict


class ServicePaymentSchedule(models.AbstractModel):
    """The payment schedule of documents, which are their own receivable lines: what is
    due when, counted from the anchor date, and what of it was adjusted and received."""

    _name = "service.payment.schedule"
    _description = "Payment Schedules"

    def _is_due_at_once(self, move):
        """Whether all of it is due on the anchor date."""
        return not move.invoice_payment_term_id or move._is_cash_receipt()

    def _get_single_term(self, move):
        """One instalment of everything on the anchor date.

        :return: dict as core's ``needed_terms``
        """
        values = move.needed_terms.values()
        key = {
            "move_id": move.id,
            "date_maturity": move.service_anchor_date,
            "discount_date": False,
        }
        balance = sum(term["balance"] for term in values)
        amount = sum(term["amount_currency"] for term in values)
        # a form may have lost its currency
        currency = move.currency_id or move.company_currency_id
        return {
            frozendict(key): {
                "balance": move.company_currency_id.round(balance),
                "amount_currency": currency.round(amount),
                "discount_date": False,
                "discount_balance": 0.0,
                "discount_amount_currency": 0.0,
            }
        }

    # -- on Save ----------------------------------------------------------------

    def _sync(self, moves):
        """Bring the schedule of drafts up to date.

        Core does so when the document changes, but not when a day has passed, or its
        payment term or the company's settings have changed.
        """
        drafts = moves.filtered(lambda move: move.state == "draft")
        for move in drafts:
            anchor = move._get_service_anchor_date()
            if anchor != move.service_anchor_date:
                move.sudo().service_anchor_date = anchor
        drafts.invalidate_recordset(["needed_terms"])
        for move in drafts:
            self._replace_outdated(move)
            self._follow_terms(move)

    def _follow_terms(self, moves):
        """The due date is that of the schedule, whatever was written on it: without a
        payment term core keeps what the form has sent, which is today."""
        moves.env.add_to_compute(moves._fields["invoice_date_due"], moves)

    def _replace_outdated(self, move):
        """Write the instalments that the terms need now, on the lines there are."""
        needed = sorted(
            ({**key, **values} for key, values in move.needed_terms.items()),
            key=lambda vals: vals["date_maturity"],
        )
        lines = move._get_installments()
        if not needed or [line._get_term_vals() for line in lines] == [
            lines._round_term_vals(move, vals) for vals in needed
        ]:
            return
        commands = [Command.delete(line.id) for line in lines[len(needed) :]]
        for index, vals in enumerate(needed):
            vals.pop("move_id")
            if index < len(lines):
                commands.append(Command.update(lines[index].id, vals))
            else:
                commands.append(Command.create(vals | {"display_type": "payment_term"}))
        # not the change of a person: sudo() leaves “saved by” alone
        writer = move.sudo().with_context(skip_invoice_sync=True, dynamic_unlink=True)
        writer.write({"line_ids": commands})
        move._inverse_invoice_payment_term_id()

    # -- as it is printed -------------------------------------------------------

    def _get_table(self, move):
        """The schedule as it is printed.

        :return: dict: ``rows`` by due date and their ``total``, each with due,
            adjusted, received and remaining in the document's currency; ``columns``
            among these that have an amount; ``labels`` of all four
        """
        names = ["due", "adjusted", "received", "remaining"]
        fields_of = {name: f"service_{name}_amount" for name in names}
        labels = move.line_ids.fields_get([*fields_of.values()], ["string"])
        rows = [
            {"date": line.date_maturity or line.date, **line._get_installment_amounts()}
            for line in move._get_installments()
        ]
        total = {
            name: move.currency_id.round(sum(row[name] for row in rows))
            for name in names
        }
        is_open = not any(row["adjusted"] or row["received"] for row in rows)
        columns = [
            name
            for name in names
            if name == "due"
            or not (is_open or (name != "remaining" and not total[name]))
        ]
        return {
            "rows": rows,
            "total": total,
            "columns": columns,
            "labels": {n: labels[field]["string"] for n, field in fields_of.items()},
        }

    def _is_printed(self, move):
        """Whether the invoice prints its schedule: unless one date says it all."""
        dates = move._get_installments().mapped("date_maturity")
        date = move.invoice_date or fields.Date.context_today(move)
        return bool(move.service_has_life_cycle and dates) and dates != [date]

    def _get_header(self, move):
        """Pairs of label and text above a printed schedule, empty ones left out."""
        names = [
            "service_anchor_date",
            "service_receipt_method",
            "service_receipt_type",
            "payment_reference",
            "service_payer_iban",
            "service_payer_bic",
        ]
        labels = move.fields_get(names, ["string"])
        facts = [(labels[name]["string"], self._get_text(move, name)) for name in names]
        term = not move._is_cash_receipt() and move.invoice_payment_term_id.name
        date = format_date(self.env, move.invoice_date)
        facts = [
            (self.env._("Invoice Date"), date),
            (self.env._("Payment Term"), term),
            *facts,
        ]
        return [(label, text) for label, text in facts if text]

    def _get_text(self, move, name):
        """Value of a field as text in the language of the environment."""
        field = move._fields[name]
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(move[name])
        if field.type == "date":
            return format_date(self.env, move[name])
        return move[name]
