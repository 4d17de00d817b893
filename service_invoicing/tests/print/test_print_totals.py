import io
import re
from unittest.mock import patch

from lxml import html

from odoo import Command
from odoo.tests import tagged
from odoo.tools import html2plaintext, mute_logger
from odoo.tools.pdf import PdfReader

from ..common import ServiceInvoicingCommon

REPORT = "account.report_invoice_with_payments"
WITHOUT_PAYMENTS = "account.report_invoice"
QR_CODE = "data:image/png;base64,AAAA"


class PrintTotalsCommon(ServiceInvoicingCommon):
    """Labour of 1,000, 11 % tax; 2 % of the labour is withheld on the invoice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        withheld = cls._percent_tax(-2, service_withholding=True)
        taxes = [Command.set((cls.tax_11 + withheld).ids)]
        order = cls._new_order((cls.labour, 1000, {"tax_ids": taxes}))
        cls.move = cls._bill(order)

    def _authorize(self, moves):
        moves.with_user(self.authorizer).action_service_authorize()
        return moves

    def _receive(self, amount):
        self._register_payment(self.move, amount=amount)

    def _print(self, move, report=REPORT):
        """Text of the print, every white space made a plain one."""
        content, __ = self.env["ir.actions.report"]._render_qweb_html(report, move.ids)
        text = html2plaintext(content, include_references=False)
        # marks of what is bold, and of a minus that stays with its number
        return " ".join(re.sub("[*\N{ZERO WIDTH NO-BREAK SPACE}]", "", text).split())


@tagged("post_install", "-at_install")
class TestPrintTotals(PrintTotalsCommon):
    """Net, Total and Due mean one thing each, and the words name what is due."""

    def test_the_total_is_before_what_is_withheld(self):
        """1,000 + 110 = 1,110, less 20."""
        text = self._print(self._authorize(self.move))
        self.assertRegex(text, r"Net \$ 1,000.00 .* \$ 110.00 Total")
        self.assertIn(
            "Total $ 1,110.00 Less withholding tax $ 20.00 Due $ 1,090.00", text
        )
        self.assertIn("Amount due in words: One thousand and ninety dollars", text)
        self.assertEqual(text.count("$ 1,110.00"), 1)

    def test_the_form_has_the_total_of_the_print(self):
        """An ordinary invoice has core's alone."""
        totals = self.move.service_tax_totals
        self.assertEqual(totals["total_amount_currency"], 1110)
        self.assertEqual(self.move.tax_totals["total_amount_currency"], 1090)
        ordinary = self.init_invoice("out_invoice", amounts=[50])
        self.assertFalse(ordinary.service_tax_totals)
        plain = self._bill(self._new_order((self.part, 9, {})))
        self.assertFalse(plain.service_tax_totals)

    def test_the_form_says_net_as_the_print_does(self):
        """With or without something that is taken off; an ordinary invoice has core's
        word for it."""
        plain = self._bill(self._new_order((self.part, 9, {})))
        ordinary = self.init_invoice("out_invoice", amounts=[50])
        for totals, word in (
            (self.move.service_tax_totals, "Net"),
            (plain.tax_totals, "Net"),
            (ordinary.tax_totals, "Untaxed Amount"),
        ):
            self.assertEqual(totals["subtotals"][0]["name"], word)

    def test_quantities_are_shown_of_work_that_is_authorized(self):
        """Of ordinary invoices as core has it: where the app of sales is."""
        ordinary = self.init_invoice("out_invoice", amounts=[50])
        installed = self.env["ir.module.module"]._installed()
        self.assertEqual(ordinary.is_sale_installed, "sale_management" in installed)
        self.assertTrue(self.move.is_sale_installed)

    def test_history_tells_what_a_credit_memo_takes_back_without_what_is_withheld(self):
        """1,000 and 11 % of it; 20 were withheld of the 1,110."""
        self._authorize(self.move)
        self.move.with_user(self.authorizer).action_service_credit(reason="Price")
        bodies = html2plaintext(" ".join(self.move.message_ids.mapped("body")))
        self.assertIn("1,000.00 before tax ($\N{NO-BREAK SPACE}1,110.00)", bodies)

    def test_words_and_due_are_what_is_left(self):
        """1,090 less 90."""
        self._authorize(self.move)
        self._receive(90)
        text = self._print(self.move)
        self.assertRegex(text, r"Paid on \S+ \$ 90.00 Due \$ 1,000.00")
        self.assertIn("Amount due in words: One thousand dollars", text)

    def test_a_paid_invoice_names_its_total(self):
        self._authorize(self.move)
        self._receive(1090)
        text = self._print(self.move)
        self.assertIn("Due $ 0.00", text)
        self.assertIn(
            "Amount in words: One thousand, one hundred and ten dollars", text
        )

    def test_a_credit_memo_names_its_total(self):
        self._authorize(self.move)
        refund = self.move.with_user(self.authorizer)._reverse_moves()
        refund.with_user(self.authorizer).action_post()
        text = self._print(refund)
        self.assertIn(
            "Amount in words: One thousand, one hundred and ten dollars", text
        )

    def test_a_print_without_payments_leaves_them_out(self):
        self._authorize(self.move)
        self._receive(90)
        text = self._print(self.move, WITHOUT_PAYMENTS)
        self.assertNotIn("Paid on", text)
        self.assertIn("Due $ 1,090.00", text)
        self.assertIn("Amount due in words: One thousand and ninety dollars", text)

    def test_categories_are_named_where_the_sections_do_not(self):
        """Two lines of no section; on the order's invoice the sections say it."""
        lines = [("Labour", "labour", 60), ("Material", "material", 40)]
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "service_invoice_type": "service",
                "partner_id": self.customer.id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "x",
                            "service_cost_category": category,
                            "price_unit": price,
                            "tax_ids": [Command.clear()],
                        }
                    )
                    for __, category, price in lines
                ],
            }
        )
        rows = move._get_service_print_totals()["categories"]
        self.assertEqual(
            [(row["label"], row["amount"]) for row in rows],
            [("Material", 40), ("Labour", 60)],
        )
        order = self._new_order((self.labour, 60, {}), (self.part, 40, {}))
        billed = self._bill(order)
        self.assertEqual(billed._get_service_print_totals()["categories"], [])

    def test_rows_of_other_addons_stand_below_the_total(self):
        model = type(self.env["account.move"])
        summary = model._get_service_print_summary

        def more(move):
            row = {"label": "Points", "amount": 7, "strong": False}
            return [*summary(move), row]

        with patch.object(model, "_get_service_print_summary", more):
            self.assertIn("Points $ 7.00 Due", self._print(self.move))

    def test_an_ordinary_invoice_has_the_totals_of_odoo(self):
        move = self.init_invoice("out_invoice", amounts=[100.0], post=True)
        self.assertEqual(move._get_service_print_totals(), {})
        self._register_payment(move, amount=40)
        text = self._print(move)
        self.assertIn("Amount Due", text)
        self.assertNotIn("data-service-print", text)


