from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..common import ServiceInvoicingCommon


@tagged("post_install", "-at_install")
class TestPartInvoices(ServiceInvoicingCommon):
    """Labour of 1,000, half of it a sponsor's, and parts for 400: parts are billed
    while the work goes on. 11 % tax."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._new_order(
            (cls.labour, 1000, {"program_id": cls.program.id}), (cls.part, 400, {})
        )
        cls.work, cls.parts = cls.order.line_ids

    def _release(self, order=None, **answers):
        order = order or self.order
        action = order.with_user(self.clerk).action_release_part(**answers)
        return self.env["service.release"].browse(action["res_id"])

    def _invoice(self, release):
        action = release.with_user(self.clerk).action_create_invoice()
        return self._get_documents(action)

    def _authorize(self, moves):
        moves.with_user(self.authorizer).action_service_authorize()

    def test_a_part_is_billed_before_the_check_and_the_rest_after_it(self):
        """30 % of 500 and of 400 are 150 and 120."""
        release = self._release(percentage=30)
        self.assertEqual(release.state, "confirmed")
        self.assertEqual(release.line_ids.mapped("price_subtotal"), [150, 120])
        first = self._invoice(release)
        self.assertEqual(first.amount_total, 299.7)
        self.assertEqual(self.order.state, "checking")
        self._authorize(first)
        self.order.action_confirm_check()
        # 900 − 270, and the sponsor's 500
        self.assertEqual(self.order.amount_to_invoice, 1130)
        last = self._bill(self.order)[1]
        self.assertEqual(last.amount_untaxed, 630)
        self.assertEqual(self.order.state, "invoiced")
        live = self.order._get_live_invoices()
        self.assertEqual(sum(live.mapped("amount_untaxed")), 1400)

    def test_of_invoices_to_one_payer_that_are_made_at_once_the_last_is_adjusted(self):
        """30 % of 900 are 270, and 630 are left; the sponsor has one of 500."""
        self.order.action_confirm_check()
        self._release(percentage=30, partner_id=self.order.partner_id.id)
        action = self.order.with_user(self.clerk).action_create_invoices()
        moves = self._get_documents(action).sorted("id")
        self.assertEqual(sorted(moves.mapped("amount_untaxed")), [270, 500, 630])
        own = moves.filtered(lambda move: move.partner_id == self.order.partner_id)
        self.assertEqual(own.mapped("service_auto_adjust"), [False, True])
        others = moves - own
        self.assertEqual(others.mapped("service_auto_adjust"), [True])
        self.assertEqual(self.order.state, "invoiced")

    def test_what_is_released_is_added_up_few_times_for_many_orders(self):
        """Seven times an order, however many invoices it gets."""
        orders = self.order + self._new_order((self.part, 10, {}))
        orders.action_confirm_check()
        model = type(orders)
        add_up = model._get_released_amounts
        counted = []

        def count(order, void=None):
            counted.append(order)
            return add_up(order, void)

        with patch.object(model, "_get_released_amounts", count):
            orders.with_user(self.clerk).action_create_invoices()
        self.assertEqual(self.order.invoice_count, 2)
        for order in orders:
            self.assertLessEqual(counted.count(order), 7)

    def test_the_last_invoice_says_what_was_billed_before(self):
        first = self._invoice(self._release(percentage=30))
        self._authorize(first)
        self.order.action_confirm_check()
        last = self._bill(self.order)[1]
        self.assertEqual(
            self.env["service.print.statement"]._get_earlier_rows(first), []
        )
        rows = self.env["service.print.statement"]._get_earlier_rows(last)
        self.assertEqual([row["amount"] for row in rows], [270, 630, 900])
        self.assertEqual(rows[0]["label"], first._get_service_label())
        report = self.env["ir.actions.report"]
        html, __ = report._render_qweb_html("account.report_invoice", last.ids)
        self.assertIn("Billed of this order", html.decode())

    def test_lines_of_another_payer_are_released_by_amount(self):
        self.order.action_confirm_check()
        release = self._release(
            partner_id=self.sponsor.id, amounts=[[self.work.id, 200]]
        )
        self.assertEqual(release.partner_id, self.sponsor)
        self.assertEqual(self._invoice(release).amount_untaxed, 200)
        waiting = self.order._get_unbilled_releases()
        self.assertEqual(sorted(waiting.mapped("amount_untaxed")), [300, 900])
        self._bill(self.order)
        self.assertEqual(self.order.state, "invoiced")

    def test_charges_come_with_the_last_invoice_and_count_on_all(self):
        """10 % of 1,000 are 100, though the last invoice bills 600 of them."""
        fee = self.env["service.tcd"].create(
            {
                "code": "FEE",
                "name": "Fee",
                "tcd_type": "charge",
                "basis": "percentage",
                "rate": 10,
                "account_id": self.company_data["default_account_revenue"].id,
            }
        )
        row = [Command.create({"tcd_id": fee.id})]
        order = self._new_order((self.labour, 1000, {}), tcd_ids=row)
        first = self._invoice(self._release(order, percentage=40))
        self.assertEqual(first.amount_untaxed, 400)
        last = self._bill(order)[-1]
        self.assertEqual(last.amount_untaxed, 700)
        other = self._new_order((self.labour, 1000, {}), tcd_ids=row)
        first = self._invoice(self._release(other, percentage=40, with_charges=True))
        self.assertEqual(first.amount_untaxed, 500)
        self.assertEqual(self._bill(other)[-1].amount_untaxed, 600)

    def test_what_was_billed_stays_a_part_of_the_order(self):
        self._invoice(self._release(amounts=[[self.parts.id, 300]]))
        with self.assertRaisesRegex(UserError, "in part and is kept"):
            self.parts.unlink()
        self.parts.price_unit = 250
        with self.assertRaisesRegex(UserError, "(?s)300.00.*250.00"):
            self.order.action_confirm_check()
        self.parts.price_unit = 350
        self.order.action_confirm_check()
        # 500 of labour, and 50 of parts
        self.assertEqual(self._bill(self.order)[1].amount_untaxed, 550)

    def test_who_was_billed_a_part_bears_the_line_to_the_end(self):
        self._invoice(self._release(partner_id=self.sponsor.id, percentage=20))
        other = self.program.copy({"sponsor_id": self.insurer.id})
        self.work.program_id = other
        with self.assertRaisesRegex(UserError, f"billed to {self.sponsor.name}"):
            self.order.action_confirm_check()
        self.work.program_id = self.program
        self.order.action_confirm_check()
        # 400 of 500
        moves = self._bill(self.order)
        self.assertEqual(sorted(moves.mapped("amount_untaxed")), [100, 400, 900])

    def test_a_part_that_is_not_billed_goes_with_its_order(self):
        release = self._release(percentage=10)
        self.order.action_cancel(reason="Sold")
        self.assertEqual(release.state, "cancelled")

    def test_wrong_answers_are_refused_with_a_sentence(self):
        for answers, words in (
            ({"percentage": 0}, "between 0 and 100"),
            ({"percentage": 101}, "between 0 and 100"),
            ({"percentage": 5, "amounts": [[self.work.id, 1]]}, "not both"),
            ({"amounts": [[self.work.id, 501]]}, "cannot be chosen"),
            ({"partner_id": self.insurer.id, "percentage": 5}, "nothing left"),
        ):
            with self.subTest(answers), self.assertRaisesRegex(UserError, words):
                self._release(**answers)
        with self.assertRaises(AccessError):
            self.order.with_user(self.advisor).action_release_part(percentage=5)

    def test_the_dialog_shows_what_is_open_and_releases_it(self):
        action = self.order.with_user(self.clerk).action_release_part()
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        with Form(wizard.with_user(self.clerk)) as form:
            self.assertEqual(form.partner_id, self.customer)
            form.percentage = 20
            # 100 and 80
            self.assertEqual(form.amount, 180)
            form.method = "lines"
            self.assertEqual(form.amount, 900)
            with form.line_ids.edit(0) as line:
                # half of the work is the customer's; 0.2 of it cost 200.00
                self.assertEqual(line.quantity, 0.5)
                line.quantity = 0.2
                self.assertEqual(line.amount, 200)
                line.amount = 0
            self.assertEqual(form.amount, 400)
        action = wizard.with_user(self.clerk).action_apply()
        release = self.env["service.release"].browse(action["res_id"])
        self.assertEqual(release.amount_untaxed, 400)

    def test_a_corrected_share_is_billed_in_parts_at_its_own_amount(self):
        """400 of parts are corrected to 368, of which 25 % are 92; 276 are left."""
        order = self._new_order((self.part, 400, {}))
        move = self._bill(order).with_user(self.authorizer)
        line = move.invoice_line_ids.filtered("price_subtotal")
        action = move.action_service_correct("Agreed", [[line.id, 368]])
        new = self._get_documents(action)
        new.action_service_delete(reason="In two parts")
        first = self._invoice(self._release(order, percentage=25))
        self.assertEqual(first.amount_untaxed, 92)
        self.assertEqual(self._bill(order)[-1].amount_untaxed, 276)
        self.assertEqual(order.state, "invoiced")

    def test_the_dialog_releases_and_invoices_at_once(self):
        action = self.order.with_user(self.clerk).action_release_part()
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        move = self._get_documents(wizard.with_user(self.clerk).action_invoice())
        # half of 900
        self.assertEqual(move.amount_untaxed, 450)

    def test_what_is_released_keeps_its_customer_and_currency_and_lines(self):
        self._release(percentage=10)
        euros = self.env["product.pricelist"].create(
            {"name": "Euros", "currency_id": self.setup_other_currency("EUR").id}
        )
        for name, record in (("pricelist_id", euros), ("partner_id", self.insurer)):
            with self.subTest(name), self.assertRaisesRegex(UserError, "is released"):
                self.order[name] = record
        with self.assertRaisesRegex(UserError, "is kept"):
            self.work.unlink()

    def test_a_release_of_more_than_is_left_of_its_line_is_not_billed(self):
        release = self._release(amounts=[[self.parts.id, 300]])
        self.parts.price_unit = 200
        with self.assertRaisesRegex(UserError, "more of"):
            self._invoice(release)
        release.with_user(self.clerk).action_cancel(reason="Cheaper")
        again = self._release(amounts=[[self.parts.id, 200]])
        self.assertEqual(self._invoice(again).amount_untaxed, 200)

    def test_nobody_is_billed_more_in_parts_than_he_bears_of_the_order(self):
        """500 and 400 less 700 are 200, of which 800 would be billed."""
        self._authorize(self._invoice(self._release(amounts=[[self.work.id, 450]])))
        self.order.line_ids = [
            Command.create(
                {"product_id": self.labour.id, "price_unit": 700, "quantity": -1}
            )
        ]
        with self.assertRaisesRegex(UserError, "(?s)Customer.*450.00.*200.00"):
            self.order.action_confirm_check()

    def test_a_part_is_billed_when_its_own_documents_are_complete(self):
        claim = self._new_claim(self.order, self.parts, approved=False)
        with self.assertRaisesRegex(UserError, "waits for the insurer"):
            self._release(partner_id=self.insurer.id, percentage=50)
        claim.action_approve()
        self.parts.tax_ids = False
        with self.assertRaisesRegex(UserError, "no tax"):
            self._release(partner_id=self.insurer.id, percentage=50)
        # the labour is complete
        release = self._release(amounts=[[self.work.id, 100]])
        self.assertEqual(release.amount_untaxed, 100)

    def test_own_risk_is_billed_in_parts_as_such(self):
        """Tyres for 2,000 with a levy of 10.00 on each of four, all insured but 300:
        the customer has no tyre, the insurer bears 40.00 of the levy in both parts."""
        levy = self._percent_tax(10, name="Levy", amount_type="fixed")
        order = self._new_order(
            (self.part, 500, {"quantity": 4, "tax_ids": (self.tax_11 | levy).ids})
        )
        self._new_claim(order, order.line_ids, deductible=300)
        for partner, net in ((self.customer, 150), (self.insurer, 850)):
            part = self._invoice(
                self._release(order, partner_id=partner.id, percentage=50)
            )
            self.assertEqual(part.amount_untaxed, net)
        self._bill(order)
        moves = order._get_live_invoices()
        lines = moves.invoice_line_ids.filtered("price_subtotal")
        risk = lines.filtered("service_deductible")
        self.assertEqual(sorted(risk.mapped("price_subtotal")), [-150, -150, 150, 150])
        self.assertEqual(sum((lines - risk).mapped("price_subtotal")), 2000)
        items = moves.line_ids.filtered(lambda item: item.tax_line_id == levy)
        self.assertEqual(-sum(items.mapped("balance")), 40)
        rows = order._get_payer_balance()
        self.assertEqual([row["waived"] for row in rows], [0.0] * len(rows))

    def test_a_part_prints_its_own_amount_and_not_what_others_bear(self):
        first = self._invoice(self._release(percentage=50))
        self.assertFalse(self.env["service.print.columns"]._get_columns(first))
        self.order.action_confirm_check()
        last = self._bill(self.order)[1]
        self.assertFalse(self.env["service.print.columns"]._get_columns(last))

    def test_reports_count_what_is_billed_of_an_order_that_is_not_checked(self):
        """1,400 less 450 of the customer's 900; the sponsor's 500 are in it."""
        self._invoice(self._release(percentage=50))
        self.env.flush_all()
        Report = self.env["service.unbilled.report"]
        row = Report.search([("order_id", "=", self.order.id)])
        self.assertEqual(row.amount, 950)
