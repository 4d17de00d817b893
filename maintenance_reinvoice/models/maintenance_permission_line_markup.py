from odoo import api, fields, models
from odoo.tools import formatLang


class MaintenancePermissionLine(models.Model):
    """What a contract or customer pays on top of the purchase price."""

    _inherit = "maintenance.permission.line"

    markup_percent = fields.Float(
        string="Mark-up (%)",
        digits=(16, 2),
        compute="_compute_markup_percent",
        store=True,
        precompute=True,
        aggregator="avg",
        help="The contract's mark-up, else the customer's, as it was when the line was "
        "charged. Compensations are passed on without it.",
    )

    @api.depends("reinvoice", "purchase_price", "contract_id", "partner_id")
    def _compute_markup_percent(self):
        for line in self:
            # what is on an invoice was made with the mark-up of its time
            if not line.sale_invoice_id:
                line.markup_percent = line._get_markup_percent()

    def _get_markup_percent(self):
        """Per cent charged on top of the purchase price."""
        self.ensure_one()
        if self.purchase_price < 0:
            return 0.0
        permission = self.permission_id
        own = permission.contract_id.markup_percent
        return own or permission.partner_id._get_maintenance_markup(
            permission.company_id
        )

    def _get_reinvoice_limit(self):
        """The most that may be charged: what remains bought with the mark-up, rounded
        to the currency of the sale."""
        self.ensure_one()
        bought = self._get_purchase_in_sale_currency()
        amount = bought * (1.0 + self.markup_percent / 100.0)
        return self.currency_id.round(amount) if self.currency_id else amount

    def _get_markup_text(self):
        """The mark-up in words for a message, empty without one."""
        self.ensure_one()
        if not self.markup_percent:
            return ""
        percent = formatLang(self.env, self.markup_percent, digits=2)
        return self.env._(" with its mark-up of %s %%", percent)