@tagged("post_install", "-at_install")
class TestPaymentCode(PrintTotalsCommon):
    """The QR code pays what this payer owes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = cls.env.company
        company.qr_code = True
        cls.move.partner_bank_id = cls.env["res.partner.bank"].create(
            {
                "acc_number": "SK3112000000198742637541",
                "partner_id": company.partner_id.id,
                "allow_out_payment": True,
            }
        )

    def _read_code(self, move):
        """What the code on the print says; core's own methods are of one country."""
        bank = type(self.env["res.partner.bank"])
        methods = [("test_qr", "Test")]
        with (
            patch.object(
                bank, "get_available_qr_methods_in_sequence", lambda self: methods
            ),
            patch.object(bank, "_get_error_messages_for_qr", return_value=None),
            patch.object(bank, "_check_for_qr_code_errors", return_value=None),
            patch.object(bank, "_get_qr_code_base64", return_value=QR_CODE) as code,
        ):
            printed = QR_CODE in self._render(move)
        self.assertEqual(printed, code.called)
        return code.call_args.kwargs if printed else {}

    def _render(self, move):
        report = self.env["ir.actions.report"].with_user(self.clerk)
        return report._render_qweb_html(REPORT, move.ids)[0].decode()

    def test_it_pays_what_is_left(self):
        """1,090 after withholding; 90 of them were received."""
        self._authorize(self.move)
        code = self._read_code(self.move)
        self.assertEqual(code["amount"], 1090)
        self.assertEqual(code["structured_communication"], self.move.payment_reference)
        self._receive(90)
        self.assertEqual(self._read_code(self.move)["amount"], 1000)

    def test_it_pays_less_than_is_open_where_the_payer_withholds(self):
        """As where withholding is on payment: 1,090 are open, 20 stay with him."""
        self._authorize(self.move)
        model = type(self.env["account.move"])
        with patch.object(model, "_get_service_due_amount", return_value=1070.0):
            self.assertEqual(self._read_code(self.move)["amount"], 1070)

    def test_nothing_to_pay_has_no_code(self):
        self.assertFalse(self._read_code(self.move), "a draft is not to be paid")
        self._authorize(self.move)
        self._receive(1090)
        self.assertFalse(self._read_code(self.move))
        refund = self.move.with_user(self.authorizer)._reverse_moves()
        refund.with_user(self.authorizer).action_post()
        self.assertFalse(self._read_code(refund))


