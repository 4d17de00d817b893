import base64
import tempfile
from pathlib import Path

from lxml import etree

from odoo import Command
from odoo.tests import tagged

from odoo.addons.service_invoicing_ubl.tests import einvoice_rules

from .common import MaintenanceEinvoiceCommon


@tagged("post_install", "-at_install")
class TestEmbeddedAttachment(MaintenanceEinvoiceCommon):
    """The list of permissions travels within the electronic document."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # No server answers while tests run: prints have their text without styles.
        params = cls.env["ir.config_parameter"].sudo()
        params.set_param("report.url", "http://127.0.0.1:9")

    def _send(self, moves):
        """The electronic documents as they are kept."""
        self.env["account.move.send"]._generate_and_send_invoices(
            moves, sending_methods=["email"]
        )
        return [etree.fromstring(move.ubl_cii_xml_id.raw) for move in moves]

    def _read_embedded(self, tree):
        """Name and content of what is embedded."""
        path = "{*}AdditionalDocumentReference/{*}Attachment/{*}*"
        return {
            node.get("filename"): base64.b64decode(node.text)
            for node in tree.findall(path)
        }

    def test_attachment_is_embedded_beside_the_print(self):
        self.customer.invoice_edi_format = "ubl_bis3"
        move = self._run_collective()
        (tree,) = self._send(move)
        embedded = self._read_embedded(tree)
        attachment = move.maintenance_attachment_id
        self.assertEqual(
            set(embedded), {move.invoice_pdf_report_id.name, attachment.name}
        )
        self.assertEqual(embedded[attachment.name], attachment.raw)
        # before the parties, as the schema wants it
        names = [etree.QName(node).localname for node in tree]
        last = len(names) - 1 - names[::-1].index("AdditionalDocumentReference")
        self.assertLess(last, names.index("AccountingSupplierParty"))

    def test_credit_memo_carries_its_attachment(self):
        self.customer.invoice_edi_format = "xrechnung"
        move = self._run_collective()
        credit = self._cancel(move.maintenance_row_ids[:1])
        (tree,) = self._send(credit)
        self.assertIn(credit.maintenance_attachment_id.name, self._read_embedded(tree))

    def test_documents_as_they_are_sent_keep_the_rules(self):
        reason = einvoice_rules.get_missing()
        if reason:
            self.skipTest(reason)
        move, other = self._run_collective(), self._run_collective()
        credit = self._cancel(other.maintenance_row_ids)
        with tempfile.TemporaryDirectory() as folder:
            for document, kind in ((move, "ubl_bis3"), (credit, "xrechnung")):
                self.customer.invoice_edi_format = kind
                self._send(document)
                content = document.ubl_cii_xml_id.raw
                Path(folder, f"{kind}.xml").write_bytes(content)
            found = einvoice_rules.check(folder)
        self.assertEqual(found, {"ubl_bis3.xml": [], "xrechnung.xml": []})

    def test_ordinary_documents_carry_their_print_alone(self):
        self.customer.invoice_edi_format = "ubl_bis3"
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_line_ids": [
                    Command.create({"product_id": self.service.id, "price_unit": 100})
                ],
            }
        )
        move.action_post()
        (tree,) = self._send(move)
        self.assertEqual(len(self._read_embedded(tree)), 1)
