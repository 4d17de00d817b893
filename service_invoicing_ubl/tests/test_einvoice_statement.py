from odoo.tests import tagged

from .common import EinvoiceCommon

TITLE = b"Statement of Work Orders"


@tagged("post_install", "-at_install")
class TestEinvoiceStatement(EinvoiceCommon):
    """The statement behind a collective invoice is a page of its print, and is not sent
    a second time."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # No server answers while tests run: prints have their text without styles.
        params = cls.env["ir.config_parameter"].sudo()
        params.set_param("report.url", "http://127.0.0.1:9")
        cls.move = cls._bill_collective()

    def _assert_has_statement(self, content):
        self.assertIn(TITLE, content)
        for order in self.move.work_order_ids:
            self.assertIn(order.name.encode(), content)

    def test_print_within_the_document_has_the_statement(self):
        self.sponsor.invoice_edi_format = "ubl_bis3"
        [content] = self._read_embedded(self._send(self.move)).values()
        self.assertEqual(content, self.move.invoice_pdf_report_id.raw)
        self._assert_has_statement(content)

    def test_factur_x_is_the_print_with_the_statement(self):
        self.sponsor.invoice_edi_format = "facturx"
        tree = self._send(self.move)
        self.assertFalse(self._read_embedded(tree))
        self._assert_has_statement(self.move.invoice_pdf_report_id.raw)

    def test_other_files_of_a_document_are_embedded_in_every_format(self):
        """An add-on has only to say which."""
        file = self.env["ir.attachment"].create(
            {"name": "hours.csv", "raw": b"1,2", "mimetype": "text/csv"}
        )
        self.patch(
            self.env.registry["service.einvoice"],
            "_get_attachments",
            lambda self, move: file,
        )
        for kind in ("ubl_bis3", "facturx"):
            with self.subTest(kind=kind):
                self.sponsor.invoice_edi_format = kind
                move = self._bill_collective()
                embedded = self._read_embedded(self._send(move))
                self.assertEqual(embedded["hours.csv"], file.raw)
