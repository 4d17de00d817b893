from odoo import models

from ..tools.incoming import CII_DOCUMENT, CII_LINE


class AccountEdiXmlCii(models.AbstractModel):
    """Garages' bills as Factur-X, ZUGFeRD and XRechnung in CII; what is relied on says
    ``account.edi.common``."""

    _inherit = "account.edi.xml.cii"

    def _get_maintenance_paths(self):
        return CII_DOCUMENT, CII_LINE

    def _import_fill_invoice(self, invoice, tree, qty_factor):
        self._read_maintenance_names(invoice, tree)
        return super()._import_fill_invoice(invoice, tree, qty_factor)
