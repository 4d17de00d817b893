from odoo import api, fields, models
from odoo.fields import Domain


class AccountMoveLine(models.Model):
    """Which vendor document charges a permission line."""

    _inherit = "account.move.line"

    maintenance_line_id = fields.Many2one(
        "maintenance.permission.line",
        string="Permission Line",
        copy=False,
        index="btree_not_null",
        check_company=True,
        help="What this line of a garage's bill or credit charges.",
    )

    def _filter_billing(self):
        """Those of these lines that charge their permission line."""
        return self.filtered(
            lambda line: line.maintenance_line_id
            and (
                line.move_id.move_type == "in_invoice"
                or line.price_subtotal * line.maintenance_line_id.purchase_price < 0
            )
        )

    @api.model
    def _get_billing_domain(self):
        """Domain of the same lines."""
        refund = Domain("move_id.move_type", "=", "in_refund")
        price = "maintenance_line_id.purchase_price"
        given_back = Domain("price_subtotal", ">", 0) & Domain(price, "<", 0)
        charged = Domain("price_subtotal", "<", 0) & Domain(price, ">", 0)
        return Domain("move_id.move_type", "=", "in_invoice") | (
            refund & (given_back | charged)
        )

    def _get_bill_date(self):
        """Day of the last of the bills that these lines are of; False without one. It
        is not changed once a bill is posted."""
        bills = self.filtered(lambda line: line.move_id.move_type == "in_invoice")
        dates = (line.move_id.invoice_date or line.date for line in bills)
        return max(dates, default=False)

    def _sum_bought(self):
        """What these lines charge, net, in the currency of their document."""
        return sum(
            -line.price_subtotal
            if line.move_id.move_type == "in_refund"
            else line.price_subtotal
            for line in self
        )
