from odoo import models


class ServiceWorkOrder(models.Model):
    _inherit = "service.work.order"

    def _get_document_checks(self):
        return [*super()._get_document_checks(), "_get_signature_errors"]

    def _get_signature_errors(self):
        if self.customer_reference != "unsigned":
            return []
        return [self.env._("%s is not signed by the customer.", self.name)]
