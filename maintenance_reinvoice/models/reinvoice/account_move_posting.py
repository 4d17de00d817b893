from odoo import models

from odoo.addons.service_invoicing.tools.guards import raise_together


class AccountMove(models.Model):
    """A draft of re-invoicing is posted only as it was made: texts, dates, payment
    terms and references may change, but not who pays what for which contract."""

    _inherit = "account.move"

    def _check_maintenance_rows(self):
        """Refuse to post an invoice that says something else than its rows.

        :raise UserError: naming everything that differs
        """
        raise_together(
            [
                error
                for move, rows in self.sudo()
                .maintenance_row_ids.grouped("move_id")
                .items()
                for error in (
                    *move._get_row_header_errors(rows),
                    *move._get_row_extra_errors(rows),
                    *move._get_row_line_errors(rows),
                    *move._get_row_analytic_errors(rows),
                )
            ]
        )

    def _get_row_header_errors(self, rows):
        """Sentences about another customer or currency than the rows'."""
        self.ensure_one()
        partners = self.partner_id.union(
            *(line._get_reinvoice_partner() for line in rows.line_id)
        )
        currencies = rows.currency_id
        errors = []
        if payers := partners - self.partner_id:
            errors.append(
                self.env._(
                    "%(move)s is for %(partner)s, but its permission lines are paid by "
                    "%(payers)s. Delete the draft, correct the permission and "
                    "re-invoice it.",
                    move=self.display_name,
                    partner=self.partner_id.display_name or "–",
                    payers=", ".join(payers.mapped("display_name")),
                )
            )
        if currencies != self.currency_id:
            errors.append(
                self.env._(
                    "%(move)s is in %(currency)s, but its permission lines are in "
                    "%(expected)s. Put the currency right, or delete the draft, "
                    "correct the permission and re-invoice it.",
                    move=self.display_name,
                    currency=self.currency_id.name,
                    expected=", ".join(currencies.mapped("name")),
                )
            )
        return errors

    def _get_row_extra_errors(self, rows):
        """Sentences about lines that no permission line stands for. What core adds
        itself, cash rounding and the like, is of another kind."""
        self.ensure_one()
        extra = self.invoice_line_ids - rows.move_line_id
        return [
            self.env._(
                "%(move)s, “%(line)s”: no permission line stands for it. Take it off "
                "and bill it by an invoice of its own, or add it to a permission and "
                "re-invoice it.",
                move=self.display_name,
                line=line.name or line.product_id.display_name or "–",
            )
            for line in extra
            if line.display_type == "product"
        ]

    def _get_row_analytic_errors(self, rows):
        """Sentences about lines whose analytic account was deleted meanwhile."""
        self.ensure_one()
        lost = rows.contract_id._filter_lost_analytic()
        return [
            self.env._(
                "%(move)s, “%(line)s”: an analytic account of contract %(contract)s "
                "was deleted. Choose another one on the contract and on the line.",
                move=self.display_name,
                line=line.name,
                contract=line.maintenance_contract_id.name,
            )
            for line in rows.move_line_id
            if line._has_lost_analytic() or line.maintenance_contract_id in lost
        ]

    def _get_row_line_errors(self, rows):
        """Sentences about lines that charge something else than their rows."""
        self.ensure_one()
        sign = -1 if self.move_type == "out_refund" else 1
        errors = []
        for line, group in rows.grouped("move_line_id").items():
            for label, actual, expected in (
                *line._compare_row_amount(group, sign),
                *line._compare_row_links(group),
            ):
                errors.append(
                    self.env._(
                        "%(move)s, “%(line)s”: %(field)s %(actual)s differs from the "
                        "permission lines on it, %(expected)s. Delete the draft, "
                        "correct the permission and re-invoice it.",
                        move=self.display_name,
                        line=line.name,
                        field=label,
                        actual=actual,
                        expected=expected,
                    )
                )
        return errors

    # Drafts of re-invoicing that somebody posts later keep to the company's choice
    # for closed periods, as the runs that made them did.

    def _filter_maintenance_sales(self):
        """Invoices and credit memos of re-invoicing."""
        return self.filtered(
            lambda move: move.service_invoice_type == "maintenance"
            and move.is_sale_document()
        )

    def _filter_period_kept(self):
        return super()._filter_period_kept() | self._filter_maintenance_sales()

    def _get_closed_period_choice(self):
        if self._filter_maintenance_sales():
            return self.company_id.maintenance_closed_period
        return super()._get_closed_period_choice()


class AccountMoveLine(models.Model):
    """How a line differs from the rows that it charges."""

    _inherit = "account.move.line"

    def _compare_row_amount(self, rows, sign):
        """The net amount, when it is not what ``rows`` say: label, amount and the
        expected one, as texts."""
        self.ensure_one()
        currency = rows.currency_id[:1]
        expected = sign * sum(rows.mapped("amount"))
        if currency.compare_amounts(self.price_subtotal, expected):
            yield (
                self._fields["price_subtotal"]._description_string(self.env),
                currency.format(self.price_subtotal),
                currency.format(expected),
            )

    def _compare_row_links(self, rows):
        """Document, contract and taxes, as far as they are not what ``rows`` say:
        label, value and the expected one, as texts."""
        self.ensure_one()
        for name, expected in (
            ("move_id", rows.move_id),
            ("maintenance_contract_id", rows.contract_id),
            ("tax_ids", rows.tax_ids),
        ):
            if self[name] != expected:
                yield (
                    self._fields[name]._description_string(self.env),
                    ", ".join(self[name].mapped("display_name")) or "–",
                    ", ".join(expected.mapped("display_name")) or "–",
                )
