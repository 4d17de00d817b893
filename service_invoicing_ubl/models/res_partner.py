from odoo import models


class ResPartner(models.Model):
    """Who gets electronic documents."""

    _inherit = "res.partner"

    def _gets_einvoices(self, company):
        """Whether this payer of a company gets documents in one of core's formats;
        nobody does not."""
        payer = self.commercial_partner_id.with_company(company)
        return payer.invoice_edi_format in payer._get_ubl_cii_formats()
