from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.service_invoicing.tools.guards import get_context_defaults

from ...tools.documents import ATTACHMENT_FIELD

CONTENT_FIELDS = {
    "datas",
    "db_datas",
    "mimetype",
    "name",
    "raw",
    "res_field",
    "res_id",
    "res_model",
    "store_fname",
    "type",
    "url",
}


class IrAttachment(models.Model):
    """Attachments of invoices are what they were printed as."""

    _inherit = "ir.attachment"

    # two clerks printing at the same time keep one document
    _maintenance_uniq = models.UniqueIndex(
        "(res_id) WHERE res_model = 'account.move' "
        "AND res_field = 'maintenance_attachment_file'",
        "The attachment of this invoice was printed by somebody else just now. Print "
        "it again.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        defaults = get_context_defaults(self.env)
        for vals in vals_list:
            self._check_not_maintenance_attachment(defaults | vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_not_maintenance_attachment(vals)
        if CONTENT_FIELDS & vals.keys():
            self._check_maintenance_attachments()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_maintenance_attachments(self):
        self._check_maintenance_attachments()

    def _check_not_maintenance_attachment(self, vals):
        """Refuse a file that pretends to be what the customer of an invoice was
        given.

        :raise UserError: naming the button that makes the real one
        """
        if vals.get("res_field") == ATTACHMENT_FIELD and not self.env.su:
            raise UserError(
                self.env._(
                    "%s: the attachment of a maintenance invoice is made by printing "
                    "it. Add other files to the invoice without a field.",
                    vals.get("name") or ", ".join(self.mapped("name")),
                )
            )

    def _check_maintenance_attachments(self):
        """Refuse to change or delete what the customer of an invoice was given."""
        if self.env.su:
            return
        kept = self.filtered(lambda file: file.res_field == ATTACHMENT_FIELD)
        if kept:
            raise UserError(
                self.env._(
                    "Attachments of posted maintenance invoices are kept as they were "
                    "printed: %s.",
                    ", ".join(kept.mapped("name")),
                )
            )
