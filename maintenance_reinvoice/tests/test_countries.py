from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import MaintenanceCommon


class CountryCommon(MaintenanceCommon):
    """A lessor with the chart of accounts, taxes and storno of his country."""

    chart = ""
    sale_tax_name = ""
    purchase_tax_name = ""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sale_tax = cls._get_chart_record(cls.sale_tax_name)
        cls.purchase_tax = cls._get_chart_record(cls.purchase_tax_name)
        parts = cls.sale_tax.invoice_repartition_line_ids
        cls.output_tax = parts.account_id
        cls.revenue = cls._get_chart_record(f"chart_{cls.chart}_602000")
        cls.mass_account = cls._get_chart_record(f"chart_{cls.chart}_395000")
        cls.mass_account.reconcile = True
        cls.company.maintenance_mass_account_id = cls.mass_account
        cls.service.write(
            {
                "taxes_id": [Command.set(cls.sale_tax.ids)],
                "supplier_taxes_id": [Command.set(cls.purchase_tax.ids)],
                "property_account_income_id": cls.revenue.id,
            }
        )
        cls.receivable = cls.company_data["default_account_receivable"]

    @classmethod
    def _get_chart_record(cls, name):
        return cls.env["account.chart.template"].with_company(cls.company).ref(name)

    @classmethod
    def _create_example(cls):
        """Bills of 400 + 200 on A, of which the 400 is re-invoiced, and 600 on B, of
        which 450 is."""
        cls.permission_a = cls._create_closed(
            cls.vehicle_a,
            [{"purchase_price": 400.0}, {"purchase_price": 200.0, "reinvoice": False}],
        )
        cls.permission_b = cls._create_closed(
            cls.vehicle_b, [{"purchase_price": 600.0, "amount_to_reinvoice": 450.0}]
        )
        return cls.permission_a + cls.permission_b

    def _get_sides(self, move):
        """``(account, debit, credit)`` of every item, largest balance first."""
        items = move.line_ids.sorted(lambda item: (-abs(item.balance), item.id))
        return [(item.account_id, item.debit, item.credit) for item in items]

    def _cancel(self, invoice, row, **vals):
        action = invoice.action_maintenance_cancel(
            row_ids=row.ids, posting_date="2026-11-15", **vals
        )
        return self.env["account.move"].browse(action["res_id"])


