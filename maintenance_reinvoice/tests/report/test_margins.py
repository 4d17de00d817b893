from odoo.tests import freeze_time, tagged

from ..common_margins import MarginCommon


@freeze_time("2026-11-22")
@tagged("post_install", "-at_install")
class TestMargins(MarginCommon):
    """Per contract and vehicle: bought, re-invoiced, kept, billed and the margin."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.permission = cls._create_permission(
            cls.vehicle_a, [{"purchase_price": 400.0}]
        )
        cls.bill = cls._create_bill(cls.permission, post=False)

    # -- the life of a line -----------------------------------------------------

    def test_before_the_run_the_margin_is_expected(self):
        permission = self._create_closed(
            self.vehicle_a,
            [{"purchase_price": 400.0}, {"purchase_price": 200.0, "reinvoice": False}],
        )
        self._assert_sums(
            permission,
            amount_bought=600.0,
            amount_to_reinvoice=400.0,
            amount_kept=200.0,
            margin=-600.0,
            margin_expected=-200.0,
        )

    def test_before_the_bill_the_price_is_agreed(self):
        permission = self._create_permission(
            self.vehicle_a, [{"purchase_price": 400.0, "amount_to_reinvoice": 300.0}]
        )
        expected = {
            "amount_agreed": 400.0,
            "amount_to_reinvoice": 300.0,
            "amount_kept": 100.0,
            "margin_expected": -100.0,
        }
        self._assert_sums(permission, **expected)
        self._create_bill(permission, post=False)
        self._assert_sums(permission, **expected)

    def test_draft_invoice_is_not_billed(self):
        self.company.maintenance_mass_account_id = False
        self.bill.action_post()
        invoice = self._execute_run().log_ids.move_id
        self.assertEqual(invoice.state, "draft")
        self._assert_sums(
            self.permission,
            amount_bought=400.0,
            amount_to_reinvoice=400.0,
            margin=-400.0,
        )
        invoice.action_post()
        self._assert_sums(
            self.permission,
            amount_bought=400.0,
            amount_reinvoiced=400.0,
            amount_billed=400.0,
        )

    # -- what is kept -----------------------------------------------------------

    def test_excessive_wear_is_kept_and_reported(self):
        permission = self._create_closed(
            self.vehicle_a,
            [{"purchase_price": 70.0, "reinvoice_method": "excessive_wear"}],
        )
        self._assert_sums(
            permission,
            amount_bought=70.0,
            amount_kept=70.0,
            margin=-70.0,
            margin_expected=-70.0,
        )
        view = self.env["maintenance.margin.report"].get_views(
            [(False, "search"), (False, "pivot"), (False, "graph"), (False, "list")]
        )
        self.assertIn("excessive_wear", view["views"]["search"]["arch"])

    def test_compensation_that_is_passed_on_leaves_nothing(self):
        """Work of 500 and an insurer's compensation of 100, both for the customer; of
        another 100 compensation the customer gets 40."""
        permission = self._create_closed(
            self.vehicle_a,
            [
                {"purchase_price": 500.0},
                {"purchase_price": -100.0},
                {"purchase_price": -100.0, "amount_to_reinvoice": -40.0},
            ],
        )
        self._execute_run()
        rows = self._get_rows(permission)
        self.assertEqual(rows.mapped("amount_kept"), [0.0, 0.0, -60.0])
        self.assertEqual(rows.mapped("amount_billed"), [500.0, -100.0, -40.0])
        self.assertEqual(rows.mapped("margin"), [0.0, 0.0, 60.0])

    def test_markup_is_margin_and_nothing_is_kept(self):
        permission = self._create_closed(
            self.vehicle_a,
            [
                {
                    "purchase_price": 100.0,
                    "markup_allowed": True,
                    "amount_to_reinvoice": 110.0,
                }
            ],
        )
        self._execute_run()
        self._assert_sums(
            permission,
            amount_bought=100.0,
            amount_reinvoiced=110.0,
            amount_billed=110.0,
            margin=10.0,
            margin_expected=10.0,
        )

    def test_line_without_purchase_is_all_margin(self):
        permission = self._create_closed(self.vehicle_a, [{"purchase_price": 10.0}])
        self._execute_run()
        line = self.env["maintenance.permission.line"].create(
            {
                "permission_id": permission.id,
                "product_id": self.service.id,
                "reinvoice": True,
                "amount_to_reinvoice": 55.0,
            }
        )
        line.action_reinvoice(posting_date="2026-11-02")
        rows = self._get_rows(permission)
        self.assertEqual(rows[1].line_id, line)
        self.assertEqual((rows[1].margin, rows[1].amount_kept), (55.0, 0.0))

    # -- bills that differ ------------------------------------------------------

    def test_bill_above_the_price_is_bought_and_kept(self):
        self.company.maintenance_bill_tolerance = 50.0
        self.bill.invoice_line_ids.price_unit = 410.0
        self.bill.action_post()
        self.assertTrue(self.permission.line_ids.filtered("difference"))
        # 410 bought, the agreed 400 are the customer's; nothing is still to buy
        self._assert_sums(
            self.permission,
            amount_bought=410.0,
            amount_to_reinvoice=400.0,
            amount_kept=10.0,
            margin=-410.0,
            margin_expected=-10.0,
        )

    def test_line_the_garage_added_is_bought(self):
        """The bill has a line of 20 more, which stands on the difference line."""
        self.company.maintenance_bill_tolerance = 50.0
        self.bill.invoice_line_ids = [
            (
                0,
                0,
                {
                    "name": "Oil",
                    "price_unit": 20.0,
                    "account_id": self.bill.invoice_line_ids.account_id.id,
                    "tax_ids": [(5,)],
                },
            )
        ]
        self.bill.action_post()
        rows = self._get_rows(self.permission)
        self.assertEqual(rows.mapped("amount_bought"), [400.0, 20.0])
        self.assertEqual(rows.mapped("amount_kept"), [0.0, 20.0])

    def test_vendor_credit_lowers_what_was_bought(self):
        self.bill.action_post()
        self._execute_run()
        refund = self.bill._reverse_moves(
            [{"invoice_date": "2026-11-03", "ref": "C-1"}]
        )
        refund.invoice_line_ids.price_unit = 100.0
        refund.action_post()
        # bought 300, the customer still pays 400
        self._assert_sums(
            self.permission,
            amount_bought=300.0,
            amount_reinvoiced=400.0,
            amount_billed=400.0,
            margin=100.0,
            margin_expected=100.0,
        )

    # -- payers, currencies, cents ----------------------------------------------

    def test_payer_is_who_gets_the_invoice(self):
        permission = self._create_permission(
            self.vehicle_a,
            [
                {"purchase_price": 10.0, "reinvoice_partner_id": self.partner_a.id},
                {"purchase_price": 20.0},
            ],
        )
        rows = self._get_rows(permission)
        self.assertEqual(rows.payer_id, self.partner_a + self.customer)
        self.assertEqual(rows.partner_id, self.customer)

    def test_second_currency_is_taken_from_the_documents(self):
        """At 1.1834 units: 100.01, 33.33 and 0.07 are one invoice line with a balance
        of 133.41 / 1.1834 = 112.73, while each for itself gives 84.51 + 28.16 + 0.06 =
        112.73; 100.01 credited is 84.51, so that 28.22 remains."""
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 1.1834)])
        self.contract_a.currency_id = euro
        permission = self._create_closed(
            self.vehicle_a,
            [{"purchase_price": price} for price in (100.01, 33.33, 0.07)],
            purchase_currency_id=euro.id,
        )
        invoice = self._execute_run().log_ids.move_id
        rows = self._get_rows(permission)
        self.assertEqual(sum(rows.mapped("amount_billed")), 112.73)
        self.assertEqual(-sum(invoice.invoice_line_ids.mapped("balance")), 112.73)
        self.assertEqual(rows.mapped("amount_kept"), [0.0, 0.0, 0.0])
        row = invoice.maintenance_row_ids.sorted("id")[0]
        invoice.action_maintenance_cancel(row_ids=row.ids, posting_date="2026-11-05")
        self.assertEqual(sum(self._get_rows(permission).mapped("amount_billed")), 28.22)
        self.assertAlmostEqual(self._get_balance(self.revenue), -28.22)

    def test_cents_of_a_line_are_neither_lost_nor_made(self):
        """Three rows of 10.01 at 3 units: 30.03 / 3 = 10.01 on the invoice, although
        each for itself is 3.34 and three of them 10.02."""
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 3.0)])
        self.contract_a.currency_id = euro
        permission = self._create_closed(
            self.vehicle_a,
            [{"purchase_price": 10.01} for _index in range(3)],
            purchase_currency_id=euro.id,
        )
        self._execute_run()
        amounts = self._get_rows(permission).mapped("amount_billed")
        # running totals 3.3367, 6.6733, 10.01
        self.assertEqual([round(a, 2) for a in amounts], [3.34, 3.33, 3.34])

    def test_rows_that_add_up_to_nothing_keep_their_amounts(self):
        """100 less 100 on contract A, on the invoice line of B's customer."""
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 4.0)])
        (self.contract_a + self.contract_b).currency_id = euro
        shared = {"purchase_currency_id": euro.id}
        permission = self._create_permission(
            self.vehicle_a,
            [{"purchase_price": 100.0}, {"purchase_price": -100.0}],
            **shared,
        )
        other = self._create_permission(
            self.vehicle_b, [{"purchase_price": 80.0}], **shared
        )
        self._create_bill(permission + other)
        run = self._execute_run()
        self.assertEqual(run.log_ids.mapped("posting_error"), [False])
        # 100 / 4
        self.assertEqual(
            self._get_rows(permission).mapped("amount_billed"), [25.0, -25.0]
        )
        self.assertEqual(self._get_rows(other).amount_billed, 20.0)

    def test_what_is_not_posted_counts_at_todays_rate(self):
        euro = self.setup_other_currency(
            "EUR", rates=[("2026-01-01", 4.0), ("2026-11-01", 5.0)]
        )
        permission = self._create_permission(
            self.vehicle_a, [{"purchase_price": 100.0}], purchase_currency_id=euro.id
        )
        # proposed at the permission's rate, 100 / 4; the price at today's, 100 / 5
        self._assert_sums(
            permission,
            amount_agreed=20.0,
            amount_to_reinvoice=25.0,
            margin_expected=5.0,
        )
