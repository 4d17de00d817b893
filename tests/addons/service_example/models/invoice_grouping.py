from odoo import models


class ServiceRelease(models.Model):
    _inherit = "service.release"

    def _get_invoice_grouping_keys(self):
        return super()._get_invoice_grouping_keys() + ["customer_reference"]
