import tempfile
from pathlib import Path
from unittest.mock import patch

from lxml import etree

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.service_invoicing_ubl.tests import einvoice_rules

from .common import MaintenanceEinvoiceCommon

FILE = "SupplyChainTradeTransaction/ApplicableHeaderTradeAgreement"
FILE += "/AdditionalReferencedDocument"


@tagged("post_install", "-at_install")
class TestEmbeddedAttachment(MaintenanceEinvoiceCommon):
    """The list of permissions travels within the electronic document."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # No server answers while tests run: prints have their text without styles.
        params = cls.env["ir.config_parameter"].sudo()
        params.set_param("report.url", "http://127.0.0.1:9")

    def _watch_renders(self):
        """Calls that render attachments, each with its documents."""
        model = self.env.registry["maintenance.attachment"]
        original, calls = model._render, []

        def render(attachment, moves):
            calls.append(moves)
            return original(attachment, moves)

        self.patch(model, "_render", render)
        return calls

    def test_attachment_is_embedded_beside_the_print(self):
        self.customer.invoice_edi_format = "ubl_bis3"
        move = self._run_collective()
        tree = self._send(move)
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

    def test_factur_x_has_the_attachment_and_is_the_print(self):
        self.customer.invoice_edi_format = "facturx"
        move = self._run_collective()
        tree = self._send(move)
        attachment = move.maintenance_attachment_id
        self.assertEqual(self._read_embedded(tree), {attachment.name: attachment.raw})
        self.assertEqual(
            self._read(tree, f"{FILE}/IssuerAssignedID"), [attachment.name]
        )
        self.assertEqual(self._read(tree, f"{FILE}/TypeCode"), ["916"])
        self.assertEqual(self._read(tree, f"{FILE}/Name"), [])

    def test_french_documents_say_by_a_word_what_is_attached(self):
        france = self.env.ref("base.fr")
        self.company.partner_id.write({"country_id": france.id, "vat": "FR23334175221"})
        self.customer.invoice_edi_format = "facturx"
        tree = self._send(self._run_collective())
        self.assertEqual(self._read(tree, f"{FILE}/Name"), ["DOCUMENT_ANNEXE"])

    def test_credit_memo_carries_its_attachment(self):
        self.customer.invoice_edi_format = "xrechnung"
        move = self._run_collective()
        credit = self._cancel(move.maintenance_row_ids[:1])
        embedded = self._read_embedded(self._send(credit))
        self.assertIn(credit.maintenance_attachment_id.name, embedded)

    # -- making -----------------------------------------------------------------

    def test_attachments_of_all_documents_are_made_together_and_once(self):
        self.customer.invoice_edi_format = "facturx"
        moves = self._run_collective() + self._run_collective()
        calls = self._watch_renders()
        self._send(moves)
        self.assertEqual(calls, [moves])

    def test_printing_the_invoices_alone_makes_them_together_too(self):
        """The electronic documents are kept, and sent later as they are."""
        self.customer.invoice_edi_format = "ubl_bis3"
        self.customer.maintenance_billing_method = "contract"
        logs = self._run_collective().maintenance_log_ids.run_id.log_ids
        calls = self._watch_renders()
        logs._make_documents(["invoice"])
        self.assertEqual(calls, [logs.move_id])
        for move in logs.move_id:
            tree = etree.fromstring(move.ubl_cii_xml_id.raw)
            names = self._read_embedded(tree)
            self.assertIn(move.maintenance_attachment_id.name, names)

    def test_attachment_is_embedded_though_the_invoice_was_printed_before(self):
        """The payer's format is set after the print, which core then leaves out."""
        for kind in ("ubl_bis3", "facturx"):
            with self.subTest(kind=kind):
                self.customer.invoice_edi_format = False
                move = self._run_collective()
                move.maintenance_log_ids._make_documents(["invoice"])
                self.assertTrue(move.invoice_pdf_report_id)
                self.assertFalse(move.ubl_cii_xml_id)
                self.customer.invoice_edi_format = kind
                embedded = self._read_embedded(self._send(move))
                attachment = move.maintenance_attachment_id
                self.assertEqual(embedded, {attachment.name: attachment.raw})

    def test_document_without_its_attachment_is_not_sent(self):
        self.customer.invoice_edi_format = "facturx"
        move = self._run_collective()
        model = self.env.registry["maintenance.attachment"]
        jam = patch.object(model, "_render", side_effect=UserError("jam"))
        with jam, self.assertRaisesRegex(UserError, "jam"):
            self._send(move)
        self.assertFalse(move.ubl_cii_xml_id)

    # -- rules ------------------------------------------------------------------

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
        self.assertEqual(len(self._read_embedded(self._send(move))), 1)
