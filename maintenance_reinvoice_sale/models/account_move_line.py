from odoo import models


class AccountMoveLine(models.Model):
    """Vendor bills of permissions are no cost of sales orders."""

    _inherit = "account.move.line"

    def _sale_can_be_reinvoice(self):
        """What a permission bears is charged by the re-invoicing, and not a second
        time by the sales order of the contract's project."""
        return not self.maintenance_line_id and super()._sale_can_be_reinvoice()
