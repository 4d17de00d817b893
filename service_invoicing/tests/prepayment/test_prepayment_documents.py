from lxml import etree, html

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..common_prepayment import DeductionCommon, PrepaymentCommon

REPORT = "account.report_invoice_with_payments"
BIS3 = "account.edi.xml.ubl_bis3"
TOTAL = "{*}LegalMonetaryTotal/{*}%s"
TITLES = {
    "en_US": ("Prepayment Invoice", "bears no tax"),
    "fr_FR": ("Facture d'acompte", "ne comporte pas de taxe"),
    "id_ID": ("Faktur Uang Muka", "tidak dikenai pajak"),
    "sk_SK": ("Zálohová faktúra", "nie je zaťažený daňou"),
}


class PrepaymentDocumentsCommon(PrepaymentCommon):
    """A company and a customer that can send each other electronic documents."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        belgium = cls.env.ref("base.be")
        for partner, number in (
            (cls.env.company.partner_id, "0202239951"),
            (cls.customer, "0477472701"),
        ):
            partner.write(
                {
                    "country_id": belgium.id,
                    "vat": f"BE{number}",
                    "company_registry": number,
                    "street": "Rue 9",
                    "zip": "1367",
                    "city": "Ramillies",
                    "ref": "PO-1",
                }
            )

    def _render(self, move):
        report = self.env["ir.actions.report"]
        tree = html.fromstring(report._render_qweb_html(REPORT, move.ids)[0])
        return " ".join(tree.text_content().split())

    def _export(self, move):
        if BIS3 not in self.env:
            self.skipTest("core's electronic invoices are not installed")
        content, errors = self.env[BIS3]._export_invoice(move)
        self.assertFalse(errors)
        return etree.fromstring(content)

    def _read(self, tree, name):
        return float(tree.findtext(TOTAL % name) or 0.0)

    def assertTotals(self, tree, net, gross, payable=None):
        lines = tree.findall("{*}InvoiceLine/{*}LineExtensionAmount")
        lines += tree.findall("{*}CreditNoteLine/{*}LineExtensionAmount")
        self.assertAlmostEqual(sum(float(line.text) for line in lines), net, 2)
        self.assertAlmostEqual(self._read(tree, "TaxExclusiveAmount"), net, 2)
        self.assertAlmostEqual(self._read(tree, "TaxInclusiveAmount"), gross, 2)
        payable = gross if payable is None else payable
        self.assertAlmostEqual(self._read(tree, "PayableAmount"), payable, 2)
        prices = tree.findall(".//{*}Price/{*}PriceAmount")
        self.assertTrue(all(float(price.text) >= 0 for price in prices))


@tagged("post_install", "-at_install")
class TestPrepaymentDocuments(PrepaymentDocumentsCommon):
    """What a payer gets: the printed prepayment invoice and electronic documents.

    The prepayment of 300 is authorized.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.move = cls._authorize(cls._ask_prepayment())

    def test_settled_invoice_names_the_prepayment_and_no_payment(self):
        self.customer.lang = "en_US"
        prepayment = self.move
        self._receive(prepayment)
        invoice = self._bill(self.order) - prepayment
        self._authorize(invoice)
        text = self._render(invoice)
        self.assertIn(f"Less prepayment {prepayment.name}", text)
        self.assertNotIn("Paid on", text)
        self._receive(invoice, 100)
        text = self._render(invoice)
        self.assertIn(f"Less prepayment {prepayment.name}", text)
        self.assertEqual(text.count("Paid on"), 1)

    def test_print_says_what_it_is(self):
        move = self._ask_prepayment(percentage=30)
        text = self._render(move)
        for words in (
            "Draft Prepayment Invoice",
            move.service_number,
            self.order.name,
            "Prepayment of 30.00 % for work order",
            "Fixed Price",
            "Three hundred and thirty-three dollars",
        ):
            self.assertIn(words, text)
        self._authorize(move)
        text = self._render(move)
        self.assertIn(f"Prepayment Invoice {move.name}", text)
        self.assertNotIn("Draft", text)

    def test_print_says_how_it_is_adjusted(self):
        self.assertIn("bears no tax", self._render(self.move))
        self._choose_mode("deduction")
        text = self._render(self._ask_prepayment())
        self.assertIn("deducted, with its tax", text)
        self.assertNotIn("bears no tax", text)
        invoice = self._bill(self.order)[-1]
        self.assertNotIn("advance payment", self._render(invoice))

    def test_credit_memo_is_titled_as_one(self):
        move = self.move
        credit = self._get_documents(
            move.with_user(self.authorizer).action_service_credit(reason="Error")
        )
        text = self._render(credit)
        self.assertIn("Credit Note", text)
        self.assertNotIn("advance payment", text)

    def test_direct_info_is_printed_with_categories_and_orders(self):
        move = self._new_direct(("Deposit for parts", 100), ("Anything", 50))
        line = move._get_prepayment_lines()[0]
        line.write(
            {
                "service_cost_category": "material",
                "service_work_order_id": self.order.id,
            }
        )
        text = self._render(move)
        self.assertIn(f"Material – {self.order.name}", text)
        self.assertIn("One hundred and fifty dollars", text)

    def test_print_speaks_the_payer_s_language(self):
        for code, words in TITLES.items():
            self.env["res.lang"]._activate_lang(code)
            modules = self.env["ir.module.module"].sudo()
            modules._load_module_terms(["service_invoicing"], [code])
            self.customer.lang = code
            text = self._render(self.move)
            for word in words:
                with self.subTest(code, word=word):
                    self.assertIn(word, text)

    def test_advance_without_tax_is_exported(self):
        self.assertTotals(self._export(self.move), 300, 300)

    def test_hooks_of_electronic_formats(self):
        move = self.move
        self.assertTrue(move._is_downpayment())
        self.assertFalse(move._get_prepayment_lines()._check_edi_line_tax_required())
        self._choose_mode("deduction")
        other = self._ask_prepayment()
        self.assertTrue(other._get_prepayment_lines()._check_edi_line_tax_required())

    def test_order_with_a_prepayment_is_not_cancelled(self):
        move = self.move
        with self.assertRaisesRegex(UserError, move.service_number):
            self.order.action_cancel(reason="No work")
        move.with_user(self.authorizer).action_service_credit(reason="No work")
        self.order.action_cancel(reason="No work")
        self.assertEqual(self.order.state, "cancel")

    def test_dialog_of_a_credit_memo_does_not_ask_what_is_billed_again(self):
        action = self.move.with_user(self.authorizer).action_service_credit()
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        self.assertFalse(wizard.has_shares)

    def test_prepayments_follow_the_table_of_buttons(self):
        """Status before and button → status after, for both types."""
        asked = self._ask_prepayment()
        direct = self._new_direct(("Deposit", 300))
        authorized = self._authorize(self._new_direct(("Deposit", 300)))
        for kind, documents in (
            ("order", {"fresh": asked, "authorized": self.move}),
            ("direct", {"fresh": direct, "authorized": authorized}),
        ):
            for before, method, kwargs, after in (
                ("fresh", "action_service_save", {}, "fresh"),
                ("fresh", "action_service_authorize", {}, "authorized"),
                ("fresh", "action_service_return", {"reason": "x"}, "returned"),
                ("fresh", "action_service_delete", {"reason": "x"}, "deleted"),
                ("authorized", "button_draft", {}, "returned"),
                ("authorized", "action_service_hold", {"reason": "x"}, "authorized"),
                ("authorized", "action_service_credit", {"reason": "x"}, "reversed"),
            ):
                with (
                    self.subTest(kind=kind, before=before, method=method),
                    self._rolled_back(),
                ):
                    move = documents[before].with_user(self.authorizer)
                    getattr(move, method)(**kwargs)
                    self.assertEqual(move.service_status, after)
        with self.assertRaises(AccessError):
            asked.with_user(self.clerk).action_service_authorize()
        self._receive(self.move)
        move = self.move.with_user(self.authorizer)
        for method in ("button_draft", "button_cancel", "unlink"):
            with self.subTest(method), self.assertRaises(UserError):
                getattr(move, method)()


