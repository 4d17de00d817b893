import io
import re

from lxml import etree
from openpyxl import load_workbook

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import html2plaintext

from ..common import MaintenanceCommon


class PrintsCommon(MaintenanceCommon):
    """Two permissions, of which 850 are to be invoiced."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # No server answers while tests run: prints have their text without styles.
        params = cls.env["ir.config_parameter"].sudo()
        params.set_param("report.url", "http://127.0.0.1:9")
        cls.permission_a = cls._create_closed(
            cls.vehicle_a,
            [
                {"purchase_price": 400.0, "name": "=Brakes"},
                {"purchase_price": 200.0, "reinvoice": False, "name": "Wipers"},
            ],
        )
        cls.permission_b = cls._create_closed(
            cls.vehicle_b,
            [{"purchase_price": 600.0, "amount_to_reinvoice": 450.0, "name": "Clutch"}],
        )

    def _get_file(self, action):
        attachment = re.search(r"/web/content/(\d+)", action["url"])
        return self.env["ir.attachment"].browse(int(attachment[1]))

    def _get_sheets(self, run):
        content = self._get_file(run.action_export_xlsx()).raw
        book = load_workbook(io.BytesIO(content))
        return [list(sheet.values) for sheet in book.worksheets]

    def _render(self, move):
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "maintenance_reinvoice.report_attachment", move.ids
        )
        return html.decode()


@tagged("post_install", "-at_install")
class TestPrints(PrintsCommon):
    """Before the run is executed, and by executing it."""

    def test_check_report_as_workbook(self):
        run = self._create_run()
        run.action_check()
        lines, summary = self._get_sheets(run)
        self.assertEqual(lines[0][:3], ("Taken", "Why Not", "Customer"))
        self.assertEqual(len(lines), 4)
        by_text = {row[8]: row for row in lines[1:]}
        self.assertEqual(
            by_text["Clutch"],
            (
                "Yes",
                "",
                "Customer",
                "B",
                self.permission_b.name,
                by_text["Clutch"][5],
                "BB-222",
                "Garage",
                "Clutch",
                450,
                self.company.currency_id.name,
                "",
            ),
        )
        self.assertEqual(by_text["Clutch"][5].date(), self._date("2026-10-05"))
        self.assertEqual(
            by_text["Wipers"][:2],
            ("No", "Not to be re-invoiced, Amount to re-invoice is zero"),
        )
        name = self.company.currency_id.name
        self.assertEqual(
            summary[1:],
            [("Taken", 2, 850, name), ("Not to be re-invoiced", 1, 0, name)],
        )

    def test_text_is_never_a_formula(self):
        run = self._create_run()
        run.action_check()
        content = self._get_file(run.action_export_xlsx()).raw
        cells = [
            cell
            for row in load_workbook(io.BytesIO(content)).worksheets[0].rows
            for cell in row
            if cell.value == "=Brakes"
        ]
        self.assertEqual([cell.data_type for cell in cells], ["s"])

    def test_nothing_to_print(self):
        run = self._create_run()
        run.action_check()
        with self.assertRaisesRegex(UserError, "no posted invoice"):
            run.action_print_invoices()
        with self.assertRaisesRegex(UserError, "no invoice yet"):
            run.action_print_attachments()

    def test_execute_and_print(self):
        run = self._create_run()
        action = run.with_context(force_report_rendering=True).action_execute_print()
        self.assertEqual(run.log_ids.print_state, "done")
        self.assertTrue(run.log_ids.move_id.invoice_pdf_report_id)
        self.assertTrue(self._get_file(action).raw.startswith(b"%PDF"))

    def test_draft_attachment_says_so(self):
        self.company.maintenance_mass_account_id = False
        draft = self._execute_run().log_ids.move_id
        self.assertIn("(draft)", self._render(draft))

    def test_proposed_text_is_in_the_customers_language(self):
        self._speak_french()
        self.customer.lang = "fr_FR"
        move = self._execute_run().log_ids.move_id
        text = "Services d'entretien et de réparation"
        self.assertEqual(move._get_move_lines_to_report().mapped("name"), [text])
        self.assertEqual(move.invoice_line_ids[0].name, f"{text} A")

    def test_own_text_is_the_companys(self):
        self._speak_french()
        self.customer.lang = "fr_FR"
        self.company.maintenance_mass_text = "Fleet care"
        move = self._execute_run().log_ids.move_id
        self.assertEqual(
            move._get_move_lines_to_report().mapped("name"), ["Fleet care"]
        )
        self.company.with_context(
            lang="fr_FR"
        ).maintenance_mass_text = "Soins de la flotte"
        self.assertEqual(
            move._get_move_lines_to_report().mapped("name"), ["Soins de la flotte"]
        )


@tagged("post_install", "-at_install")
class TestPrintsOfInvoices(PrintsCommon):
    """After the run: workbook, attachment and invoice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mass_run = cls._execute_run()
        cls.move = cls.mass_run.log_ids.move_id

    def test_workbook_names_the_invoices_afterwards(self):
        lines, _summary = self._get_sheets(self.mass_run)
        self.assertEqual(
            {row[11] for row in lines[1:] if row[0] == "Yes"}, {self.move.name}
        )

    def test_attachment_lists_every_permission_by_contract(self):
        html = self._render(self.move)
        for text in (
            self.permission_a.name,
            self.permission_b.name,
            "AA-111",
            "BB-222",
            "Garage",
            "=Brakes",
            "Clutch",
            "400.00",
            "450.00",
            "850.00",
        ):
            self.assertIn(text, html)
        self.assertNotIn("Wipers", html)
        self.assertLess(html.index("AA-111"), html.index("BB-222"))

    def test_reprint_keeps_the_amounts_of_the_invoice(self):
        """A freed row may get another amount; the old attachment does not change."""
        self.move.action_maintenance_cancel(
            row_ids=self.permission_b.line_ids.row_ids.ids, posting_date="2026-11-01"
        )
        self.permission_b.line_ids.amount_to_reinvoice = 333.0
        html = self._render(self.move)
        self.assertIn("450.00", html)
        self.assertNotIn("333.00", html)

    def test_attachment_of_the_credit_memo(self):
        rows = self.permission_b.line_ids.row_ids
        self.move.action_maintenance_cancel(row_ids=rows.ids, posting_date="2026-11-01")
        html = self._render(rows.credit_move_id)
        self.assertIn("Clutch", html)
        self.assertNotIn("AA-111", html)

    def test_attachment_of_a_credit_memo_says_so(self):
        rows = self.permission_b.line_ids.row_ids
        self.move.action_maintenance_cancel(row_ids=rows.ids, posting_date="2026-11-01")
        text = html2plaintext(self._render(rows.credit_move_id))
        self.assertIn("Attachment to Credit Memo", text)
        self.assertIn("Credited Invoice", text)
        self.assertIn(self.move.name, text)
        self.assertNotIn("Your Order", text)
        self.assertIn("Attachment to Invoice", self._render(self.move))

    def test_prints_speak_the_customers_language(self):
        self._speak_french()
        self.customer.lang = "fr_FR"
        text = " ".join(html2plaintext(self._render(self.move)).split())
        for word in (
            "Annexe à la facture",
            "Date de facturation",
            "Autorisation",
            "Plaque",
            "Total du contrat, hors taxes",
            "Total hors taxes :",
            "31/10/2026",
        ):
            self.assertIn(word, text)
        self.assertTrue(
            self.env["maintenance.attachment"]
            ._get_name(self.move)
            .startswith("Annexe_")
        )

    def test_contract_is_named_on_every_page(self):
        """Its name stands in the head of its table, which is repeated."""
        html = self._render(self.move)
        heads = etree.fromstring(html, etree.HTMLParser()).findall(".//thead")
        texts = [" ".join(head.itertext()).split()[:2] for head in heads]
        self.assertEqual(texts, [["Contract", "A"], ["Contract", "B"]])

    def _get_printed(self):
        lines = self.move._get_move_lines_to_report()
        return [(line.name, line.price_subtotal) for line in lines]

    def test_one_printed_line_per_tax(self):
        self.assertEqual(
            self._get_printed(), [("Maintenance and repair services", 850.0)]
        )

    def test_one_printed_line_per_contract(self):
        self.company.maintenance_print_detail = "contract"
        self.assertEqual(
            self._get_printed(),
            [
                ("Maintenance and repair services A", 400.0),
                ("Maintenance and repair services B", 450.0),
            ],
        )

    def test_invoice_html(self):
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "account.report_invoice", self.move.ids
        )
        text = html.decode()
        self.assertIn("850.00", text)
        self.assertIn("1,045.50", text)
        self.assertNotIn("450.00", text)

    def test_reprint_is_the_stored_document(self):
        run = self.mass_run.with_context(force_report_rendering=True)
        run.action_print_invoices()
        stored = self.move.invoice_pdf_report_id
        run.action_print_invoices()
        self.assertEqual(self.move.invoice_pdf_report_id, stored)

    def test_invoice_names_no_run_as_its_source(self):
        """The number of the run is ours; a credit memo names the invoice."""
        self.assertEqual(self.move.invoice_origin, self.mass_run.name)
        rows = self.permission_b.line_ids.row_ids
        self.move.action_maintenance_cancel(row_ids=rows.ids, posting_date="2026-11-01")
        for move in (self.move, rows.credit_move_id):
            html, _kind = self.env["ir.actions.report"]._render_qweb_html(
                "account.report_invoice", move.ids
            )
            text = " ".join(html2plaintext(html).split())
            self.assertNotIn("Source", text)
            self.assertNotIn(self.mass_run.name, text)
        self.assertIn(f"*Credited Invoice* {self.move.name}", text)


