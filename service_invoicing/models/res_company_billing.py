from odoo import models
from odoo.fields import Domain


class ResCompany(models.Model):
    _inherit = "res.company"

    def _get_service_sales_journal(self):
        """Journal of this company's invoices: the first sales journal of the user's
        list; empty without one."""
        self.ensure_one()
        Journal = self.env["account.journal"]
        domain = Domain(Journal._check_company_domain(self))
        return Journal.search(domain & Domain("type", "=", "sale"), limit=1)

    def _get_service_fiscal_position(self, payer):
        """That of a payer and his delivery address, as core finds it on invoices."""
        delivery = payer.browse(payer.address_get(["delivery"])["delivery"])
        positions = self.env["account.fiscal.position"].with_company(self)
        return positions._get_fiscal_position(payer, delivery=delivery)