@tagged("post_install", "-at_install", "-standard", "service_country")
class TestSlovakia(CountryCommon):
    """Storno accounting and 23 % tax with the chart of accounts of Slovakia."""

    chart = "sk"
    sale_tax_name = "vy_tuz_23"
    purchase_tax_name = "vs_tuz_23"

    @classmethod
    @MaintenanceCommon.setup_country("sk")
    def setUpClass(cls):
        super().setUpClass()

    def test_company(self):
        self.assertTrue(self.company.account_storno)
        self.assertEqual(self.sale_tax.amount, 23.0)
        self.assertEqual(self.company.currency_id.name, "EUR")

    def test_worked_example(self):
        permissions = self._create_example()
        invoice = self._execute_run(permissions).log_ids.move_id
        # 400 + 450 + 23 % = 1,045.50
        self.assertEqual(
            self._get_sides(invoice),
            [
                (self.receivable, 1045.5, 0.0),
                (self.mass_account, 0.0, 450.0),
                (self.mass_account, 0.0, 400.0),
                (self.output_tax, 0.0, 195.5),
            ],
        )
        entry = invoice.maintenance_redistribution_id
        self.assertEqual(
            self._get_sides(entry),
            [
                (self.mass_account, 450.0, 0.0),
                (self.revenue, 0.0, 450.0),
                (self.mass_account, 400.0, 0.0),
                (self.revenue, 0.0, 400.0),
            ],
        )
        self.assertEqual(self._get_balance(self.mass_account), 0.0)
        self.assertEqual(
            permissions.mapped("state"),
            ["closed", "reinvoiced"],
        )
        self._assert_credit_memo(invoice)

    def _assert_credit_memo(self, invoice):
        """Row B: 450 net, 103.50 tax, everything negative on its own side."""
        credit = self._cancel(invoice, self.permission_b.line_ids.row_ids)
        self.assertEqual(
            self._get_sides(credit),
            [
                (self.receivable, -553.5, 0.0),
                (self.mass_account, 0.0, -450.0),
                (self.output_tax, 0.0, -103.5),
            ],
        )
        self.assertEqual(
            self._get_sides(credit.maintenance_redistribution_id),
            [(self.mass_account, -450.0, 0.0), (self.revenue, 0.0, -450.0)],
        )
        self.assertEqual(self._get_balance(self.mass_account), 0.0)
        self.assertEqual(self._get_balance(self.revenue), -400.0)
        # 1,045.50 - 553.50
        self.assertEqual(invoice.amount_residual, 492.0)
        self.assertEqual(self.permission_b.state, "closed")

    def test_vat_date_is_the_delivery_date_of_the_invoice(self):
        permission = self._create_closed(self.vehicle_a, [{"purchase_price": 10.0}])
        run = self._create_run(permission, vat_date="2026-10-25")
        self.assertFalse(run.notes)
        run.action_execute()
        self.assertRecordValues(
            run.log_ids.move_id,
            [
                {
                    "invoice_date": self._date("2026-10-31"),
                    "date": self._date("2026-10-31"),
                    "taxable_supply_date": self._date("2026-10-25"),
                }
            ],
        )

    def test_customer_in_the_union_pays_no_tax(self):
        """The chart's fiscal position maps 23 % to 0 %; the garage's 23 % stays."""
        position = self._get_chart_record("fiscal_position_template_2")
        self.customer.property_account_position_id = position
        permission = self._create_closed(self.vehicle_a, [{"purchase_price": 10.0}])
        invoice = self._execute_run(permission).log_ids.move_id
        self.assertEqual(invoice.amount_tax, 0.0)
        self.assertEqual(
            invoice.invoice_line_ids.tax_ids, self._get_chart_record("vy_dod_eu")
        )
        bill = permission.line_ids.bill_line_ids.move_id
        self.assertEqual(bill.amount_tax, 2.3)

    def test_compensation_is_negative_on_the_side_of_revenue(self):
        work = self._create_permission(self.vehicle_a, [{"purchase_price": 400.0}])
        back = self._create_permission(self.vehicle_b, [{"purchase_price": -100.0}])
        self._create_bill(work + back)
        invoice = self._execute_run(work + back).log_ids.move_id
        # 300 + 23 % = 369
        self.assertEqual(
            self._get_sides(invoice),
            [
                (self.mass_account, 0.0, 400.0),
                (self.receivable, 369.0, 0.0),
                (self.mass_account, 0.0, -100.0),
                (self.output_tax, 0.0, 69.0),
            ],
        )
        self.assertEqual(
            self._get_sides(invoice.maintenance_redistribution_id),
            [
                (self.mass_account, 400.0, 0.0),
                (self.revenue, 0.0, 400.0),
                (self.mass_account, -100.0, 0.0),
                (self.revenue, 0.0, -100.0),
            ],
        )

    def test_negative_group_is_a_storno_credit_note(self):
        """A compensation of 300 alone: nothing is on the wrong side."""
        work = self._create_permission(
            self.vehicle_a, [{"purchase_price": 900.0, "reinvoice": False}]
        )
        back = self._create_permission(self.vehicle_b, [{"purchase_price": -300.0}])
        self._create_bill(work + back)
        credit = self._execute_run(back).log_ids.move_id
        self.assertEqual(credit.move_type, "out_refund")
        # 300 + 23 % = 369
        self.assertEqual(
            self._get_sides(credit),
            [
                (self.receivable, -369.0, 0.0),
                (self.mass_account, 0.0, -300.0),
                (self.output_tax, 0.0, -69.0),
            ],
        )
        self.assertEqual(
            self._get_sides(credit.maintenance_redistribution_id),
            [(self.mass_account, -300.0, 0.0), (self.revenue, 0.0, -300.0)],
        )
        self.assertEqual(self._get_balance(self.mass_account), 0.0)

    def test_crowns_in_the_books_of_a_euro_company(self):
        """Balances are copied: 133.41 + 7.77 CZK at 25.1234 are 5.31 + 0.31 EUR."""
        crown = self.setup_other_currency("CZK", rates=[("2026-01-01", 25.1234)])
        (self.contract_a + self.contract_b).currency_id = crown
        permissions = self._create_closed(
            self.vehicle_a,
            [{"purchase_price": 133.41}],
            purchase_currency_id=crown.id,
        )
        permissions += self._create_closed(
            self.vehicle_b, [{"purchase_price": 7.77}], purchase_currency_id=crown.id
        )
        invoice = self._execute_run(permissions).log_ids.move_id
        rows = invoice.maintenance_redistribution_id.line_ids.sorted("id")
        self.assertEqual(
            [(row.debit, row.credit, row.amount_currency) for row in rows],
            [
                (5.31, 0.0, 133.41),
                (0.0, 5.31, -133.41),
                (0.31, 0.0, 7.77),
                (0.0, 0.31, -7.77),
            ],
        )
        self._cancel(invoice, permissions[0].line_ids.row_ids)
        items = self.env["account.move.line"].search(
            [("account_id", "=", self.mass_account.id)]
        )
        self.assertEqual(set(items.mapped("reconciled")), {True})
        self.assertEqual(self._get_balance(self.mass_account), 0.0)
        self.assertEqual(self._get_balance(self.revenue), -0.31)

    def test_individual_invoice_and_its_credit(self):
        permission = self._create_closed(
            self.vehicle_a,
            [{"purchase_price": 100.0, "reinvoice_method": "individual"}],
        )
        permission.line_ids.action_reinvoice(posting_date="2026-10-31")
        invoice = permission.line_ids.sale_invoice_id
        self.assertEqual(
            self._get_sides(invoice),
            [
                (self.receivable, 123.0, 0.0),
                (self.revenue, 0.0, 100.0),
                (self.output_tax, 0.0, 23.0),
            ],
        )
        credit = self._cancel(invoice, permission.line_ids.row_ids)
        self.assertEqual(
            self._get_sides(credit),
            [
                (self.receivable, -123.0, 0.0),
                (self.revenue, 0.0, -100.0),
                (self.output_tax, 0.0, -23.0),
            ],
        )


