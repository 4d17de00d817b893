from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from ..common_cancel import CancelCommon


class CorrectCommon(CancelCommon):
    """An invoice of 400 for contract A and 450 for B, which should have been 440."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.permission_a = cls._create_closed(
            cls.vehicle_a, [{"purchase_price": 400.0}]
        )
        cls.permission_b = cls._create_closed(
            cls.vehicle_b, [{"purchase_price": 600.0, "amount_to_reinvoice": 450.0}]
        )
        permissions = cls.permission_a + cls.permission_b
        cls.invoice = cls._execute_run(permissions).log_ids.move_id
        cls.line = cls.permission_b.line_ids
        cls.row = cls.line.row_ids


@tagged("post_install", "-at_install")
class TestCorrect(CorrectCommon):
    """Correct and re-invoice in one step."""

    def test_row_already_credited(self):
        self._cancel(self.row)
        with self.assertRaisesRegex(UserError, "already credited"):
            self._correct(self.row, 440.0)

    def test_to_another_payer(self):
        driver = self._create_partner("Driver")
        credit, invoice = self._correct(self.row, 450.0, driver.id)
        self.assertEqual(credit.partner_id, self.customer)
        self.assertEqual(invoice.partner_id, driver)
        self.assertEqual(self.line.reinvoice_partner_id, driver)
        # and back to the customer
        row = self.line.row_ids.filtered("live")
        credit, invoice = self._correct(row, 450.0, False)
        self.assertEqual(credit.partner_id, driver)
        self.assertEqual(invoice.partner_id, self.customer)

    def test_several_payers_get_an_invoice_each(self):
        driver = self._create_partner("Driver")
        row_a = self.permission_a.line_ids.row_ids
        action = self.invoice.action_maintenance_cancel(
            corrections=[(row_a.id, 399.0), (self.row.id, 450.0, driver.id)],
            posting_date="2026-11-15",
        )
        credit, *invoices = self._get_opened(action)
        self.assertEqual(credit.amount_untaxed, 850.0)
        self.assertEqual(
            {invoice.partner_id: invoice.amount_untaxed for invoice in invoices},
            {self.customer: 399.0, driver: 450.0},
        )
        self.assertEqual(self.invoice.payment_state, "reversed")

    def test_zero_is_credited_only(self):
        credit, invoices = self._correct(self.row, 0.0)
        self.assertEqual(credit.amount_untaxed, 450.0)
        self.assertFalse(invoices)
        self.assertRecordValues(
            self.line, [{"amount_to_reinvoice": 0.0, "reinvoice": False}]
        )
        self.assertEqual(self.permission_b.state, "closed")

    def test_reason_of_the_correction_is_the_lines_reason(self):
        self.company.maintenance_reason_required = True
        with self.assertRaisesRegex(UserError, "Enter the reason"):
            self._correct(self.row, 440.0)
        self._correct(self.row, 440.0, reason="Agreed on the phone")
        self.assertEqual(self.line.reinvoice_reason, "Agreed on the phone")
        self.assertEqual(self.line.amount_to_reinvoice, 440.0)

    def test_ticked_rows_without_correction_are_freed_or_closed(self):
        row_a = self.permission_a.line_ids.row_ids
        for free, state in ((False, "reinvoiced"), (True, "closed")):
            with self.subTest(free=free), self.env.cr.savepoint() as savepoint:
                credit, invoice = self._correct(
                    self.row, 440.0, row_ids=row_a.ids, free=free
                )
                self.assertEqual(credit.amount_untaxed, 850.0)
                self.assertEqual(invoice.amount_untaxed, 440.0)
                self.assertEqual(self.permission_a.state, state)
                self.assertEqual(self.permission_b.state, "reinvoiced")
                savepoint.rollback()

    # -- all or nothing ---------------------------------------------------------

    def _assert_untouched(self):
        self.assertFalse(self.row.credit_move_id)
        self.assertEqual(self.line.amount_to_reinvoice, 450.0)
        self.assertEqual(self.line.sale_invoice_id, self.invoice)
        self.assertEqual(self._get_balance(self.revenue), -850.0)

    def test_more_than_bought(self):
        with self.assertRaisesRegex(ValidationError, "more than the purchase price"):
            self._correct(self.row, 600.01)
        self._assert_untouched()

    def test_other_sign_than_bought(self):
        with self.assertRaisesRegex(ValidationError, "must have the sign"):
            self._correct(self.row, -1.0)
        self._assert_untouched()

    def test_new_invoice_that_cannot_be_posted(self):
        """The credit memo alone would be possible: what was is on another account."""
        other = self._create_account("REV02", "income")
        self.service.property_account_income_id = other
        other.active = False
        with self.assertRaises(UserError):
            self._correct(self.row, 440.0)
        self._assert_untouched()

    def test_lines_that_add_up_to_zero(self):
        """Work of 50 and a compensation of 50, both on one invoice with other work."""
        permission = self._create_permission(
            self.vehicle_a, [{"purchase_price": 80.0}, {"purchase_price": -50.0}]
        )
        self._bill_with_work(permission)
        self._execute_run(permission)
        rows = permission.line_ids.row_ids
        with self.assertRaisesRegex(UserError, "add up to zero"):
            rows.move_id.action_maintenance_cancel(
                corrections=[(rows[0].id, 50.0), (rows[1].id, -50.0)],
                posting_date="2026-11-15",
            )
        self.assertFalse(rows.credit_move_id)

    # -- payments ---------------------------------------------------------------

    def test_credit_of_a_paid_invoice_pays_the_new_one(self):
        """553.50 come back, 541.20 are charged anew: 12.30 stay open for the
        customer."""
        self._register_payment(self.invoice)
        credit, invoice = self._correct(self.row, 440.0)
        self.assertEqual(invoice.amount_residual, 0.0)
        self.assertEqual(credit.amount_residual, 12.3)

    def test_credit_never_pays_for_somebody_else(self):
        self._register_payment(self.invoice)
        driver = self._create_partner("Driver")
        credit, invoice = self._correct(self.row, 440.0, driver.id)
        self.assertEqual(invoice.amount_residual, 541.2)
        self.assertEqual(credit.amount_residual, 553.5)

    # -- kinds of invoices ------------------------------------------------------

    def test_individual_invoice_is_corrected_by_one(self):
        line = self._create_permission(
            self.vehicle_a,
            [{"purchase_price": 100.0, "reinvoice_method": "individual"}],
        ).line_ids
        line.action_reinvoice(posting_date="2026-10-31")
        credit, invoice = self._correct(line.row_ids, 90.0)
        self.assertFalse((credit + invoice).maintenance_redistribution_id)
        self.assertRecordValues(
            invoice,
            [
                {
                    "state": "posted",
                    "maintenance_mass_invoice": False,
                    "amount_untaxed": 90.0,
                }
            ],
        )
        self.assertEqual(invoice.invoice_line_ids.account_id, self.revenue)
        # 850 of the collective invoice and 90
        self.assertEqual(self._get_balance(self.revenue), -940.0)

    def test_settlement_is_corrected_by_one(self):
        line = self._create_permission(
            self.vehicle_a, [{"purchase_price": 100.0, "reinvoice_method": "billing"}]
        ).line_ids
        self.contract_a.action_settle(posting_date="2026-10-31")
        _credit, invoice = self._correct(line.row_ids, 90.0)
        self.assertEqual(invoice.amount_untaxed, 90.0)
        self.assertEqual(line.sale_invoice_id, invoice)

    def test_credit_note_is_corrected_by_one(self):
        """A compensation of 300 should have been 250."""
        permission = self._create_permission(
            self.vehicle_a, [{"purchase_price": -300.0}]
        )
        self._bill_with_work(permission)
        self._execute_run(permission)
        row = permission.line_ids.row_ids
        claim, note = self._correct(row, -250.0)
        self.assertEqual(claim.move_type, "out_invoice")
        self.assertRecordValues(
            note, [{"move_type": "out_refund", "amount_untaxed": 250.0}]
        )
        self.assertEqual(row.move_id.amount_residual, 0.0)
        # 850 less 250
        self.assertEqual(self._get_balance(self.revenue), -600.0)
        self._assert_cleared()

    def test_by_the_dialog(self):
        wizard = self._get_dialog(self.invoice.action_maintenance_cancel())
        wizard.write({"free": "correct", "posting_date": "2026-11-15"})
        wizard.line_ids[0].selected = False
        wizard.line_ids[1].corrected_amount = 440.0
        credit, invoice = self._get_opened(wizard.action_confirm())
        self.assertEqual(credit.amount_untaxed, 450.0)
        self.assertEqual(invoice.amount_untaxed, 440.0)
        self.assertEqual(self.permission_a.line_ids.sale_invoice_id, self.invoice)

    def test_storno(self):
        self.company.account_storno = True
        credit, invoice = self._correct(self.row, 440.0)
        items = credit.line_ids + credit.maintenance_redistribution_id.line_ids
        self.assertTrue(all(i.debit <= 0 and i.credit <= 0 for i in items))
        items = invoice.line_ids + invoice.maintenance_redistribution_id.line_ids
        self.assertTrue(all(i.debit >= 0 and i.credit >= 0 for i in items))
        self._assert_cleared()


@tagged("post_install", "-at_install")
class TestCorrected(CorrectCommon):
    """450 of contract B are credited and 440 invoiced."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        action = cls.invoice.action_maintenance_cancel(
            corrections=[[cls.row.id, 440.0]],
            posting_date="2026-11-15",
            vat_date="2026-11-14",
            reason="Wrong price",
        )
        cls.opened = cls._get_opened(action)
        cls.credit, cls.corrected = cls.opened

    def test_credit_memo_and_new_collective_invoice(self):
        self.assertEqual(self.credit.amount_untaxed, 450.0)
        self.assertRecordValues(
            self.corrected,
            [
                {
                    "move_type": "out_invoice",
                    "state": "posted",
                    "service_invoice_type": "maintenance",
                    "maintenance_mass_invoice": True,
                    "maintenance_mass_analytic_account_id": self.mass_analytic.id,
                    "partner_id": self.customer.id,
                    "invoice_origin": self.invoice.name,
                    "invoice_date": self._date("2026-11-15"),
                    # 440 + 23 %
                    "amount_untaxed": 440.0,
                    "amount_total": 541.2,
                }
            ],
        )
        entry = self.corrected.maintenance_redistribution_id
        self.assertEqual(
            [(item.account_id, item.balance) for item in entry.line_ids],
            [(self.mass_account, 440.0), (self.revenue, -440.0)],
        )
        self._assert_cleared()
        # 400 of A and 440 of B
        self.assertEqual(self._get_balance(self.revenue), -840.0)

    def test_line_carries_all_links_and_the_permission_its_status(self):
        self.assertRecordValues(
            self.line,
            [
                {
                    "amount_to_reinvoice": 440.0,
                    "sale_invoice_id": self.corrected.id,
                    "posted_invoice_name": self.corrected.name,
                    "reinvoiced": True,
                    "credit_ids": self.credit.ids,
                }
            ],
        )
        self.assertEqual(self.line.row_ids.move_id, self.invoice + self.corrected)
        self.assertEqual(self.permission_b.state, "reinvoiced")
        self.assertEqual(self.permission_a.line_ids.sale_invoice_id, self.invoice)

    def test_both_are_opened(self):
        self.assertEqual(self.opened.mapped("move_type"), ["out_refund", "out_invoice"])

    def test_vat_date_and_reason(self):
        for move in self.credit + self.corrected:
            self.assertEqual(move.taxable_supply_date, self._date("2026-11-14"))
        self.assertEqual(self.credit.service_credit_reason, "Wrong price")

    def test_corrected_twice(self):
        row = self.line.row_ids.filtered("live")
        credit, last = self._correct(row, 430.0)
        self.assertEqual(credit.reversed_entry_id, self.corrected)
        self.assertEqual(last.amount_untaxed, 430.0)
        self.assertEqual(self._get_balance(self.revenue), -830.0)
        self._assert_cleared()
