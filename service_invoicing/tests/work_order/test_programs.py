from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..common import ServiceInvoicingCommon


@tagged("post_install", "-at_install")
class TestPrograms(ServiceInvoicingCommon):
    def test_maximum_caps_a_percentage_over_its_lines(self):
        self.program.maximum_amount = 90
        order = self._new_order(
            (self.labour, 100, {"program_id": self.program.id}),
            (self.labour, 200, {"program_id": self.program.id}),
        )
        # half would be 50 + 100; 90 is spread in the same proportion
        self.assertEqual(order.line_ids.mapped("amount_program"), [30, 60])
        self.assertEqual(order.amount_customer, 210)
        order.line_ids[1].unlink()
        self.assertEqual(order.amount_program, 50)

    def test_limit_in_the_companys_currency_is_converted(self):
        currency = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        pricelist = self.env["product.pricelist"].create(
            {"name": "EUR", "currency_id": currency.id}
        )
        self.program.write({"value_type": "amount", "value": 30})
        order = self._new_order(
            (self.labour, 100, {"program_id": self.program.id}),
            pricelist_id=pricelist.id,
            order_date="2026-02-01",
        )
        order.line_ids.price_unit = 100
        # 30 at two euros for one
        self.assertEqual(order.amount_program, 60)

    def test_program_is_proposed_where_it_applies_and_may_be_taken_off(self):
        vehicle = self._new_vehicle()
        self.program.write(
            {
                "auto_propose": True,
                "product_ids": [Command.set(self.labour.ids)],
                "vehicle_model_ids": [Command.set(vehicle.model_id.ids)],
            }
        )
        order = self._new_order(
            (self.labour, 100, {}), (self.external, 100, {}), vehicle_id=vehicle.id
        )
        self.assertEqual(order.line_ids.mapped("amount_program"), [50, 0])
        order.line_ids[0].program_id = False
        self.assertEqual(order.amount_program, 0)
        other = self._new_order(
            (self.labour, 100, {}), vehicle_id=self._new_vehicle("Other").id
        )
        self.assertFalse(other.line_ids.program_id)

    def test_program_out_of_date_or_of_another_company_is_not_proposed(self):
        self.program.write({"auto_propose": True, "date_to": "2026-06-30"})
        late = self._new_order((self.labour, 100, {}), order_date="2026-07-01")
        self.assertFalse(late.line_ids.program_id)
        good = self._new_order((self.labour, 100, {}), order_date="2026-06-30")
        self.assertEqual(good.line_ids.program_id, self.program)
        other = self._create_company(name="Other company")
        self.program.copy({"company_id": other.id, "date_to": False})
        late = self._new_order((self.labour, 100, {}), order_date="2026-07-01")
        self.assertFalse(late.line_ids.program_id)

    def test_form_shows_the_proposal_at_once(self):
        self.program.auto_propose = True
        with Form(self.env["service.work.order"]) as form:
            form.partner_id = self.customer
            with form.line_ids.new() as line:
                line.product_id = self.labour
                line.price_unit = 100
                self.assertEqual(line.program_id, self.program)
                self.assertEqual(line.amount_program, 50)

    def test_claim_gives_its_coverage_to_its_lines(self):
        order = self._new_order((self.part, 100, {}))
        self._new_claim(order, order.line_ids, coverage_percent=80)
        self.assertEqual(order.amount_insurance, 80)
        order.line_ids.coverage_percent = 60
        self.assertEqual(order.amount_insurance, 60)
        self.assertEqual(order.amount_customer, 40)

    def test_impossible_values_are_refused(self):
        for vals in (
            {"value": 101},
            {"value": -1},
            {"maximum_amount": -1},
            {"date_from": "2026-02-01", "date_to": "2026-01-01"},
        ):
            with (
                self.subTest(vals),
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.env.cr.savepoint(),
            ):
                self.program.copy(vals)
                self.env.flush_all()

    def test_program_changed_later_leaves_its_orders_alone(self):
        line = (self.labour, 100, {"program_id": self.program.id})
        order = self._new_order(line)
        self._bill(order)
        waiting = self._new_order(line)
        waiting.action_confirm_check()
        self.program.write(
            {
                "sponsor_id": self._new_partner("New sponsor").id,
                "invoiceable": False,
                "value": 80,
            }
        )
        self.assertEqual(order.state, "invoiced")
        self.assertFalse(order.next_invoice_type)
        self.assertEqual(
            self._bill(waiting).mapped("partner_id"), self.customer | self.sponsor
        )
        own_cost = self._new_order(line)
        self.assertEqual(own_cost.amount_own_cost, 80)

    def test_used_program_is_archived_not_deleted(self):
        order = self._new_order((self.labour, 100, {"program_id": self.program.id}))
        with self.assertRaisesRegex(UserError, "Archive it"):
            self.program.with_user(self.manager).unlink()
        self.program.with_user(self.manager).action_archive()
        self.assertEqual(order.amount_program, 50)
