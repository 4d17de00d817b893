from odoo import api, fields, models

from ...tools.guards import raise_together
from ...tools.states import EDITABLE_STATES


class ServiceWorkOrderDocument(models.Model):
    """A file that was attached for one of the documents the check asks for.

    No plain attachment of the order: that can be deleted after the check.
    """

    _name = "service.work.order.document"
    _description = "Document of a Work Order"
    _order = "order_id desc, id"
    _check_company_auto = True

    order_id = fields.Many2one(
        "service.work.order",
        string="Work Order",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(related="order_id.company_id", store=True)
    type_id = fields.Many2one(
        "service.document.type",
        string="Document",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    name = fields.Char(string="File Name", required=True)
    file = fields.Binary(required=True, attachment=True)

    @api.model_create_multi
    def create(self, vals_list):
        documents = super().create(vals_list)
        for order, files in documents.grouped("order_id").items():
            order._message_log(
                body=self.env._("Document attached: %s", files._get_titles())
            )
        return documents

    def write(self, vals):
        self._check_removable()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_checked(self):
        self._check_removable()
        for order, files in self.grouped("order_id").items():
            order._message_log(
                body=self.env._("Document removed: %s", files._get_titles())
            )

    def _check_removable(self):
        """What was seen at the check stays as it was; more may be added.

        :raise UserError: naming the documents
        """
        raise_together(
            [
                self.env._(
                    "%(order)s has been checked with “%(file)s” (%(document)s), which "
                    "stays as it is. Send the order back to checking first.",
                    order=document.order_id.name,
                    file=document.name,
                    document=document.type_id.name,
                )
                for document in self
                if document.order_id.state not in (*EDITABLE_STATES, "cancel")
            ]
        )

    def _get_titles(self):
        return ", ".join(f"{file.type_id.name} ({file.name})" for file in self)