@tagged("post_install", "-at_install")
class TestAttachment(MaintenanceCommon):
    """What the attachment says of vehicles, odometers and order numbers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        first = cls._create_closed(
            cls.vehicle_a,
            [
                {"purchase_price": 100.0, "name": "Brakes"},
                {"purchase_price": 50.0, "name": "Discs"},
            ],
            odometer=84210,
        )
        second = cls._create_closed(
            cls.vehicle_a, [{"purchase_price": 30.0, "name": "Oil"}], odometer=90120
        )
        other = cls._create_closed(
            cls.vehicle_b, [{"purchase_price": 600.0, "name": "Clutch"}]
        )
        cls.permissions = first | second | other

    def _read(self, move):
        """Texts of the attachment and of its rows, with plain white space."""
        content, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "maintenance_reinvoice.report_attachment", move.ids
        )
        tree = etree.fromstring(content, etree.HTMLParser())
        rows = tree.findall(".//tbody/tr")
        texts = [" ".join(" ".join(row.itertext()).split()) for row in rows]
        return " ".join(" ".join(tree.itertext()).split()), texts

    def test_a_vehicle_has_a_subtotal(self):
        """100 + 50 + 30 = 180; the other vehicle has one row, which is its own."""
        text, rows = self._read(self._execute_run().log_ids.move_id)
        self.assertIn("180.00", [row for row in rows if "AA-111, before" in row][0])
        self.assertNotIn("BB-222, before", text)
        self.assertIn("780.00", text)

    def test_odometer_is_printed_once_per_permission(self):
        __, rows = self._read(self._execute_run().log_ids.move_id)
        found = [row for row in rows if "84,210" in row]
        self.assertEqual(len(found), 1)
        self.assertIn("AA-111 84,210 km", found[0])
        self.assertEqual(len([row for row in rows if "90,120" in row]), 1)

    def test_the_only_order_number_stands_in_the_head(self):
        self.permissions.customer_reference = "PO-4711"
        text, rows = self._read(self._execute_run().log_ids.move_id)
        self.assertIn("Your Order PO-4711", text)
        self.assertEqual(text.count("PO-4711"), 1)

    def test_of_several_order_numbers_each_stands_with_what_it_is_of(self):
        """The contract's at its head, the permission's own in its first row."""
        self.contract_a.customer_reference = "PO-A"
        self.permissions[0].customer_reference = "PO-1"
        self.permissions[2].customer_reference = "PO-B"
        text, rows = self._read(self._execute_run().log_ids.move_id)
        for number in ("PO-A", "PO-1", "PO-B"):
            self.assertEqual(text.count(number), 1, number)
        self.assertIn("Contract A ( PO-A )", text)
        self.assertIn("Your order: PO-1", " ".join(rows))