@tagged("post_install", "-at_install", "-standard", "service_country")
class TestCzechia(CountryCommon):
    """Czech companies post on the VAT date, and are told so before."""

    chart = "cz"
    sale_tax_name = "l10n_cz_21_domestic_supplies"
    purchase_tax_name = "l10n_cz_21_receipt_domestic_supplies"

    @classmethod
    @MaintenanceCommon.setup_country("cz")
    def setUpClass(cls):
        super().setUpClass()
        cls.permission = cls._create_closed(cls.vehicle_a, [{"purchase_price": 100.0}])

    def test_invoice_and_redistribution_are_posted_on_the_vat_date(self):
        run = self._create_run(self.permission, vat_date="2026-10-25")
        self.assertIn("posted on the VAT date, 10/25/2026", run.notes)
        run.action_execute()
        invoice = run.log_ids.move_id
        dates = {
            "invoice_date": self._date("2026-10-31"),
            "date": self._date("2026-10-25"),
            "taxable_supply_date": self._date("2026-10-25"),
        }
        self.assertRecordValues(invoice, [dates])
        entry = invoice.maintenance_redistribution_id
        self.assertEqual(entry.date, self._date("2026-10-25"))
        self.assertEqual(self._get_balance(self.mass_account), 0.0)

    def test_period_of_the_vat_date_counts(self):
        self.company.sale_lock_date = "2026-10-27"
        run = self._create_run(self.permission, vat_date="2026-10-25")
        with self.assertRaisesRegex(UserError, "closed VAT period"):
            run.action_execute()
        self.company.maintenance_closed_period = "shift"
        run.invalidate_recordset()
        self.assertIn("posted on the VAT date, 10/28/2026", run.notes)
        run.action_execute()
        self.assertEqual(run.log_ids.move_id.date, self._date("2026-10-28"))

    def test_service_invoice_is_asked_by_its_vat_date_and_shifted_with_it(self):
        """Invoiced in an open period, but posted on a VAT date in a closed one."""
        self.env.user.sudo().group_ids += self.env.ref(
            "service_invoicing.group_service_authorizer"
        )
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "service_invoice_type": "service",
                "partner_id": self.customer.id,
                "invoice_date": "2026-11-05",
                "taxable_supply_date": "2026-10-25",
                "invoice_line_ids": [Command.create({"name": "x", "price_unit": 5})],
            }
        )
        move.action_service_save()
        self.company.sale_lock_date = "2026-10-27"
        with self.assertRaisesRegex(UserError, "10/25/2026 is in a closed period"):
            move.action_service_authorize()
        self.company.service_closed_period = "shift"
        move.action_service_authorize()
        day = self._date("2026-10-28")
        dates = {
            "date": day,
            "taxable_supply_date": day,
            "invoice_date": self._date("2026-11-05"),
        }
        self.assertRecordValues(move, [dates])

    def test_credit_memo_is_storno(self):
        invoice = self._execute_run(
            self.permission, vat_date="2026-10-31"
        ).log_ids.move_id
        credit = self._cancel(
            invoice, self.permission.line_ids.row_ids, vat_date="2026-11-15"
        )
        # 100 + 21 %
        self.assertEqual(
            self._get_sides(credit),
            [
                (self.receivable, -121.0, 0.0),
                (self.mass_account, 0.0, -100.0),
                (self.output_tax, 0.0, -21.0),
            ],
        )
        self.assertEqual(self._get_balance(self.mass_account), 0.0)

    def test_vat_report_counts_each_amount_once(self):
        """The tags of the VAT report are on the invoice, not on the redistribution,
        and the credit memo takes the same ones back."""
        invoice = self._execute_run(
            self.permission, vat_date="2026-10-31"
        ).log_ids.move_id
        base_tags = invoice.invoice_line_ids.tax_tag_ids
        tax_tags = invoice.line_ids.filtered("tax_line_id").tax_tag_ids
        self.assertTrue(base_tags)
        self.assertTrue(tax_tags)
        self.assertFalse(invoice.maintenance_redistribution_id.line_ids.tax_tag_ids)
        credit = self._cancel(invoice, self.permission.line_ids.row_ids)
        self.assertEqual(credit.invoice_line_ids.tax_tag_ids, base_tags)

    def test_without_vat_date_it_is_the_posting_date(self):
        """Not the day on which somebody happens to run it."""
        invoice = self._execute_run(self.permission).log_ids.move_id
        dates = {"date": "2026-10-31", "taxable_supply_date": "2026-10-31"}
        self.assertRecordValues(
            invoice, [{name: self._date(text) for name, text in dates.items()}]
        )
        credit = self._cancel(invoice, self.permission.line_ids.row_ids)
        self.assertEqual(credit.date, self._date("2026-11-15"))
        self.assertEqual(credit.taxable_supply_date, self._date("2026-11-15"))
