from odoo import api, models

from ...tools.guards import get_context_defaults, raise_together

PRINT_FIELD = "invoice_pdf_report_file"
PLACING_FIELDS = {
    "datas",
    "db_datas",
    "raw",
    "res_field",
    "res_id",
    "res_model",
    "store_fname",
}


class IrAttachment(models.Model):
    """The stored print of a typed document is what core's sending made of it."""

    _inherit = "ir.attachment"

    @api.model_create_multi
    def create(self, vals_list):
        files = super().create(vals_list)
        files._check_service_print()
        return files

    def write(self, vals):
        res = super().write(vals)
        if PLACING_FIELDS & vals.keys():
            self._check_service_print()
        return res

    def _check_service_print(self):
        """Refuse a file that pretends to be the print of a typed document.

        :raise UserError: naming the documents
        """
        if self.env.su:
            return
        files = self.sudo().filtered(
            lambda file: file.res_field == PRINT_FIELD
            and file.res_model == "account.move"
        )
        if files:
            moves = self.env["account.move"].sudo().browse(files.mapped("res_id"))
            moves.filtered("service_invoice_type")._refuse_planted_print()


class AccountMove(models.Model):
    """A print that somebody plants on a document is refused."""

    _inherit = "account.move"

    def _check_print_at_creation(self, vals_list):
        """No new document of ours comes with a print that nobody made of it.

        :param list vals_list: what these documents were made with
        """
        if self.env.su:
            return
        defaults = get_context_defaults(self.env)
        planted = self.browse(
            move.id
            for move, vals in zip(self, vals_list, strict=True)
            if (defaults | vals).get(PRINT_FIELD)
        )
        planted.filtered("service_invoice_type")._refuse_planted_print()

    def _check_print_kept(self, vals):
        """The stored print is what core's sending made of it."""
        if vals.get(PRINT_FIELD) and not self.env.su:
            self.filtered("service_invoice_type")._refuse_planted_print()

    def _refuse_planted_print(self):
        """:raise UserError: naming these documents"""
        raise_together(
            [
                self.env._(
                    "%s: its print is made by printing or sending it. Add other files "
                    "to the document as attachments.",
                    move._get_service_label(),
                )
                for move in self
            ]
        )
