from odoo import Command
from odoo.tests import Form, tagged

from odoo.addons.service_invoicing.tests.common import ServiceInvoicingCommon

from .common import NeighbourMixin

MODELS = (
    "account.account",
    "account.analytic.account",
    "account.fiscal.position",
    "account.journal",
    "account.move",
    "account.payment",
    "account.payment.term",
    "account.tax",
    "product.product",
    "product.template",
    "project.project",
    "purchase.order",
    "repair.order",
    "res.company",
    "res.partner",
    "res.users",
    "sale.order",
    "stock.picking",
)
# the kinds of views that people look at
VIEWS = ("form", "list", "kanban", "search", "pivot", "graph", "activity", "calendar")


@tagged("post_install", "-at_install", "service_neighbours")
class TestNeighbourForms(NeighbourMixin, ServiceInvoicingCommon):
    """Every view of the apps is whole with the fields of all of them and ours."""

    def test_every_view_of_the_apps_loads(self):
        found = self.env["ir.ui.view"].sudo()
        for model in MODELS:
            records = self._get_neighbour(model)
            views = found.search(
                [
                    ("model", "=", model),
                    ("mode", "=", "primary"),
                    ("type", "in", VIEWS),
                ]
            )
            self.assertIn("form", views.mapped("type"), model)
            for view in views:
                with self.subTest(view=view.xml_id):
                    records.get_view(view.id, view.type)

    def test_new_records_open(self):
        for model in MODELS:
            with self.subTest(model=model):
                Form(self._get_neighbour(model))

    def test_every_kind_of_entry_opens(self):
        moves = self.env["account.move"]
        for move_type, _label in moves._fields["move_type"].selection:
            with self.subTest(move_type=move_type):
                form = Form(moves.with_context(default_move_type=move_type))
                self.assertEqual(form.move_type, move_type)

    def test_invoice_is_typed_in_the_form_as_without_us(self):
        moves = self.env["account.move"].with_context(default_move_type="out_invoice")
        with Form(moves) as form:
            form.partner_id = self.customer
            with form.invoice_line_ids.new() as line:
                line.product_id = self.labour
                line.price_unit = 100
        self.assertFalse(form.record.service_invoice_type)
        # 100.00 and 11 %
        self.assertEqual(form.record.amount_total, 111.0)
        form.record.action_post()
        self.assertEqual(form.record.state, "posted")

    def test_roles_of_the_workshop_need_no_rights_on_sales(self):
        order = self._new_order((self.labour, 1000, {}), (self.part, 50, {}))
        invoice = self._bill(order)
        for user in (self.advisor, self.clerk, self.authorizer):
            self.assertFalse(user.has_group("sales_team.group_sale_salesman"))
            for document in (order, self.customer, self.labour):
                with self.subTest(user=user.login, document=document):
                    Form(document.with_user(user))
        with Form(invoice.with_user(self.clerk)) as form:
            form.ref = "PO-1"
        self.assertEqual(invoice.ref, "PO-1")
        Form(invoice.with_user(self.authorizer))

    def test_service_invoice_is_no_sales_order_of_its_customer(self):
        order = self._new_order((self.labour, 1000, {}))
        invoice = self._bill(order)
        self.assertFalse(invoice.invoice_line_ids.sale_line_ids)
        sale = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "order_line": [Command.create({"product_id": self.labour.id})],
            }
        )
        sale.action_confirm()
        self.assertEqual(sale.order_line.qty_invoiced, 0)
        self.assertFalse(sale.invoice_ids)
