import base64

from lxml import etree

from odoo import api, models

from odoo.addons.account.tools import dict_to_xml


class AccountMoveSend(models.AbstractModel):
    """The attachment of a maintenance invoice is embedded in its electronic document,
    where core embeds the print.

    Relies on core for ``_postprocess_invoice_ubl_xml``, which gets the document as
    ``invoice_data["ubl_cii_xml_attachment_values"]["raw"]`` and is not called for
    Factur-X, and on ``AccountingSupplierParty``, before which such references stand in
    invoices and credit notes alike.
    """

    _inherit = "account.move.send"

    @api.model
    def _generate_invoice_documents(self, invoices_data, allow_fallback_pdf=False):
        """What is embedded is made before, for all documents together."""
        if not self.env.context.get("maintenance_invoice_only"):
            self._generate_maintenance_attachments(
                {
                    move: data
                    for move, data in invoices_data.items()
                    if self._embeds_maintenance_attachment(move, data)
                }
            )
        return super()._generate_invoice_documents(
            invoices_data, allow_fallback_pdf=allow_fallback_pdf
        )

    @api.model
    def _embeds_maintenance_attachment(self, move, data):
        """Whether an electronic document is about to be made that takes it."""
        kind = data.get("invoice_edi_format")
        return (
            kind != "facturx"
            and move._has_maintenance_attachment()
            and move._need_ubl_cii_xml(kind)
        )

    @api.model
    def _postprocess_invoice_ubl_xml(self, invoice, invoice_data):
        res = super()._postprocess_invoice_ubl_xml(invoice, invoice_data)
        if invoice._has_maintenance_attachment():
            self._embed_maintenance_attachment(
                invoice, invoice_data["ubl_cii_xml_attachment_values"]
            )
        return res

    @api.model
    def _embed_maintenance_attachment(self, invoice, document):
        """:param dict document: values of the electronic document, changed in place"""
        attachment = invoice._get_maintenance_attachment()
        tree = etree.fromstring(document["raw"])
        party = tree.find("{*}AccountingSupplierParty")
        if party is None or not attachment:
            return
        node = self._prepare_embedded_attachment_node(attachment)
        prefixed = {prefix: uri for prefix, uri in tree.nsmap.items() if prefix}
        party.addprevious(dict_to_xml(node, nsmap=prefixed))
        document["raw"] = etree.tostring(tree, xml_declaration=True, encoding="UTF-8")

    @api.model
    def _prepare_embedded_attachment_node(self, attachment):
        return {
            "_tag": "cac:AdditionalDocumentReference",
            "cbc:ID": {"_text": attachment.name},
            "cac:Attachment": {
                "cbc:EmbeddedDocumentBinaryObject": {
                    "_text": base64.b64encode(attachment.raw).decode(),
                    "mimeCode": attachment.mimetype,
                    "filename": attachment.name,
                }
            },
        }
