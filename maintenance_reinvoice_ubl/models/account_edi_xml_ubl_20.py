from odoo import models

from ..tools.incoming import UBL_DOCUMENT, UBL_LINE


class AccountEdiXmlUbl20(models.AbstractModel):
    """Garages' bills as BIS Billing 3, XRechnung and what else is UBL; what is relied
    on says ``account.edi.common``."""

    _inherit = "account.edi.xml.ubl_20"

    def _get_maintenance_paths(self):
        return UBL_DOCUMENT, UBL_LINE

    def _import_fill_invoice(self, invoice, tree, qty_factor):
        self._read_maintenance_names(invoice, tree)
        return super()._import_fill_invoice(invoice, tree, qty_factor)
