from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import ServiceInvoicingCommon


@tagged("post_install", "-at_install", "service_alone")
class TestTcd(ServiceInvoicingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls.company_data["default_account_revenue"].copy()
        cls.charge = cls._new_code("CHG", "charge", tax_ids=cls.tax_11.ids)
        cls.discount = cls._new_code("DSC", "discount")

    @classmethod
    def _new_code(cls, code, tcd_type, **vals):
        return cls.env["service.tcd"].create(
            {
                "code": code,
                "name": code,
                "tcd_type": tcd_type,
                "account_id": cls.account.id,
                "rate": 10,
                **vals,
            }
        )

    def _invoice(self, *lines):
        return self._bill(self._new_order(*lines))

    def _add(self, move, tcd, **vals):
        move.service_tcd_ids = [Command.create({"tcd_id": tcd.id, **vals})]
        move.action_service_save()
        return move.invoice_line_ids.filtered(
            lambda line: line.service_tcd_id == tcd and line.display_type == "product"
        )

    def test_charge_is_one_line_on_its_account_with_its_taxes(self):
        move = self._invoice((self.labour, 100, {}))
        line = self._add(move, self.charge)
        self.assertRecordValues(
            line, [{"price_subtotal": 10, "account_id": self.account.id}]
        )
        self.assertEqual(line.tax_ids, self.tax_11)
        self.assertSummary(move, labour=100, charge=10, tax=12.10, total=122.10)

    def test_discount_is_one_line_per_tax_set(self):
        tax_5 = self._percent_tax(5)
        self.part.taxes_id = tax_5
        move = self._invoice((self.labour, 300, {}), (self.part, 200, {}))
        lines = self._add(move, self.discount, rate=50)
        # pro rata 300 : 200
        self.assertEqual(
            {(line.tax_ids, line.price_subtotal) for line in lines},
            {(self.tax_11, -30), (tax_5, -20)},
        )
        # (300 - 30) x 11 % + (200 - 20) x 5 % = 29.70 + 9.00
        self.assertSummary(move, discount=50, tax=38.70, total=488.70)

    def test_discount_is_at_most_what_it_applies_to(self):
        """No tax gets a negative base: of 19.99 of material at most 19.99 is given."""
        move = self._invoice((self.labour, 100, {}), (self.part, 19.99, {}))
        self.discount.write({"apply_on": "material", "rate": 15})
        other = self._new_code("DSC2", "discount", apply_on="material", rate=50)
        self._add(move, self.discount)
        self._add(move, other)
        # 15.00 and what is left of 19.99
        self.assertEqual(move.service_tcd_ids.mapped("amount"), [15.0, 4.99])
        # 11 % of the labour alone
        self.assertSummary(move, discount=19.99, tax=11, total=111)
        move.service_tcd_ids.filtered(lambda row: row.tcd_id == other).rate = 1
        move.action_service_save()
        self.assertEqual(move.service_tcd_ids.mapped("amount"), [15.0, 1.0])

    def test_what_waits_for_authorization_shows_its_charges_at_once(self):
        move = self._invoice((self.labour, 100, {}))
        clerks = move.with_user(self.clerk)
        row = {"tcd_id": self.charge.id}
        clerks.service_tcd_ids = [Command.create(row)]
        # 100 and a charge of 10, with 11 %
        self.assertEqual(move.amount_total, 122.10)
        row = Command.update(clerks.service_tcd_ids.id, {"rate": 20})
        clerks.service_tcd_ids = [row]
        self.assertEqual(move.amount_total, 133.20)
        self.charge.write({"basis": "percentage", "rate": 10})
        clerks.service_tcd_ids = [
            Command.clear(),
            Command.create({"tcd_id": self.charge.id}),
        ]
        line = self._find_work(move)
        clerks.invoice_line_ids = [Command.update(line.id, {"price_unit": 200})]
        # 10 % of 200
        self.assertEqual(move.amount_total, 244.20)
        move.with_user(self.authorizer).action_service_authorize()
        self.assertEqual((move.state, move.amount_total), ("posted", 244.20))

    def _find_work(self, move):
        return move.invoice_line_ids.filtered(lambda line: line.product_id)

    def test_nobody_authorizes_another_total_than_he_saw(self):
        move = self._invoice((self.labour, 100, {}))
        self.charge.write({"basis": "percentage"})
        self._add(move, self.charge)
        # a line that is changed by itself: the charge of 10 % follows at Save
        self._find_work(move).with_user(self.clerk).price_unit = 200
        self.assertEqual(move.amount_total, 233.10)
        message = f"{move.service_number} .*233.10 .*244.20"
        with self.assertRaisesRegex(UserError, message):
            move.with_user(self.authorizer).action_service_authorize()
        move.with_user(self.clerk).action_service_save()
        move.with_user(self.authorizer).action_service_authorize()
        self.assertEqual((move.state, move.amount_total), ("posted", 244.20))

    def test_who_changed_an_invoice_himself_knows_what_he_authorizes(self):
        move = self._invoice((self.labour, 100, {}))
        self.charge.write({"basis": "percentage"})
        self._add(move, self.charge)
        user = self.authorizer
        user.group_ids |= self.clerk.group_ids
        self._find_work(move).with_user(user).price_unit = 200
        move.with_user(user).action_service_authorize()
        self.assertEqual((move.state, move.amount_total), ("posted", 244.20))

    def test_percentage_counts_on_its_scope(self):
        self.discount.write({"basis": "percentage", "apply_on": "material"})
        self.charge.write({"basis": "percentage", "apply_on": "resource"})
        move = self._invoice((self.labour, 300, {}), (self.part, 200, {}))
        self._add(move, self.discount)
        self._add(move, self.charge)
        self.assertSummary(move, discount=20, charge=30)
        self.assertEqual(
            move.service_tcd_ids.mapped("taxable_amount"), [200, 300], "told on the row"
        )

    def test_percentage_on_total_value_if_the_company_chooses(self):
        self.env.company.service_tcd_base = "total"
        percent = self._new_code("PCT", "charge", basis="percentage")
        move = self._invoice((self.labour, 100, {}))
        self._add(move, self.charge)
        line = self._add(move, percent)
        # 10 % of 100 and of the charge of 10 before it
        self.assertEqual(line.price_subtotal, 11)

    def test_included_taxes_leave_the_amount_of_the_code(self):
        self.tax_11.price_include_override = "tax_included"
        move = self._invoice((self.labour, 111, {}))
        self._add(move, self.charge)
        self._add(move, self.discount)
        self.assertSummary(move, labour=100, charge=10, discount=10, tax=11, total=111)

    def test_saving_again_replaces_the_lines(self):
        move = self._invoice((self.labour, 100, {}))
        self._add(move, self.charge)
        count = len(move.invoice_line_ids)
        move.action_service_save()
        self.assertEqual(len(move.invoice_line_ids), count)
        move.service_tcd_ids.unlink()
        move.action_service_save()
        self.assertSummary(move, charge=0, total=111)
        self.assertEqual(
            move.invoice_line_ids.filtered("service_tcd_id"),
            self.env["account.move.line"],
        )

    def test_posting_takes_the_rows_as_they_are_then(self):
        move = self._invoice((self.labour, 100, {}))
        move.service_tcd_ids = [Command.create({"tcd_id": self.charge.id})]
        move.with_user(self.authorizer).action_post()
        self.assertSummary(move, charge=10, total=122.10)

    def test_rows_of_the_order_go_on_the_service_invoice_only(self):
        order = self._new_order(
            (self.labour, 100, {"program_id": self.program.id}),
            tcd_ids=[Command.create({"tcd_id": self.charge.id, "rate": 7})],
        )
        service, program = self._bill(order)
        self.assertRecordValues(
            service.service_tcd_ids, [{"level": "order", "rate": 7, "amount": 7}]
        )
        self.assertFalse(program.service_tcd_ids)

    def test_customer_without_share_is_billed_the_charges(self):
        self.program.value = 100
        order = self._new_order(
            (self.labour, 100, {"program_id": self.program.id}),
            tcd_ids=[Command.create({"tcd_id": self.charge.id})],
        )
        service, __ = self._bill(order)
        self.assertSummary(service, charge=10, total=11.10)

    def test_rows_change_only_before_authorization(self):
        move = self._invoice((self.labour, 100, {}))
        self._add(move, self.charge)
        move.with_user(self.authorizer).action_service_authorize()
        row = move.service_tcd_ids
        for change in (
            lambda: row.write({"rate": 1}),
            row.unlink,
            lambda: row.copy(),
        ):
            with self.subTest(change), self.assertRaises(UserError):
                change()

    def test_results_cannot_be_written_by_hand(self):
        move = self._invoice((self.labour, 100, {}))
        self._add(move, self.charge)
        with self.assertRaises(AccessError):
            move.service_tcd_ids.amount = 1

    def test_bad_codes_are_refused(self):
        with self.assertRaises(ValidationError):
            self._new_code("BAD", "discount", basis="percentage", rate=101)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self._new_code("CHG", "charge")
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self._new_code("NEG", "charge", rate=-1)
