from odoo import api, fields, models

from ...tools.amounts import refuse_negative
from ...tools.choices import BILLING_METHODS, LINE_DETAILS
from ...tools.markup import refuse_markup

MINIMUM = ("maintenance_minimum_amount",)


class ResPartner(models.Model):
    """How a customer is invoiced, what he is charged on top and the least of it."""

    _inherit = "res.partner"

    maintenance_billing_method = fields.Selection(
        BILLING_METHODS,
        company_dependent=True,
        help="What one collective maintenance invoice is made for. Empty: as on his "
        "company, else as set on ours.",
    )

    def _get_maintenance_billing_method(self, company):
        """What a collective invoice to this customer is made for: as he or his company
        wants it, else as is usual with ``company``."""
        partner = self.with_company(company)
        return (
            partner.maintenance_billing_method
            or partner.commercial_partner_id.maintenance_billing_method
            or company.maintenance_billing_method
        )

    maintenance_line_detail = fields.Selection(
        LINE_DETAILS,
        string="Maintenance Invoice Lines",
        company_dependent=True,
        help="What one line of a collective maintenance invoice stands for, printed "
        "and in electronic documents. Empty: as on his company, else as set on ours.",
    )

    def _get_maintenance_line_detail(self, company):
        """What a line of this customer's collective invoices stands for: as he or his
        company wants it, else as is usual with ``company``."""
        partner = self.with_company(company)
        return (
            partner.maintenance_line_detail
            or partner.commercial_partner_id.maintenance_line_detail
            or company.maintenance_line_detail
        )

    maintenance_markup_percent = fields.Float(
        string="Maintenance mark-up (%)",
        digits=(16, 2),
        company_dependent=True,
        help="Charged on top of the purchase price of re-invoiced maintenance, unless "
        "the contract has a mark-up of its own. Set by maintenance managers.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            refuse_markup(self.browse(), "maintenance_markup_percent", vals)
            refuse_negative(self.browse(), MINIMUM, vals)
        return super().create(vals_list)

    def write(self, vals):
        refuse_markup(self, "maintenance_markup_percent", vals)
        refuse_negative(self, MINIMUM, vals)
        return super().write(vals)

    def _get_maintenance_markup(self, company):
        """Per cent charged to this customer on top of the purchase price: his own or
        his company's."""
        partner = self.with_company(company)
        return (
            partner.maintenance_markup_percent
            or partner.commercial_partner_id.maintenance_markup_percent
        )

    maintenance_minimum_amount = fields.Float(
        string="Minimum Maintenance Invoice",
        company_dependent=True,
        help="Net amount, in the company's currency, below which a mass run makes no "
        "invoice for this customer: his lines are carried forward. Zero: as on his "
        "company, else our minimum. 0.01: every amount is invoiced.",
    )

    def _get_maintenance_minimum(self, company):
        """The partner's own minimum or that of his company, in the currency of
        ``company``, else its one."""
        partner = self.with_company(company)
        return (
            partner.maintenance_minimum_amount
            or partner.commercial_partner_id.maintenance_minimum_amount
            or company.maintenance_minimum_amount
        )
