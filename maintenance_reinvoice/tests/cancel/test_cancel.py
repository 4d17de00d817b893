from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from ..common import MaintenanceCommon


class CancelExampleCommon(MaintenanceCommon):
    """An invoice of 400 for contract A and 450 for B, with 23 % tax."""

    storno = False

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.account_storno = cls.storno
        cls.permission_a = cls._create_closed(
            cls.vehicle_a, [{"purchase_price": 400.0}]
        )
        cls.permission_b = cls._create_closed(
            cls.vehicle_b, [{"purchase_price": 600.0, "amount_to_reinvoice": 450.0}]
        )
        cls.invoice = cls._execute_run().log_ids.move_id
        cls.row_b = cls.permission_b.line_ids.row_ids

    @classmethod
    def _cancel(cls, rows=None, **vals):
        action = cls.invoice.action_maintenance_cancel(
            row_ids=(rows or cls.row_b).ids, posting_date="2026-11-15", **vals
        )
        return cls.env["account.move"].browse(action["res_id"])


@tagged("post_install", "-at_install")
class TestCancel(CancelExampleCommon):
    """What may be credited of an invoice, when, how and by whom."""

    def test_closed_row_is_not_offered_again(self):
        credit = self._cancel(free=False)
        line = self.permission_b.line_ids
        self.assertEqual(line.sale_invoice_id, self.invoice)
        self.assertEqual(line.credit_ids, credit)
        self.assertEqual(self.permission_b.state, "reinvoiced")
        run = self._create_run()
        run.action_check()
        self.assertEqual(run.taken_count, 0)

    def test_all_rows_reverse_the_invoice(self):
        self._cancel(self.invoice.maintenance_row_ids)
        self.assertEqual(self.invoice.payment_state, "reversed")
        self.assertEqual(self._get_balance(self.revenue), 0.0)
        self.assertEqual(self._get_balance(self.output_tax), 0.0)

    def test_credit_of_a_paid_invoice_stays_open(self):
        self._register_payment(self.invoice)
        credit = self._cancel()
        self.assertEqual(credit.amount_residual, 553.5)
        self.assertEqual(self._get_balance(self.mass_account), 0.0)

    def test_row_of_another_invoice(self):
        other = self._create_closed(self.vehicle_a, [{"purchase_price": 5.0}])
        self._execute_run(other)
        with self.assertRaisesRegex(UserError, "is not on invoice"):
            self._cancel(other.line_ids.row_ids)

    def test_no_row_ticked(self):
        with self.assertRaisesRegex(UserError, "Tick the rows"):
            self.invoice.action_maintenance_cancel(
                row_ids=[], posting_date="2026-11-15"
            )

    def test_only_maintenance_invoices(self):
        bill = self.permission_a.line_ids.bill_line_ids.move_id
        with self.assertRaisesRegex(UserError, "not a posted maintenance invoice"):
            bill.action_maintenance_cancel()

    def test_closed_period(self):
        self.company.sale_lock_date = "2026-11-30"
        with self.assertRaisesRegex(UserError, "closed period"):
            self._cancel()

    def test_dialog(self):
        action = self.invoice.action_maintenance_cancel()
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(wizard.line_ids.mapped("selected"), [True, True])
        form = Form(wizard)
        with form.line_ids.edit(0) as line:
            self.assertEqual(line.license_plate, "AA-111")
            line.selected = False
        form.posting_date = "2026-11-15"
        opened = form.save().action_confirm()
        credit = self.env["account.move"].browse(opened["res_id"])
        self.assertEqual(credit.amount_total, 553.5)

    def test_invoice_and_entry_stay_posted(self):
        """Behind the wizard's back nothing is reset, cancelled, deleted, reversed."""
        entry = self.invoice.maintenance_redistribution_id
        for move in self.invoice + entry:
            with self.assertRaisesRegex(UserError, "Cancel Maintenance Rows"):
                move.button_draft()
            with self.assertRaisesRegex(UserError, "Cancel Maintenance Rows"):
                move.button_cancel()
            with self.assertRaisesRegex(UserError, "Cancel Maintenance Rows"):
                move._reverse_moves()
            with self.assertRaises(UserError):
                move.unlink()
        self.assertEqual(self.invoice.state, "posted")

    def test_right_of_its_own(self):
        user = new_test_user(
            self.env,
            "maintenance_clerk",
            groups="maintenance_reinvoice.group_maintenance_user,"
            "account.group_account_invoice",
            company_id=self.company.id,
        )
        with self.assertRaises(AccessError):
            self.invoice.with_user(user).action_maintenance_cancel()


@tagged("post_install", "-at_install")
class TestCancelStorno(TestCancel):
    """The same promises in a storno company."""

    storno = True
    allow_inherited_tests_method = True


