from odoo import Command, api, fields, models
from odoo.tools import format_date, frozendict

from ...tools.arguments import expects


class AccountMove(models.Model):
    """Instalments of service invoices count from the anchor date."""

    _inherit = "account.move"

    @api.depends("service_anchor_date", "service_receipt_type")
    def _compute_needed_terms(self):
        anchored = self._filter_service_life_cycle().filtered("service_anchor_date")
        if not anchored and not self.env.context.get("service_anchor_date"):
            return super()._compute_needed_terms()
        others = (self - anchored).with_context(service_anchor_date=None)
        res = super(AccountMove, others)._compute_needed_terms()
        for move in anchored:
            move = move.with_context(service_anchor_date=move.service_anchor_date)
            super(AccountMove, move)._compute_needed_terms()
            if move.needed_terms and move._is_due_at_once():
                move.needed_terms = move._get_single_needed_term()
        return res

    def _is_due_at_once(self):
        """Whether all of it is due on the anchor date."""
        self.ensure_one()
        return not self.invoice_payment_term_id or self._is_cash_receipt()

    def _is_cash_receipt(self):
        """Whether the payment term does not count, nor does its discount."""
        return self.service_receipt_type == "cash" and self.service_has_life_cycle

    def _get_single_needed_term(self):
        """One instalment of everything on the anchor date.

        :return: dict as core's ``needed_terms``
        """
        values = self.needed_terms.values()
        key = {
            "move_id": self.id,
            "date_maturity": self.service_anchor_date,
            "discount_date": False,
        }
        balance = sum(term["balance"] for term in values)
        amount = sum(term["amount_currency"] for term in values)
        # a form may have lost its currency
        currency = self.currency_id or self.company_currency_id
        return {
            frozendict(key): {
                "balance": self.company_currency_id.round(balance),
                "amount_currency": currency.round(amount),
                "discount_date": False,
                "discount_balance": 0.0,
                "discount_amount_currency": 0.0,
            }
        }

    def _is_eligible_for_early_payment_discount(self, currency, reference_date):
        return not self._is_cash_receipt() and (
            super()._is_eligible_for_early_payment_discount(currency, reference_date)
        )

    @api.depends("service_receipt_type")
    def _compute_show_payment_term_details(self):
        res = super()._compute_show_payment_term_details()
        cash = self.filtered(lambda move: move._is_cash_receipt())
        cash.show_discount_details = False
        cash.show_payment_term_details = False
        return res

    # The payment schedule: the document's own receivable lines.

    # computed: core reads every inverse of an item's move whenever it numbers one
    service_installment_ids = fields.One2many(
        "account.move.line",
        compute="_compute_service_installment_ids",
        string="Payment Schedule",
        help="What is due when, what of it was adjusted and received, and the rest.",
    )

    @api.depends("line_ids.display_type")
    def _compute_service_installment_ids(self):
        for move in self:
            move.service_installment_ids = move._get_installments()

    def _sync_service_schedule(self):
        """Bring the schedule of drafts up to date.

        Core does so when the document changes, but not when a day has passed, or its
        payment term or the company's settings have changed.
        """
        drafts = self._filter_receipt_open()
        for move in drafts:
            anchor = move._get_service_anchor_date()
            if anchor != move.service_anchor_date:
                move.sudo().service_anchor_date = anchor
        drafts.invalidate_recordset(["needed_terms"])
        for move in drafts:
            move._replace_outdated_installments()
            move._follow_service_terms()

    def _replace_outdated_installments(self):
        """Write the instalments that the terms need now, on the lines there are."""
        self.ensure_one()
        needed = sorted(
            ({**key, **values} for key, values in self.needed_terms.items()),
            key=lambda vals: vals["date_maturity"],
        )
        lines = self._get_installments()
        if not needed or [line._get_term_vals() for line in lines] == [
            lines._round_term_vals(self, vals) for vals in needed
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
        move = self.sudo().with_context(skip_invoice_sync=True, dynamic_unlink=True)
        move.write({"line_ids": commands})
        self._inverse_invoice_payment_term_id()

    @expects(one=True)
    def action_service_open_schedule(self):
        """Open the payment schedule; before authorization it is what will be due."""
        self.check_access("read")
        view = self.env.ref("service_invoicing.account_move_view_form_schedule")
        return {
            "name": self.env._("Payment Schedule"),
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.id,
            "views": [(view.id, "form")],
            "target": "new",
            "context": {"create": False, "edit": False},
        }

    def action_service_print_schedule(self):
        """Print the payment schedules, one document each."""
        self.check_access("read")
        report = self.env.ref("service_invoicing.account_move_report_schedule")
        return report.report_action(self.ids)

    def _get_service_schedule(self):
        """The schedule as it is printed.

        :return: dict: ``rows`` by due date and their ``total``, each with due,
            adjusted, received and remaining in the document's currency; ``columns``
            among these that have an amount; ``labels`` of all four
        """
        self.ensure_one()
        names = ["due", "adjusted", "received", "remaining"]
        fields_of = {name: f"service_{name}_amount" for name in names}
        labels = self.line_ids.fields_get([*fields_of.values()], ["string"])
        rows = [
            {"date": line.date_maturity or line.date, **line._get_installment_amounts()}
            for line in self._get_installments()
        ]
        total = {
            name: self.currency_id.round(sum(row[name] for row in rows))
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

    def _shows_service_schedule(self):
        """Whether the invoice prints its schedule: unless one date says it all."""
        self.ensure_one()
        dates = self._get_installments().mapped("date_maturity")
        date = self.invoice_date or fields.Date.context_today(self)
        return bool(self.service_has_life_cycle and dates) and dates != [date]

    def _get_service_schedule_title(self):
        """Number of the document the schedule belongs to."""
        self.ensure_one()
        return self.name if self.state == "posted" else self._get_service_label()

    def _get_service_schedule_header(self):
        """Pairs of label and text above a printed schedule, empty ones left out."""
        self.ensure_one()
        names = [
            "service_anchor_date",
            "service_receipt_method",
            "service_receipt_type",
            "payment_reference",
            "service_payer_iban",
            "service_payer_bic",
        ]
        labels = self.fields_get(names, ["string"])
        facts = [
            (labels[name]["string"], self._get_service_schedule_text(name))
            for name in names
        ]
        term = not self._is_cash_receipt() and self.invoice_payment_term_id.name
        date = format_date(self.env, self.invoice_date)
        facts = [
            (self.env._("Invoice Date"), date),
            (self.env._("Payment Term"), term),
            *facts,
        ]
        return [(label, text) for label, text in facts if text]

    def _get_service_schedule_text(self, name):
        """Value of a field as text in the language of the environment."""
        field = self._fields[name]
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(self[name])
        if field.type == "date":
            return format_date(self.env, self[name])
        return self[name]
