from odoo import api, fields, models

from ...tools.amounts import refuse_negative

MINIMUM = ("maintenance_minimum_amount",)


class ResPartner(models.Model):
    _inherit = "res.partner"

    maintenance_minimum_amount = fields.Float(
        string="Minimum maintenance invoice",
        company_dependent=True,
        help="Net amount, in the company's currency, below which a mass run makes no "
        "invoice for this customer: his lines are carried forward. Zero: the "
        "company's minimum. 0.01: every amount is invoiced.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            refuse_negative(self.browse(), MINIMUM, vals)
        return super().create(vals_list)

    def write(self, vals):
        refuse_negative(self, MINIMUM, vals)
        return super().write(vals)

    def _get_maintenance_minimum(self, company):
        """The partner's own minimum in the currency of ``company``, else its one."""
        self.ensure_one()
        own = self.with_company(company).maintenance_minimum_amount
        return own or company.maintenance_minimum_amount
