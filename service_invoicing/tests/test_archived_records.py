from odoo import Command
from odoo.tests import freeze_time, tagged

from .common_agreements import AgreementCommon
from .common_credits import CreditMemosCommon
from .common_tcd import TcdCommon


@tagged("post_install", "-at_install")
class TestArchivedTaxOfOrders(CreditMemosCommon):
    """At a change of rates the old tax is archived, and the orders of before still
    bear it. 11 % tax throughout."""

    def _authorize(self, moves):
        moves.with_user(self.authorizer).action_service_authorize()
        return moves

    def assertBills(self, move, untaxed, tax):
        self.assertRecordValues(
            move,
            [
                {
                    "amount_untaxed": untaxed,
                    "amount_tax": tax,
                    "amount_total": untaxed + tax,
                    "state": "posted",
                }
            ],
        )

    def test_no_relation_of_ours_loses_what_is_archived(self):
        self.assertEqual(self._find_forgetful_fields("service_invoicing"), {})
        kinds = {
            field.comodel_name for field in self._find_own_fields("service_invoicing")
        }
        self.assertLessEqual(
            {
                "account.tax",
                "account.account",
                "account.journal",
                "account.payment.term",
                "fleet.vehicle",
                "product.product",
                "res.partner",
                "service.program",
                "service.tcd",
            },
            kinds,
        )

    def test_order_bills_the_tax_it_shows(self):
        order = self._new_order((self.labour, 1000, {}))
        order.action_confirm_check()
        self.tax_11.active = False
        # 1,000 + 110, as the order says
        self.assertEqual(order.amount_total, 1110)
        self.assertBills(self._authorize(self._bill(order)), 1000, 110)

    def test_order_is_checked_with_the_tax_it_shows(self):
        order = self._new_order((self.labour, 1000, {}))
        self.tax_11.active = False
        self.assertBills(self._authorize(self._bill(order)), 1000, 110)

    def test_second_payer_is_billed_as_the_first(self):
        order = self._new_order((self.labour, 1000, {"program_id": self.program.id}))
        order.action_confirm_check()
        clerk_order = order.with_user(self.clerk)
        clerk_order.action_create_next_invoice()
        self.tax_11.active = False
        clerk_order.action_create_next_invoice()
        # each pays 500 + 55
        for move in self._authorize(order.invoice_ids):
            self.assertBills(move, 500, 55)

    def test_freed_share_is_billed_again_with_its_tax(self):
        self._credit(line_ids=[self.labour_line.id], free=True)
        self.tax_11.active = False
        again = self._bill(self.order) - self.invoice
        again = again.filtered(lambda move: move.move_type == "out_invoice")
        # labour of 200 + 22
        self.assertBills(self._authorize(again), 200, 22)

    def test_fiscal_position_replaces_archived_taxes_as_before(self):
        """0 % takes the place of 11 %, also when both have been archived."""
        position = self.env["account.fiscal.position"].create({"name": "Abroad"})
        reverse, other = self._percent_tax(0), self._percent_tax(5)
        reverse.original_tax_ids = self.tax_11
        reverse.fiscal_position_ids = other.fiscal_position_ids = position
        self.customer.property_account_position_id = position
        for archived in (self.tax_11, self.tax_11 | reverse, position.tax_ids):
            with self.subTest(archived.mapped("name")), self._rolled_back():
                order = self._new_order((self.labour, 1000, {}))
                (self.tax_11 | archived).active = False
                move = self._bill(order)
                self.assertEqual(move.invoice_line_ids.tax_ids, reverse)
                self.assertBills(self._authorize(move), 1000, 0)

    def test_fiscal_position_without_taxes_takes_archived_ones_off(self):
        position = self.env["account.fiscal.position"].create({"name": "No tax"})
        self.assertFalse(position._map_kept_taxes(self.tax_11))
        self.tax_11.active = False
        self.assertFalse(position._map_kept_taxes(self.tax_11))

    def test_fiscal_position_leaves_taxes_it_does_not_know(self):
        position = self.env["account.fiscal.position"].create({"name": "Abroad"})
        own = self._percent_tax(5, fiscal_position_ids=position.ids)
        self.tax_11.active = False
        taxes = self.tax_11 | own
        self.assertEqual(position._map_kept_taxes(taxes), taxes)

    def test_archived_included_tax_is_no_discount(self):
        """111.00 at 11 % included is the list price: nothing is taken off."""
        tax = self._percent_tax(
            11, name="Included", price_include_override="tax_included"
        )
        self.labour.write({"list_price": 111, "taxes_id": [Command.set(tax.ids)]})
        order = self._new_order((self.labour, 111, {}))
        self.assertEqual(order.discount_percent, 0)
        tax.active = False
        order.line_ids.invalidate_recordset()
        order.line_ids.price_unit = 99.9
        # 90.00 of 100.00 before tax
        self.assertEqual(order.discount_percent, 10)
        self.assertEqual(order.amount_untaxed, 90)

    def test_program_of_archived_products_is_proposed_for_no_other(self):
        self.program.write(
            {"auto_propose": True, "product_ids": [Command.set(self.external.ids)]}
        )
        self.external.active = False
        order = self._new_order((self.labour, 1000, {}))
        self.assertFalse(order.line_ids.program_id)

    def test_program_of_archived_models_is_proposed_for_no_other(self):
        vehicle, other = self._new_vehicle(), self._new_vehicle("Other")
        self.program.write(
            {
                "auto_propose": True,
                "vehicle_model_ids": [Command.set(vehicle.model_id.ids)],
            }
        )
        vehicle.model_id.sudo().active = False
        order = self._new_order((self.labour, 1000, {}), vehicle_id=other.id)
        self.assertFalse(order.line_ids.program_id)

    def test_invoice_keeps_its_archived_order(self):
        self.order.active = False
        self.assertEqual(self.invoice.work_order_ids, self.order)

    def test_collective_invoices_for_an_archived_payer_are_for_no_other(self):
        self.sponsor.active = False
        wizard = self.env["service.collective.wizard"].create(
            {"partner_ids": [Command.set(self.sponsor.ids)]}
        )
        self.assertEqual(wizard.partner_ids, self.sponsor)


