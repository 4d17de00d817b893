from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from odoo.addons.base.models.ir_actions_report import IrActionsReport

from ..common import ServiceInvoicingCommon

REPORT = "service_invoicing.report_order_invoice"
OWN_ORDERS = "[('advisor_id', '=', user.id)]"


@tagged("post_install", "-at_install")
class TestOrderInvoices(ServiceInvoicingCommon):
    """An advisor has no right on Invoicing, and sees and prints what his orders were
    billed and what is due of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._new_order(
            (cls.part, 300, {}),
            (cls.labour, 100, {"program_id": cls.program.id}),
            advisor_id=cls.advisor.id,
        )
        cls.service, cls.program_invoice = cls._bill(cls.order)
        cls.service.with_user(cls.authorizer).action_service_authorize()
        cls.env.flush_all()

    def _get_rows(self, order=None, user=None):
        order = (order or self.order).with_user(user or self.advisor)
        order.invalidate_recordset()
        return order.order_invoice_ids.sorted("id")

    def _pay(self, invoice, amount):
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        wizard.create({"amount": amount})._create_payments()
        self.env.flush_all()
        self.env.invalidate_all()

    def _print(self, row):
        """Content of the file, as the address of the report gives it."""
        report = self.env["ir.actions.report"].with_user(row.env.user)
        content, __ = report._render_qweb_pdf(REPORT, row.ids)
        return content.decode()

    def test_advisor_sees_payers_amounts_and_what_is_due(self):
        """300 and half of 100 are the customer's, the rest the sponsor's, with 11 %:
        388.50 and 55.50, as on the invoices."""
        self._pay(self.service, 100)
        self.assertRecordValues(
            self._get_rows(),
            [
                {
                    "name": self.service.name,
                    "partner_id": self.customer.id,
                    "amount_total": 388.50,
                    "amount_due": 288.50,
                    "payment_state": "partial",
                    "service_status": "authorized",
                },
                {
                    "name": self.program_invoice.service_number,
                    "partner_id": self.sponsor.id,
                    "amount_total": 55.50,
                    "amount_due": 55.50,
                    "payment_state": False,
                    "service_status": "fresh",
                },
            ],
        )

    def test_credit_memos_take_off_what_is_due(self):
        self.service.with_user(self.authorizer).action_service_credit(
            reason="Refused", line_ids=[(self.service.invoice_line_ids[1].id, 100)]
        )
        self.env.flush_all()
        totals = self._get_rows().mapped("amount_total")
        # 100 and 11 % of it go back, and are matched with the invoice: 277.50 and the
        # sponsor's 55.50 are left
        self.assertIn(-111, totals)
        self.assertEqual(sum(self._get_rows().mapped("amount_due")), 333)

    def test_deleted_invoices_are_left_out(self):
        self.program_invoice.with_user(self.clerk).action_service_delete(reason="No")
        self.env.flush_all()
        self.assertEqual(self._get_rows().ids, self.service.ids)

    def test_advisor_prints_what_is_authorized(self):
        row = self._get_rows()[0]
        self.assertEqual(row.action_print()["report_name"], REPORT)
        content = self._print(row)
        self.assertIn(self.service.name, content)
        self.assertIn("388.50", content)
        with self.assertRaises(AccessError):
            self.service.with_user(self.advisor).action_service_print()

    def test_the_print_is_what_the_payer_gets(self):
        """Rendered as core does it for the invoice, whatever the address says."""
        asked = []

        def render(report, ref, ids=None, data=None):
            asked.append((report._get_report(ref), ids, data))
            return b"", "pdf"

        own = self.env.ref("account.account_invoices_without_payment")
        self.customer.invoice_template_pdf_report_id = own
        with patch.object(IrActionsReport, "_render_qweb_pdf", render):
            self.env["ir.actions.report"].with_user(self.advisor)._render_qweb_pdf(
                REPORT, self.service.ids, {"proforma": True}
            )
        self.assertEqual(asked, [(own, self.service.ids, None)])

    def test_what_is_not_authorized_is_not_printed(self):
        row = self._get_rows()[1]
        with self.assertRaisesRegex(UserError, self.program_invoice.service_number):
            row.action_print()
        with self.assertRaisesRegex(UserError, "not authorized yet"):
            self._print(row)
        with self.assertRaisesRegex(UserError, "Choose the invoices"):
            self._print(row.browse())

    def test_invoices_of_orders_he_may_not_read_are_hidden(self):
        """Also one that bills such an order beside his own."""
        other = self._new_order((self.part, 10, {}), advisor_id=self.clerk.id)
        foreign = self._bill(other)
        foreign.with_user(self.authorizer).action_service_authorize()
        self.env["ir.rule"].sudo().create(
            {
                "name": "Own orders",
                "model_id": self.env["ir.model"]._get_id("service.work.order"),
                "domain_force": OWN_ORDERS,
                "groups": self.env.ref("service_invoicing.group_service_advisor").ids,
            }
        )
        self.env.flush_all()
        rows = self.env["service.order.invoice"].with_user(self.advisor)
        self.assertEqual(
            rows.search([]).ids, [self.program_invoice.id, self.service.id]
        )
        row = rows.browse(foreign.id)
        for refused in (
            lambda: row.read(["amount_due"]),
            row.action_print,
            lambda: self._print(row),
        ):
            with self.assertRaises(AccessError):
                refused()
        self.service.sudo().work_order_ids |= other
        self.env.flush_all()
        self.assertNotIn(self.service.id, rows.search([]).ids)
        with self.assertRaisesRegex(AccessError, "work orders that you may not read"):
            self._print(rows.browse(self.service.id))

    def test_another_company_s_advisor_sees_and_prints_nothing(self):
        other = self._create_company(name="Other company")
        stranger = new_test_user(
            self.env,
            "service_stranger",
            groups="service_invoicing.group_service_advisor",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        rows = self.env["service.order.invoice"].with_user(stranger)
        self.assertFalse(rows.search([]))
        with self.assertRaises(AccessError):
            self._print(rows.browse(self.service.id))

    def test_nobody_changes_anything_here(self):
        row = self._get_rows()[0]
        for operation in ("write", "create", "unlink"):
            self.assertFalse(row.has_access(operation))
        plain = new_test_user(self.env, "service_plain", groups="base.group_user")
        self.assertFalse(row.with_user(plain).has_access("read"))

    def test_the_form_of_the_order_lists_them(self):
        form = Form(self.order.with_user(self.advisor))
        self.assertEqual(len(form.order_invoice_ids), 2)

    def test_ordinary_invoices_are_none(self):
        ordinary = self.init_invoice("out_invoice", amounts=[50], post=True)
        rows = self.env["service.order.invoice"].search([])
        self.assertNotIn(ordinary.id, rows.ids)
