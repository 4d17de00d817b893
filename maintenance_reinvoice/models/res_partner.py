from odoo import fields, models

from .res_company import BILLING_METHODS


class ResPartner(models.Model):
    _inherit = "res.partner"

    maintenance_billing_method = fields.Selection(
        BILLING_METHODS,
        string="Maintenance billing method",
        company_dependent=True,
        help="What one collective maintenance invoice is made for. Empty: as set on "
        "the company.",
    )

    def _get_maintenance_billing_method(self, company):
        """The partner's own billing method, else the company's."""
        self.ensure_one()
        return (
            self.with_company(company).maintenance_billing_method
            or company.maintenance_billing_method
        )
