from odoo import fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    authority_number = fields.Char(readonly=True, copy=False)

    def _get_service_save_steps(self):
        return [*super()._get_service_save_steps(), "_number_for_the_authority"]

    def _number_for_the_authority(self):
        for move in self:
            move.authority_number = f"A-{move.service_number}"