@tagged("post_install", "-at_install")
class TestPrintPages(PrintTotalsCommon):
    """Where the pages of a print break."""

    def _new_long(self, sections):
        """Sections of one line each."""
        tax = [Command.set(self.tax_11.ids)]
        lines = []
        for number in range(sections):
            lines += [
                {"display_type": "line_section", "name": f"Title {number}"},
                {"name": f"Line {number}", "price_unit": 1, "tax_ids": tax},
            ]
        return self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "service_invoice_type": "service",
                "partner_id": self.customer.id,
                "invoice_line_ids": [
                    Command.create(vals | {"sequence": number})
                    for number, vals in enumerate(lines)
                ],
            }
        )

    def _read_pages(self, move):
        """Texts of the pages of its PDF."""
        # No server answers while tests run: the print has its text without styles.
        params = self.env["ir.config_parameter"].sudo()
        params.set_param("report.url", "http://127.0.0.1:9")
        report = self.env["ir.actions.report"].with_context(force_report_rendering=True)
        with mute_logger("odoo.addons.base.models.ir_actions_report"):
            content, __ = report._render_qweb_pdf(REPORT, move.ids)
        return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]

    def test_a_short_invoice_is_one_page(self):
        self.assertEqual(len(self._read_pages(self._authorize(self.move))), 1)

    def test_titles_and_totals_are_not_torn_apart(self):
        pages = self._read_pages(self._new_long(110))
        self.assertGreater(len(pages), 3)
        for number, page in enumerate(pages):
            with self.subTest(page=number + 1):
                titles = re.findall(r"Title (\d+)", page)
                lines = re.findall(r"Line (\d+)", page)
                self.assertEqual(titles, lines)
                self.assertTrue(lines or "in words" in page, "an empty page")
        # taxes, total and words are together
        found = [page for page in pages if "Net" in page]
        self.assertEqual(len(found), 1)
        self.assertIn("$ 122.10", " ".join(found[0].split()))
        self.assertIn("Amount in words", found[0])

    def test_a_title_is_in_the_row_below_it(self):
        move = self._new_long(2)
        content, __ = self.env["ir.actions.report"]._render_qweb_html(
            REPORT, move.ids, data={"report_type": "pdf"}
        )
        table = html.fromstring(content).xpath("//table[@name='invoice_line_table']")[0]
        rows = table.xpath("./tbody/tr")
        texts = [" ".join(row.text_content().split()) for row in rows]
        self.assertEqual(len(texts), 2)
        self.assertRegex(texts[1], r"^Title 1 Line 1 1.00 1.00 .* \$ 1.00 \$ 1.00$")
        for row in rows:
            self.assertEqual(len(row.xpath("./td")), len(table.xpath("./thead/tr/th")))
