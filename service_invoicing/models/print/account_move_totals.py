from odoo import api, fields, models


class AccountMove(models.Model):
    """The totals below the lines of the form, the same as those of the print."""

    _inherit = "account.move"

    service_tax_totals = fields.Binary(
        string="Totals",
        compute="_compute_service_tax_totals",
        compute_sudo=True,
        exportable=False,
        help="Instead of core's, where prepayments are deducted or tax is withheld: "
        "the total is that of the whole service.",
    )
    service_amount_deducted = fields.Monetary(
        string="Less Prepayments",
        compute="_compute_service_tax_totals",
        compute_sudo=True,
        help="Prepayments that lines of this invoice deduct, with their tax.",
    )

    @api.depends("service_invoice_type")
    def _compute_tax_totals(self):
        """Documents of service billing say *Net* everywhere."""
        result = super()._compute_tax_totals()
        printed = self.env["service.print.totals"]
        for move in self.filtered("service_invoice_type"):
            if move.tax_totals:
                move.tax_totals = printed._name_net(move, move.tax_totals)
        return result

    @api.depends("tax_totals", "service_invoice_type")
    @api.depends_context("lang")
    def _compute_service_tax_totals(self):
        printed = self.env["service.print.totals"]
        for move in self:
            differs = move.service_invoice_type and printed._differs_from_core(move)
            totals = differs and move.tax_totals and printed._get_tax_totals(move)
            move.service_tax_totals = totals
            move.service_amount_deducted = differs and move._get_deducted_amount()
