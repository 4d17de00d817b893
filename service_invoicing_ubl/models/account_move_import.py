from odoo import models


class AccountMove(models.Model):
    """What is read from received documents, which core leaves aside."""

    _inherit = "account.move"

    def _link_einvoice_credited(self, numbers):
        """A vendor's credit note that was just read is linked to the bill that it
        names, if it names one alone, and settles it when it is posted. How much of
        several it credits nobody knows.

        :param list numbers: of invoices, as the vendor calls them
        :return: list of translated sentences for the log of what was read
        """
        self.ensure_one()
        stripped = [(number or "").strip() for number in numbers]
        numbers = list(dict.fromkeys(filter(None, stripped)))
        if self.move_type != "in_refund" or not self.partner_id or not numbers:
            return []
        bills = self.search(self._get_einvoice_bill_domain(numbers), limit=2)
        if len(numbers) > 1 or len(bills) != 1:
            text = self.env._("Credits the bills %s.", ", ".join(numbers))
        else:
            self.reversed_entry_id = bills
            text = self.env._("Credits the bill %s.", bills.display_name)
        return [text]

    def _get_einvoice_bill_domain(self, numbers):
        """Posted bills of this document's vendor with one of these numbers."""
        return [
            ("company_id", "=", self.company_id.id),
            ("commercial_partner_id", "=", self.commercial_partner_id.id),
            ("move_type", "=", "in_invoice"),
            ("state", "=", "posted"),
            ("ref", "in", numbers),
        ]