@tagged("post_install", "-at_install")
class TestPrepaymentCredit(PrepaymentCommon):
    """Before an advance was asked for, and after each step."""

    def test_advance_is_not_counted_twice_in_the_credit_of_the_payer(self):
        """The order over 1,110 less what is paid or posted in advance."""
        self.env.company.account_use_credit_limit = True
        self.assertEqual(self.order._get_open_credit(), {self.customer: 1110})
        move = self._ask_prepayment()
        self.order.action_confirm_check()
        self.assertEqual(self.order._get_open_credit(), {self.customer: 1110})
        self.assertEqual(self.customer.credit_to_invoice, 1110)
        self._authorize(move)
        # 300 are his debt now
        self.customer.invalidate_recordset()
        self.assertEqual(self.customer.credit_to_invoice, 810)
        self._receive(move)
        self.assertEqual(self.order._get_open_credit(), {self.customer: 810})


@tagged("post_install", "-at_install")
class TestDeductedDocuments(PrepaymentDocumentsCommon, DeductionCommon):
    """The same where the invoice over 1,110 deducts an advance of 333."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.prepayment = cls._new_prepayment()
        cls.invoice = cls._bill_service()

    def test_invoice_prints_what_it_deducts(self):
        invoice = self.invoice
        order_text = f"Less prepayment {self.prepayment.name}"
        lines = invoice.invoice_line_ids.filtered("service_prepayment_id")
        section, line = lines.sorted("sequence")
        self.assertEqual(section.name, "Prepayments")
        self.assertEqual(line.name, order_text)
        text = self._render(invoice)
        # 1,000 and 110 tax, less 300 and the 33 tax that were billed with them
        self.assertIn("Total $ 1,110.00", text)
        self.assertIn(f"{order_text} of which tax $ 33.00 $ 333.00 Due $ 777.00", text)
        self.assertEqual(text.count(order_text), 1)
        self.assertIn("Seven hundred and seventy-seven dollars", text)

    def test_the_form_deducts_below_the_total(self):
        totals = self.invoice.service_tax_totals
        self.assertEqual(totals["total_amount_currency"], 1110)
        self.assertEqual(self.invoice.service_amount_deducted, 333)

    def test_deducted_columns_leave_the_cost_of_the_work(self):
        order = self._new_order((self.labour, 600, {"program_id": self.program.id}))
        self._new_prepayment(order, amount=100)
        total = self.env["service.print.columns"]._get_columns(
            self._bill_service(order)
        )["total"]
        # 600 of work, half of it the program's; the 100 that were paid before are
        # taken off below the total, with their tax
        self.assertEqual(
            total, {"cost": 600, "program": -300, "insurance": 0, "amount": 300}
        )

    def test_advance_with_tax_and_its_deduction_are_exported(self):
        asked = self._ask_prepayment(self._new_order((self.labour, 1000, {})))
        self.assertTotals(self._export(self._authorize(asked)), 300, 333)
        invoice = self._authorize(self.invoice)
        self.assertTotals(self._export(invoice), 700, 777)
        credit = self._get_documents(
            invoice.with_user(self.authorizer).action_service_credit(reason="Error")
        )
        # matched with the invoice, nothing of it is left to be paid back
        self.assertTotals(self._export(credit), 700, 777, payable=0)

    def test_advances_are_no_sales_in_the_analysis(self):
        self._authorize(self.invoice)
        self.env.flush_all()
        rows = self.env["account.invoice.report"].search(
            [("commercial_partner_id", "=", self.customer.id)]
        )
        self.assertEqual(sum(rows.mapped("price_subtotal")), 1000)

    def test_duplicate_would_deduct_twice(self):
        direct = self._new_received_direct(100)
        move = (
            self.env["account.move"]
            .with_user(self.clerk)
            .create(
                {
                    "move_type": "out_invoice",
                    "service_invoice_type": "service",
                    "partner_id": self.customer.id,
                    "invoice_line_ids": [
                        Command.create({"product_id": self.part.id, "price_unit": 500})
                    ],
                }
            )
        )
        move.action_service_save()
        self.assertTrue(move.service_has_deductible)
        move.action_service_deduct(direct.id)
        self.assertEqual(move._get_deducted_amount(), 111)
        with self.assertRaisesRegex(UserError, direct.service_number):
            move.copy()

    def test_button_deducts_by_a_dialog(self):
        order = self._new_order((self.labour, 1000, {}))
        prepayment = self._new_prepayment(order, amount=100)
        invoice = self._bill_service(order).with_user(self.clerk)
        action = invoice.action_service_deduct()
        wizard = self.env[action["res_model"]].with_user(self.clerk)
        wizard = wizard.browse(action["res_id"])
        self.assertRecordValues(
            wizard,
            [{"prepayment_id": prepayment.id, "open_amount": 111, "amount": 111}],
        )
        wizard.amount = 50
        wizard.action_apply()
        self.assertEqual(invoice._get_deducted_amount(), 50)
        for gross, words in (
            (0, "positive"),
            (-1, "positive"),
            (float("nan"), "number is expected"),
        ):
            with self.subTest(gross), self.assertRaisesRegex(UserError, words):
                invoice.action_service_deduct(prepayment.id, gross)
        with self.assertRaises(AccessError):
            invoice.with_user(self.advisor).action_service_deduct(prepayment.id)
        self._authorize(invoice)
        with self.assertRaises(UserError):
            invoice.action_service_deduct(prepayment.id)
