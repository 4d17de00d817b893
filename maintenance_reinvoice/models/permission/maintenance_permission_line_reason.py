from odoo import api, fields, models

from odoo.addons.service_invoicing.tools.guards import raise_together

REASON_FIELDS = {
    "amount_to_reinvoice",
    "purchase_price",
    "reinvoice",
    "reinvoice_method",
    "reinvoice_reason",
}


class MaintenancePermissionLine(models.Model):
    """Why the customer is charged less than what was bought."""

    _inherit = "maintenance.permission.line"

    reinvoice_reduced = fields.Boolean(
        string="Less Than Bought",
        compute="_compute_reinvoice_reduced",
        help="The customer is charged less than the purchase price with its mark-up, "
        "or nothing.",
    )

    @api.depends(
        "amount_to_reinvoice",
        "purchase_price",
        "reinvoice",
        "reinvoice_method",
        "currency_id",
        "markup_percent",
        "amount_credited",
    )
    def _compute_reinvoice_reduced(self):
        for line in self:
            line.reinvoice_reduced = line._is_reduced()

    def _is_reduced(self):
        """Reduced, kept or excessive wear. What follows from the garage's bill or was
        added without purchase is no such decision."""
        self.ensure_one()
        currency = self.currency_id or self.company_id.currency_id
        if self.difference or not self.purchase_price or not currency:
            return False
        limit = self._get_reinvoice_limit()
        if not self.reinvoice or self.reinvoice_method == "excessive_wear":
            return not currency.is_zero(limit)
        charged = abs(self.amount_to_reinvoice)
        return currency.compare_amounts(charged, abs(limit)) < 0

    def _get_reason_errors(self):
        """A sentence about each line that is charged less without a reason."""
        return [
            self.env._(
                "%(line)s: %(amount)s of %(bought)s is charged to the customer. Enter "
                "the reason.",
                line=line.display_name,
                amount=line.currency_id.format(line.amount_to_reinvoice),
                bought=line.currency_id.format(line._get_reinvoice_limit()),
            )
            for line in self
            if line._is_reduced() and not (line.reinvoice_reason or "").strip()
        ]

    def _check_reason_kept(self, vals):
        """What has been approved keeps its reasons."""
        if self.env.su or not REASON_FIELDS & vals.keys():
            return
        lines = self.filtered(
            lambda line: line.permission_id.decision == "approved"
            and line.company_id.maintenance_reason_required
            and not line.sale_invoice_id
        )
        raise_together(lines._get_reason_errors())
