from lxml import etree

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..common import ServiceInvoicingCommon
from ..common_properties import examples, given, st

BIS3 = "account.edi.xml.ubl_bis3"
TAXES = ["11 %", "11 % included", "11 + 12 %", "11 + 12 % included", "piece included"]


@tagged("post_install", "-at_install")
class TestAgreedNets(ServiceInvoicingCommon):
    """However taxes are rounded and whatever is in the price: what the payers are
    billed before tax is, together, the order."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.tax_calculation_rounding_method = "round_globally"
        included = {"price_include_override": "tax_included"}
        cls.tax_11_included = cls._percent_tax(11, name="Included 11 %", **included)
        cls.tax_12 = cls._percent_tax(12)
        cls.tax_12_included = cls._percent_tax(12, name="Included 12 %", **included)
        cls.levy = cls.env["account.tax"].create(
            {"name": "Levy", "amount_type": "fixed", "amount": 0.07, **included}
        )
        cls.group = cls._group(cls.tax_11_included | cls.tax_12_included)
        cls.taxes = {
            "11 %": cls.tax_11,
            "11 % included": cls.tax_11_included,
            "11 + 12 %": cls.tax_11 | cls.tax_12,
            "11 + 12 % included": cls.group,
            "piece included": cls.tax_11_included | cls.levy,
        }
        cls.program.covers_material = True

    @classmethod
    def _group(cls, taxes):
        return cls.env["account.tax"].create(
            {
                "name": " + ".join(taxes.mapped("name")),
                "amount_type": "group",
                "children_tax_ids": [Command.set(taxes.ids)],
            }
        )

    def _new_included(self, price, taxes=None, **vals):
        taxes = self.group if taxes is None else taxes
        vals = {"tax_ids": [Command.set(taxes.ids)]} | vals
        return self._new_order((self.part, price, vals))

    def assertBilled(self, moves, *expected):
        """(before tax, tax, total) of each."""
        self.assertEqual(
            [(m.amount_untaxed, m.amount_tax, m.amount_total) for m in moves],
            list(expected),
        )

    def test_half_each_of_a_group_of_included_taxes(self):
        # 50.00 is 40.650 before 11 + 12 %, with 4.47 and 4.88; half of the price is
        # 20.325, to the program 20.33, to the customer the rest, 20.32. Taxes of both:
        # 2.24 (2.2363, 2.2352) and 2.44 (2.4396, 2.4384)
        order = self._new_included(50, program_id=self.program.id)
        self.assertEqual(order.amount_untaxed, 40.65)
        moves = self._bill(order)
        self.assertBilled(moves, (20.32, 4.68, 25.0), (20.33, 4.68, 25.01))
        self.assertEqual(
            moves.invoice_line_ids.mapped("price_subtotal"), [0, 20.32, 0, 20.33]
        )

    def test_each_line_rounded_by_itself_adds_up_as_well(self):
        # half of the price, 25.00, less 2.24 and 2.44 is 20.32; the customer bears the
        # rest of 40.65
        self.env.company.tax_calculation_rounding_method = "round_per_line"
        moves = self._bill(self._new_included(50, program_id=self.program.id))
        self.assertBilled(moves, (20.33, 4.68, 25.01), (20.32, 4.68, 25.0))

    def test_who_bears_all_pays_the_price(self):
        # 50.00 / 1.24 is 40.3226, with 20 % 8.0645 and 4 % 1.6129: 8.06 and 1.61, which
        # leaves 40.33
        included = {"price_include_override": "tax_included"}
        taxes = self._percent_tax(20, **included) | self._percent_tax(4, **included)
        order = self._new_included(50, self._group(taxes))
        self.assertEqual((order.amount_untaxed, order.amount_total), (40.33, 50))
        move = self._bill(order)
        self.assertBilled(move, (40.33, 9.67, 50))
        # the share that is moved is the whole order
        move.with_user(self.authorizer).action_service_authorize()
        action = move.with_user(self.authorizer).action_service_move_share(
            invoice_type="service", partner_id=self.sponsor.id, reason="Refused"
        )
        # 20 % and 4 % of 40.33: 8.07 and 1.61
        self.assertBilled(self._get_documents(action), (40.33, 9.68, 50.01))
        self.assertBilled(move.reversal_move_ids, (40.33, 9.67, 50))
        self.assertEqual((order.next_invoice_type, order.amount_to_invoice), (False, 0))

    def test_two_prices_are_rounded_together_on_order_and_invoice(self):
        # twice 21.53 with 21 %: 35.587 before tax, 7.473 tax, 43.06
        tax = self._percent_tax(21, price_include_override="tax_included")
        vals = {"tax_ids": [Command.set(tax.ids)]}
        order = self._new_order((self.part, 21.53, vals), (self.part, 21.53, vals))
        self.assertEqual((order.amount_untaxed, order.amount_total), (35.59, 43.06))
        self.assertEqual(order.line_ids.mapped("price_subtotal"), [17.80, 17.79])
        move = self._bill(order)
        self.assertBilled(move, (35.59, 7.47, 43.06))
        lines = move.invoice_line_ids.filtered("product_id")
        self.assertEqual(lines.mapped("price_subtotal"), [17.80, 17.79])

    def test_lines_of_two_payers_are_rounded_together_without_included_taxes(self):
        # twice 12.12 x 12.12 = 146.8944 is 293.79 for whoever bears both. Each payer
        # bears one of them: 146.90 and 146.89, 11 % of which are 16.16
        vals = {"quantity": 12.12}
        full = self.program.copy({"value": 100})
        order = self._new_order(
            (self.part, 12.12, vals),
            (self.part, 12.12, vals | {"program_id": full.id}),
        )
        self.assertEqual(order.amount_untaxed, 293.79)
        order.action_confirm_check()
        order.with_user(self.clerk).action_release()
        self.assertEqual(
            order.release_ids.sorted("id").mapped("amount_untaxed"), [146.90, 146.89]
        )
        self.assertBilled(
            self._bill(order), (146.90, 16.16, 163.06), (146.89, 16.16, 163.05)
        )

    def test_taxes_are_those_of_one_invoice(self):
        # three halves of 0.50: 11 % of 0.75 is 0.0825, where three times 0.0275 would
        # be 0.03 + 0.03 + 0.03
        line = (self.part, 0.5, {"program_id": self.program.id})
        moves = self._bill(self._new_order(line, line, line))
        self.assertBilled(moves, (0.75, 0.08, 0.83), (0.75, 0.08, 0.83))

    def test_group_of_included_taxes_that_a_payer_does_not_bear(self):
        # abroad the 24.60 are 20.00 without tax
        position = self.env["account.fiscal.position"].create({"name": "Abroad"})
        self._percent_tax(
            0, fiscal_position_ids=position.ids, original_tax_ids=self.group.ids
        )
        self.customer.property_account_position_id = position
        moves = self._bill(self._new_included(24.6))
        self.assertBilled(moves, (20, 0, 20))

    def test_price_changed_by_hand_counts(self):
        order = self._new_included(50, program_id=self.program.id)
        move = self._bill(order)[0]
        line = move.invoice_line_ids.filtered("product_id")
        move.with_user(self.clerk).write(
            {"invoice_line_ids": [Command.update(line.id, {"price_unit": 123})]}
        )
        self.assertBilled(move, (100, 23, 123))

    def test_taxes_changed_by_hand_count(self):
        # three of 21.53 are 64.59, with 11 and 12 % 52.51; with 12 % alone 57.67 + 6.92
        taxes = self.tax_11_included | self.tax_12_included
        line = (self.part, 21.53, {"tax_ids": [Command.set(taxes.ids)]})
        move = self._bill(self._new_order(line, line, line))
        self.assertEqual(move.amount_total, 64.59)
        move.invoice_line_ids.filtered("product_id").with_user(
            self.clerk
        ).tax_ids = self.tax_12_included
        self.assertBilled(move, (57.67, 6.92, 64.59))

    def test_amounts_of_ones_own_are_refused(self):
        move = self._bill(self._new_included(50, program_id=self.program.id))[0]
        line = move.invoice_line_ids.filtered("product_id").with_user(self.clerk)
        agreed = line.extra_tax_data
        line.extra_tax_data = agreed
        taxes = {str(tax.id): {"tax_amount": 1} for tax in self.group.children_tax_ids}
        for typed in (
            {"service_net": 1},
            {"manual_tax_amounts": taxes},
            {"manual_total_excluded": 1},
        ):
            with self.assertRaisesRegex(UserError, "cannot be typed"):
                line.extra_tax_data = agreed | typed
        self.assertBilled(move, (20.32, 4.68, 25.0))

    def test_invoice_that_is_corrected_keeps_the_agreed_amounts(self):
        taxes = self.tax_11_included | self.tax_12_included
        alone = self._new_order(
            *[(self.part, 50, {"tax_ids": [Command.set(taxes.ids)]})] * 3
        )
        shared = self._new_included(50, program_id=self.program.id)
        for move in self._bill(alone) | self._bill(shared):
            move.with_user(self.authorizer).action_service_authorize()
            wizard = self.env["account.move.reversal"].with_user(self.authorizer)
            wizard = wizard.with_context(
                active_model="account.move", active_ids=move.ids
            ).create({"journal_id": move.journal_id.id, "reason": "Wrong text"})
            wizard.modify_moves()
            new = wizard.new_move_ids
            self.assertEqual(new.amount_untaxed, move.amount_untaxed)
            self.assertEqual(new.amount_total, move.amount_total)

    def test_credit_memos_take_back_what_was_billed(self):
        moves = self._bill(self._new_included(50, program_id=self.program.id))
        moves.with_user(self.authorizer).action_service_authorize()
        for move, parts in ((moves[0], [10.16, 10.16]), (moves[1], [20.33])):
            for amount in parts:
                line = move.invoice_line_ids.filtered("product_id")
                action = move.with_user(self.authorizer).action_service_credit(
                    reason="Wrong", line_ids=[(line.id, amount)]
                )
                credit = self._get_documents(action)
                self.assertEqual(credit.amount_untaxed, amount)
                credit.filtered(lambda m: m.state == "draft").with_user(
                    self.authorizer
                ).action_service_authorize()
            self.assertEqual(move.service_status, "reversed")
            credits = move.reversal_move_ids
            self.assertEqual(sum(credits.mapped("amount_total")), move.amount_total)

    def test_invoice_rounded_as_a_whole_can_be_credited_whole(self):
        # twice 0.255 is 0.51, and 0.26 + 0.26 line by line
        line = (self.part, 0.17, {"quantity": 1.5})
        order = self._new_order(line, line)
        self.assertEqual(order.amount_untaxed, 0.51)
        move = self._bill(order)
        self.assertFalse(move.service_share_warning)
        self.assertBilled(move, (0.51, 0.06, 0.57))
        move.with_user(self.authorizer).action_service_authorize()
        action = move.with_user(self.authorizer).action_service_credit(reason="Wrong")
        self.assertBilled(self._get_documents(action), (0.51, 0.06, 0.57))
        self.assertEqual(move.service_status, "reversed")

    def test_electronic_invoice_says_the_same(self):
        if BIS3 not in self.env:
            self.skipTest(
                "core's electronic invoices (account_edi_ubl_cii) are not installed"
            )
        vals = {"tax_ids": [Command.set(self.tax_11_included.ids)]}
        order = self._new_order(
            (self.part, 21.53, vals | {"program_id": self.program.id}),
            (self.part, 3.33, vals | {"quantity": 3, "discount": 10}),
        )
        move = self._bill(order)[0]
        move.with_user(self.authorizer).action_service_authorize()
        tree = etree.fromstring(self.env[BIS3]._export_invoice(move)[0])
        amounts = [
            float(node.text) for node in tree.iterfind(".//{*}LineExtensionAmount")
        ]
        total, lines = amounts[0], amounts[1:]
        self.assertAlmostEqual(total, move.amount_untaxed)
        self.assertAlmostEqual(sum(lines), move.amount_untaxed)
        for line in tree.iterfind(".//{*}InvoiceLine"):
            net, price, quantity, rebate = (
                float(line.findtext(path) or 0)
                for path in (
                    "{*}LineExtensionAmount",
                    "{*}Price/{*}PriceAmount",
                    "{*}InvoicedQuantity",
                    "{*}AllowanceCharge/{*}Amount",
                )
            )
            self.assertAlmostEqual(price * quantity - rebate, net, delta=0.01)

    @examples(8)
    @given(
        method=st.sampled_from(["round_globally", "round_per_line"]),
        drawn=st.lists(
            st.tuples(
                st.sampled_from(TAXES),
                st.integers(20, 20000).map(lambda cents: cents / 100),
                st.sampled_from([1, 3, 1.37]),
                st.sampled_from(["plain", "program", "claim", "whole program"]),
                st.sampled_from([33.33, 50, 12.5, 100]),
            ),
            min_size=1,
            max_size=5,
        ),
        deductible=st.sampled_from([0, 0.37, 33.33]),
    )
    def test_payers_add_up_to_the_order(self, method, drawn, deductible):
        self.env.company.tax_calculation_rounding_method = method
        with self._rolled_back():
            order = self._new_order(
                *[
                    (
                        self.part,
                        price,
                        {
                            "quantity": quantity,
                            "tax_ids": [Command.set(self.taxes[taxes].ids)],
                        },
                    )
                    for taxes, price, quantity, _payer, _share in drawn
                ]
            )
            claimed = order.line_ids.browse()
            for line, (*_rest, payer, share) in zip(order.line_ids, drawn, strict=True):
                if "program" in payer:
                    line.program_id = self.program
                    line.coverage_percent = 100 if "whole" in payer else share
                elif payer == "claim":
                    claimed |= line
            if claimed:
                self._new_claim(order, claimed, deductible=deductible)
            moves = self._bill(order)
            billed = sum(moves.mapped("amount_untaxed"))
            self.assertAlmostEqual(billed, order.amount_untaxed)
            self.assertAlmostEqual(self._sum_levy(moves), self._get_levy(order))
            for payer, share in order._get_payer_shares().items():
                move = moves.filtered(
                    lambda m, payer=payer: m._get_service_payer() == payer
                )
                self.assertAlmostEqual(move.amount_untaxed, share)

    def _sum_levy(self, moves):
        items = moves.line_ids.filtered(lambda item: item.tax_line_id == self.levy)
        return -sum(items.mapped("amount_currency"))

    def _get_levy(self, order):
        """What one invoice of all lines bears of the levy."""
        lines = order.line_ids.filtered(lambda line: self.levy in line.tax_ids)
        amounts = [line.quantity * self.levy.amount for line in lines]
        if self.env.company.tax_calculation_rounding_method == "round_per_line":
            amounts = [order.currency_id.round(amount) for amount in amounts]
        return order.currency_id.round(sum(amounts))
