from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from ..common_tcd import TcdCommon


@tagged("post_install", "-at_install")
class TestTcdTax(TcdCommon):
    """Tax rows put their taxes on the lines they apply to, and take them off again.

    The saved invoice is labour of 100 with 11 % and a row of 5 %.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.move = cls._new_invoice((cls.labour, 100, {}), rows=cls.levy)
        cls._save(cls.move)

    def test_tax_row_taxes_the_lines_and_shows_what_they_yield(self):
        move = self._new_invoice(
            (self.labour, 300, {}), (self.part, 200, {}), rows=self.levy
        )
        self._save(move)
        for product in (self.labour, self.part):
            line = self._find_line(move, product)
            self.assertEqual(line.tax_ids, self.tax_11 | self.tax_5)
            self.assertEqual(line.service_tcd_tax_ids, self.tax_5)
        # 5 % of 500
        self.assertRecordValues(
            move.service_tcd_ids,
            [{"taxable_amount": 500, "amount": 25, "rate": 5, "level": "invoice"}],
        )
        # 55 of the products and 25 of the row
        self.assertSummary(move, tax=80, charge=0, total=580)
        self.assertEqual(move.service_amount_tcd, 80)
        self.assertSavedTwiceTheSame(move)

    def test_scope_is_document_material_or_resource(self):
        for scope, taxed in (
            ("material", self.part),
            ("resource", self.labour | self.external),
            ("document", self.part | self.labour | self.external),
        ):
            with self.subTest(scope):
                self.levy.apply_on = scope
                move = self._new_invoice(
                    (self.labour, 300, {}),
                    (self.part, 200, {}),
                    (self.external, 100, {}),
                    rows=self.levy,
                )
                self._save(move)
                lines = move.invoice_line_ids.filtered("service_tcd_tax_ids")
                self.assertEqual(lines.product_id, taxed)
                self.assertEqual(
                    move.service_tcd_ids.taxable_amount,
                    sum(lines.mapped("price_subtotal")),
                )

    def test_row_goes_and_takes_only_what_it_put_there(self):
        both = self.tax_11 | self.tax_5
        move = self._new_invoice(
            (self.labour, 100, {}),
            (self.part, 200, {"tax_ids": [Command.set(both.ids)]}),
            rows=self.levy,
        )
        self._save(move)
        # the part had the tax: it counts, but it is not the row's
        self.assertEqual(move.service_tcd_ids.amount, 15)
        self.assertFalse(self._find_line(move, self.part).service_tcd_tax_ids)
        move.service_tcd_ids.unlink()
        self._save(move)
        self.assertEqual(self._find_line(move, self.labour).tax_ids, self.tax_11)
        self.assertEqual(self._find_line(move, self.part).tax_ids, both)
        # 11 % of 300 and 5 % of 200
        self.assertSummary(move, tax=43, total=343)

    def test_other_code_and_other_scope_move_the_tax(self):
        other = self._new_code(
            "OTHER", "tax", tax_ids=self._percent_tax(7).ids, apply_on="material"
        )
        move = self._new_invoice(
            (self.labour, 100, {}), (self.part, 200, {}), rows=self.levy
        )
        self._save(move)
        move.service_tcd_ids.tcd_id = other
        self._save(move)
        self.assertEqual(self._find_line(move, self.labour).tax_ids, self.tax_11)
        self.assertEqual(
            self._find_line(move, self.part).tax_ids, self.tax_11 | other.tax_ids
        )
        self.assertRecordValues(
            move.service_tcd_ids, [{"rate": 7, "amount": 14, "taxable_amount": 200}]
        )

    def test_product_chosen_later_keeps_its_own_tax(self):
        self.external.taxes_id = self.tax_5
        move = self.move
        line = self._find_line(move, self.labour)
        line.product_id = self.external
        self.assertEqual(line.tax_ids, self.tax_5)
        move.service_tcd_ids.unlink()
        self._save(move)
        self.assertEqual(line.tax_ids, self.tax_5)

    def test_payers_fiscal_position_maps_the_tax(self):
        export = self.env["account.fiscal.position"].create({"name": "Export"})
        zero = self._percent_tax(
            0, fiscal_position_ids=export.ids, original_tax_ids=self.tax_5.ids
        )
        move = self._new_invoice(
            (self.labour, 100, {}), rows=self.levy, fiscal_position_id=export.id
        )
        self._save(move)
        self.assertEqual(self._find_line(move, self.labour).service_tcd_tax_ids, zero)
        self.assertEqual(move.service_tcd_ids.amount, 0)
        self.assertEqual(move.service_tcd_ids.taxable_amount, 100)

    def test_charges_and_discounts_come_first_and_follow_the_tax(self):
        """Percentages count on the lines, whatever the taxes."""
        charge = self._new_code("CHG", "charge", tax_ids=self.tax_11.ids)
        stamp = self._new_code("STAMP", "charge", rate=6)
        discount = self._new_code("DSC", "discount", basis="percentage")
        move = self._new_invoice(
            (self.labour, 500, {}), rows=self.levy | charge | stamp | discount
        )
        self._save(move)
        self.assertEqual(
            self._find_line(move, charge).tax_ids, self.tax_11 | self.tax_5
        )
        self.assertFalse(self._find_line(move, stamp).tax_ids)
        self.assertRecordValues(
            self._find_line(move, discount),
            [
                {
                    "price_subtotal": -50,
                    "tax_ids": (self.tax_11 | self.tax_5).ids,
                    "service_tcd_tax_ids": self.tax_5.ids,
                }
            ],
        )
        # 500 + 10 - 50 = 460, of which 5 % is 23 and 11 % is 50.60
        row = move.service_tcd_ids.filtered(lambda row: row.tcd_type == "tax")
        self.assertRecordValues(row, [{"taxable_amount": 460, "amount": 23}])
        self.assertSummary(
            move, labour=500, charge=16, discount=50, tax=73.6, total=539.6
        )
        # taxes + charges - discounts
        self.assertEqual(move.service_amount_tcd, 39.6)
        self.assertEqual(move.amount_total, 539.6)
        self.assertSavedTwiceTheSame(move)
        row.unlink()
        self._save(move)
        self.assertEqual(self._find_line(move, charge).tax_ids, self.tax_11)
        self.assertEqual(self._find_line(move, discount).tax_ids, self.tax_11)

    def test_tax_on_material_leaves_charges_and_other_discounts_alone(self):
        self.levy.apply_on = "material"
        charge = self._new_code("CHG", "charge", tax_ids=self.tax_11.ids)
        discount = self._new_code("DSC", "discount", rate=50)
        move = self._new_invoice(
            (self.labour, 300, {}),
            (self.part, 200, {}),
            rows=self.levy | charge | discount,
        )
        self._save(move)
        self.assertEqual(self._find_line(move, charge).tax_ids, self.tax_11)
        # 50 as 300 : 200
        self.assertEqual(
            {
                (line.tax_ids, line.price_subtotal)
                for line in self._find_line(move, discount)
            },
            {(self.tax_11, -30), (self.tax_11 | self.tax_5, -20)},
        )
        row = move.service_tcd_ids[0]
        self.assertRecordValues(row, [{"taxable_amount": 180, "amount": 9}])

    def test_withheld_tax_may_come_from_a_row(self):
        withheld = self._percent_tax(-2, service_withholding=True)
        code = self._new_code("WHT", "tax", tax_ids=withheld.ids)
        move = self._new_invoice((self.labour, 100, {}), rows=code)
        self._save(move)
        self.assertRecordValues(move.service_tcd_ids, [{"rate": -2, "amount": -2}])
        self.assertSummary(move, tax=11, withholding=2, total=111)
        self.assertEqual(move.amount_total, 109)
        self.assertEqual(move.service_amount_tcd, 11)

    def test_two_rows_with_one_tax_count_it_once(self):
        twin = self._new_code(
            "TWIN", "tax", tax_ids=self.tax_5.ids, apply_on="material"
        )
        move = self._new_invoice(
            (self.labour, 100, {}), (self.part, 200, {}), rows=twin | self.levy
        )
        self._save(move)
        self.assertEqual(move.service_tcd_ids.mapped("amount"), [10, 5])
        self.assertSummary(move, tax=48)

    def test_tax_of_a_group_is_not_put_on_twice(self):
        group = self._percent_tax(
            0,
            amount_type="group",
            children_tax_ids=[Command.set((self.tax_11 | self.tax_5).ids)],
        )
        move = self._new_invoice(
            (self.labour, 100, {"tax_ids": [Command.set(group.ids)]}), rows=self.levy
        )
        self._save(move)
        self.assertEqual(self._find_line(move, self.labour).tax_ids, group)
        self.assertEqual(move.service_tcd_ids.amount, 5)

    def test_posting_brings_the_tax_and_it_stays(self):
        move = self.move
        self.levy.tax_ids = self._percent_tax(6)
        move.with_user(self.authorizer).action_post()
        self.assertSummary(move, tax=17, total=117)
        self.assertEqual(move.service_tcd_ids.amount, 6)
        self.assertEqual(move.amount_residual, 117)

    def test_credit_memo_has_the_lines_and_taxes_but_no_rows(self):
        charge = self._new_code("CHG", "charge", tax_ids=self.tax_11.ids)
        move = self._new_invoice((self.labour, 100, {}), rows=self.levy | charge)
        self._authorize(move)
        refund = move._reverse_moves([{"invoice_date": "2026-11-21"}])
        refund.action_service_save()
        self.assertFalse(refund.service_tcd_ids)
        # 110 + 11 % + 5 %
        self.assertSummary(refund, labour=100, charge=10, tax=17.6, total=127.6)
        with self.assertRaisesRegex(UserError, "only on service invoices"):
            refund.service_tcd_ids = [Command.create({"tcd_id": charge.id})]
        refund.with_user(self.authorizer).action_post()
        self.assertEqual(move.service_status, "reversed")

    def test_duplicate_of_a_typed_invoice_has_the_rows(self):
        copy = self.move.copy()
        self.assertEqual(copy.service_tcd_ids.tcd_id, self.levy)
        copy.service_tcd_ids.unlink()
        self._save(copy)
        self.assertEqual(self._find_line(copy, self.labour).tax_ids, self.tax_11)

    def test_order_brings_the_tax_to_the_service_invoice_alone(self):
        order = self._new_order(
            (self.labour, 100, {"program_id": self.program.id}),
            tcd_ids=[Command.create({"tcd_id": self.levy.id})],
        )
        service, program = self._bill(order)
        # half of the labour
        self.assertRecordValues(
            service.service_tcd_ids,
            [{"level": "order", "amount": 2.5, "taxable_amount": 50}],
        )
        self.assertSummary(service, tax=8, total=58)
        self.assertSummary(program, tax=5.5, total=55.5)

    def test_moved_share_keeps_the_tax(self):
        order = self._new_order(
            (self.labour, 100, {}),
            tcd_ids=[Command.create({"tcd_id": self.levy.id})],
        )
        service = self._bill(order)
        service.action_service_authorize()
        action = service.action_service_move_share(
            invoice_type="program", partner_id=self.sponsor.id, reason="Goodwill"
        )
        self.assertSummary(self._get_documents(action), tax=16, total=116)
        self.assertSummary(service.reversal_move_ids, tax=16, total=116)

    def test_tax_row_alone_makes_no_invoice(self):
        self.program.value = 100
        order = self._new_order(
            (self.labour, 100, {"program_id": self.program.id}),
            tcd_ids=[Command.create({"tcd_id": self.levy.id})],
        )
        self.assertEqual(self._bill(order).mapped("service_invoice_type"), ["program"])

    def test_form_of_an_order_takes_discount_and_tax_together(self):
        order = self._new_order((self.labour, 100, {}), (self.part, 50, {}))
        codes = [self._new_code("DSC", "discount"), self.levy]
        with Form(order.with_user(self.advisor)) as form:
            for code in codes:
                with form.tcd_ids.new() as row:
                    row.tcd_id = code
            with form.line_ids.edit(0) as line:
                line.quantity = 2
        self.assertEqual(order.tcd_ids.mapped("tcd_id.code"), ["DSC", "LEVY"])
        move = self._bill(order)
        # 11 % and 5 % of 2 × 100 + 50 less 10 of discount
        self.assertSummary(move, discount=10, tax=38.4, total=278.4)

    def test_form_shows_the_rows(self):
        move = self.move
        with Form(move.with_user(self.clerk)) as form:
            with form.service_tcd_ids.new() as row:
                row.tcd_id = self._new_code("CHG", "charge")
                self.assertEqual(row.rate, 10)
                self.assertEqual(row.level, "invoice")
        self._save(move)
        self.assertSummary(move, charge=10, tax=16)

    def test_print_shows_the_tax_once(self):
        move = self._authorize(self.move)
        report = self.env["ir.actions.report"]
        content = report._render_qweb_html(
            "account.report_invoice_with_payments", move.ids
        )[0].decode()
        # in the column of taxes of the one line; the totals have core's tax group
        self.assertEqual(content.count("Sale 5 %"), 1)
        self.assertNotIn("LEVY", content)
