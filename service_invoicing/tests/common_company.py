from odoo import Command

from odoo.addons.account.tests.common import AccountTestInvoicingCommon


class PreparedCompanyCommon(AccountTestInvoicingCommon):
    """Companies with a chart of accounts take seconds to make.

    Where the database holds one that was prepared for tests, a class uses it: whatever
    it changes there is rolled back.
    """

    @classmethod
    def _create_company(cls, **create_values):
        prepared = cls._find_prepared_company(create_values)
        if not prepared:
            return super()._create_company(**create_values)
        prepared.sudo().write(create_values)
        cls.env.user.company_ids = [Command.link(prepared.id)]
        return prepared

    @classmethod
    def _find_prepared_company(cls, create_values):
        """Only a company without values of its own can be a prepared one."""
        companies = cls.env["res.company"]
        if create_values.keys() != {"name"} or cls.country_code:
            return companies
        domain = [("name", "=", f"Prepared {create_values['name']}")]
        return companies.browse(companies.sudo().search(domain).ids)
