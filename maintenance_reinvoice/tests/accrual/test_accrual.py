import json

from odoo.tests import Form, freeze_time, tagged

from ..common_accrual import AccrualCommon, AccrualExampleCommon


@freeze_time("2026-11-22")
@tagged("post_install", "-at_install")
class TestAccrual(AccrualExampleCommon):
    """What was bought and not invoiced at the end of a month is revenue of the month,
    and is taken back on the next day."""

    def test_entry_and_its_reversal(self):
        accrual, reversal = self._accrue()
        # 400 + 450 at the month end, per contract, net
        self.assertEqual(
            self._get_items(accrual),
            [
                (self.accrual_account, 850.0, 0.0),
                (self.revenue, 0.0, 400.0),
                (self.revenue, 0.0, 450.0),
            ],
        )
        self.assertEqual(
            self._get_items(reversal),
            [
                (self.accrual_account, 0.0, 850.0),
                (self.revenue, 400.0, 0.0),
                (self.revenue, 450.0, 0.0),
            ],
        )
        for move, day in ((accrual, "2026-10-31"), (reversal, "2026-11-01")):
            self.assertEqual((move.state, move.date), ("posted", self._date(day)))
            revenue = move.line_ids.filtered(lambda a: a.account_id == self.revenue)
            self.assertEqual(
                revenue.mapped("analytic_distribution"),
                [{str(self.analytic_a.id): 100.0}, {str(self.analytic_b.id): 100.0}],
            )
            self.assertEqual(
                revenue.maintenance_contract_id, self.contract_a + self.contract_b
            )
            self.assertFalse(move.line_ids.tax_ids)
        self.assertEqual(reversal.reversed_entry_id, accrual)
        # the account is clear again, and says so
        self.assertEqual(self._get_balance(self.accrual_account), 0.0)
        items = (accrual + reversal).line_ids
        accrued = items.filtered(lambda a: a.account_id == self.accrual_account)
        self.assertEqual(set(accrued.mapped("reconciled")), {True})
        lines = self.permission_a.line_ids[0] + self.permission_b.line_ids
        self.assertEqual(accrual.maintenance_accrued_line_ids, lines)
        self.assertEqual(lines[0].accrual_move_ids, accrual)
        action = accrual.action_view_maintenance_accrued_lines()
        self.assertEqual(lines.search(action["domain"]), lines)

    def test_results_of_contracts_move_to_the_month(self):
        self._accrue()
        items = self.env["account.analytic.line"].search(
            [("date", "<=", "2026-10-31"), ("amount", ">", 0)]
        )
        self.assertEqual(sorted(items.mapped("amount")), [400.0, 450.0])
        self.assertEqual(self._get_analytic_result(self.analytic_a), -600.0)

    def test_by_the_form_with_a_preview(self):
        with freeze_time("2026-11-04"), Form(self.wizards) as form:
            self.assertEqual(form.date, self._date("2026-10-31"))
            self.assertEqual(form.reversal_date, self._date("2026-11-01"))
            self.assertEqual(form.account_id, self.accrual_account)
            self.assertEqual(form.journal_id.type, "general")
            self.assertEqual((form.amount, form.line_count), (850.0, 2))
            self.assertFalse(form.problems)
            [group] = json.loads(form.preview_data)["groups_vals"]
            self.assertEqual(len(group["items_vals"]), 3)
            self.assertIn("850.00", group["items_vals"][0][2]["debit"])
            form.date = "2026-09-30"
            self.assertEqual(form.reversal_date, self._date("2026-10-01"))
            self.assertEqual((form.amount, form.line_count), (0.0, 0))
            self.assertTrue(form.problems)
            form.date = "2026-10-31"
        wizard = form.record
        self.assertFalse(
            self.env["account.move"].search_count(
                [("maintenance_accrual_date", "!=", False)]
            )
        )
        action = wizard.action_view_lines()
        lines = self.env["maintenance.permission.line"].search(action["domain"])
        self.assertEqual(sum(lines.mapped("amount_to_reinvoice")), 850.0)
        wizard.action_post()

    def test_reversal_of_a_coming_day_posts_itself(self):
        with freeze_time("2026-10-31"):
            accrual, reversal = self._accrue()
        self.assertEqual(accrual.state, "posted")
        self.assertEqual((reversal.state, reversal.auto_post), ("draft", "at_date"))
        cron = self.env.ref("account.ir_cron_auto_post_draft_entry").sudo()
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        reversal.invalidate_recordset()
        self.assertEqual(reversal.state, "posted")
        self.assertEqual(self._get_balance(self.accrual_account), 0.0)


