from odoo import models


class AccountMove(models.Model):
    """What could not be sent is not authorized."""

    _inherit = "account.move"

    def _get_service_post_checks(self):
        return [*super()._get_service_post_checks(), "_get_einvoice_errors"]

    def _get_einvoice_errors(self):
        return self.env["service.einvoice.check"]._get_errors(self)
