from odoo import models


class AccountEdiCommon(models.AbstractModel):
    """What is read from received documents of any format, which core leaves aside."""

    _inherit = "account.edi.common"

    def _link_service_credited(self, credit, numbers):
        """A vendor's credit note that was just read is linked to the bill that it
        names, if it names one alone, and settles it when it is posted. How much of
        several it credits nobody knows.

        :param list numbers: of invoices, as the vendor calls them
        :return: list of translated sentences for the log of what was read
        """
        stripped = [(number or "").strip() for number in numbers]
        numbers = list(dict.fromkeys(filter(None, stripped)))
        if credit.move_type != "in_refund" or not credit.partner_id or not numbers:
            return []
        bills = credit.search(self._get_service_bill_domain(credit, numbers), limit=2)
        if len(numbers) > 1 or len(bills) != 1:
            text = self.env._("Credits the bills %s.", ", ".join(numbers))
        else:
            credit.reversed_entry_id = bills
            text = self.env._("Credits the bill %s.", bills.display_name)
        return [text]

    def _get_service_bill_domain(self, credit, numbers):
        """Posted bills of this document's vendor with one of these numbers."""
        return [
            ("company_id", "=", credit.company_id.id),
            ("commercial_partner_id", "=", credit.commercial_partner_id.id),
            ("move_type", "=", "in_invoice"),
            ("state", "=", "posted"),
            ("ref", "in", numbers),
        ]
