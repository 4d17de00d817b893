from odoo import models


class AccountMove(models.Model):
    """What the print of a prepayment invoice says more than that of an invoice."""

    _inherit = "account.move"

    def _get_prepayment_print_note(self):
        """What a prepayment invoice is and what becomes of it, for its payer.

        :return: text in the language of the environment, empty for other documents
        """
        self.ensure_one()
        if not self._is_service_prepayment():
            return ""
        if self.service_prepayment_mode == "deduction":
            return self.env._(
                "This is a request for an advance payment. The amount received is "
                "deducted, with its tax, on the invoice of the work."
            )
        return self.env._(
            "This is a request for an advance payment; it bears no tax. The amount "
            "received is set against the invoice of the work, on which the tax is "
            "charged."
        )

    def _describe_settling_prepayment(self, payment_vals):
        """What the print calls a payment that no money was received for.

        :param dict payment_vals: an item of core's payments widget
        :return: text in the payer's language, empty for receipts and credit memos
        """
        self.ensure_one()
        entry = self.sudo().browse(payment_vals.get("move_id"))
        prepayment = entry.service_adjusted_prepayment_id
        return self._describe_deduction(prepayment) if prepayment else ""


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _get_prepayment_print_facts(self):
        """What a line of a prepayment is for: its cost category and its own order."""
        self.ensure_one()
        # whoever may print the document sees the number of the order
        line = self.sudo()
        if not line._filter_prepayment_lines():
            return ""
        field = self._fields["service_cost_category"]
        categories = dict(field._description_selection(self.env))
        facts = [
            categories.get(line.service_cost_category),
            line.service_work_order_id.name,
        ]
        return " – ".join(filter(None, facts))
