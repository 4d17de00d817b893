from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from ..common import ServiceInvoicingCommon


@tagged("post_install", "-at_install")
class TestWorkOrder(ServiceInvoicingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._new_order((cls.part, 100, {}))

    def test_the_estimate_counts_taxes_before_what_is_withheld(self):
        """100 and 11 % are 111; the payer takes 2 off when he pays."""
        withheld = self._percent_tax(-2, service_withholding=True)
        self.order.line_ids.tax_ids |= withheld
        self.assertRecordValues(
            self.order, [{"amount_untaxed": 100, "amount_tax": 11, "amount_total": 111}]
        )

    def test_a_line_given_by_its_product_has_the_text_of_a_sale(self):
        """Name and sales description, in the language of the customer; a text of its
        own stays."""
        self.env["res.lang"]._activate_lang("fr_FR")
        self.part.description_sale = "Two years"
        french = self.part.with_context(lang="fr_FR")
        french.name, french.description_sale = "Phare", "Deux ans"
        order = self._new_order((self.part, 100, {}), (self.part, 1, {"name": "Own"}))
        self.assertEqual(
            order.line_ids.mapped("name"),
            [f"{self.part.display_name}\nTwo years", "Own"],
        )
        self.customer.lang = "fr_FR"
        order = self._new_order((self.part, 100, {}))
        self.assertEqual(order.line_ids.name, f"{french.display_name}\nDeux ans")

    def test_typed_prices_stay_until_somebody_asks_for_those_of_the_list(self):
        """1,000 typed; the list says 1.00, another one with half of it 0.50."""
        self.part.list_price = 1.0
        everybody = self.env.ref("base.group_user")
        everybody.implied_ids += self.env.ref("product.group_product_pricelist")
        half = self.env["product.pricelist"].create(
            {
                "name": "Half",
                "item_ids": [
                    Command.create({"compute_price": "percentage", "percent_price": 50})
                ],
            }
        )
        dear = self._new_partner("Dear")
        dear.specific_property_product_pricelist = half
        order = self._new_order((self.part, 1000, {}))
        order.partner_id = dear
        self.assertEqual(order.pricelist_id, half)
        self.assertEqual(order.line_ids.price_unit, 1000.0)
        with Form(order.with_user(self.advisor)) as form:
            form.partner_id = self.customer
            self.assertTrue(form.show_update_prices)
            form.partner_id = dear
            self.assertFalse(form.show_update_prices)
        self.assertEqual(order.line_ids.price_unit, 1000.0)
        order.with_user(self.advisor).action_update_prices()
        self.assertEqual(order.line_ids.price_unit, 0.5)
        order.line_ids.price_unit = 1000.0
        order.action_confirm_check()
        with self.assertRaises(UserError):
            order.action_update_prices()
        self.assertEqual(order.amount_untaxed, 1000.0)

    def test_states_go_from_draft_to_invoiced_by_the_roles(self):
        order = self.env["service.work.order"].with_user(self.advisor)
        order = order.create({"partner_id": self.customer.id})
        order.action_start()
        order.line_ids = [Command.create({"product_id": self.labour.id})]
        order.line_ids.price_unit = 100
        order.action_submit_check()
        order.action_confirm_check()
        self.assertEqual(order.state, "to_invoice")
        self.assertEqual(order.next_invoice_type, "service")
        order.with_user(self.clerk).action_create_next_invoice()
        self.assertEqual(order.state, "invoiced")
        self.assertFalse(order.next_invoice_type)

    def test_rejected_claim_returns_its_share_to_the_customer(self):
        order = self.order
        claim = self._new_claim(order, order.line_ids, deductible=30)
        self.assertEqual(order.amount_customer, 30)
        claim.action_reject()
        self.assertEqual(order.amount_customer, 100)
        self.assertEqual(order.amount_insurance, 0)
        self.assertEqual(self._bill(order).mapped("partner_id"), self.customer)

    def test_document_check_names_every_missing_piece_at_once(self):
        empty = self._new_order()
        claimed = self._new_order((self.part, 100, {}))
        claim = self._new_claim(claimed, claimed.line_ids, approved=False)
        with self.assertRaises(UserError) as caught:
            (empty | claimed).action_confirm_check()
        message = str(caught.exception)
        self.assertIn(empty.name, message)
        self.assertIn(claim.name, message)
        self.assertEqual((empty | claimed).mapped("state"), ["checking"] * 2)

    def test_line_without_price_or_tax_blocks_the_check(self):
        order = self._new_order(
            (self.part, 0, {"name": "Bolt"}), (self.part, 5, {"tax_ids": []})
        )
        with self.assertRaises(UserError) as caught:
            order.action_confirm_check()
        self.assertRegex(str(caught.exception), "(?s)Bolt”: there is no price.*no tax")

    def test_lower_odometer_has_to_be_confirmed(self):
        vehicle = self._new_vehicle()
        self._new_order((self.part, 5, {}), vehicle_id=vehicle.id, odometer=50000)
        order = self._new_order(
            (self.part, 5, {}), vehicle_id=vehicle.id, odometer=49999
        )
        with self.assertRaisesRegex(UserError, "49,999.*50,000"):
            order.action_confirm_check()
        self._new_order((self.part, 5, {}), vehicle_id=vehicle.id, odometer=60000)
        order.invalidate_recordset()
        self.assertEqual(order.last_odometer, 50000, "a later order does not count")
        order.odometer_confirmed = True
        order.action_confirm_check()
        self.assertEqual(order.state, "to_invoice")

    def test_reading_is_in_the_history_of_the_vehicle_as_long_as_the_order_stands(self):
        vehicle, other = self._new_vehicle(), self._new_vehicle()
        order = self._new_order(
            (self.part, 5, {}), vehicle_id=vehicle.id, odometer=50000
        ).with_user(self.advisor)
        self.assertEqual(self._get_readings(vehicle), [50000])
        order.write(
            {"odometer": 5000, "order_date": "2026-03-01", "vehicle_id": other.id}
        )
        self.assertFalse(self._get_readings(vehicle))
        self.assertEqual(self._get_readings(other), [5000])
        self.assertEqual(str(order.sudo().odometer_id.date), "2026-03-01")
        self.assertFalse(order.copy().odometer)
        self.assertEqual(self._get_readings(other), [5000])
        order.action_cancel(reason="Mistake")
        self.assertFalse(self._get_readings(other))
        order.action_draft()
        self.assertEqual(self._get_readings(other), [5000])
        with self.assertRaises(AccessError):
            order.odometer_id = False
        order.sudo().unlink()
        self.assertFalse(self._get_readings(other))

    def _get_readings(self, vehicle):
        readings = self.env["fleet.vehicle.odometer"].sudo()
        return readings.search([("vehicle_id", "=", vehicle.id)]).mapped("value")

    def test_reading_of_the_fleet_counts_as_one_of_the_workshop(self):
        vehicle = self._new_vehicle()
        self.env["fleet.vehicle.odometer"].create(
            {"vehicle_id": vehicle.id, "value": 70000, "date": "2026-01-01"}
        )
        order = self._new_order(
            (self.part, 5, {}), vehicle_id=vehicle.id, odometer=69000
        )
        self.assertEqual(order.last_odometer, 70000)
        with self.assertRaisesRegex(UserError, "69,000.*70,000"):
            order.action_confirm_check()

    def test_line_with_program_and_claim_is_refused_by_name_whichever_way(self):
        order = self._new_order(
            (self.labour, 100, {"program_id": self.program.id, "name": "Brakes"}),
            (self.labour, 50, {"name": "Oil"}),
        )
        brakes, oil = order.line_ids
        claim = self._new_claim(order, oil)
        both = {"program_id": self.program.id, "claim_id": claim.id}
        new = {"order_id": order.id, "name": "Tyres", "cost_category": "labour"}
        Lines = self.env["service.work.order.line"]
        for name, change in (
            ("Brakes", lambda: brakes.write({"claim_id": claim.id})),
            ("Oil", lambda: oil.write({"program_id": self.program.id})),
            ("Oil", lambda: oil.write(both)),
            ("Tyres", lambda: Lines.create(new | both)),
            ("Tyres", lambda: order.write({"line_ids": [Command.create(new | both)]})),
            (
                "Tyres",
                lambda: Lines.with_context(default_claim_id=claim.id).create(
                    new | {"program_id": self.program.id}
                ),
            ),
        ):
            with (
                self.subTest(name),
                self.assertRaisesRegex(
                    ValidationError, f"{order.name}, “{name}”.*Half labour.*CLAIM-1"
                ),
                self.env.cr.savepoint(),
            ):
                change()
        result = Lines.load(
            ["order_id/.id", "name", "cost_category", "program_id/.id", "claim_id/.id"],
            [[str(order.id), "Wipers", "Labour", self.program.id, claim.id]],
        )
        self.assertFalse(result["ids"])
        self.assertIn("Wipers", result["messages"][0]["message"])
        # what takes one off and puts the other on is no double cover
        brakes.write({"program_id": False, "claim_id": claim.id})
        self.assertEqual(brakes.amount_insurance, 100)

    def test_database_refuses_program_and_claim_past_every_check(self):
        order = self._new_order((self.labour, 100, {"program_id": self.program.id}))
        claim = self._new_claim(order, order.line_ids.browse())
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.env.cr.execute(
                "UPDATE service_work_order_line SET claim_id = %s WHERE id = %s",
                [claim.id, order.line_ids.id],
            )

    def test_program_out_of_date_is_refused_with_its_dates(self):
        self.program.write({"date_from": "2026-01-01", "date_to": "2026-06-30"})
        with self.assertRaisesRegex(ValidationError, "06/30/2026.*07/01/2026"):
            self._new_order(
                (self.labour, 100, {"program_id": self.program.id}),
                order_date="2026-07-01",
            )
        order = self._new_order(
            (self.labour, 100, {"program_id": self.program.id}),
            order_date="2026-06-30",
        )
        with self.assertRaises(ValidationError):
            order.order_date = "2026-07-01"

    def test_coverage_outside_its_categories_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "Half labour.*Material"):
            self._new_order((self.part, 100, {"program_id": self.program.id}))

    def test_a_claim_covers_all_free_lines_in_one_press(self):
        """Not those of a program or another claim, nor what it does not cover."""
        order = self._new_order(
            (self.labour, 100, {"program_id": self.program.id}),
            (self.labour, 200, {}),
            (self.external, 300, {}),
            (self.part, 400, {}),
        )
        with_program, labour, external, part = order.line_ids
        other = self._new_claim(order, labour)
        claim = other.copy({"name": "CLAIM-2", "covers_material": False})
        claim.with_user(self.advisor).action_cover_lines()
        self.assertEqual(claim.line_ids, external)
        self.assertEqual(claim.amount_insurance, 300)
        self.assertFalse((with_program | part).claim_id)
        self.assertEqual(labour.claim_id, other)
        with self.assertRaisesRegex(UserError, f"CLAIM-2: no line of {order.name}"):
            claim.action_cover_lines()
        claim.action_approve()
        order.action_confirm_check()
        with self.assertRaisesRegex(UserError, "has been checked"):
            other.action_cover_lines()

    def test_claim_of_another_order_is_refused(self):
        first = self.order
        second = self._new_order((self.part, 100, {}))
        claim = self._new_claim(first, first.line_ids)
        with self.assertRaisesRegex(ValidationError, "another work order"):
            second.line_ids.claim_id = claim

    def test_deductible_above_the_share_is_capped_and_told(self):
        order = self._new_order((self.part, 200, {}))
        claim = self._new_claim(order, order.line_ids, deductible=300)
        self.assertEqual(claim.deductible_applied, 200)
        self.assertEqual(order.amount_customer, 200)
        self.assertEqual(self._bill(order).mapped("partner_id"), self.customer)
        self.assertIn("300.00", order.message_ids[0].body)

    def test_checked_order_is_frozen_by_every_way(self):
        order = self.order
        order.action_confirm_check()
        for change in (
            lambda: order.line_ids.write({"price_unit": 1}),
            lambda: order.line_ids.unlink(),
            lambda: order.write({"partner_id": self.sponsor.id}),
            lambda: order.line_ids.create({"order_id": order.id, "name": "x"}),
            lambda: self._new_claim(order, order.line_ids),
        ):
            with self.subTest(change), self.assertRaisesRegex(UserError, order.name):
                change()

    def test_state_and_number_cannot_be_written_by_hand(self):
        order = self.order
        for vals in ({"state": "invoiced"}, {"name": "WO/1"}):
            with self.subTest(vals), self.assertRaises(AccessError):
                order.with_user(self.manager).write(vals)
        vals = {"partner_id": self.customer.id}
        with self.assertRaises(AccessError):
            order.create(vals | {"state": "to_invoice"})
        with self.assertRaises(AccessError):
            order.with_context(default_state="to_invoice").create(vals)
        claim = {"name": "C", "work_order_id": order.id, "insurer_id": self.insurer.id}
        claims = self.env["service.insurance.claim"]
        with self.assertRaises(AccessError):
            claims.with_context(default_state="approved").create(claim)

    def test_approved_claim_that_covers_no_line_blocks_the_check(self):
        """80 % of 1000 are 800, less 150.55 of own risk: 649.45 for the insurer."""
        order = self._new_order((self.part, 1000, {}))
        claim = self._new_claim(
            order, order.line_ids.browse(), coverage_percent=80.0, deductible=150.55
        )
        with self.assertRaisesRegex(UserError, f"{claim.name} is approved but covers"):
            order.action_confirm_check()
        claim.action_cover_lines()
        order.action_confirm_check()
        self.assertAlmostEqual(claim.amount_to_insurer, 649.45)

    def test_rejected_claim_may_cover_no_line(self):
        order = self._new_order((self.part, 1000, {}))
        self._new_claim(order, order.line_ids.browse()).action_reject()
        order.action_confirm_check()
        self.assertEqual(order.state, "to_invoice")

    def test_negative_share_and_no_quantity_block_the_check(self):
        order = self._new_order(
            (self.part, 100, {"quantity": -2}), (self.part, 5, {"quantity": 0})
        )
        with self.assertRaises(UserError) as caught:
            order.action_confirm_check()
        message = str(caught.exception)
        self.assertIn("200.00", message)
        self.assertIn(self.customer.name, message)
        self.assertIn("there is no quantity", message)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            order.line_ids[0].discount = 150
            self.env.flush_all()

    def test_line_without_product_is_an_additional_charge(self):
        order = self._new_order()
        order.line_ids = [Command.create({"name": "Parking", "price_unit": 5})]
        self.assertEqual(order.line_ids.cost_category, "additional_charge")

    def test_back_to_check_deletes_unauthorized_invoices_with_the_reason(self):
        order = self.order
        move = self._bill(order)
        dialog = order.action_back_to_check()
        self.assertEqual(dialog["res_model"], "service.reason.wizard")
        wizard = self.env["service.reason.wizard"].browse(dialog["res_id"])
        with self.assertRaises(UserError):
            wizard.action_apply()
        wizard.reason = "Wrong part"
        wizard.action_apply()
        self.assertEqual(order.state, "checking")
        self.assertEqual(move.service_status, "deleted")
        self.assertIn("Wrong part", order.message_ids[0].body)

    def test_back_to_check_is_refused_once_an_invoice_is_authorized(self):
        order = self.order
        move = self._bill(order)
        move.with_user(self.authorizer).action_service_authorize()
        with self.assertRaisesRegex(UserError, move.service_number):
            order.action_back_to_check(reason="Too late")
        self.assertEqual(order.state, "invoiced")

    def test_cancel_is_refused_while_invoices_live(self):
        order = self._new_order((self.labour, 100, {"program_id": self.program.id}))
        order.action_confirm_check()
        order.with_user(self.clerk).action_create_next_invoice()
        with self.assertRaisesRegex(UserError, order.invoice_ids.service_number):
            order.action_cancel(reason="No longer wanted")
        order.invoice_ids.action_service_delete(reason="Cancelled")
        order.action_cancel(reason="No longer wanted")
        self.assertEqual(order.state, "cancel")

    def test_copy_leaves_the_past_behind(self):
        order = self._new_order((self.labour, 100, {"program_id": self.program.id}))
        self._bill(order)
        with freeze_time("2027-01-01"):
            copy = order.copy()
        self.assertRecordValues(
            copy, [{"state": "draft", "amount_customer": 100, "invoice_count": 0}]
        )
        self.assertNotEqual(copy.name, order.name)

    def test_form_proposes_price_category_and_coverage(self):
        self.labour.list_price = 80
        with Form(self.env["service.work.order"]) as form:
            form.partner_id = self.customer
            with form.line_ids.new() as line:
                line.product_id = self.labour
                self.assertEqual(line.price_unit, 80)
                self.assertEqual(line.cost_category, "labour")
                line.program_id = self.program
                self.assertEqual(line.coverage_percent, 50)
                self.assertEqual(line.amount_customer, 40)
        self.assertEqual(form.record.amount_program, 40)

    def test_each_company_bills_its_own_orders(self):
        data = self.setup_other_company()
        other = data["company"]
        order = self.order
        program = self.program.copy(
            {"company_id": other.id, "sponsor_id": self.sponsor.id}
        )
        with self.assertRaises(UserError):
            order.line_ids.write({"program_id": program.id})
        theirs = (
            self.env["service.work.order"]
            .with_company(other)
            .create(
                {
                    "partner_id": self.customer.id,
                    "line_ids": [
                        Command.create(
                            {
                                "name": "Work",
                                "cost_category": "labour",
                                "price_unit": 10,
                                "tax_ids": data["default_tax_sale"].ids,
                            }
                        )
                    ],
                }
            )
        )
        self.assertEqual(theirs.company_id, other)
        theirs.action_submit_check()
        theirs.action_confirm_check()
        theirs.action_create_next_invoice()
        self.assertEqual(theirs.invoice_ids.company_id, other)
        self.assertTrue(theirs.invoice_ids.service_number)
        with self.assertRaises(AccessError):
            theirs.with_user(self.clerk).read(["name"])

    def test_shares_of_a_line_are_computed_and_not_written(self):
        line = self.order.line_ids.with_user(self.advisor)
        for name in ("amount_customer", "amount_insurance", "price_subtotal"):
            with self.subTest(name), self.assertRaises(AccessError):
                line.write({name: 1})
        with self.assertRaises(AccessError):
            line.write({"sponsor_id": self.sponsor.id})

    def test_what_is_printed_or_computed_is_frozen_after_the_check(self):
        order = self._new_order((self.part, 100, {}), vehicle_id=self._new_vehicle().id)
        claim = self._new_claim(order, order.line_ids)
        order.action_confirm_check()
        euro = self.setup_other_currency("EUR")
        changes = [
            {"odometer": 5},
            {"vehicle_id": False},
            {"currency_id": euro.id},
        ]
        for vals in changes:
            with self.subTest(vals), self.assertRaisesRegex(UserError, order.name):
                order.with_user(self.advisor).write(vals)
        for name in ("name", "policy_number"):
            with self.subTest(name), self.assertRaisesRegex(UserError, order.name):
                claim.with_user(self.advisor).write({name: "Other"})
        for name in ("amount_customer", "amount_to_invoice", "next_invoice_type"):
            with self.subTest(name), self.assertRaises(AccessError):
                order.with_user(self.advisor).write({name: 1})
