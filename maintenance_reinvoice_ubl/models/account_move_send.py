from odoo import api, models


class AccountMoveSend(models.AbstractModel):
    """The list of permissions is made before the electronic document that has it."""

    _inherit = "account.move.send"

    @api.model
    def _make_einvoice_attachments(self, invoices_data):
        res = super()._make_einvoice_attachments(invoices_data)
        listed = {
            move: data
            for move, data in invoices_data.items()
            if self.env["maintenance.attachment"]._has_one(move)
        }
        if listed:
            self._generate_maintenance_attachments(listed)
        return res
