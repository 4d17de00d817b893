from odoo import api, fields, models

from ...tools.choices import RECEIPT_METHODS


class ResPartner(models.Model):
    """How a payer's invoices are received."""

    _inherit = "res.partner"

    service_collective_invoice = fields.Boolean(
        string="Collective Service Invoices",
        company_dependent=True,
        help="As sponsor or insurer this partner gets one invoice over many work "
        "orders, for instance one a month, instead of one for each.",
    )
    service_receipt_method = fields.Selection(
        selection=RECEIPT_METHODS,
        string="Receipt Method",
        company_dependent=True,
        help="How service invoices of this payer are received. Electronic: from his "
        "bank account, which needs a valid IBAN and BIC. Empty: regular.",
    )

    @api.model
    def _commercial_fields(self):
        return [*super()._commercial_fields(), "service_receipt_method"]