@tagged("post_install", "-at_install")
class TestCancelled(CancelExampleCommon):
    """The row of contract B is credited: 450 net, 23 % tax."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.credit = cls._cancel(vat_date="2026-11-14")

    def test_credit_memo(self):
        self.assertRecordValues(
            self.credit,
            [
                {
                    "move_type": "out_refund",
                    "state": "posted",
                    "service_invoice_type": "maintenance",
                    "maintenance_mass_invoice": True,
                    "maintenance_mass_analytic_account_id": self.mass_analytic.id,
                    "reversed_entry_id": self.invoice.id,
                    "invoice_date": self._date("2026-11-15"),
                    "date": self._date("2026-11-15"),
                    "taxable_supply_date": self._date("2026-11-14"),
                    "amount_total": 553.5,
                }
            ],
        )
        # 450 + 23 % = 553.50
        self.assertEqual(
            {line.account_id: line.balance for line in self.credit.line_ids},
            {
                self.company_data["default_account_receivable"]: -553.5,
                self.mass_account: 450.0,
                self.output_tax: 103.5,
            },
        )
        receivable = self.credit.line_ids.filtered(lambda a: a.balance == -553.5)
        self.assertEqual(
            receivable.maintenance_mass_analytic_account_id, self.mass_analytic
        )

    def test_pair_of_the_contract_is_reversed(self):
        entry = self.credit.maintenance_redistribution_id
        self.assertEqual(
            [(row.account_id, row.balance) for row in entry.line_ids],
            [(self.mass_account, -450.0), (self.revenue, 450.0)],
        )
        self.assertEqual(
            entry.line_ids[1].analytic_distribution, {str(self.analytic_b.id): 100.0}
        )
        self.assertEqual(self._get_balance(self.mass_account), 0.0)
        self.assertEqual(self._get_balance(self.revenue), -400.0)
        open_items = self.env["account.move.line"].search(
            [("account_id", "=", self.mass_account.id), ("reconciled", "=", False)]
        )
        self.assertFalse(open_items)

    def test_freed_row_is_reinvoiced_again_with_both_links(self):
        line = self.permission_b.line_ids
        self.assertEqual(self.permission_b.state, "closed")
        self.assertFalse(line.sale_invoice_id)
        line.amount_to_reinvoice = 440.0
        second = self._execute_run().log_ids.move_id
        self.assertEqual(second.amount_untaxed, 440.0)
        self.assertEqual(self.permission_b.state, "reinvoiced")
        self.assertEqual(line.credit_ids, self.credit)
        self.assertEqual(line.credit_ids.reversed_entry_id, self.invoice)
        self.assertEqual(line.row_ids.move_id, self.invoice + second)

    def test_other_rows_are_untouched(self):
        self.assertEqual(self.permission_a.state, "reinvoiced")
        # 1,045.50 - 553.50
        self.assertEqual(self.invoice.amount_residual, 492.0)
        self.assertEqual(self.invoice.payment_state, "partial")

    def test_row_is_credited_once(self):
        with self.assertRaisesRegex(UserError, "already credited by"):
            self._cancel()

    def test_credit_memo_stays_posted(self):
        with self.assertRaisesRegex(UserError, "credits re-invoiced rows"):
            self.credit.button_draft()
        with self.assertRaisesRegex(UserError, "are credited by"):
            self.invoice.button_draft()


@tagged("post_install", "-at_install")
class TestCancelledStorno(TestCancelled):
    """The same promises in a storno company, where corrections are negative."""

    storno = True
    allow_inherited_tests_method = True

    def test_negative_on_their_own_side(self):
        rows = self.credit.line_ids.sorted("balance")
        self.assertEqual(
            [(row.debit, row.credit) for row in rows],
            # receivable, output tax, clearing
            [(-553.5, 0.0), (0.0, -103.5), (0.0, -450.0)],
        )
        self.assertEqual(
            [
                (row.debit, row.credit)
                for row in self.credit.maintenance_redistribution_id.line_ids
            ],
            [(-450.0, 0.0), (0.0, -450.0)],
        )


@tagged("post_install", "-at_install")
class TestCancelCurrency(MaintenanceCommon):
    def test_part_of_a_contract_in_another_currency(self):
        """Two rows share one invoice line; crediting one splits the pair. The rate is
        the invoice's: 33.33 / 1.1834 = 28.16."""
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 1.1834)])
        self.contract_a.currency_id = euro
        permission = self._create_closed(
            self.vehicle_a,
            [{"purchase_price": 100.01}, {"purchase_price": 33.33}],
            purchase_currency_id=euro.id,
        )
        invoice = self._execute_run(permission).log_ids.move_id
        self.env["res.currency.rate"].create(
            {"name": "2026-11-01", "currency_id": euro.id, "rate": 2.0}
        )
        action = invoice.action_maintenance_cancel(
            row_ids=permission.line_ids[1].row_ids.ids, posting_date="2026-11-15"
        )
        credit = self.env["account.move"].browse(action["res_id"])
        self.assertEqual(
            [
                (row.balance, row.amount_currency)
                for row in credit.maintenance_redistribution_id.line_ids
            ],
            [(-28.16, -33.33), (28.16, 33.33)],
        )
        self.assertEqual(self._get_balance(self.mass_account), 0.0)
