from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from ..common import MaintenanceCommon


@tagged("post_install", "-at_install")
class TestMassRun(MaintenanceCommon):
    """Which lines share an invoice, and what is on it: 10 and 20 on A, 40 on B."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.permissions = cls.env["maintenance.permission"]
        for vehicle, price in (
            (cls.vehicle_a, 10.0),
            (cls.vehicle_a, 20.0),
            (cls.vehicle_b, 40.0),
        ):
            cls.permissions += cls._create_closed(vehicle, [{"purchase_price": price}])

    def _execute_both(self):
        return self._execute_run(self.permissions).log_ids.move_id

    def _assert_totals(self, moves, totals):
        self.assertEqual(sorted(moves.mapped("amount_untaxed")), totals)

    def test_one_invoice_per_customer(self):
        moves = self._execute_both()
        self._assert_totals(moves, [70.0])
        # one line per contract: 10 + 20 on A, 40 on B
        self.assertEqual(moves.invoice_line_ids.mapped("price_unit"), [30.0, 40.0])

    def test_one_invoice_per_contract(self):
        self.customer.maintenance_billing_method = "contract"
        self._assert_totals(self._execute_both(), [30.0, 40.0])

    def test_one_invoice_per_vehicle(self):
        self.contract_a.vehicle_ids += self._create_vehicle("AA-2")
        self.company.maintenance_billing_method = "vehicle"
        self._assert_totals(self._execute_both(), [30.0, 40.0])

    def test_one_invoice_per_permission(self):
        self.customer.maintenance_billing_method = "permission"
        self._assert_totals(self._execute_both(), [10.0, 20.0, 40.0])

    def test_reinvoice_to_somebody_else(self):
        other = self._create_partner("Insurer")
        permission = self._create_closed(
            self.vehicle_a,
            [
                {"purchase_price": 10.0},
                {"purchase_price": 20.0, "reinvoice_partner_id": other.id},
            ],
        )
        moves = self._execute_run(permission).log_ids.move_id
        self.assertEqual(
            {move.partner_id: move.amount_untaxed for move in moves},
            {self.customer: 10.0, other: 20.0},
        )
        self.assertEqual(permission.state, "reinvoiced")

    def test_customers_and_currencies_are_never_mixed(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5)])
        other = self._create_partner("Other")
        vehicle = self._create_vehicle("CC-1")
        contract = self._create_contract(
            "C", vehicle, self.analytic_b, partner_id=other.id, currency_id=euro.id
        )
        permissions = self._create_closed(self.vehicle_a, [{"purchase_price": 10.0}])
        permissions += self._create_closed(
            self.vehicle_a, [{"purchase_price": 20.0, "currency_id": euro.id}]
        )
        permissions += self._create_closed(
            vehicle, [{"purchase_price": 30.0}], contract_id=contract.id
        )
        moves = self._execute_run(permissions).log_ids.move_id
        self.assertEqual(
            sorted(
                (m.partner_id.name, m.currency_id.name, m.amount_untaxed) for m in moves
            ),
            # 20 and 30 in company currency are 10 and 15 EUR
            [
                ("Customer", "EUR", 10.0),
                ("Customer", self.company.currency_id.name, 10.0),
                ("Other", "EUR", 15.0),
            ],
        )

    def test_fiscal_position_and_tax_sets(self):
        """The sale's tax comes from product and fiscal position; two tax sets are
        two lines."""
        reduced = self._create_tax(10.0, "sale", description="reduced")
        exempt = self._create_tax(0.0, "sale", description="exempt")
        position = self.env["account.fiscal.position"].create({"name": "Export"})
        exempt.write(
            {
                "fiscal_position_ids": [(4, position.id)],
                "original_tax_ids": [(4, reduced.id)],
            }
        )
        self.customer.property_account_position_id = position
        parts = self._create_service("Parts", taxes_id=[(6, 0, reduced.ids)])
        permission = self._create_closed(
            self.vehicle_a,
            [
                {"purchase_price": 100.0},
                {"purchase_price": 50.0, "product_id": parts.id},
            ],
        )
        move = self._execute_run(permission).log_ids.move_id
        self.assertEqual(move.fiscal_position_id, position)
        self.assertEqual(
            [(line.price_subtotal, line.tax_ids) for line in move.invoice_line_ids],
            [(100.0, self.sale_tax), (50.0, exempt)],
        )

    def test_negative_group_becomes_a_credit_note(self):
        """A compensation of 300 against work of 100: the customer gets 246 back."""
        permission = self._create_permission(
            self.vehicle_a, [{"purchase_price": 100.0}, {"purchase_price": -300.0}]
        )
        # the garage set the compensation off against other work of 900
        work = self._create_permission(
            self.vehicle_a, [{"purchase_price": 900.0, "reinvoice": False}]
        )
        self._create_bill(work + permission)
        self.assertEqual(permission.state, "closed")
        move = self._execute_run(permission).log_ids.move_id
        self.assertRecordValues(
            move,
            [{"move_type": "out_refund", "amount_untaxed": 200.0, "amount_tax": 46.0}],
        )
        self.assertEqual(self._get_balance(self.mass_account), 0.0)
        self.assertEqual(permission.state, "reinvoiced")


@tagged("post_install", "-at_install")
class TestMassRunOfOne(MaintenanceCommon):
    """A run of one closed permission of 100."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.permission = cls._create_closed(cls.vehicle_a, [{"purchase_price": 100.0}])
        cls.line = cls.permission.line_ids

    def _invoice(self):
        return self._execute_run(self.permission).log_ids.move_id

    def test_included_tax_keeps_the_net_amount(self):
        included = self._create_tax(23.0, "sale", price_include_override="tax_included")
        self.service.taxes_id = included
        move = self._invoice()
        self.assertRecordValues(
            move, [{"amount_untaxed": 100.0, "amount_tax": 23.0, "amount_total": 123.0}]
        )

    def test_group_of_included_taxes_keeps_the_net_amount(self):
        """11 and 12 % of 100.14 are 11.0154 and 12.0168: 11.02 and 12.02. The price,
        123.1722, less these would be 100.13 or so."""
        included = {"price_include_override": "tax_included"}
        children = self._create_tax(11.0, "sale", **included)
        children += self._create_tax(12.0, "sale", **included)
        self.service.taxes_id = self.env["account.tax"].create(
            {
                "name": "Both",
                "amount_type": "group",
                "children_tax_ids": [(6, 0, children.ids)],
            }
        )
        for method in ("round_per_line", "round_globally"):
            self.company.tax_calculation_rounding_method = method
            permission = self._create_closed(
                self.vehicle_a, [{"purchase_price": 100.14}]
            )
            move = self._execute_run(permission).log_ids.move_id
            action = move.action_maintenance_cancel(
                row_ids=move.maintenance_row_ids.ids, posting_date="2026-11-15"
            )
            for document in move + move.browse(action["res_id"]):
                self.assertRecordValues(
                    document,
                    [
                        {
                            "state": "posted",
                            "amount_untaxed": 100.14,
                            "amount_tax": 23.04,
                            "amount_total": 123.18,
                        }
                    ],
                )
            self.assertEqual(self._get_balance(self.revenue), 0.0)
            self.assertEqual(self._get_balance(self.mass_account), 0.0)

    # -- without a clearing account ---------------------------------------------

    def test_without_clearing_account_invoices_stay_drafts(self):
        self.company.maintenance_mass_account_id = False
        run = self._execute_run(self.permission)
        self.assertEqual(run.state, "done")
        move = run.log_ids.move_id
        self.assertEqual(move.state, "draft")
        self.assertRecordValues(
            move.invoice_line_ids,
            [
                {
                    "account_id": self.revenue.id,
                    "price_subtotal": 100.0,
                    "analytic_distribution": {str(self.analytic_a.id): 100.0},
                }
            ],
        )
        self.assertEqual(run.log_ids.posting_state, "draft")
        self.assertIn("no collective invoice clearing", run.log_ids.posting_note)
        line = self.line
        self.assertRecordValues(
            line,
            [
                {
                    "sale_invoice_id": move.id,
                    "reinvoiced": False,
                    "posted_invoice_name": False,
                }
            ],
        )
        move.action_post()
        self.assertTrue(line.reinvoiced)
        self.assertEqual(line.posted_invoice_name, move.name)
        self.assertEqual(self.permission.state, "reinvoiced")
        self.assertEqual(run.log_ids.posting_state, "posted")
        self.assertFalse(move.maintenance_redistribution_id)

    def test_deleted_draft_frees_its_lines(self):
        self.company.maintenance_mass_account_id = False
        run = self._execute_run(self.permission)
        run.log_ids.move_id.unlink()
        self.assertFalse(self.line.sale_invoice_id)
        self.assertEqual(run.log_ids.posting_state, "none")
        self.assertEqual(self._execute_run(self.permission).taken_count, 1)

    def test_cancelled_draft_frees_its_lines(self):
        self.company.maintenance_mass_account_id = False
        move = self._invoice()
        move.button_cancel()
        self.assertFalse(self.line.sale_invoice_id)
        self.company.maintenance_mass_account_id = self.mass_account
        second = self._invoice()
        self.assertEqual(self.line.sale_invoice_id, second)

    # -- never twice ------------------------------------------------------------

    def test_line_taken_since_the_check_is_left_out(self):
        first, second = (self._create_run(self.permission) for _run in range(2))
        (first + second).action_check()
        first.action_execute()
        second.action_execute()
        self.assertEqual(second.log_ids.posting_state, "none")
        self.assertEqual(second.line_ids.reason, "reinvoiced")
        self.assertEqual(len(self.line.row_ids), 1)

    def test_run_is_executed_once(self):
        run = self._execute_run(self.permission)
        with self.assertRaisesRegex(UserError, "is Done"):
            run.action_execute()

    # -- parameters -------------------------------------------------------------

    def test_closed_period_is_refused_before_the_run(self):
        self.company.sale_lock_date = "2026-11-15"
        run = self._create_run(self.permission)
        with self.assertRaisesRegex(UserError, "closed period"):
            run.action_execute()
        self.assertFalse(self.line.sale_invoice_id)

    def test_closed_period_is_shifted_if_the_company_says_so(self):
        self.company.sale_lock_date = "2026-11-15"
        self.company.maintenance_closed_period = "shift"
        move = self._invoice()
        self.assertRecordValues(
            move,
            [
                {
                    "invoice_date": self._date("2026-11-16"),
                    "date": self._date("2026-11-16"),
                }
            ],
        )

    def test_clearing_account_must_be_reconcilable(self):
        with self.assertRaisesRegex(ValidationError, "allows reconciliation"):
            self.company.maintenance_mass_account_id = self.revenue

    def test_standard_text_in_the_customers_language(self):
        self._speak_french()
        self.company.with_context(lang="fr_FR").maintenance_mass_text = "Entretien"
        self.customer.lang = "fr_FR"
        move = self._invoice()
        self.assertEqual(move.invoice_line_ids.name, "Entretien A")

    def test_customers_order_numbers_are_on_the_invoice(self):
        self.contract_a.customer_reference = "PO-7"
        self.assertEqual(self._invoice().ref, "PO-7")

    def test_run_of_selected_permissions(self):
        self._create_closed(self.vehicle_b, [{"purchase_price": 100.0}])
        dialog = self.permission.action_mass_reinvoice()
        self.assertEqual(dialog["res_model"], "maintenance.reinvoice.run")
        checked = self.permission.action_mass_check()
        run = self.env["maintenance.reinvoice.run"].browse(checked["res_id"])
        self.assertEqual(run.state, "checked")
        done = self.permission.action_mass_reinvoice(posting_date="2026-10-31")
        run = self.env["maintenance.reinvoice.run"].browse(done["res_id"])
        self.assertEqual(run.line_ids.permission_id, self.permission)
        self.assertEqual(self.permission.state, "reinvoiced")
