from lxml import etree

from odoo.tests import tagged

from odoo.addons.service_invoicing.tests.common_sending import SendingMixin

from .common import EinvoiceCommon


@tagged("post_install", "-at_install")
class TestEinvoiceSending(SendingMixin, EinvoiceCommon):
    """A monthly invoice, a collective one and one of an order, sent from a list."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # No server answers while tests run: prints have their text without styles.
        params = cls.env["ir.config_parameter"].sudo()
        params.set_param("report.url", "http://127.0.0.1:9")
        payers = cls.customer + cls.sponsor + cls.insurer
        payers.invoice_edi_format = "ubl_bis3"
        cls.monthly = cls._new_monthly_invoice()[1]
        cls.collective = cls._bill_collective()
        cls.order_invoice = cls._bill_order(partner_id=cls.insurer.id)
        cls.moves = cls.monthly + cls.collective + cls.order_invoice

    def _spoil(self):
        """The sponsor has no country, which the format needs; the insurer no
        address."""
        self.sponsor.country_id = False
        self.insurer.email = False

    def assertSent(self, *expected):
        """Whether each of the three is sent and has an electronic document."""
        self.assertEqual(self.moves.mapped("is_move_sent"), list(expected))
        files = [bool(move.ubl_cii_xml_id) for move in self.moves]
        self.assertEqual(files, list(expected))

    def test_what_its_format_refuses_is_named_and_stops_nobody(self):
        self._spoil()
        self._send_from_list(self.moves)
        self.assertSent(True, False, False)
        self.assertEqual(self._count_mails(self.moves), [1, 0, 0])
        self.assertIn("country", self._read_chatter(self.collective))
        self.assertIn("no e-mail address", self._read_chatter(self.order_invoice))
        self.assertFalse(any(self.moves.mapped("sending_data")))

    def test_mended_only_those_go_that_failed(self):
        self._spoil()
        self._send_from_list(self.moves)
        self.sponsor.country_id = self.germany
        self.insurer.email = "i@i.example"
        self._send_from_list(self.moves)
        self.assertSent(True, True, True)
        self.assertEqual(self._count_mails(self.moves), [1, 1, 1])

    def test_credit_memo_is_named_by_its_format_too(self):
        credit = self._credit(self.order_invoice)
        self.insurer.country_id = False
        moves = self.monthly + credit
        self._send_from_list(moves)
        self.assertEqual(moves.mapped("is_move_sent"), [True, False])
        self.assertEqual(self._count_mails(moves), [1, 0])
        self.assertIn("country", self._read_chatter(credit))

    # -- files ------------------------------------------------------------------

    def _embed(self, kind, *names):
        """Elements of a document that has these, once a file is in it."""
        space = "urn:oasis:names:specification:ubl:schema:xsd"
        prefixes = {
            prefix: f"{space}:Common{name}Components-2"
            for prefix, name in (("cac", "Aggregate"), ("cbc", "Basic"))
        }
        tree = etree.Element(f"{{{space}:{kind}-2}}{kind}", nsmap=prefixes)
        for name in names:
            etree.SubElement(tree, f"{{{prefixes['cac']}}}{name}")
        file = self.env["ir.attachment"].create({"name": "a.pdf", "raw": b"a"})
        builder = self.env["account.edi.xml.ubl_bis3"]
        content = builder._embed_service_files(self.monthly, etree.tostring(tree), file)
        return [etree.QName(node).localname for node in etree.fromstring(content)]

    def test_files_stand_where_the_schema_wants_them(self):
        """Parts that core does not write today, in the order of the schema."""
        before, file = "ContractDocumentReference", "AdditionalDocumentReference"
        for kind, *after in (
            ("Invoice", "ProjectReference", "Signature"),
            ("CreditNote", "StatementDocumentReference", "Signature"),
            ("CreditNote", "OriginatorDocumentReference"),
            ("DebitNote", "Signature"),
            ("Invoice",),
        ):
            after.append("AccountingSupplierParty")
            with self.subTest(kind=kind, after=after):
                found = self._embed(kind, before, *after)
                self.assertEqual(found, [before, file, *after])
        # an invoice names its tender before its contract
        tender = "OriginatorDocumentReference"
        found = self._embed("Invoice", tender, before, "AccountingSupplierParty")
        self.assertEqual(found, [tender, before, file, "AccountingSupplierParty"])
