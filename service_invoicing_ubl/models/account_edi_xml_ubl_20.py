from odoo import models


class AccountEdiXmlUbl20(models.AbstractModel):
    """Reading of UBL, whichever format is built on it.

    Relies on core for ``_import_fill_invoice``, which returns the lines of its log.
    """

    _inherit = "account.edi.xml.ubl_20"

    def _import_fill_invoice(self, invoice, tree, qty_factor):
        logs = super()._import_fill_invoice(invoice, tree, qty_factor)
        path = "{*}BillingReference/{*}InvoiceDocumentReference/{*}ID"
        numbers = [node.text for node in tree.findall(path)]
        return logs + self._link_service_credited(invoice, numbers)
