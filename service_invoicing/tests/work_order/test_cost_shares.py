from odoo.tests import tagged

from ..common import ServiceInvoicingCommon


@tagged("post_install", "-at_install")
class TestCostShares(ServiceInvoicingCommon):
    def _set_included(self):
        self.tax_11.price_include_override = "tax_included"

    def test_customer_bears_the_residual(self):
        self.program.value = 33.33
        order = self._new_order((self.labour, 0.05, {"program_id": self.program.id}))
        # a third of 5 cents is 1.6665 cents: the program pays 2, the customer 3
        self.assertRecordValues(
            order, [{"amount_program": 0.02, "amount_customer": 0.03}]
        )

    def test_included_tax_is_divided_gross_and_billed_to_the_same_net(self):
        self._set_included()
        order = self._new_order((self.labour, 1110, {"program_id": self.program.id}))
        # 1,110 gross is 1,000 net; half of the gross, 555, is 500 net
        self.assertRecordValues(
            order,
            [{"amount_untaxed": 1000, "amount_program": 500, "amount_customer": 500}],
        )
        for move in self._bill(order):
            self.assertRecordValues(
                move, [{"amount_untaxed": 500, "amount_tax": 55, "amount_total": 555}]
            )

    def test_whole_line_keeps_quantity_price_and_discount(self):
        order = self._new_order(
            (self.part, 10, {"quantity": 3, "discount": 10, "name": "Filter"})
        )
        line = self._bill(order).invoice_line_ids.filtered("service_order_line_id")
        self.assertRecordValues(
            line,
            [
                {
                    "name": "Filter",
                    "quantity": 3,
                    "price_unit": 10,
                    "discount": 10,
                    "price_subtotal": 27,
                    "product_id": self.part.id,
                }
            ],
        )

    def test_partial_line_tells_the_original_figures(self):
        order = self._new_order(
            (self.labour, 100, {"quantity": 10, "program_id": self.program.id})
        )
        line = self._bill(order)[1].invoice_line_ids.filtered("service_order_line_id")
        self.assertRecordValues(line, [{"quantity": 1, "price_unit": 500}])
        for figure in ("500.00", "1,000.00", "10.00", "100.00"):
            self.assertIn(figure, line.name)

    def test_included_tax_mapped_away_keeps_the_net_of_a_whole_line(self):
        self._set_included()
        position = self.env["account.fiscal.position"].create({"name": "Abroad"})
        self._percent_tax(
            0, fiscal_position_ids=position.ids, original_tax_ids=self.tax_11.ids
        )
        self.customer.property_account_position_id = position
        move = self._bill(self._new_order((self.part, 111, {"quantity": 2})))
        # 111 with 11 % included is 100 net; abroad the net stays and the tax goes
        self.assertRecordValues(
            move, [{"amount_untaxed": 200, "amount_tax": 0, "amount_total": 200}]
        )
        line = move.invoice_line_ids.filtered("product_id")
        self.assertEqual((line.quantity, line.price_unit), (2, 100))

    def test_amount_program_is_spread_after_discount_and_capped(self):
        self.program.write({"value_type": "amount", "value": 90})
        covered = {"program_id": self.program.id}
        order = self._new_order(
            (self.labour, 100, covered),
            (self.labour, 100, covered | {"discount": 50}),
            (self.part, 500, {}),
        )
        # 90 over 100 and 50 after discount: 60 and 30
        self.assertEqual(order.line_ids.mapped("amount_program"), [60, 30, 0])
        self.program.value = 1000
        order = self._new_order((self.labour, 100, covered))
        self.assertEqual(order.amount_program, 100)
        self.assertEqual(order.amount_customer, 0)

    def test_program_changed_later_does_not_change_old_orders(self):
        order = self._new_order((self.labour, 100, {"program_id": self.program.id}))
        self.program.value = 10
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(order.amount_program, 50)

    def test_deductible_is_spread_over_categories_with_their_taxes(self):
        tax_5 = self._percent_tax(5)
        self.part.taxes_id = tax_5
        order = self._new_order((self.labour, 100, {}), (self.part, 200, {}))
        self._new_claim(order, order.line_ids, deductible=100)
        service, insurance = self._bill(order)
        # pro rata 100 : 200, the residual cent on the larger one
        self.assertSummary(service, labour=33.33, material=66.67, tax=7.00)
        self.assertSummary(insurance, labour=66.67, material=133.33, tax=14.00)
        # 33.33 x 11 % = 3.67 and 66.67 x 5 % = 3.33; 66.67 x 11 % = 7.33 and
        # 133.33 x 5 % = 6.67
        self.assertEqual(service.amount_total, 107)
        self.assertEqual(insurance.amount_total, 214)

    def test_free_line_goes_to_whom_it_belongs(self):
        order = self._new_order(
            (self.labour, 10, {"program_id": self.program.id, "discount": 100}),
            (self.labour, 100, {"program_id": self.program.id}),
            (self.part, 20, {"discount": 100}),
        )
        service, program = self._bill(order)
        names = "service_order_line_id"
        self.assertEqual(
            service.invoice_line_ids.mapped(names),
            order.line_ids[1] | order.line_ids[2],
        )
        self.assertEqual(
            program.invoice_line_ids.mapped(names),
            order.line_ids[0] | order.line_ids[1],
        )

    def test_shares_are_exact_in_currencies_without_and_with_three_decimals(self):
        self.program.value = 33.33
        for name, rounding, program, customer in (
            ("JPY", 1.0, 33, 67),
            ("KWD", 0.001, 33.33, 66.67),
        ):
            currency = (
                self.env["res.currency"]
                .with_context(active_test=False)
                .search([("name", "=", name)])
            )
            currency.write({"active": True, "rounding": rounding})
            pricelist = self.env["product.pricelist"].create(
                {"name": name, "currency_id": currency.id}
            )
            order = self._new_order(
                (self.labour, 100, {"program_id": self.program.id}),
                pricelist_id=pricelist.id,
            )
            order.line_ids.price_unit = 100
            with self.subTest(name):
                self.assertRecordValues(
                    order,
                    [{"amount_program": program, "amount_customer": customer}],
                )
                moves = self._bill(order)
                self.assertEqual(moves.currency_id, currency)
                self.assertEqual(moves.mapped("amount_untaxed"), [customer, program])

    def test_sections_name_the_cost_categories(self):
        order = self._new_order((self.part, 10, {}), (self.labour, 20, {}))
        lines = self._bill(order).invoice_line_ids.sorted("sequence")
        self.assertEqual(
            [(line.display_type, line.price_subtotal) for line in lines],
            [
                ("line_section", 0),
                ("product", 10),
                ("line_section", 0),
                ("product", 20),
            ],
        )
        self.assertEqual(
            lines.filtered(lambda x: x.display_type != "product").mapped("name"),
            ["Material", "Labour"],
        )
