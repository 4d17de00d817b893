from odoo import Command
from odoo.tests import tagged

from odoo.addons.http_routing.tests.common import MockRequest
from odoo.addons.service_invoicing.tests.common import ServiceInvoicingCommon

from .common import NeighbourMixin


@tagged("post_install", "-at_install", "service_neighbours")
class TestServiceDocuments(NeighbourMixin, ServiceInvoicingCommon):
    """Core's own ways with invoices take those of two work orders, 1,000 and 500 of
    labour with 11 % tax: 1,110.00 and 555.00."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.base_tag, cls.tax_tag = cls.env["account.account.tag"].create(
            [
                {"name": name, "applicability": "taxes"}
                for name in ("Work at 11 %", "Tax of 11 %")
            ]
        )
        parts = cls.tax_11.invoice_repartition_line_ids
        parts += cls.tax_11.refund_repartition_line_ids
        for kind, tag in (("base", cls.base_tag), ("tax", cls.tax_tag)):
            parts.filtered(lambda part, kind=kind: part.repartition_type == kind).write(
                {"tag_ids": [Command.set(tag.ids)]}
            )
        cls.customer.email = "customer@example.com"
        cls.first, cls.second = cls.invoices = cls._authorized(1000) + cls._authorized(
            500
        )

    @classmethod
    def _authorized(cls, price):
        invoice = cls._bill(cls._new_order((cls.labour, price, {})))
        invoice.with_user(cls.authorizer).action_service_authorize()
        return invoice

    def _get_tagged(self, tag):
        """Posted sum of what a box of the tax return counts."""
        self.env.flush_all()
        domain = [("tax_tag_ids", "in", tag.ids), ("parent_state", "=", "posted")]
        lines = self.env["account.move.line"].search(domain)
        return sum(lines.mapped("balance"))

    def _open_portal(self, user, path, **params):
        """A page of the portal as that user gets it, without server and style sheets:
        its status and its text."""
        routes = self.env["ir.http"].routing_map().bind("localhost")
        rule, arguments = routes.match(path, return_rule=True)
        with MockRequest(self.env(user=user), path=path) as request:
            request.render = request.env["ir.ui.view"]._render_template
            page = rule.endpoint(**arguments, **params)
            return page.status_code, page.get_data(as_text=True)

    def test_portal_shows_the_invoice_to_its_customer_alone(self):
        public = self.env.ref("base.public_user")
        key = self.first._portal_ensure_token()
        path = f"/my/invoices/{self.first.id}"
        status, text = self._open_portal(public, path, access_token=key)
        self.assertEqual(status, 200)
        self.assertIn(self.first.name, text)
        self.assertIn("1,110.00", text)
        # with another key he is sent away
        status, text = self._open_portal(public, path, access_token="0")
        self.assertEqual(status, 303)
        self.assertNotIn("1,110.00", text)

    def test_portal_lists_the_invoices_of_the_customer(self):
        user = self._create_new_portal_user(partner_id=self.customer.id)
        _status, text = self._open_portal(user, "/my/invoices")
        for invoice in self.invoices:
            self.assertIn(invoice.name, text)
        status, text = self._open_portal(user, f"/my/invoices/{self.first.id}")
        self.assertEqual(status, 200)
        self.assertIn("1,110.00", text)

    def test_tax_return_counts_invoice_and_credit_memo(self):
        # 1,000 + 500 and 110 + 55
        self.assertAlmostEqual(self._get_tagged(self.base_tag), -1500.0)
        self.assertAlmostEqual(self._get_tagged(self.tax_tag), -165.0)
        self.second.with_user(self.authorizer).action_service_credit(
            reason="wrong work"
        )
        self.assertAlmostEqual(self._get_tagged(self.base_tag), -1000.0)
        self.assertAlmostEqual(self._get_tagged(self.tax_tag), -110.0)

    def test_invoice_analysis_counts_them(self):
        self.env.flush_all()
        domain = [("move_id", "in", self.invoices.ids)]
        report = self.env["account.invoice.report"]
        ((net, gross),) = report._read_group(
            domain, [], ["price_subtotal:sum", "price_total:sum"]
        )
        self.assertAlmostEqual(net, 1500.0)
        self.assertAlmostEqual(gross, 1665.0)

    def test_mass_sending_takes_them(self):
        context = {"active_model": "account.move", "active_ids": self.invoices.ids}
        batch = self.env["account.move.send.batch.wizard"].with_context(**context)
        dialog = batch.create({"move_ids": [Command.set(self.invoices.ids)]})
        self.assertEqual(dialog.summary_data["email"]["count"], 2)
        dialog.action_send_and_print(force_synchronous=True)
        self.assertEqual(self.invoices.mapped("is_move_sent"), [True, True])
        for invoice in self.invoices:
            self.assertTrue(invoice.invoice_pdf_report_id, invoice.name)

    def test_one_payment_settles_several(self):
        context = {"active_model": "account.move", "active_ids": self.invoices.ids}
        dialog = self.env["account.payment.register"].with_context(**context)
        wizard = dialog.create({"payment_date": "2026-11-05", "group_payment": True})
        self.assertEqual(wizard.amount, 1665.0)
        payment = wizard._create_payments()
        self.assertEqual(len(payment), 1)
        self.assertEqual(self.invoices.mapped("amount_residual"), [0.0, 0.0])
        for invoice in self.invoices:
            self.assertIn(invoice.payment_state, ("in_payment", "paid"))
