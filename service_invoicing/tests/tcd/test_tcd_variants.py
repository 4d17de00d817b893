from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..common_tcd import TcdCommon


@tagged("post_install", "-at_install")
class TestTcdVariants(TcdCommon):
    """Variants by date, unit rates, and codes that add themselves."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.charge = cls._new_code("CHG", "charge")

    @classmethod
    def _add_variants(cls, code, *variants):
        """Variants (name, rate, first day, last day)."""
        names = ("code", "rate", "date_from", "date_to")
        code.variant_ids = [
            Command.create(dict(zip(names, values, strict=True))) for values in variants
        ]
        return code.variant_ids

    def test_row_takes_the_variant_of_the_day_and_its_rate(self):
        old, new = self._add_variants(
            self.charge,
            ("2025", 20, "2025-01-01", "2025-12-31"),
            ("2026", 30, "2026-01-01", False),
        )
        move = self._new_invoice((self.labour, 100, {}), rows=self.charge)
        row = move.service_tcd_ids
        self.assertEqual((row.variant_id, row.rate), (new, 30))
        self._save(move)
        self.assertSummary(move, charge=30)
        row.variant_id = old
        self.assertEqual(row.rate, 20)
        with self.assertRaisesRegex(UserError, "variant 2025 of CHG.*12/31/2025"):
            self._save(move)
        move.invoice_date = "2025-06-30"
        self._save(move)
        self.assertSummary(move, charge=20)
        self.assertSavedTwiceTheSame(move)

    def test_variant_is_checked_again_at_authorization(self):
        self._add_variants(self.charge, ("NOV", 20, "2026-11-01", "2026-11-30"))
        move = self._new_invoice((self.labour, 100, {}), rows=self.charge)
        self._save(move)
        move.invoice_date = "2026-12-01"
        with self.assertRaisesRegex(UserError, "NOV of CHG"):
            move.with_user(self.authorizer).action_post()

    def test_variants_of_different_names_may_be_valid_at_once(self):
        low, high = self._add_variants(
            self.charge, ("1 LOW", 20, False, False), ("2 HIGH", 30, False, False)
        )
        move = self._new_invoice((self.labour, 100, {}), rows=self.charge)
        self.assertEqual(move.service_tcd_ids.variant_id, low)
        move.service_tcd_ids.variant_id = high
        self._save(move)
        self.assertSummary(move, charge=30)

    def test_one_name_is_valid_once_a_day(self):
        self._add_variants(
            self.charge,
            ("A", 1, "2026-01-01", "2026-06-30"),
            ("A", 2, "2026-07-01", False),
        )
        with self.assertRaisesRegex(ValidationError, "twice on the same day"):
            self._add_variants(self.charge, ("A", 3, "2026-06-30", "2026-06-30"))
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self._add_variants(self.charge, ("B", 3, "2026-06-30", "2026-06-29"))

    def test_code_with_variants_needs_one_of_the_day(self):
        self._add_variants(self.charge, ("2025", 20, "2025-01-01", "2025-12-31"))
        move = self._new_invoice((self.labour, 100, {}), rows=self.charge)
        self.assertFalse(move.service_tcd_ids.variant_id)
        with self.assertRaisesRegex(UserError, "CHG needs a variant"):
            self._save(move)

    def test_variant_belongs_to_the_code_of_the_row(self):
        other = self._add_variants(self.levy, ("X", 0, False, False))
        move = self._new_invoice((self.labour, 100, {}), rows=self.charge)
        with self.assertRaisesRegex(ValidationError, "LEVY/X is no variant of CHG"):
            move.service_tcd_ids.variant_id = other

    def test_variant_of_a_tax_code_has_taxes(self):
        new = self._percent_tax(12)
        variants = self._add_variants(
            self.levy,
            ("2026", 0, False, "2026-12-31"),
            ("2027", 0, "2027-01-01", False),
        )
        variants[1].tax_ids = new
        move = self._new_invoice(
            (self.labour, 100, {}), rows=self.levy, invoice_date="2027-01-01"
        )
        self._save(move)
        self.assertRecordValues(move.service_tcd_ids, [{"rate": 12, "amount": 12}])
        self.assertEqual(self._find_line(move, self.labour).service_tcd_tax_ids, new)
        included = self._percent_tax(13, price_include_override="tax_included")
        with self.assertRaisesRegex(ValidationError, "included in the price"):
            variants[0].tax_ids = included

    def test_discount_variant_is_at_most_the_whole(self):
        code = self._new_code("DSC", "discount", basis="percentage")
        with self.assertRaisesRegex(ValidationError, "more than 100"):
            self._add_variants(code, ("ALL", 101, False, False))

    def test_order_keeps_the_variant_of_its_day(self):
        """Agreed in November, billed in December."""
        november = self._add_variants(
            self.charge, ("NOV", 20, "2026-11-01", "2026-11-30")
        )
        order = self._new_order(
            (self.labour, 100, {}),
            order_date="2026-11-20",
            tcd_ids=[Command.create({"tcd_id": self.charge.id})],
        )
        self.assertEqual(order.tcd_ids.variant_id, november)
        service = self._bill(order)
        self.assertRecordValues(
            service.service_tcd_ids,
            [{"variant_id": november.id, "level": "order", "amount": 20}],
        )
        service.invoice_date = "2026-12-05"
        service.action_service_authorize()
        self.assertSummary(service, charge=20)

    def test_document_check_names_a_variant_out_of_its_dates(self):
        old = self._add_variants(self.charge, ("OLD", 20, False, "2025-12-31"))
        order = self._new_order(
            (self.labour, 100, {}),
            order_date="2026-11-20",
            tcd_ids=[Command.create({"tcd_id": self.charge.id, "variant_id": old.id})],
        )
        with self.assertRaisesRegex(UserError, f"{order.name}.*OLD of CHG"):
            order.action_confirm_check()

    def test_used_variant_stays(self):
        variant = self._add_variants(self.charge, ("A", 20, False, False))
        self._new_invoice((self.labour, 100, {}), rows=self.charge)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            variant.unlink()

    def test_unit_rate_counts_the_quantity_in_scope(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        hour = self.env.ref("uom.product_uom_hour")
        code = self._new_code(
            "TYRE", "charge", basis="unit_rate", rate=2.5, apply_on="material"
        )
        move = self._new_invoice(
            (self.part, 100, {"quantity": 4}),
            (self.part, 900, {"quantity": 0.5, "product_uom_id": dozen.id}),
            (self.part, 70, {"quantity": 3, "product_uom_id": hour.id}),
            (self.labour, 10, {"quantity": 9}),
            rows=code,
        )
        self._save(move)
        # 4 and half a dozen; hours are no units, labour is no material
        self.assertRecordValues(
            move.service_tcd_ids,
            [{"quantity": 10, "amount": 25, "taxable_amount": 1060}],
        )
        code.uom_id = False
        self._save(move)
        # as they stand: (4 + 0.5 + 3) x 2.50
        self.assertEqual(move.service_tcd_ids.amount, 18.75)
        self.assertSavedTwiceTheSame(move)

    def test_unit_rate_of_a_share_counts_the_share_of_the_quantity(self):
        code = self._new_code("ECO", "charge", basis="unit_rate", rate=3)
        order = self._new_order(
            (
                self.labour,
                100,
                {"quantity": 5, "program_id": self.program.id, "coverage_percent": 60},
            ),
            (self.part, 10, {"quantity": 4}),
            tcd_ids=[Command.create({"tcd_id": code.id})],
        )
        # 40 % of 5, and 4
        self.assertEqual(list(order._get_tcd_estimates().values()), [18])
        service, program = self._bill(order)
        self.assertRecordValues(
            service.service_tcd_ids, [{"quantity": 6, "amount": 18}]
        )
        program.service_tcd_ids = [Command.create({"tcd_id": code.id})]
        self._save(program)
        self.assertEqual(program.service_tcd_ids.quantity, 3)

    def test_unit_rate_counts_no_own_risk(self):
        code = self._new_code("ECO", "charge", basis="unit_rate", rate=3)
        order = self._new_order(
            (self.part, 500, {"quantity": 4}),
            (self.labour, 100, {"quantity": 2}),
            tcd_ids=[Command.create({"tcd_id": code.id})],
        )
        self._new_claim(order, order.line_ids[0], deductible=300)
        self.assertEqual(list(order._get_tcd_estimates().values()), [6])
        service = self._bill(order)[0]
        self.assertEqual(service.service_tcd_ids.quantity, 2)

    def test_automatic_code_comes_with_the_order_and_once(self):
        self.charge.auto_apply = True
        order = self._new_order(
            (self.labour, 100, {"program_id": self.program.id}),
            tcd_ids=[Command.create({"tcd_id": self.charge.id, "rate": 7})],
        )
        self.assertEqual(order.tcd_ids.rate, 7, "typed already")
        order = self._new_order((self.labour, 100, {"program_id": self.program.id}))
        self.assertRecordValues(
            order.tcd_ids, [{"tcd_id": self.charge.id, "level": "order"}]
        )
        self.assertEqual(order.copy().tcd_ids.tcd_id, self.charge)
        service, program = self._bill(order)
        self.assertEqual(len(service.service_tcd_ids), 1)
        self.assertFalse(program.service_tcd_ids)
        service.action_service_authorize()
        refund = service._reverse_moves([{"invoice_date": "2026-11-22"}])
        self.assertFalse(refund.service_tcd_ids)

    def test_automatic_code_that_was_removed_does_not_come_back(self):
        self.charge.auto_apply = True
        order = self._new_order((self.labour, 100, {}))
        order.tcd_ids.unlink()
        service = self._bill(order)
        self.assertFalse(service.service_tcd_ids)
        move = self._new_invoice((self.labour, 100, {}))
        self.assertEqual(move.service_tcd_ids.tcd_id, self.charge)
        move.service_tcd_ids.unlink()
        self._save(move)
        self._authorize(move)
        self.assertSummary(move, charge=0)

    def test_replacement_has_the_rows_of_the_invoice_it_replaces(self):
        self.charge.auto_apply = True
        levy = Command.create({"tcd_id": self.levy.id})
        order = self._new_order((self.labour, 100, {}), tcd_ids=[levy])
        order.tcd_ids.filtered(lambda row: row.tcd_id == self.charge).unlink()
        service = self._authorize(self._bill(order))
        wizard = self.env["account.move.reversal"].create(
            {"move_ids": service.ids, "journal_id": service.journal_id.id}
        )
        wizard.modify_moves()
        replacement = wizard.new_move_ids
        self.assertEqual(replacement.service_tcd_ids.tcd_id, self.levy)
        self._save(replacement)
        self.assertSummary(replacement, charge=0, tax=16, total=116)

    def test_automatic_codes_are_for_service_invoices_of_their_company(self):
        self.charge.auto_apply = True
        other = self._create_company(name="Other company")
        self.assertEqual(
            self._new_invoice((self.labour, 100, {})).service_tcd_ids.tcd_id,
            self.charge,
        )
        for vals in (
            {"service_invoice_type": "program"},
            {"service_invoice_type": False},
            {"move_type": "out_refund"},
            {"company_id": other.id},
        ):
            with self.subTest(vals):
                move = self.env["account.move"].create(
                    {
                        "move_type": "out_invoice",
                        "service_invoice_type": "service",
                        "partner_id": self.customer.id,
                        **vals,
                    }
                )
                self.assertFalse(move.service_tcd_ids)
        with Form(self.env["service.work.order"].with_user(self.advisor)) as form:
            form.partner_id = self.customer
        self.assertEqual(form.record.tcd_ids.tcd_id, self.charge)

    def test_codes_and_variants_stay_in_their_company(self):
        variant = self._add_variants(self.charge, ("A", 20, False, False))
        data = self.setup_other_company()
        other = data["company"]
        stranger = self._new_user("stranger", "group_service_manager")
        stranger.write({"company_ids": other.ids, "company_id": other.id})
        with self.assertRaises(AccessError):
            variant.with_user(stranger).read(["rate"])
        with self.assertRaises(AccessError):
            variant.with_user(self.clerk).rate = 1
        self.assertEqual(variant.with_user(self.advisor).rate, 20)
        foreign = self.env["service.tcd"].create(
            {
                "code": "CHG",
                "name": "The same code of the other company",
                "company_id": other.id,
                "account_id": data["default_account_revenue"].id,
            }
        )
        move = self._new_invoice((self.labour, 100, {}))
        with self.assertRaises(UserError):
            move.service_tcd_ids = [Command.create({"tcd_id": foreign.id})]
