from odoo import models
from odoo.tools import float_compare

from .account_tax_net import MANUAL_KEY


class ServiceWorkOrder(models.Model):
    """The invoices of all payers add up to the order, before tax."""

    _inherit = "service.work.order"

    def _prepare_share_lines(self, payer, fiscal_position):
        """What a payer is invoiced for, with the values of its invoice lines.

        :param fiscal_position: the payer's
        :return: list of pairs of ``SharePart`` and dict
        """
        self.ensure_one()
        lines = self._prepare_agreed_lines(payer, fiscal_position)
        if self._settles_piece_taxes(payer, lines):
            self._settle_piece_taxes(payer, lines)
        return lines

    def _prepare_agreed_lines(self, payer, fiscal_position):
        """The same by itself: at the agreed amounts where the tax engine could find
        others, see ``account.tax``."""
        lines = [
            (part, self._prepare_invoice_line_vals(part, fiscal_position))
            for part in self._get_share_parts(payer)
        ]
        if self._is_borne_alone(lines):
            self._keep_document_rounding(lines)
            return lines
        for part, vals in lines:
            if self._needs_agreed_net(part, vals):
                taxes = self._get_taxes_of_vals(vals)
                data = taxes._prepare_net_tax_data(part.amount, vals, self.currency_id)
                vals["extra_tax_data"] = vals.get("extra_tax_data", {}) | data
        return lines

    def _is_borne_alone(self, lines):
        """Whether one invoice bills the order as it is and nothing else.

        :param list lines: see ``_prepare_share_lines``
        """
        if self.env.context.get("service_joint_invoice"):
            return False
        billed = self.line_ids.browse().concat(*(part.order_line for part, __ in lines))
        return billed.sorted("id") == self.line_ids.sorted("id") and all(
            part.is_whole and self._get_taxes_of_vals(vals) == part.order_line.tax_ids
            for part, vals in lines
        )

    def _keep_document_rounding(self, lines):
        """Whoever bears the order alone pays the prices on it, taxes of the whole
        document among them. Where core would round the document and not the lines, the
        lines say what they have on the order.

        :param list lines: see ``_prepare_share_lines``
        """
        company = self.company_id
        if company.tax_calculation_rounding_method != "round_globally":
            return
        base_lines = [
            self._prepare_estimate_base_line(self._get_taxes_of_vals(vals), **vals)
            for __, vals in lines
        ]
        Tax = self.env["account.tax"]
        Tax._add_tax_details_in_base_lines(base_lines, company)
        Tax._round_base_lines_tax_details(base_lines, company)
        if not any(
            base_line["tax_details"]["delta_total_excluded_currency"]
            for base_line in base_lines
        ):
            return
        for (part, vals), base_line in zip(lines, base_lines, strict=True):
            taxes = self._get_taxes_of_vals(vals)
            vals["extra_tax_data"] = taxes._prepare_net_tax_data(
                part.amount, vals, self.currency_id
            ) | {MANUAL_KEY: self._get_manual_taxes(base_line)}

    def _get_manual_taxes(self, base_line):
        """Taxes of a base line as the engine found them, as core keeps them."""
        return {
            str(data["tax"].id): {
                "base_amount_currency": data["base_amount_currency"],
                "tax_amount_currency": data["tax_amount_currency"],
            }
            for data in base_line["tax_details"]["taxes_data"]
            if not data["is_reverse_charge"]
        }

    def _needs_agreed_net(self, part, vals):
        """Whether the tax engine could find another amount than the agreed one.

        :param dict vals: values of the part's invoice line
        """
        taxes = self._get_taxes_of_vals(vals)
        method = self.company_id.tax_calculation_rounding_method
        is_same = part.is_whole and taxes == part.order_line.tax_ids
        if method == "round_per_line" and is_same:
            # a line that is rounded by itself is on the invoice what it is here
            return False
        if taxes._get_included():
            return True
        net = vals["quantity"] * vals["price_unit"]
        net *= 1 - vals.get("discount", 0.0) / 100.0
        return bool(float_compare(net, part.amount, precision_digits=6))

    def _get_taxes_of_vals(self, vals):
        """Taxes that values of an invoice line set."""
        ids = [id_ for command in vals["tax_ids"] for id_ in command[2]]
        return self.env["account.tax"].browse(ids)
