from odoo import Command, fields, models
from odoo.tools import format_date

from ..tools.arguments import expects


class AccountMove(models.Model):
    """The payment schedule: the document's own receivable lines."""

    _inherit = "account.move"

    service_installment_ids = fields.One2many(
        "account.move.line",
        "move_id",
        string="Payment Schedule",
        domain=[("display_type", "=", "payment_term")],
        readonly=True,
        copy=False,
        help="What is due when, what of it was adjusted and received, and the rest.",
    )

    def _get_installments(self):
        """Lines of the payment schedule, the earliest first."""
        lines = self._get_receivable_lines()
        return lines.sorted(lambda line: (line.date_maturity or line.date, line.id))

    def _service_save(self):
        res = super()._service_save()
        self._sync_service_schedule()
        return res

    def _post(self, soft=True):
        self._filter_service_life_cycle()._sync_service_schedule()
        return super()._post(soft)

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
        """Open the payment schedule; before authorisation it is what will be due."""
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
            among these that have an amount
        """
        self.ensure_one()
        names = ["due", "adjusted", "received", "remaining"]
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
        return {"rows": rows, "total": total, "columns": columns}

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
