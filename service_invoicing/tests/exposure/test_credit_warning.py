from odoo import Command
from odoo.tests import Form, new_test_user, tagged

from ..common import ServiceInvoicingCommon


@tagged("post_install", "-at_install")
class TestCreditWarning(ServiceInvoicingCommon):
    """Every payer who would exceed his credit limit is named, and nobody is stopped."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.account_use_credit_limit = True
        cls.payers = cls.customer | cls.sponsor | cls.insurer

    def _three_payer_order(self):
        """With 11 % tax: customer 55.50 + 33.30, sponsor 55.50, insurer 188.70."""
        order = self._new_order(
            (self.labour, 100, {"program_id": self.program.id}), (self.part, 200, {})
        )
        self._new_claim(order, order.line_ids[1], deductible=30)
        return order

    def _limit(self, **limits):
        for name, limit in limits.items():
            getattr(self, name).credit_limit = limit

    def _credit(self, partner):
        """What is still to be invoiced to a partner, as an accountant sees it."""
        partner.invalidate_recordset()
        return partner.with_user(self.clerk).credit_to_invoice

    def _warning(self, order, user=None):
        self.env.invalidate_all()
        return order.with_user(user or self.clerk).credit_warning

    def test_every_payer_above_his_limit_is_named(self):
        order = self._three_payer_order()
        self.assertFalse(self._warning(order), "no limit, no warning")
        self._limit(customer=88.80, sponsor=55.50, insurer=188.70)
        self.assertFalse(self._warning(order), "the limits are just reached")
        self._limit(customer=88.79, insurer=188.69)
        warning = self._warning(order)
        for text in ("Customer", "Insurer", "88.79", "188.69", "88.80", "188.70"):
            self.assertIn(text, warning)
        self.assertNotIn("Sponsor", warning)

    def test_warning_blocks_nothing(self):
        self._limit(customer=1, sponsor=1, insurer=1)
        order = self._three_payer_order()
        self.assertTrue(self._warning(order))
        self.assertEqual(len(self._bill(order)), 3)
        self.assertEqual(order.state, "invoiced")

    def test_warning_is_the_same_before_and_after_the_check(self):
        order = self._three_payer_order()
        self._limit(customer=88.80)
        order.action_confirm_check()
        self.assertFalse(self._warning(order), "the order counts but once")
        self._limit(customer=80)
        self.assertIn("88.80", self._warning(order))

    def test_checked_orders_count_for_other_orders_and_invoices(self):
        first = self._three_payer_order()
        self.assertEqual([self._credit(partner) for partner in self.payers], [0, 0, 0])
        first.action_confirm_check()
        self.assertEqual(
            [self._credit(partner) for partner in self.payers], [88.8, 55.5, 188.7]
        )
        second = self._three_payer_order()
        self._limit(insurer=300)
        self.assertIn("377.40", self._warning(second))
        plain = self._create_invoice_one_line(
            partner_id=self.insurer, price_unit=120, tax_ids=[]
        )
        self.assertIn("308.70", plain.partner_credit_warning)

    def test_invoice_of_the_order_does_not_count_twice(self):
        order = self._three_payer_order()
        self._limit(insurer=188.70, sponsor=55.50, customer=88.80)
        moves = self._bill(order)
        self.env.invalidate_all()
        self.assertFalse(any(moves.mapped("partner_credit_warning")))
        self.assertEqual(
            [self._credit(partner) for partner in self.payers],
            [88.8, 55.5, 188.7],
            "a draft counts as the order did",
        )
        self._limit(insurer=188)
        self.env.invalidate_all()
        insurance = moves[2]
        self.assertIn("188.70", insurance.partner_credit_warning)
        moves.with_user(self.authorizer).action_service_authorize()
        self.assertEqual([self._credit(partner) for partner in self.payers], [0, 0, 0])
        self.assertEqual(self.insurer.credit, 188.7)

    def test_deleted_and_credited_invoices_count_as_their_order_again(self):
        order = self._three_payer_order()
        moves = self._bill(order)
        moves[0].action_service_delete(reason="Wrong text")
        self.assertEqual(self._credit(self.customer), 88.8)
        moves[1].with_user(self.authorizer).action_service_authorize()
        self.assertEqual(self._credit(self.sponsor), 0)
        moves[1]._reverse_moves(cancel=True)
        self.assertEqual(self._credit(self.sponsor), 55.5)
        self.assertEqual(self.sponsor.credit, 0)

    def test_payers_of_one_company_count_together(self):
        branch = self._new_partner("Branch", parent_id=self.customer.id)
        self.sponsor.write({"parent_id": self.customer.id, "is_company": False})
        self.customer.is_company = True
        order = self._new_order(
            (self.labour, 100, {"program_id": self.program.id}),
            partner_id=branch.id,
        )
        self._limit(customer=110.99)
        self.assertIn("111.00", self._warning(order))
        order.action_confirm_check()
        self.assertEqual(self._credit(self.customer), 111)

    def test_advisor_sees_the_warning_without_figures(self):
        self._limit(customer=10, insurer=20)
        order = self._three_payer_order()
        warning = self._warning(order, self.advisor)
        self.assertIn("Customer", warning)
        self.assertIn("Insurer", warning)
        self.assertNotRegex(warning, r"\d")
        order.with_user(self.advisor).action_confirm_check()
        self.assertEqual(order.state, "to_invoice")

    def test_form_warns_before_it_is_saved(self):
        self._limit(customer=10, sponsor=10)
        with Form(self.env["service.work.order"].with_user(self.advisor)) as form:
            form.partner_id = self.customer
            self.assertFalse(form.credit_warning)
            with form.line_ids.new() as line:
                line.product_id = self.labour
                line.price_unit = 100
            self.assertIn("Customer", form.credit_warning)
            self.assertNotIn("Sponsor", form.credit_warning)
            with form.line_ids.edit(0) as line:
                line.program_id = self.program
            self.assertIn("Sponsor", form.credit_warning)

    def test_auditor_sees_the_figures(self):
        auditor = new_test_user(
            self.env, "credit_auditor", groups="account.group_account_readonly"
        )
        self._limit(customer=10)
        self.assertIn("88.80", self._warning(self._three_payer_order(), auditor))

    def test_other_currency_is_converted(self):
        currency = self.setup_other_currency("EUR", rates=[("2020-01-01", 2.0)])
        pricelist = self.env["product.pricelist"].create(
            {"name": "EUR", "currency_id": currency.id}
        )
        order = self._new_order((self.part, 100, {}), pricelist_id=pricelist.id)
        order.line_ids.price_unit = 100
        self._limit(customer=55.5)
        self.assertFalse(self._warning(order))
        self._limit(customer=55.49)
        self.assertIn("55.50", self._warning(order))
        order.action_confirm_check()
        self.assertEqual(self._credit(self.customer), 55.5)
        move = self._bill(order)
        self.assertEqual(self._credit(self.customer), 55.5)
        self.env.invalidate_all()
        self.assertIn("55.50", move.partner_credit_warning)

    def test_each_payer_owes_by_his_own_fiscal_position(self):
        position = self.env["account.fiscal.position"].create({"name": "Abroad"})
        self._percent_tax(
            0,
            fiscal_position_ids=[Command.set(position.ids)],
            original_tax_ids=[Command.set(self.tax_11.ids)],
        )
        self.insurer.property_account_position_id = position
        order = self._three_payer_order()
        order.action_confirm_check()
        self.assertEqual(self._credit(self.insurer), 170)
        moves = self._bill(order)
        self.assertEqual(moves[2].amount_total, 170)

    def test_credit_of_the_order_is_what_its_invoices_come_to(self):
        included = self._percent_tax(23, price_include_override="tax_included")
        account = self.company_data["default_account_revenue"].id
        codes = self.env["service.tcd"].create(
            [
                {
                    "code": "WASTE",
                    "name": "Waste oil",
                    "tax_ids": self.tax_11.ids,
                    "account_id": account,
                },
                {
                    "code": "LOYAL",
                    "name": "Loyal customer",
                    "tcd_type": "discount",
                    "basis": "percentage",
                    "account_id": account,
                },
                {
                    "code": "TYRES",
                    "name": "Tyres",
                    "basis": "unit_rate",
                    "tax_ids": self.tax_11.ids,
                    "account_id": account,
                },
            ]
        )
        levy = codes.create(
            {
                "code": "LEVY",
                "name": "Levy",
                "tcd_type": "tax",
                "tax_ids": self._percent_tax(4).ids,
            }
        )
        order = self._three_payer_order()
        order.line_ids[0].tax_ids = included
        order.tcd_ids = [
            Command.create({"tcd_id": code.id, "rate": 10}) for code in codes
        ] + [Command.create({"tcd_id": levy.id})]
        order.action_confirm_check()
        expected = [self._credit(partner) for partner in self.payers]
        moves = self._bill(order)
        self.assertEqual(moves.mapped("amount_total"), expected)
        tax_row = moves.service_tcd_ids.filtered(lambda row: row.tcd_id == levy)
        self.assertGreater(tax_row.amount, 0)

    def test_nothing_is_computed_without_credit_limits(self):
        self._limit(customer=1)
        self.env.company.account_use_credit_limit = False
        order = self._three_payer_order()
        order.action_confirm_check()
        self.assertFalse(self._warning(order))
        self.assertEqual(self._credit(self.customer), 0)

    def test_other_companies_have_their_own_limits_and_credits(self):
        other = self._create_company(name="Other company")
        order = self._three_payer_order()
        order.action_confirm_check()
        self.assertEqual(self._credit(self.customer), 88.8)
        other.account_use_credit_limit = True
        partner = self.customer.with_company(other)
        self.assertEqual(partner.credit_to_invoice, 0)

    def test_invoiced_and_cancelled_orders_warn_no_longer(self):
        self._limit(customer=1)
        billed, cancelled = self._three_payer_order(), self._three_payer_order()
        self._bill(billed)
        cancelled.action_cancel(reason="Not wanted")
        self.assertFalse(self._warning(billed))
        self.assertFalse(self._warning(cancelled))