@freeze_time("2026-11-22")
@tagged("post_install", "-at_install")
class TestAccrualByDate(AccrualCommon):
    """A line of 400 counts as it was at the date, whatever came afterwards."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        permission = cls._create_closed(cls.vehicle_a, [{"purchase_price": 400.0}])
        cls.line = permission.line_ids

    def test_invoices_and_credits_count_by_their_dates(self):
        """Invoiced on 2026-10-31, credited and freed on 2026-11-05, invoiced again at
        300 on 2026-12-01."""
        invoice = self._execute_run(posting_date="2026-11-02").log_ids.move_id
        # invoiced after the month end: it was open then, with what was invoiced later
        self.assertEqual(self._get_lines("2026-10-31")[self.line][0], 400.0)
        self.assertFalse(self._get_lines("2026-11-02"))
        invoice.action_maintenance_cancel(
            row_ids=invoice.maintenance_row_ids.ids, posting_date="2026-11-05"
        )
        self.line.amount_to_reinvoice = 300.0
        self._execute_run(posting_date="2026-12-01")
        for date, amount in (
            ("2026-10-31", 400.0),
            ("2026-11-01", 400.0),
            ("2026-11-04", False),
            ("2026-11-05", 300.0),
            ("2026-11-30", 300.0),
            ("2026-12-01", False),
        ):
            with self.subTest(date):
                amounts = self._get_lines(date)
                self.assertEqual(amounts.get(self.line, (False, None))[0], amount)

    def test_credited_and_closed_is_not_accrued(self):
        invoice = self._execute_run(posting_date="2026-11-02").log_ids.move_id
        invoice.action_maintenance_cancel(
            row_ids=invoice.maintenance_row_ids.ids,
            posting_date="2026-11-05",
            free=False,
        )
        self.assertFalse(self._get_lines("2026-11-05"))
        self.assertIn(self.line, self._get_lines("2026-10-31"))

    def test_draft_invoice_does_not_count(self):
        self.company.maintenance_mass_account_id = False
        draft = self._execute_run().log_ids.move_id
        self.assertEqual(draft.state, "draft")
        self.assertIn(self.line, self._get_lines("2026-10-31"))
        draft.action_post()
        self.assertFalse(self._get_lines("2026-10-31"))


@freeze_time("2026-11-22")
@tagged("post_install", "-at_install")
class TestAccrualAmounts(AccrualCommon):
    """What is accrued, in which currency, on which side and account."""

    def test_bill_of_a_later_month_is_not_accrued(self):
        permission = self._create_permission(self.vehicle_a, [{"purchase_price": 9.0}])
        self.assertFalse(self._get_lines("2026-10-31"))
        bill = self._create_bill(permission, post=False)
        self.assertFalse(self._get_lines("2026-10-31"))
        bill.invoice_date = "2026-11-03"
        bill.action_post()
        self.assertFalse(self._get_lines("2026-10-31"))
        self.assertTrue(self._get_lines(bill.date))

    def test_only_what_customers_are_to_pay_is_accrued(self):
        permission = self._create_closed(
            self.vehicle_a,
            [
                {"purchase_price": 100.0},
                {"purchase_price": 20.0, "reinvoice": False},
                {"purchase_price": 30.0, "reinvoice_method": "excessive_wear"},
                {"purchase_price": 50.0, "reinvoice_method": "billing"},
                {"purchase_price": -6.0},
                {"purchase_price": 0.0, "amount_to_reinvoice": 7.0},
            ],
        )
        lines = permission.line_ids
        amounts = self._get_lines("2026-10-31")
        self.assertEqual(
            {line: amount for line, (amount, _currency) in amounts.items()},
            {lines[0]: 100.0, lines[3]: 50.0, lines[4]: -6.0},
        )

    # -- currencies, storno -----------------------------------------------------

    def test_second_currency_is_kept_at_the_rate_of_the_date(self):
        euro = self.setup_other_currency(
            "EUR", rates=[("2026-01-01", 4.0), ("2026-10-31", 3.0)]
        )
        self.contract_a.currency_id = euro
        self._create_closed(
            self.vehicle_a,
            [{"purchase_price": 60.0}, {"purchase_price": 40.01}],
            purchase_currency_id=euro.id,
        )
        self._create_closed(self.vehicle_b, [{"purchase_price": 5.0}])
        accrual, reversal = self._accrue()
        # 100.01 / 3 = 33.34
        self.assertEqual(
            [
                (item.account_id, item.currency_id, item.amount_currency, item.balance)
                for item in accrual.line_ids.sorted("id")
            ],
            [
                (self.accrual_account, euro, 100.01, 33.34),
                (self.accrual_account, self.company.currency_id, 5.0, 5.0),
                (self.revenue, euro, -100.01, -33.34),
                (self.revenue, self.company.currency_id, -5.0, -5.0),
            ],
        )
        self.assertEqual(
            reversal.line_ids.sorted("id").mapped("amount_currency"),
            [-100.01, -5.0, 100.01, 5.0],
        )
        self.assertEqual(self._get_balance(self.accrual_account), 0.0)
        self.assertFalse(accrual.line_ids.matched_credit_ids.exchange_move_id)

    def test_storno_reverses_on_the_same_side(self):
        self.company.account_storno = True
        work = self._create_permission(self.vehicle_a, [{"purchase_price": 400.0}])
        compensation = self._create_permission(
            self.vehicle_b, [{"purchase_price": -100.0}]
        )
        self._create_bill(work + compensation)
        wizard = self.wizards.create({"date": "2026-10-31"})
        [group] = json.loads(wizard.preview_data)["groups_vals"]
        self.assertIn("-100.00", group["items_vals"][2][2]["credit"])
        accrual, reversal = self._accrue()
        items = [
            (self.accrual_account, 300.0, 0.0),
            (self.revenue, 0.0, 400.0),
            (self.revenue, 0.0, -100.0),
        ]
        self.assertEqual(self._get_items(accrual), items)
        self.assertEqual(
            self._get_items(reversal),
            [(account, -debit, -credit) for account, debit, credit in items],
        )

    def test_revenue_account_is_that_of_the_payers_fiscal_position(self):
        abroad = self._create_account("REV02", "income")
        self.customer.property_account_position_id = self.env[
            "account.fiscal.position"
        ].create(
            {
                "name": "Abroad",
                "account_ids": [
                    (
                        0,
                        0,
                        {
                            "account_src_id": self.revenue.id,
                            "account_dest_id": abroad.id,
                        },
                    )
                ],
            }
        )
        self._create_closed(
            self.vehicle_a,
            [
                {"purchase_price": 10.0},
                {"purchase_price": 2.0, "reinvoice_partner_id": self.partner_a.id},
            ],
        )
        accrual, _reversal = self._accrue()
        self.assertEqual(
            self._get_items(accrual),
            [
                (self.accrual_account, 12.0, 0.0),
                (abroad, 0.0, 10.0),
                (self.revenue, 0.0, 2.0),
            ],
        )
