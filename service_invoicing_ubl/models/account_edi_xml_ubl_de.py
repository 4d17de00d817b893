from odoo import models


class AccountEdiXmlUblDe(models.AbstractModel):
    """XRechnung, which core derives from BIS Billing 3; so do we.

    Relies on core's model alone. Its rules warn of the type code of a prepayment
    (BR-DE-17): there it is an invoice, and the final invoice names it all the same.
    """

    _inherit = "account.edi.xml.ubl_de"

    def _get_service_prepayment_type_code(self, vals):
        return ""
