from odoo import api, models

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
            self.env["service.move.guard"]._refuse_print(moves)
