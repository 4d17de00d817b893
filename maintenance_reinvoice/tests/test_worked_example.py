from odoo.tests import tagged

from .common import MaintenanceCommon


@tagged("post_install", "-at_install")
class TestWorkedExample(MaintenanceCommon):
    """Garage bills of 400 + 200 net on contract A, of which 400 is re-invoiced, and
    600 net on contract B of which 450 is re-invoiced; one customer, 23 % tax."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.permission_a = cls._create_closed(
            cls.vehicle_a,
            [{"purchase_price": 400.0}, {"purchase_price": 200.0, "reinvoice": False}],
        )
        cls.permission_b = cls._create_closed(
            cls.vehicle_b, [{"purchase_price": 600.0, "amount_to_reinvoice": 450.0}]
        )
        cls.mass_run = cls._execute_run(vat_date="2026-10-31")
        cls.invoice = cls.mass_run.log_ids.move_id
        cls.entry = cls.invoice.maintenance_redistribution_id

    def test_invoice_lines(self):
        mass = {str(self.mass_analytic.id): 100.0}
        lines = {
            kind: self.invoice.line_ids.filtered(lambda a, k=kind: a.display_type == k)
            for kind in ("payment_term", "product", "tax")
        }
        self.assertEqual(len(self.invoice.line_ids), 4)
        self.assertRecordValues(
            lines["payment_term"],
            [
                {
                    # 400 + 450 + 195.50
                    "account_id": self.company_data["default_account_receivable"].id,
                    "debit": 1045.5,
                    "credit": 0.0,
                    "analytic_distribution": False,
                    "maintenance_mass_analytic_account_id": self.mass_analytic.id,
                }
            ],
        )
        self.assertFalse(lines["payment_term"].analytic_line_ids)
        shared = {
            "account_id": self.mass_account.id,
            "debit": 0.0,
            "analytic_distribution": mass,
            "maintenance_mass_analytic_account_id": self.mass_analytic.id,
        }
        self.assertRecordValues(
            lines["product"].sorted("sequence"),
            [{**shared, "credit": 400.0}, {**shared, "credit": 450.0}],
        )
        # 23 % of 850
        self.assertRecordValues(
            lines["tax"],
            [
                {
                    "account_id": self.output_tax.id,
                    "debit": 0.0,
                    "credit": 195.5,
                    "analytic_distribution": False,
                }
            ],
        )

    def test_invoice_header(self):
        self.assertRecordValues(
            self.invoice,
            [
                {
                    "state": "posted",
                    "move_type": "out_invoice",
                    "service_invoice_type": "maintenance",
                    "maintenance_mass_invoice": True,
                    "maintenance_mass_analytic_account_id": self.mass_analytic.id,
                    "partner_id": self.customer.id,
                    "invoice_date": self._date("2026-10-31"),
                    "date": self._date("2026-10-31"),
                    "taxable_supply_date": self._date("2026-10-31"),
                    "amount_untaxed": 850.0,
                    "amount_tax": 195.5,
                    "amount_total": 1045.5,
                }
            ],
        )

    def test_redistribution_entry(self):
        mass = {str(self.mass_analytic.id): 100.0}
        self.assertRecordValues(
            self.entry.line_ids.sorted("id"),
            [
                {
                    "account_id": self.mass_account.id,
                    "debit": 400.0,
                    "credit": 0.0,
                    "analytic_distribution": mass,
                    "reconciled": True,
                },
                {
                    "account_id": self.revenue.id,
                    "debit": 0.0,
                    "credit": 400.0,
                    "analytic_distribution": {str(self.analytic_a.id): 100.0},
                    "reconciled": False,
                },
                {
                    "account_id": self.mass_account.id,
                    "debit": 450.0,
                    "credit": 0.0,
                    "analytic_distribution": mass,
                    "reconciled": True,
                },
                {
                    "account_id": self.revenue.id,
                    "debit": 0.0,
                    "credit": 450.0,
                    "analytic_distribution": {str(self.analytic_b.id): 100.0},
                    "reconciled": False,
                },
            ],
        )
        self.assertEqual(self.entry.journal_id.type, "general")
        self.assertEqual(self.entry.date, self._date("2026-10-31"))
        self.assertEqual(self.entry.state, "posted")

    def test_clearing_account_ends_at_zero(self):
        self.assertEqual(self._get_balance(self.mass_account), 0.0)
        items = self.env["account.move.line"].search(
            self.env["account.move.line"].action_view_maintenance_clearing()["domain"]
        )
        self.assertFalse(items)

    def test_each_pair_is_reconciled_with_its_own_line(self):
        for row in self.entry.line_ids.filtered("reconciled"):
            self.assertEqual(
                row.matched_debit_ids.debit_move_id
                + row.matched_credit_ids.credit_move_id,
                row.maintenance_source_line_id,
            )

    def test_contract_results(self):
        """Analytic accounts: revenue per contract, cost of the bills, mass at zero."""
        analytics = self.analytic_a + self.analytic_b + self.mass_analytic
        self.assertEqual(
            # A: 400 sold - 600 bought; B: 450 sold - 600 bought
            [self._get_analytic_result(account) for account in analytics],
            [-200.0, -150.0, 0.0],
        )

    def test_permissions(self):
        self.assertEqual(self.permission_b.state, "reinvoiced")
        self.assertEqual(self.permission_a.state, "closed")
        self.assertRecordValues(
            self.permission_a.line_ids + self.permission_b.line_ids,
            [
                {
                    "sale_invoice_id": self.invoice.id,
                    "posted_invoice_name": self.invoice.name,
                    "reinvoiced": True,
                },
                {
                    "sale_invoice_id": False,
                    "posted_invoice_name": False,
                    "reinvoiced": False,
                },
                {
                    "sale_invoice_id": self.invoice.id,
                    "posted_invoice_name": self.invoice.name,
                    "reinvoiced": True,
                },
            ],
        )

    def test_run_and_log(self):
        self.assertEqual(self.mass_run.state, "done")
        self.assertEqual(self.mass_run.progress, 100.0)
        self.assertRecordValues(
            self.mass_run.log_ids,
            [
                {
                    "partner_id": self.customer.id,
                    "amount": 850.0,
                    "posting_state": "posted",
                    "posting_error": False,
                    "print_state": "none",
                    "redistribution_id": self.entry.id,
                }
            ],
        )
        self.assertEqual(
            self._get_reasons(self.mass_run),
            {
                self.permission_a.line_ids[0]: False,
                self.permission_a.line_ids[1]: "not_reinvoice",
                self.permission_b.line_ids: False,
            },
        )

    def test_second_run_finds_nothing(self):
        run = self._create_run()
        run.action_check()
        self.assertEqual(run.taken_count, 0)
