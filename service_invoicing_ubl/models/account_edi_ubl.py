import base64

from lxml import etree

from odoo import models

from odoo.addons.account.tools import dict_to_xml

# what stands behind references to files in the published schema, by kind of document
SELLER = "{*}AccountingSupplierParty"
FOLLOWERS = {
    "Invoice": ("{*}ProjectReference", "{*}Signature", SELLER),
    "CreditNote": (
        "{*}StatementDocumentReference",
        "{*}OriginatorDocumentReference",
        "{*}Signature",
        SELLER,
    ),
    "DebitNote": ("{*}Signature", SELLER),
}


class AccountEdiUbl(models.AbstractModel):
    """Files within a document in any format of UBL, beside the print that core embeds.

    Relies on the published schema for where such references stand, as core does for
    the print's.
    """

    _inherit = "account.edi.ubl"

    def _embed_service_files(self, invoice, content, files):
        """A document with these files in it (BG-24).

        :param bytes content: the document
        :param files: ir.attachment
        :return: bytes
        """
        # the print is in it by now, and may be longer than a parser takes by itself
        tree = etree.fromstring(content, etree.XMLParser(huge_tree=True))
        followers = FOLLOWERS.get(etree.QName(tree).localname, (SELLER,))
        anchor = next(tree.iterchildren(*followers), None)
        if anchor is None:
            return content
        prefixed = {prefix: uri for prefix, uri in tree.nsmap.items() if prefix}
        for file in files:
            node = self._prepare_service_file_node(file)
            anchor.addprevious(dict_to_xml(node, nsmap=prefixed))
        return etree.tostring(tree, xml_declaration=True, encoding="UTF-8")

    def _prepare_service_file_node(self, file):
        return {
            "_tag": "cac:AdditionalDocumentReference",
            "cbc:ID": {"_text": file.name},
            "cac:Attachment": {
                "cbc:EmbeddedDocumentBinaryObject": {
                    "_text": base64.b64encode(file.raw).decode(),
                    "mimeCode": file.mimetype,
                    "filename": file.name,
                }
            },
        }
