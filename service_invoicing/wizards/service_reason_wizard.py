from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.arguments import expects


class ServiceReasonWizard(models.TransientModel):
    """Asks for the reason of an action, then calls it."""

    _name = "service.reason.wizard"
    _inherit = "service.dialog.mixin"
    _description = "Reason for an Action"

    res_model = fields.Char(required=True, readonly=True)
    res_ids = fields.Json(required=True, readonly=True)
    method = fields.Char(required=True, readonly=True)
    reason = fields.Text()

    @api.model
    def _get_methods(self):
        """Methods that take a reason, by model: nothing else is ever called."""
        return {
            "account.move": {
                "action_service_return",
                "action_service_delete",
                "action_service_hold",
            },
            "service.agreement": {"action_cancel"},
            "service.invoice.adjustment": {"action_undo"},
            "service.release": {"action_cancel", "action_reprocess"},
            "service.work.order": {"action_back_to_check", "action_cancel"},
        }

    @api.model
    def _open(self, records, method, title):
        """Dialog that asks for the reason and then calls the method with it.

        :param records: what the method is called on
        :param str method: one of ``_get_methods``
        :param str title: translated title of the dialog
        """
        if not records:
            raise UserError(self.env._("Choose a document first."))
        wizard = self.create(
            {"res_model": records._name, "res_ids": records.ids, "method": method}
        )
        return wizard._get_dialog_action(title)

    @expects(one=True)
    def action_apply(self):
        """Call the method with the reason; its own checks decide."""
        reason = (self.reason or "").strip()
        if not reason:
            raise UserError(self.env._("Please give a reason."))
        if self.method not in self._get_methods().get(self.res_model, ()):
            raise UserError(self.env._("This action does not take a reason."))
        records = self.env[self.res_model].browse(self.res_ids).exists()
        getattr(records, self.method)(reason=reason)
        return {"type": "ir.actions.act_window_close"}
