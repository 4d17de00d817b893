from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    service_collective_invoice = fields.Boolean(
        string="Collective Service Invoices",
        company_dependent=True,
        help="As sponsor or insurer this partner gets one invoice over many work "
        "orders, for instance one a month, instead of one for each.",
    )