@tagged("post_install", "-at_install")
@freeze_time("2026-11-22")
class TestArchivedTaxOfMonths(AgreementCommon):
    """Months that were released before the tax was archived."""

    def test_release_is_invoiced_with_its_tax(self):
        self.env.company.service_monthly_release_confirm = True
        agreement = self._new_agreement(self._fixed(300, product_id=self.labour.id))
        release = self._release(agreement, "2026-01-01").release_id
        self.tax_11.active = False
        move = self._get_documents(
            release.with_user(self.clerk).action_create_invoice()
        )
        move.with_user(self.authorizer).action_service_authorize()
        # 300 + 33
        self.assertEqual((move.amount_untaxed, move.amount_tax), (300, 33))
        self.assertEqual(move.state, "posted")

    def test_run_for_an_archived_agreement_is_for_no_other(self):
        """All that run in the month would be meant by no agreement."""
        chosen = self._new_agreement(self._fixed(300), opened=False)
        other = self._new_agreement(self._fixed(100))
        chosen.active = False
        self.assertNotIn(other, self._release(chosen, "2026-01-01").agreement_id)


@tagged("post_install", "-at_install")
class TestArchivedTaxOfCharges(TcdCommon):
    """Charges and tax rows of drafts that are saved again."""

    def test_charge_keeps_its_tax(self):
        freight = self._new_code("FREIGHT", "charge", tax_ids=self.tax_11.ids, rate=100)
        move = self._new_invoice((self.labour, 1000, {}), rows=freight)
        self._save(move)
        self.tax_11.active = False
        self._save(move)
        # 1,000 + 110 and the charge of 100 + 11
        self.assertEqual((move.amount_untaxed, move.amount_tax), (1100, 121))
        self._authorize(move)
        self.assertEqual((move.amount_untaxed, move.amount_tax), (1100, 121))

    def test_tax_row_keeps_its_tax_and_takes_it_along(self):
        move = self._new_invoice((self.labour, 1000, {}), rows=self.levy)
        self._save(move)
        self.tax_5.active = False
        self._save(move)
        # 11 % and the levy of 5 %
        self.assertEqual(move.amount_tax, 160)
        move.service_tcd_ids.unlink()
        self._save(move)
        self.assertEqual(move.amount_tax, 110)
