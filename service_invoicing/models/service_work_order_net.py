from odoo import models


class ServiceWorkOrder(models.Model):
    """The invoices of all payers add up to the order, before tax."""

    _inherit = "service.work.order"

    def _prepare_share_lines(self, payer, fiscal_position):
        """What a payer is invoiced for, with the values of its invoice lines: at the
        agreed amounts where the tax engine could find others, see ``account.tax``.

        :param fiscal_position: the payer's
        :return: list of pairs of ``SharePart`` and dict
        """
        self.ensure_one()
        lines = [
            (part, self._prepare_invoice_line_vals(part, fiscal_position))
            for part in self._get_share_parts(payer)
        ]
        if self._is_borne_alone(lines):
            # as core rounds the document, so the order was rounded
            return lines
        for part, vals in lines:
            taxes = self._get_taxes_of_vals(vals)
            if self._needs_agreed_net(part, taxes):
                vals["extra_tax_data"] = taxes._prepare_net_tax_data(
                    part.amount, vals, self.currency_id
                )
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

    def _needs_agreed_net(self, part, taxes):
        """Whether the tax engine could find another amount than the agreed one.

        :param taxes: of the payer
        """
        if self.company_id.tax_calculation_rounding_method == "round_globally":
            return True
        # a line that is rounded by itself is on the order what it is on the invoice
        is_same = part.is_whole and taxes == part.order_line.tax_ids
        return not is_same and bool(taxes._get_included())

    def _get_taxes_of_vals(self, vals):
        """Taxes that values of an invoice line set."""
        ids = [id_ for command in vals["tax_ids"] for id_ in command[2]]
        return self.env["account.tax"].browse(ids)
