from odoo import Command
from odoo.tests import tagged

from ..common import ServiceInvoicingCommon


@tagged("post_install", "-at_install")
class TestPieceTaxes(ServiceInvoicingCommon):
    """Ten tyres at 50.00, 11 % tax and a levy of 2.00 a piece: 500 + 55 + 20 = 575.

    Whoever shares the tyres shares the levy: together the payers bear 20.00 of it.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.levy = cls.env["account.tax"].create(
            {"name": "Tyre levy", "amount_type": "fixed", "amount": 2}
        )
        cls.tyre = cls._new_product("Tyre", "consu", "material")
        cls.tyre.taxes_id |= cls.levy
        cls.program.covers_material = True

    @classmethod
    def _new_tyres(cls, quantity=10, **vals):
        return cls._new_order((cls.tyre, 50, {"quantity": quantity} | vals))

    def _levy(self, move):
        """What of the levy an invoice bears."""
        lines = move.line_ids.filtered(lambda line: line.tax_line_id == self.levy)
        return -sum(lines.mapped("amount_currency")) or 0.0

    def _authorize(self, moves):
        moves.with_user(self.authorizer).action_service_authorize()

    def _credit(self, move, **answers):
        action = move.with_user(self.authorizer).action_service_credit(
            reason="Too many", **answers
        )
        return self._get_documents(action)

    def assertBilled(self, moves, *expected):
        """(before tax, levy, total) of each."""
        self.assertEqual(
            [(m.amount_untaxed, self._levy(m), m.amount_total) for m in moves],
            list(expected),
        )

    def test_one_payer_bears_all(self):
        self.assertBilled(self._bill(self._new_tyres()), (500, 20, 575))

    def test_half_of_the_tyres_bears_half_of_the_levy(self):
        order = self._new_tyres(program_id=self.program.id)
        moves = self._bill(order)
        # 250 + 27.50 + 5 tyres at 2.00
        self.assertBilled(moves, (250, 10, 287.5), (250, 10, 287.5))
        lines = moves.invoice_line_ids.filtered("product_id")
        self.assertEqual(lines.mapped("quantity"), [5, 5])
        self.assertEqual(lines.mapped("price_unit"), [50, 50])
        released = order.release_ids.line_ids
        self.assertEqual(released.mapped("quantity"), [5, 5])

    def test_what_rounding_leaves_is_the_customers(self):
        # 33.33 % are 166.65 and 3.333 tyres; the customer keeps 333.35 and 6.667. 11 %:
        # 18.33 and 36.67; levy: 6.67 + 13.33 = 20.00
        self.program.value = 33.33
        order = self._new_tyres(program_id=self.program.id)
        moves = self._bill(order)
        self.assertBilled(moves, (333.35, 13.33, 383.35), (166.65, 6.67, 191.65))
        lines = moves.invoice_line_ids.filtered("product_id")
        # invoices show what their unit shows
        self.assertEqual(lines.mapped("quantity"), [6.67, 3.33])
        released = order.release_ids.line_ids.sorted("quantity")
        self.assertEqual(released.mapped("quantity"), [3.333, 6.667])

    def test_cents_of_the_levy_that_both_would_round_up_are_borne_once(self):
        # half of 1.25 is 0.625, twice 0.63 would be 1.26; 50.00 are shared 25.00 and
        # 25.00 with 2.75 each; the customer bears 1.25 - 0.63 = 0.62
        self.levy.amount = 1.25
        for method in ("round_per_line", "round_globally"):
            with self.subTest(method=method):
                self.env.company.tax_calculation_rounding_method = method
                moves = self._bill(
                    self._new_tyres(quantity=1, program_id=self.program.id)
                )
                self.assertBilled(moves, (25, 0.62, 28.37), (25, 0.63, 28.38))

    def test_three_payers_bear_the_levy_of_two_lines_once(self):
        # two sponsors bear half of a tyre each: 0.63 of 1.25; the customer bears the
        # rest of 2.50, whatever rounding two halves alone would come to
        self.levy.amount = 1.25
        other = self.program.copy({"sponsor_id": self.insurer.id})
        for method in ("round_per_line", "round_globally"):
            with self.subTest(method=method):
                self.env.company.tax_calculation_rounding_method = method
                order = self._new_order(
                    (self.tyre, 50, {"program_id": self.program.id}),
                    (self.tyre, 50, {"program_id": other.id}),
                )
                self.assertBilled(
                    self._bill(order),
                    (50, 1.24, 56.74),
                    (25, 0.63, 28.38),
                    (25, 0.63, 28.38),
                )

    def test_cents_of_a_levy_that_only_others_bear_stay_theirs(self):
        """Two sponsors bear one and a half oil filters each with 0.25 a piece: 0.375 is
        0.38 on each invoice, of both together 0.75 would be. The customer, who bears
        half a tyre, has no line that could take the cent."""
        self.env.company.tax_calculation_rounding_method = "round_globally"
        self.levy.amount = 1.25
        levy = self.levy.copy({"name": "Oil levy", "amount": 0.25})
        other = self.program.copy({"sponsor_id": self.insurer.id})
        oil = {"quantity": 1.5, "tax_ids": [Command.set(levy.ids)]}
        order = self._new_order(
            (self.tyre, 50, {"program_id": self.program.id}),
            (self.part, 50, oil | {"program_id": self.program.id}),
            (self.part, 50, oil | {"program_id": other.id}),
        )
        order.line_ids[1:].coverage_percent = 100
        moves = self._bill(order)
        items = moves.line_ids.filtered(lambda item: item.tax_line_id == levy)
        self.assertEqual(items.mapped("amount_currency"), [-0.38, -0.38])
        self.assertEqual([self._levy(move) for move in moves], [0.62, 0.63, 0])

    def test_a_month_without_usage_bills_no_piece(self):
        vals = {"quantity": 0.0, "price_unit": 5.0, "discount": 0.0}
        currency = self.env.company.currency_id
        self.assertEqual(self.levy._prepare_pieces_vals(0.0, vals, currency), vals)

    def test_less_than_the_smallest_piece_bears_its_levy(self):
        # 0.4 % of a tyre: 0.20 of 50.00, and 0.008 of the levy of 2.00; 11 % of 0.20 is
        # 0.02. The customer: 49.80, 5.48, 1.99
        self.program.value = 0.4
        moves = self._bill(self._new_tyres(quantity=1, program_id=self.program.id))
        self.assertBilled(moves, (49.8, 1.99, 57.27), (0.2, 0.01, 0.23))
        # 0.004 tyres would be shown as none
        line = moves[1].invoice_line_ids.filtered("product_id")
        self.assertEqual((line.quantity, line.price_unit), (1, 0.2))

    def test_thirds_credited_one_after_the_other_take_back_the_levy(self):
        """3.333 tyres at 166.65 with 18.33 and 6.67: of 55.55 each, 6.11 and 2.22, the
        last 6.11 and 2.23."""
        self.program.value = 33.33
        moves = self._bill(self._new_tyres(program_id=self.program.id))
        self._authorize(moves)
        line = moves[1].invoice_line_ids.filtered("product_id")
        credits = [
            self._credit(moves[1], line_ids=[(line.id, 55.55)]) for __ in range(3)
        ]
        for credit in credits:
            self._authorize(credit.filtered(lambda m: m.state == "draft"))
        self.assertEqual(
            [(m.amount_untaxed, -self._levy(m), m.amount_total) for m in credits],
            [(55.55, 2.22, 63.88), (55.55, 2.22, 63.88), (55.55, 2.23, 63.89)],
        )
        self.assertEqual(moves[1].service_status, "reversed")

    def test_own_risk_is_no_tyre(self):
        order = self._new_tyres()
        self._new_claim(order, order.line_ids, deductible=100)
        # customer 100 + 11; insurer 500 - 100 = 400, 44, ten tyres
        self.assertBilled(self._bill(order), (100, 0, 111), (400, 20, 464))

    def test_customer_who_pays_the_insurers_taxes_pays_the_levy(self):
        order = self._new_tyres()
        self._new_claim(order, order.line_ids, vat_payer="customer")
        self.assertBilled(self._bill(order), (0, 20, 75), (500, 0, 500))

    def test_included_tax_leaves_the_levy_as_it_is(self):
        # 55.50 with 11 % is 50.00 before it
        self.tax_11.price_include_override = "tax_included"
        order = self._new_order(
            (self.tyre, 55.5, {"quantity": 10, "program_id": self.program.id})
        )
        moves = self._bill(order)
        self.assertBilled(moves, (250, 10, 287.5), (250, 10, 287.5))

    def test_included_levy_is_shared_as_well(self):
        # 52.00 with the levy is 50.00 before it
        self.levy.price_include_override = "tax_included"
        order = self._new_order(
            (self.tyre, 52, {"quantity": 10, "program_id": self.program.id})
        )
        moves = self._bill(order)
        self.assertBilled(moves, (250, 10, 287.5), (250, 10, 287.5))

    def test_credit_of_half_takes_back_half_of_the_levy(self):
        move = self._bill(self._new_tyres())
        self._authorize(move)
        line = move.invoice_line_ids.filtered("product_id")
        half = self._credit(move, line_ids=[(line.id, 250)])
        self.assertEqual(half.amount_total, 287.5)
        self._authorize(half.filtered(lambda m: m.state == "draft"))
        rest = self._credit(move)
        self.assertEqual(rest.amount_total, 287.5)
        self._authorize(rest.filtered(lambda m: m.state == "draft"))
        self.assertEqual(move.service_status, "reversed")

    def test_moved_share_takes_its_tyres_along(self):
        order = self._new_tyres(program_id=self.program.id)
        moves = self._bill(order)
        self._authorize(moves)
        action = (
            moves[1]
            .with_user(self.authorizer)
            .action_service_move_share(
                invoice_type="service", partner_id=self.customer.id, reason="Refused"
            )
        )
        self.assertBilled(self._get_documents(action), (250, 10, 287.5))

    def _bill_insured(self):
        """The tyres on a claim with an own risk of 100: customer and insurer."""
        order = self._new_tyres()
        self._new_claim(order, order.line_ids, deductible=100)
        moves = self._bill(order)
        # 100 + 11, and 400 + 44 + 10 tyres at 2.00
        self.assertBilled(moves, (100, 0, 111), (400, 20, 464))
        self._authorize(moves)
        return moves

    def _move_to_customer(self, document):
        action = document.action_service_move_share(
            invoice_type="service", partner_id=self.customer.id, reason="Refused"
        )
        return self._get_documents(action)

    def test_own_risk_is_no_tyre_on_a_moved_share(self):
        __, insured = self._bill_insured()
        moved = self._move_to_customer(insured.with_user(self.authorizer))
        self.assertBilled(insured.reversal_move_ids, (400, -20, 464))
        self.assertBilled(moved, (400, 20, 464))
        deductible = moved.invoice_line_ids.filtered("service_deductible")
        self.assertEqual((deductible.quantity, deductible.price_unit), (1, -100))

    def test_own_risk_is_no_tyre_when_a_share_is_moved_before_it_is_billed(self):
        order = self._new_tyres()
        self._new_claim(order, order.line_ids, deductible=100)
        order.action_confirm_check()
        clerk_order = order.with_user(self.clerk)
        clerk_order.action_create_next_invoice()
        action = clerk_order.action_move_share(
            invoice_type="service", partner_id=self.customer.id, reason="Refused"
        )
        self.assertBilled(self._get_documents(action), (400, 20, 464))

    def test_who_bears_all_as_own_risk_leaves_the_levy_to_the_insurer(self):
        # ten tyres, 500 of own risk and 11 % of it; the insurer's tyres cost him 0.00
        order = self._new_tyres()
        self._new_claim(order, order.line_ids, deductible=500)
        self.assertBilled(self._bill(order), (500, 0, 555), (0, 20, 20))
        self.assertEqual(order.state, "invoiced")

    def test_part_of_the_own_risk_is_billed_again_without_a_levy(self):
        customers, __ = self._bill_insured()
        line = customers.invoice_line_ids.filtered("service_deductible")
        credit = self._credit(customers, line_ids=[[line.id, 40]], free=True)
        self.assertBilled(credit, (40, 0, 44.4))
        again = self._bill(customers.work_order_ids) - customers
        again = again.filtered(lambda m: m.service_release_ids.is_supplement)
        self.assertBilled(again, (40, 0, 44.4))
        lines = again.invoice_line_ids.filtered("product_id")
        self.assertEqual((lines.quantity, lines.service_deductible), (1, True))

    def test_discount_is_no_tyre_less(self):
        discount = self.env["service.tcd"].create(
            {
                "code": "LOYAL",
                "name": "Loyalty",
                "tcd_type": "discount",
                "rate": 10,
                "account_id": self.company_data["default_account_revenue"].id,
            }
        )
        order = self._new_tyres()
        order.tcd_ids = [Command.create({"tcd_id": discount.id})]
        # 490 + 53.90 + 20
        self.assertBilled(self._bill(order), (490, 20, 563.9))

    def test_free_tyre_bears_its_levy(self):
        order = self._new_order(
            (self.labour, 100, {}), (self.tyre, 50, {"quantity": 4, "discount": 100})
        )
        # 100 + 11 + four tyres at 2.00
        self.assertBilled(self._bill(order), (100, 8, 119))

    def test_advance_bears_no_levy(self):
        self.env.company.service_prepayment_mode = "deduction"
        order = self._new_tyres()
        self.env.company.service_prepayment_account_id = self._new_prepayment_account()
        action = order.with_user(self.clerk).action_create_prepayment(amount=250)
        advance = self._get_documents(action)
        # 250 + 27.50
        self.assertBilled(advance, (250, 0, 277.5))
