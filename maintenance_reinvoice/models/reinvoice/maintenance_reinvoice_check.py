from odoo import models

from odoo.addons.service_invoicing.tools.guards import raise_together


class MaintenanceReinvoiceCheck(models.AbstractModel):
    """A draft of re-invoicing is posted only as it was made: texts, dates, payment
    terms and references may change, but not who pays what for which contract."""

    _name = "maintenance.reinvoice.check"
    _description = "Check of Drafts of Re-invoicing"

    def _check_documents(self, documents):
        """Refuse to post an invoice that says something else than its rows.

        :raise UserError: naming everything that differs
        """
        rows = documents.sudo().maintenance_row_ids
        raise_together(
            [
                error
                for move, own in rows.grouped("move_id").items()
                for error in (
                    *self._get_header_errors(move, own),
                    *self._get_extra_errors(move, own),
                    *self._get_line_errors(move, own),
                    *self._get_analytic_errors(move, own),
                )
            ]
        )

    def _get_header_errors(self, move, rows):
        """Sentences about another customer or currency than the rows'."""
        partners = move.partner_id | rows.line_id.payer_id
        currencies = rows.currency_id
        errors = []
        if payers := partners - move.partner_id:
            errors.append(
                self.env._(
                    "%(move)s is for %(partner)s, but its permission lines are paid by "
                    "%(payers)s. Delete the draft, correct the permission and "
                    "re-invoice it.",
                    move=move.display_name,
                    partner=move.partner_id.display_name or "–",
                    payers=", ".join(payers.mapped("display_name")),
                )
            )
        if currencies != move.currency_id:
            errors.append(
                self.env._(
                    "%(move)s is in %(currency)s, but its permission lines are in "
                    "%(expected)s. Put the currency right, or delete the draft, "
                    "correct the permission and re-invoice it.",
                    move=move.display_name,
                    currency=move.currency_id.name,
                    expected=", ".join(currencies.mapped("name")),
                )
            )
        return errors

    def _get_extra_errors(self, move, rows):
        """Sentences about lines that no permission line stands for. What core adds
        itself, cash rounding and the like, is of another kind."""
        extra = move.invoice_line_ids - rows.move_line_id
        return [
            self.env._(
                "%(move)s, “%(line)s”: no permission line stands for it. Take it off "
                "and bill it by an invoice of its own, or add it to a permission and "
                "re-invoice it.",
                move=move.display_name,
                line=line.name or line.product_id.display_name or "–",
            )
            for line in extra
            if line.display_type == "product"
        ]

    def _get_analytic_errors(self, move, rows):
        """Sentences about lines whose analytic account was deleted meanwhile."""
        lost = rows.contract_id._filter_lost_analytic()
        return [
            self.env._(
                "%(move)s, “%(line)s”: an analytic account of contract %(contract)s "
                "was deleted. Choose another one on the contract and on the line.",
                move=move.display_name,
                line=line.name,
                contract=line.maintenance_contract_id.name,
            )
            for line in rows.move_line_id
            if line._has_lost_analytic() or line.maintenance_contract_id in lost
        ]

    def _get_line_errors(self, move, rows):
        """Sentences about lines that charge something else than their rows."""
        return [
            self.env._(
                "%(move)s, “%(line)s”: %(field)s %(actual)s differs from the "
                "permission lines on it, %(expected)s. Delete the draft, correct the "
                "permission and re-invoice it.",
                move=move.display_name,
                line=line.name,
                field=label,
                actual=actual,
                expected=expected,
            )
            for line, group in rows.grouped("move_line_id").items()
            for label, actual, expected in self._compare(line, group)
        ]

    def _compare(self, line, rows):
        """What a line says otherwise than its rows: label, value and the expected one,
        as texts."""
        sign = -1 if line.move_id.move_type == "out_refund" else 1
        currency, expected = rows.currency_id[:1], sign * sum(rows.mapped("amount"))
        if currency.compare_amounts(line.price_subtotal, expected):
            yield (
                line._fields["price_subtotal"]._description_string(self.env),
                currency.format(line.price_subtotal),
                currency.format(expected),
            )
        for name, expected in (
            ("move_id", rows.move_id),
            ("maintenance_contract_id", rows.contract_id),
            ("tax_ids", rows.tax_ids),
        ):
            if line[name] != expected:
                yield (
                    line._fields[name]._description_string(self.env),
                    ", ".join(line[name].mapped("display_name")) or "–",
                    ", ".join(expected.mapped("display_name")) or "–",
                )
