import io
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import html2plaintext, mute_logger
from odoo.tools.pdf import PdfReader

from ..common import ServiceInvoicingCommon

REPORT = "account.report_invoice_with_payments"


@tagged("post_install", "-at_install", "service_alone")
class TestInvoicePrint(ServiceInvoicingCommon):
    """Labour 1,000, half of it the sponsor's; parts 2,000, the insurer's less 300."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._speak_french()
        fleet = cls.env(su=True)
        brand = fleet["fleet.vehicle.model.brand"].create({"name": "Brand"})
        model = fleet["fleet.vehicle.model"].create(
            {"name": "Hauler", "brand_id": brand.id}
        )
        cls.vehicle = fleet["fleet.vehicle"].create(
            {
                "model_id": model.id,
                "license_plate": "NC-1042",
                "vin_sn": "WF0YXXTTGYKA10421",
                "odometer_unit": "kilometers",
            }
        )
        cls.order = cls._new_order(
            (cls.labour, 100, {"quantity": 10, "program_id": cls.program.id}),
            (cls.part, 2000, {}),
            vehicle_id=cls.vehicle.id,
            odometer=84210,
            customer_reference="PO-7781",
        )
        cls.claim = cls._new_claim(
            cls.order,
            cls.order.line_ids[1],
            name="LM-2604417",
            policy_number="FL-0098",
            deductible=300,
        )
        cls.order.action_confirm_check()
        while cls.order.next_invoice_type:
            cls.order.action_create_next_invoice()
        invoices = cls.order.invoice_ids.sorted("id")
        cls.for_customer, cls.for_sponsor, cls.for_insurer = invoices

    def _print(self, move, user=None):
        """Text of the print, every white space made a plain one."""
        report = self.env["ir.actions.report"].with_user(user or self.env.user)
        html, kind = report._render_qweb_html(REPORT, move.ids)
        self.assertEqual(kind, "html")
        text = html2plaintext(html, include_references=False).replace("*", "")
        return " ".join(text.split())

    def _render_pdf(self, moves):
        # No server answers while tests run: the print has its text without styles.
        params = self.env["ir.config_parameter"].sudo()
        params.set_param("report.url", "http://127.0.0.1:9")
        report = self.env["ir.actions.report"].with_context(force_report_rendering=True)
        with mute_logger("odoo.addons.base.models.ir_actions_report"):
            content, kind = report._render_qweb_pdf(REPORT, moves.ids)
        self.assertEqual(kind, "pdf")
        return PdfReader(io.BytesIO(content))

    def _read_pdf(self, pdf):
        return " ".join(" ".join(page.extract_text() for page in pdf.pages).split())

    def _authorize(self, moves):
        moves.with_user(self.authorizer).action_service_authorize()
        return moves

    def assertPrinted(self, text, *expected):
        for piece in expected:
            self.assertIn(piece, text)

    # --- what is printed -------------------------------------------------------

    def test_every_payer_sees_document_order_and_vehicle(self):
        for move in self.order.invoice_ids:
            with self.subTest(type=move.service_invoice_type):
                self.assertPrinted(
                    self._print(move),
                    move.service_number,
                    self.order.name,
                    "NC-1042",
                    "Brand/Hauler",
                    "WF0YXXTTGYKA10421",
                    "84,210 km",
                    "PO-7781",
                )

    def test_only_the_insurer_sees_claim_and_policy(self):
        self.assertPrinted(
            self._print(self.for_insurer),
            "Claim No.",
            "LM-2604417",
            "FL-0098",
            "Deductible (own risk)",
        )
        self.assertNotIn("FL-0098", self._print(self.for_customer))
        self.assertNotIn("LM-2604417", self._print(self.for_sponsor))

    def test_only_the_sponsor_sees_the_program(self):
        text = self._print(self.for_sponsor)
        self.assertPrinted(text, "Program", "Half labour")
        for move in (self.for_customer, self.for_insurer):
            self.assertNotIn("Half labour", self._print(move))

    def test_sections_with_their_subtotals(self):
        """Service: labour 500, own risk 300 among the material."""
        text = self._print(self.for_customer)
        labour = text.index("Labour")
        material = text.index("Material")
        self.assertLess(material, labour, "in the order of the summary")
        self.assertPrinted(text, "$ 500.00", "$ 300.00")

    def test_summary_adds_up_and_hides_what_is_zero(self):
        """500 + 300 = 800, 11 % of it 88, together 888."""
        rows = self.for_customer._get_service_print_summary()
        self.assertEqual(
            [(row["label"], row["amount"], row["strong"]) for row in rows],
            [
                ("Material", 300, False),
                ("Labour", 500, False),
                ("Taxes", 88, False),
                ("Total Amount", 888, True),
                ("Payable", 888, True),
            ],
        )
        text = self._print(self.for_customer)
        self.assertPrinted(text, "$ 800.00", "$ 88.00", "Total $ 888.00")
        # the sections say what the net amount is made of, and Odoo's table the total
        self.assertEqual(text.count("$ 888.00"), 1)

    def test_what_is_deducted_is_negative_in_the_summary(self):
        """500 + 100 − 50 = 550, 11 % of it 60.50; 2 % of the 500 is withheld."""
        withheld = self.percent_tax(-2, service_withholding=True)
        income = self.company_data["default_account_revenue"]
        discount = self.env["service.tcd"].create(
            {
                "code": "LOYAL",
                "name": "Loyalty",
                "tcd_type": "discount",
                "rate": 50,
                "apply_on": "material",
                "account_id": income.id,
            }
        )
        order = self._new_order(
            (
                self.labour,
                500,
                {"tax_ids": [Command.set((self.tax_11 + withheld).ids)]},
            ),
            (self.part, 100, {}),
            tcd_ids=[Command.create({"tcd_id": discount.id})],
        )
        rows = self._bill(order)._get_service_print_summary()
        amounts = {row["label"]: row["amount"] for row in rows}
        self.assertEqual(amounts["Discounts"], -50)
        self.assertEqual(amounts["Withholding Tax"], -10)
        self.assertEqual(amounts["Total Amount"], 610.50)
        self.assertEqual(amounts["Payable"], 600.50)

    def test_printed_summary_has_the_rows_of_the_form_in_their_order(self):
        """1,000 + 110 tax, 20 of it withheld; 100 of the labour is credited."""
        withheld = self._percent_tax(-2, service_withholding=True)
        order = self._new_order(
            (
                self.labour,
                1000,
                {"tax_ids": [Command.set((self.tax_11 + withheld).ids)]},
            )
        )
        move = self._bill(order)
        move.with_user(self.authorizer).action_service_authorize()
        refund = move.with_user(self.authorizer)._reverse_moves()
        refund.invoice_line_ids.filtered("product_id").price_unit = 100
        refund.with_user(self.authorizer).action_post()
        rows = move._get_service_print_summary()
        self.assertEqual(
            [(row["label"], row["amount"]) for row in rows],
            [
                ("Labour", 1000),
                ("Taxes", 110),
                ("Total Amount", 1110),
                ("Withholding Tax", -20),
                ("Before Adjustment", 1090),
                # 100 + 11 tax − 2 withheld
                ("Adjusted", -109),
                ("Payable", 981),
            ],
        )

    def test_words_and_labels_in_the_payers_language(self):
        """888.00 for the customer; 555.00 for the sponsor, who is French."""
        self.sponsor.lang = "fr_FR"
        self.assertPrinted(
            self._print(self.for_customer),
            "Amount in words",
            "Eight hundred and eighty-eight dollars",
        )
        self.assertPrinted(
            self._print(self.for_sponsor),
            "N° de document",
            "Montant en toutes lettres",
            "Cinq cent cinquante-cinq dollars",
        )

    def test_core_words_are_not_printed_twice(self):
        self.env.company.display_invoice_amount_total_words = True
        text = self._print(self.for_customer)
        self.assertEqual(text.lower().count("amount in words"), 1)

    def test_credit_memo_prints_the_same_blocks(self):
        service = self._authorize(self.for_customer)
        refund = service._reverse_moves([{"invoice_date": service.invoice_date}])
        self.assertPrinted(
            self._print(refund), self.order.name, "Eight hundred and eighty-eight"
        )

    # --- who and what else -------------------------------------------------------

    def test_accountant_without_a_right_on_work_orders_prints(self):
        accountant = new_test_user(
            self.env,
            "plain_accountant",
            groups="account.group_account_invoice",
            company_id=self.env.company.id,
            company_ids=[Command.set(self.env.company.ids)],
        )
        text = self._print(self.for_customer, user=accountant)
        self.assertPrinted(text, self.order.name, "NC-1042")

    def test_an_ordinary_invoice_is_left_as_it_is(self):
        move = self.init_invoice("out_invoice", amounts=[100.0], post=True)
        move.invoice_origin = "S00042"
        text = self._print(move)
        self.assertIn("S00042", text)
        for ours in ("Amount in words", "Document No."):
            self.assertNotIn(ours, text)

    def test_an_addon_can_print_more_facts(self):
        header_class = type(self.env["service.print.header"])
        document = header_class._get_document

        def more(header, move):
            return [*document(header, move), ("Bay", "7")]

        with patch.object(header_class, "_get_document", more):
            facts = self.for_customer._get_service_print_header()
        self.assertIn(("Bay", "7"), facts)

    def test_facts_without_a_value_are_left_out(self):
        order = self._new_order((self.labour, 100, {}))
        facts = dict(self._bill(order)._get_service_print_header())
        self.assertEqual(list(facts), ["Document No.", "Work Order"])

    # --- the button ---------------------------------------------------------------

    def test_the_button_prints_the_invoice_for_whoever_may_read_it(self):
        action = self.for_customer.with_user(self.clerk).action_service_print()
        self.assertEqual(action["type"], "ir.actions.report")
        self.assertEqual(action["report_name"], REPORT)
        self.assertEqual(action["context"]["active_ids"], self.for_customer.ids)
        with self.assertRaises(AccessError):
            self.for_customer.with_user(self.advisor).action_service_print()

    def test_the_button_prints_several_invoices_together(self):
        moves = self.order.invoice_ids.with_user(self.clerk)
        action = moves.action_service_print()
        self.assertEqual(action["context"]["active_ids"], moves.ids)
        with self.assertRaises(UserError):
            moves.browse().action_service_print()

    def test_the_button_takes_the_template_chosen_for_the_payer(self):
        chosen = self.env.ref("account.account_invoices_without_payment")
        chosen.sudo().is_invoice_report = True
        self.sponsor.invoice_template_pdf_report_id = chosen
        one = self.for_sponsor.with_user(self.clerk)
        self.assertEqual(one.action_service_print()["report_name"], chosen.report_name)
        together = (one | self.for_customer).action_service_print()
        self.assertEqual(together["report_name"], REPORT)

    # --- the file ----------------------------------------------------------------

    def test_pdf_has_selectable_text_header_and_footer(self):
        service = self._authorize(self.for_customer)
        service.company_id.report_footer = "Registered in Testland"
        pdf = self._render_pdf(service)
        text = self._read_pdf(pdf)
        self.assertPrinted(
            text,
            service.name,
            service.service_number,
            "Labour",
            "Eight hundred and eighty-eight dollars",
            service.company_id.name,
            "Registered in Testland",
            f"/ {len(pdf.pages)}",
        )

    def test_several_payers_print_into_one_file(self):
        moves = self._authorize(self.order.invoice_ids)
        pdf = self._render_pdf(moves)
        self.assertPrinted(self._read_pdf(pdf), *moves.mapped("service_number"))

    def test_sending_stores_this_print(self):
        service = self._authorize(self.for_customer)
        self._render_pdf(service)
        with mute_logger("odoo.addons.base.models.ir_actions_report"):
            self.env["account.move.send"].with_context(
                force_report_rendering=True
            )._generate_and_send_invoices(service, sending_methods=["manual"])
        stored = PdfReader(io.BytesIO(service.invoice_pdf_report_id.raw))
        self.assertIn(service.service_number, self._read_pdf(stored))
