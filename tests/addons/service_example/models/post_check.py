from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def _get_service_post_checks(self):
        return [*super()._get_service_post_checks(), "_get_blacklist_errors"]

    def _get_blacklist_errors(self):
        if self.partner_id.comment:
            return [self.env._("%s: see the payer's notes.", self.name)]
        return []
