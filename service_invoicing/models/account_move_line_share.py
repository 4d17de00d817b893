from odoo import models

from ..tools.shares import SharePart


class AccountMoveLine(models.Model):
    """Invoice lines whose share is moved to another payer."""

    _inherit = "account.move.line"

    def _get_moved_amounts(self):
        """What was moved from these lines to other payers.

        :return: dict line → amount before tax in the document's currency
        """
        transfer_lines = (
            self.env["service.share.transfer.line"]
            .sudo()
            .search(
                [("move_line_id", "in", self.ids), ("transfer_id.state", "=", "moved")]
            )
        )
        moved = dict.fromkeys(self, 0.0)
        for line in transfer_lines:
            moved[line.move_line_id.with_env(self.env)] += line.amount
        return moved

    def _get_movable_part(self, amount):
        """What of this line may be moved to another payer.

        :param float amount: before tax in the document's currency
        :return: ``SharePart``
        """
        self.ensure_one()
        order_line = self.service_order_line_id
        account = self.account_id
        if order_line and not self.service_tcd_id:
            account = order_line._get_income_account()
        return SharePart(
            order_line=order_line,
            name=self.name or "",
            category=self.service_cost_category,
            account=account,
            taxes=self._get_moved_taxes(),
            amount=amount,
        )

    def _get_moved_taxes(self):
        """Taxes of the moved share before the new payer's fiscal position.

        What an insurer was to pay net stays untaxed: the customer has paid the tax.
        """
        self.ensure_one()
        order_line = self.service_order_line_id
        if not order_line or self.service_tcd_id:
            return self.tax_ids
        move = self.move_id
        is_insured = move.service_invoice_type == "insurance"
        if is_insured or move.service_transfer_id:
            return order_line._get_taxes_of("insurance")
        return order_line.tax_ids
