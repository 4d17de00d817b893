import io
import re
from unittest.mock import patch

from lxml import html

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger
from odoo.tools.pdf import PdfReader

from ..common import ServiceInvoicingCommon

REPORT = "service_invoicing.report_proforma"
INVOICE = "account.report_invoice_with_payments"
TABLE = "//table[@name='invoice_line_table']"


@tagged("post_install", "-at_install")
class TestProforma(ServiceInvoicingCommon):
    """The later invoices are printed before there are any, and leave no trace."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        income = cls.company_data["default_account_revenue"]
        cls.charge = cls.env["service.tcd"].create(
            {
                "code": "SHIP",
                "name": "Shipping",
                "rate": 80,
                "account_id": income.id,
                "tax_ids": [Command.set(cls.tax_11.ids)],
            }
        )
        cls.withheld = cls.env["account.tax"].create(
            {"name": "Withheld 2 %", "amount": -2, "service_withholding": True}
        )
        cls.order = cls._new_shared_order(vehicle_id=cls._new_vehicle().id)

    @classmethod
    def _new_shared_order(cls, **vals):
        """Labour 1,000, half of it the sponsor's and 2 % withheld; parts 2,000, the
        insurer's less 300; a charge of 80."""
        taxes = cls.tax_11 | cls.withheld
        order = cls._new_order(
            (
                cls.labour,
                100,
                {
                    "quantity": 10,
                    "program_id": cls.program.id,
                    "tax_ids": [Command.set(taxes.ids)],
                },
            ),
            (cls.part, 2000, {}),
            tcd_ids=[Command.create({"tcd_id": cls.charge.id})],
            **vals,
        )
        cls._new_claim(order, order.line_ids[1], deductible=300)
        return order

    def _render(self, orders, user=None):
        """Printed documents, as trees."""
        report = self.env["ir.actions.report"].with_user(user or self.env.user)
        content, kind = report._render_qweb_html(REPORT, orders.ids)
        self.assertEqual(kind, "html")
        return html.fromstring(content).xpath("//div[hasclass('article')]")

    def _render_invoice(self, move):
        report = self.env["ir.actions.report"]
        content = report._render_qweb_html(INVOICE, move.ids)[0]
        return html.fromstring(content)

    def _read(self, tree):
        return " ".join(tree.text_content().split())

    def _read_figures(self, tree):
        """Everything that is counted: lines, totals, words."""
        names = ("invoice_line_table", "service_amount_in_words")
        found = [tree.xpath(f"//*[@name='{name}']") for name in names]
        found.append(tree.xpath("//div[@id='total']"))
        return [self._read(nodes[0]) for nodes in found]

    def _count_traces(self, order):
        """Records and numbers a proforma must leave as they are."""
        self.env.flush_all()
        env = self.env(su=True)
        sequences = env["ir.sequence"].search([("code", "like", "service.%")])
        return {
            "moves": env["account.move"].search_count([]),
            "lines": env["account.move.line"].search_count([]),
            "rows": env["service.invoice.tcd"].search_count([]),
            "messages": env["mail.message"].search_count([]),
            "activities": env["mail.activity"].search_count([]),
            "attachments": env["ir.attachment"].search_count([]),
            "numbers": sequences.mapped("number_next_actual"),
            "state": (order.state, order.next_invoice_type, order.invoice_ids.ids),
        }

    def test_every_figure_is_that_of_the_later_invoice(self):
        """T/C/D, deducted columns, withholding and words, payer by payer."""
        order = self.order
        levy = self.charge.copy({"code": "LEVY", "basis": "unit_rate", "rate": 2})
        luxury = self.charge.create(
            {
                "code": "LUX",
                "name": "Luxury tax",
                "tcd_type": "tax",
                "tax_ids": self._percent_tax(3).ids,
            }
        )
        order.tcd_ids = [Command.create({"tcd_id": code.id}) for code in levy | luxury]
        order.action_confirm_check()
        # each document by itself, or xpath would search the whole print
        proformas = [html.fromstring(html.tostring(p)) for p in self._render(order)]
        invoices = self._bill(order)
        self.assertEqual(len(proformas), 3)
        for proforma, invoice in zip(proformas, invoices, strict=True):
            with self.subTest(type=invoice.service_invoice_type):
                self.assertEqual(
                    self._read_figures(proforma),
                    self._read_figures(self._render_invoice(invoice)),
                )
        self.assertEqual(invoices[0].amount_total, 1004.60, "890 × 1.14 − 10")
        self.assertIn("$ 1,004.60", self._read(proformas[0]))
        self.assertTrue(proformas[0].xpath("//*[@name='td_service_insurance']"))

    def test_it_is_titled_proforma_and_has_no_number(self):
        order = self.order
        for document in self._render(order):
            title = self._read(document.xpath(".//h2")[0])
            self.assertEqual(title, "Proforma Invoice")
            text = self._read(document)
            for absent in ("Document No.", "SI/", "INV/", "Draft", "Communication"):
                self.assertNotIn(absent, text)
            self.assertIn(order.name, text)

    def test_it_leaves_no_trace(self):
        order = self.order
        order.action_confirm_check()
        before = self._count_traces(order)
        report = self.env["ir.actions.report"].with_context(
            tracking_disable=False, mail_notrack=False, mail_create_nolog=False
        )
        for __ in range(2):
            report._render_qweb_html(REPORT, order.ids)
        self.assertEqual(self._count_traces(order), before)
        service = self._bill(order)[0]
        self.assertTrue(service.service_number.endswith("00001"))

    def test_nothing_is_left_when_printing_fails(self):
        order = self.order
        before = self._count_traces(order)
        model = type(self.env["report.service_invoicing.report_proforma"])
        error = UserError("No paper")
        with (
            patch.object(model, "_render_proforma", side_effect=error),
            self.assertRaisesRegex(UserError, "No paper"),
        ):
            self._render(order)
        self.assertEqual(self._count_traces(order), before)

    def test_an_advisor_without_accounting_rights_prints_it(self):
        order = self.order
        with self.assertRaises(AccessError):
            self.env["account.move"].with_user(self.advisor).check_access("create")
        documents = self._render(order, user=self.advisor)
        self.assertEqual(len(documents), 3)
        self.assertIn("1-ABC-234", self._read(documents[0]))

    def test_nobody_prints_orders_he_may_not_read(self):
        order = self.order
        other = self._create_company(name="Other company")
        stranger = self._new_user("stranger", "group_service_manager")
        stranger.write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        with self.assertRaises(AccessError):
            self._render(order, user=stranger)

    def test_payers_with_an_invoice_get_no_proforma(self):
        order = self.order
        order.action_confirm_check()
        order.with_user(self.clerk).action_create_next_invoice()
        documents = self._render(order)
        self.assertEqual(len(documents), 2)
        self.assertIn("Sponsor", self._read(documents[0]))
        self.assertIn("Insurer", self._read(documents[1]))

    def test_orders_with_nothing_left_are_named_together(self):
        billed = self.order
        self._bill(billed)
        cancelled = self._new_order((self.labour, 100, {}))
        cancelled.action_cancel(reason="Sold")
        open_order = self._new_order((self.labour, 100, {}))
        with self.assertRaises(UserError) as caught:
            self._render(billed | cancelled | open_order)
        self.assertIn(billed.name, str(caught.exception))
        self.assertIn(cancelled.name, str(caught.exception))
        self.assertNotIn(open_order.name, str(caught.exception))

    def test_each_payer_reads_his_own_language(self):
        self._speak_french()
        self.sponsor.lang = "fr_FR"
        service, program, __ = self._render(self.order)
        self.assertIn("Amount due in words", self._read(service))
        self.assertIn("Facture pro forma", self._read(program))
        self.assertIn("Montant dû en toutes lettres", self._read(program))

    def test_an_open_order_is_estimated(self):
        """Before the check, with a claim nobody has answered yet."""
        order = self._new_order((self.part, 2000, {}), (self.labour, 100, {}))
        self._new_claim(order, order.line_ids[0], approved=False)
        self.assertEqual(len(self._render(order)), 2)

    def test_several_orders_print_into_one_file(self):
        orders = self.order | self._new_order((self.labour, 100, {}))
        params = self.env["ir.config_parameter"].sudo()
        params.set_param("report.url", "http://127.0.0.1:9")
        report = self.env["ir.actions.report"].with_context(force_report_rendering=True)
        with mute_logger("odoo.addons.base.models.ir_actions_report"):
            content, kind = report._render_qweb_pdf(REPORT, orders.ids)
        self.assertEqual(kind, "pdf")
        pages = [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]
        text = " ".join(" ".join(pages).split())
        self.assertEqual(text.count("Proforma Invoice"), 4)
        # what is withheld of the work is not due
        self.assertEqual(len(re.findall("Amount (due )?in words", text)), 4)
        self.assertIn(orders[1].name, text)
        self.assertIn("Page: 1 /".replace(":", ""), text)

    def test_it_is_in_the_print_menu_of_list_and_form(self):
        bindings = self.env["ir.actions.actions"].with_user(self.advisor)
        reports = bindings.get_bindings("service.work.order")["report"]
        names = [report["name"] for report in reports]
        self.assertIn("Proforma Invoice", names)
