from odoo import fields, models


class MaintenanceReinvoiceFile(models.TransientModel):
    """A file made for one download: merged prints, a ZIP or a workbook. It belongs to
    who asked for it, and goes away by itself."""

    _name = "maintenance.reinvoice.file"
    _description = "Download"

    name = fields.Char(required=True)

    def _download(self, name, content, mimetype):
        """Make the file and return the action that downloads it.

        After it the view it was asked for in is read again, as printing changes what
        it shows; after the target “download” the web client would not.

        :param str name: file name; slashes of document numbers are replaced
        :param bytes content: what is in it
        """
        name = name.replace("/", "-")
        file = self.create({"name": name})
        attachment = self.env["ir.attachment"].create(
            {
                "name": name,
                "raw": content,
                "mimetype": mimetype,
                "res_model": self._name,
                "res_id": file.id,
            }
        )
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{attachment.id}?download=true",
            "target": "new",
        }
