import io

from odoo import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import html2plaintext, mute_logger
from odoo.tools.pdf import PdfReader

from ..common_receipt import BIC, IBAN, TODAY, ReceiptCommon

INVOICE = "account.report_invoice_with_payments"
SCHEDULE = "service_invoicing.report_payment_schedule"


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestSchedulePrint(ReceiptCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._speak_french()
        cls.env.company.service_modify_payment_term = True
        cls.move.invoice_payment_term_id = cls.term_split
        cls.term_split.name = "30 % now, 70 % later"

    def _print(self, report, move, user=None):
        """Text of the print, every white space made a plain one."""
        report_model = self.env["ir.actions.report"].with_user(user or self.clerk)
        html, kind = report_model._render_qweb_html(report, move.ids)
        self.assertEqual(kind, "html")
        text = html2plaintext(html, include_references=False).replace("*", "")
        return " ".join(text.split())

    def _receive(self, amount):
        self._authorize()
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=self.move.ids
        )
        wizard.create({"amount": amount})._create_payments()

    def _get_heads(self, *names):
        """The words of the form above the columns of amounts."""
        fields = [f"service_{name}_amount" for name in names]
        labels = self.move.line_ids.fields_get(fields, ["string"])
        return " ".join(labels[field]["string"] for field in fields)

    def assertPrinted(self, text, *expected):
        for piece in expected:
            self.assertIn(piece, text)

    def test_invoice_prints_its_instalments_once(self):
        self._authorize()
        text = self._print(INVOICE, self.move)
        self.assertPrinted(
            text,
            f"Payment Schedule Due Date {self._get_heads('due')}",
            "12/01/2026 $ 33.30 12/31/2026 $ 77.70 Total $ 111.00",
        )
        self.assertNotIn("Installment of", text)
        self.assertEqual(
            self.env["service.payment.schedule"]._get_table(self.move)["columns"],
            ["due"],
        )

    def test_invoice_prints_what_was_received(self):
        self._receive(40)
        self.assertPrinted(
            self._print(INVOICE, self.move),
            f"Due Date {self._get_heads('due', 'received', 'remaining')}",
            "12/31/2026 $ 77.70 $ 6.70 $ 71.00",
        )

    def test_invoice_due_on_its_date_prints_no_schedule(self):
        self.move.service_receipt_type = "cash"
        self._authorize()
        text = self._print(INVOICE, self.move)
        self.assertNotIn("Payment Schedule", text)
        self.assertNotIn("30 % now", text)

    def test_other_invoices_print_as_core_has_them(self):
        move = self._new_move(
            service_invoice_type=False, invoice_payment_term_id=self.term_split.id
        )
        move.action_post()
        text = self._print(INVOICE, move)
        self.assertIn("Installment of", text)
        self.assertNotIn("Payment Schedule", text)

    def test_discount_is_printed_with_the_date_it_really_ends(self):
        term = self._new_term(
            (100, 30),
            early_discount=True,
            discount_percentage=2,
            discount_days=10,
            display_on_invoice=True,
        )
        self.env.company.service_anchor_date_option = "manual"
        self.move.write(
            {"invoice_payment_term_id": term.id, "service_anchor_date": "2026-12-11"}
        )
        self._authorize()
        self.assertIn("due if paid before 12/21/2026", self._print(INVOICE, self.move))

    def test_schedule_has_a_print_of_its_own(self):
        bank = self.env["res.bank"].create({"name": "Bank", "bic": BIC})
        account = self.env["res.partner.bank"].create(
            {
                "acc_number": IBAN,
                "bank_id": bank.id,
                "partner_id": self.customer.id,
            }
        )
        self.move.write(
            {
                "service_receipt_method": "electronic",
                "service_payer_bank_id": account.id,
            }
        )
        self._receive(40)
        self.assertPrinted(
            self._print(SCHEDULE, self.move),
            f"Payment Schedule {self.move.name}",
            "Anchor Date 12/01/2026 Receipt Method Electronic Receipt Type Credit",
            "Payment Term 30 % now, 70 % later",
            f"Payment Reference {self.move.payment_reference}",
            "Payer's IBAN SK3112000000198742637541 Payer's BIC TATRSKBX",
            "Due Date " + self._get_heads("due", "adjusted", "received", "remaining"),
            "12/01/2026 $ 33.30 $ 0.00 $ 33.30 $ 0.00",
            "Total $ 111.00 $ 0.00 $ 40.00 $ 71.00",
        )

    def test_schedule_of_a_draft_says_so(self):
        text = self._print(SCHEDULE, self.move)
        self.assertPrinted(
            text, self.move.service_number, "Not authorized yet", "$ 77.70"
        )

    def test_schedule_speaks_the_language_of_the_payer(self):
        self.customer.lang = "fr_FR"
        text = self._print(SCHEDULE, self.move)
        self.assertPrinted(
            text,
            "Échéancier de paiement",
            "Date de référence 01/12/2026 Mode d'encaissement Normal",
            "Échéance Versement Imputé Reçu Dû",
            "31/12/2026",
            "Pas encore autorisé",
        )
        self._authorize()
        self.assertPrinted(
            self._print(INVOICE, self.move),
            "Échéancier de paiement Échéance Versement",
        )

    def test_print_menu_offers_it_for_service_invoices_alone(self):
        report = self.env.ref("service_invoicing.account_move_report_schedule")
        plain = self._new_move(service_invoice_type=False)
        Report = self.env["ir.actions.report"]
        for move, expected in ((self.move, report), (plain, Report)):
            valid = report.get_valid_action_reports("account.move", move.ids)
            self.assertEqual(Report.browse(valid) & report, expected)

    def test_pdf_of_several_schedules(self):
        # No server answers while tests run: the print has its text without styles.
        params = self.env["ir.config_parameter"].sudo()
        params.set_param("report.url", "http://127.0.0.1:9")
        report = self.env["ir.actions.report"].with_context(force_report_rendering=True)
        other = self._bill(self._new_order((self.part, 50, {})))
        with mute_logger("odoo.addons.base.models.ir_actions_report"):
            content, kind = report._render_qweb_pdf(SCHEDULE, (self.move | other).ids)
        self.assertEqual(kind, "pdf")
        pages = [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]
        self.assertEqual(len(pages), 2)
        for move, page in zip(self.move | other, pages, strict=True):
            self.assertIn(move.service_number, page)

    def test_schedule_of_a_credit_memo_is_positive(self):
        self._authorize()
        refund = self.move.with_user(self.authorizer)._reverse_moves(
            [{"invoice_date": TODAY, "invoice_payment_term_id": False}]
        )
        refund.invoice_line_ids = [
            Command.update(
                refund.invoice_line_ids.filtered("product_id").id, {"quantity": 0.5}
            )
        ]
        self.assertIn("$ 55.50", self._print(SCHEDULE, refund))
