import re

from odoo.tests import tagged
from odoo.tools import html2plaintext

from ..common_adjust import AdjustPrepaymentCommon


@tagged("post_install", "-at_install")
class TestInvoiceMail(AdjustPrepaymentCommon):
    """The e-mail asks for what is due.

    The order comes to 1,532.25 and 11 % tax of 168.55: 1,700.80.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.email = "customer@example.com"
        # what is deleted once it is sent cannot be read
        for name in (
            "service_invoicing.email_template_invoice",
            "account.email_template_edi_invoice",
            "account.email_template_edi_credit_note",
        ):
            cls.env.ref(name).auto_delete = False
        cls.ordinary = cls.init_invoice(
            "out_invoice", cls.customer, products=cls.product_a, post=True
        )
        cls.invoice = cls._bill_service(cls._new_prepaid_order(500))

    @classmethod
    def _new_prepaid_order(cls, amount):
        order = cls._new_order((cls.labour, 1532.25, {}))
        cls._new_prepayment(order, amount=amount)
        return order

    def _send(self, move):
        """Send an invoice; the text of the e-mail with its head."""
        send = self.env["account.move.send"]
        send._generate_and_send_invoices(move, sending_methods=["email"])
        mail = self.env["mail.mail"].search(
            [("model", "=", move._name), ("res_id", "=", move.id)],
            order="id desc",
            limit=1,
        )
        text = html2plaintext(mail.body_html, include_references=False)
        return " ".join(text.replace("*", "").split())

    def assertAsksFor(self, move, amount):
        """In the head and in the text, and for nothing else."""
        text = self._send(move)
        self.assertIn(f"{amount} due", text)
        self.assertIn(f"Please pay the amount due, {amount}.", text)
        self.assertEqual(set(re.findall(r"\$ [\d,]+\.\d\d", text)), {amount})

    def assertCoreTemplate(self, moves):
        template = self.env.ref("account.email_template_edi_invoice")
        self.assertEqual(moves._get_mail_template(), template)

    def test_what_was_prepaid_is_not_asked_for_again(self):
        """1,700.80 less 500."""
        self.assertEqual(self.invoice.amount_total, 1700.80)
        self.assertEqual(self.invoice.service_amount_net, 1200.80)
        self.assertAsksFor(self.invoice, "$ 1,200.80")

    def test_what_is_deducted_on_the_invoice_is_not_asked_for_again(self):
        """500 and 55 of tax were prepaid: 1,700.80 less 555."""
        self._choose_mode("deduction")
        invoice = self._bill_service(self._new_prepaid_order(500))
        self.assertEqual(invoice.service_amount_net, 1145.80)
        self.assertAsksFor(invoice, "$ 1,145.80")

    def test_receipts_are_not_asked_for_again(self):
        """1,700.80 less 500 and less 200."""
        self._receive(self.invoice, 200)
        self.assertAsksFor(self.invoice, "$ 1,000.80")

    def test_a_settled_invoice_asks_for_nothing(self):
        text = self._send(self._bill_service(self._new_prepaid_order(1700.80)))
        self.assertIn("nothing is left to be paid", text)
        self.assertNotIn("$", text)

    def test_the_dialog_proposes_this_text(self):
        wizard = self.env["account.move.send.wizard"].create(
            {"move_id": self.invoice.id}
        )
        self.assertIn("1,200.80", wizard.body)
        self.assertNotIn("1,700.80", wizard.body)

    def test_ordinary_invoices_and_credit_memos_are_sent_as_core_does(self):
        self.assertCoreTemplate(self.ordinary)
        amount = f"{self.ordinary.amount_total:,.2f}"
        text = self._send(self.ordinary)
        self.assertIn(f"amounting in $ {amount}", text)
        self.assertIn(f"$ {amount} due", text)
        action = self.invoice.with_user(self.authorizer).action_service_credit(
            reason="x"
        )
        credit = self._get_documents(action)
        self.assertIn("amounting in $ 1,700.80", self._send(credit))

    def test_invoices_of_both_kinds_take_the_usual_text(self):
        self.assertCoreTemplate(self.ordinary | self.invoice)

    def test_without_the_template_core_has_its_own(self):
        self.env.ref("service_invoicing.email_template_invoice").unlink()
        self.assertCoreTemplate(self.invoice)

    def test_payer_is_written_to_in_his_language(self):
        self._speak_french()
        self.customer.lang = "fr_FR"
        text = self._send(self.invoice)
        self.assertIn("Merci de régler le montant dû", text)
        self.assertIn("1 200,80", text.replace("\xa0", " ").replace("\u202f", " "))

    def test_language_without_our_text_has_that_of_core(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.customer.lang = "de_DE"
        self.assertCoreTemplate(self.invoice)
