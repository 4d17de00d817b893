from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResPartner(models.Model):
    _inherit = "res.partner"

    maintenance_minimum_amount = fields.Float(
        string="Minimum maintenance invoice",
        company_dependent=True,
        help="Net amount, in the company's currency, below which a mass run makes no "
        "invoice for this customer: his lines are carried forward. Zero: the "
        "company's minimum. 0.01: every amount is invoiced.",
    )

    @api.constrains("maintenance_minimum_amount")
    def _check_maintenance_minimum_amount(self):
        negative = self.filtered(lambda p: p.maintenance_minimum_amount < 0)
        if negative:
            raise ValidationError(
                self.env._(
                    "The minimum maintenance invoice must not be negative: %s",
                    ", ".join(negative.mapped("display_name")),
                )
            )

    def _get_maintenance_minimum(self, company):
        """The partner's own minimum in the currency of ``company``, else its one."""
        self.ensure_one()
        own = self.with_company(company).maintenance_minimum_amount
        return own or company.maintenance_minimum_amount
