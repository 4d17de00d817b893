from odoo import models

from ...tools.guards import raise_together


class AccountMove(models.Model):
    """The guards of prepayment invoices: the same answer whoever calls."""

    _inherit = "account.move"

    def write(self, vals):
        if vals.get("state") in ("draft", "cancel"):
            self._check_prepaid_kept()
        return super().write(vals)

    def _check_prepaid_kept(self):
        """Neither money that was adjusted with nor the entry that did it is undone."""
        self._check_prepaid_money_kept()
        self._check_adjustment_entries_kept()

    def _check_prepaid_money_kept(self):
        """Money stays while invoices are adjusted with the prepayment it paid.

        :raise UserError: naming prepayments and invoices
        """
        if not self.env.su:
            posted = self.filtered(lambda move: move.state == "posted")
            posted.line_ids.matched_debit_ids._check_prepaid_money_kept()

    def _get_kept_money_errors(self, amount):
        """Why so much of what was received for this prepayment may not be taken away.

        :param amount: in the currency of the prepayment
        :return: list of translated sentences
        """
        self.ensure_one()
        if not self.service_prepayment_used or (
            self._get_prepayment_balance(amount) >= 0.0
        ):
            return []
        rows = self.sudo().service_adjusting_ids.filtered(lambda row: not row.undone)
        invoices = rows.move_id | self.sudo().service_deduction_line_ids.move_id
        return [
            self.env._(
                "The money received for %(number)s stays: %(invoices)s is adjusted "
                "with it. Undo the adjustment first.",
                number=self._get_service_label(),
                invoices=", ".join(move._get_service_label() for move in invoices),
            )
        ]

    def _check_prepayments_complete(self):
        raise_together([e for move in self for e in move._get_prepayment_errors()])

    def _get_prepayment_errors(self):
        """Why this prepayment cannot be saved or authorized as it stands.

        :return: list of translated sentences, empty for other documents
        """
        self.ensure_one()
        if not self._is_service_prepayment():
            return []
        lines = self._get_prepayment_lines()
        errors = self._get_prepayment_account_errors(lines)
        errors += self._get_prepayment_tax_errors(lines)
        if self.currency_id.compare_amounts(sum(lines.mapped("price_subtotal")), 0) < 0:
            errors.append(
                self.env._(
                    "%s: a prepayment cannot be negative. Credit a prepayment invoice "
                    "to give money back.",
                    self._get_service_label(),
                )
            )
        return errors

    def _get_prepayment_account_errors(self, lines):
        """:param lines: the liability lines of this prepayment"""
        label = self._get_service_label()
        if not self.company_id.service_prepayment_account_id:
            return [
                self.env._(
                    "%(number)s: choose the prepayment account of %(company)s in the "
                    "settings of service billing first.",
                    number=label,
                    company=self.company_id.display_name,
                )
            ]
        return [
            f"{label}: {error}" for error in lines.account_id._get_prepayment_errors()
        ]

    def _get_prepayment_tax_errors(self, lines):
        """:param lines: the liability lines of this prepayment"""
        values = {"number": self._get_service_label()}
        errors = []
        for line in lines:
            values["line"] = line.name or line.product_id.display_name or "–"
            if self.service_prepayment_mode == "entry":
                if line.tax_ids:
                    errors.append(
                        self.env._(
                            "%(number)s, “%(line)s”: this prepayment bears no tax, "
                            "because it is adjusted by an entry. Remove the tax; where "
                            "the law taxes advances, choose “Deducted on the invoice, "
                            "with tax” in the settings and make it anew.",
                            **values,
                        )
                    )
            elif line.tax_ids._filter_withheld():
                errors.append(
                    self.env._(
                        "%(number)s, “%(line)s”: what the payer withholds he withholds "
                        "from the invoice of the work. Remove the withholding tax.",
                        **values,
                    )
                )
        return errors
