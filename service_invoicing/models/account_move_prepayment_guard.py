from odoo import models

from ..tools.guards import raise_together


class AccountMove(models.Model):
    """The guards of prepayment invoices: the same answer whoever calls."""

    _inherit = "account.move"

    def _service_save(self):
        raise_together([e for move in self for e in move._get_prepayment_errors()])
        return super()._service_save()

    def _get_service_post_errors(self):
        return super()._get_service_post_errors() + self._get_prepayment_errors()

    def _get_prepayment_errors(self):
        """Why this prepayment cannot be saved or authorised as it stands.

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
