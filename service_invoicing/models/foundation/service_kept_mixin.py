from odoo import api, models

from ...tools.guards import raise_together


class ServiceKeptMixin(models.AbstractModel):
    """A record of core that documents need until they are billed, and afterwards to
    credit and bill again: it is archived, never deleted under them."""

    _name = "service.kept.mixin"
    _description = "Record that Documents Need"

    @api.model
    def _get_keeping_fields(self):
        """Where documents name such a record and money depends on it.

        :return: list of (model, its field of the record, its field of the document);
            the last is empty where the model is the document
        """
        return []

    @api.ondelete(at_uninstall=False)
    def _unlink_except_kept(self):
        raise_together(
            [
                self.env._(
                    "“%(record)s” cannot be deleted: %(kind)s %(document)s needs it. "
                    "Archive it instead.",
                    record=record.display_name,
                    kind=self.env["ir.model"]._get(document._name).name,
                    document=document.display_name,
                )
                for record, document in self._find_keeping_documents()
            ]
        )

    def _find_keeping_documents(self):
        """The first document of each kind that needs one of these records.

        :return: list of (record, document)
        """
        found = []
        for model, name, document in self._get_keeping_fields():
            # whoever deletes is told, whether he may read the document or not
            Lines = self.env[model].sudo().with_context(active_test=False)
            groups = Lines._read_group([(name, "in", self.ids)], [name], ["id:min"])
            for record, line_id in groups:
                line = Lines.browse(line_id)
                if record in self:
                    found.append((record, line[document] if document else line))
        return found
