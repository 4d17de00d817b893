from odoo.tests import tagged

from ..common_cancel import CancelCommon
from ..common_margins import MarginCommon

TEXT = "Maintenance and repair services"


class OwnLinesCommon(CancelCommon):
    """A customer who wants an invoice line per permission line."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.maintenance_line_detail = "line"


@tagged("post_install", "-at_install")
class TestOwnLines(OwnLinesCommon):
    """Brakes for 400 and wipers for 200 on contract A, a clutch for 450 on B."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.permission_a = cls._create_closed(
            cls.vehicle_a,
            [
                {"purchase_price": 400.0, "name": "Brakes"},
                {"purchase_price": 200.0, "name": "Wipers"},
            ],
        )
        cls.permission_b = cls._create_closed(
            cls.vehicle_b, [{"purchase_price": 450.0, "name": "Clutch"}]
        )
        cls.mass_run = cls._execute_run(cls.permission_a + cls.permission_b)
        cls.invoice = cls.mass_run.log_ids.move_id
        cls.rows = (cls.permission_a + cls.permission_b).line_ids.row_ids
        cls.lines = cls.invoice.invoice_line_ids.sorted("sequence")

    def _get_names(self):
        a, b = self.permission_a.name, self.permission_b.name
        return [
            f"{TEXT} A\n{a}, AA-111: Brakes",
            f"{TEXT} A\n{a}, AA-111: Wipers",
            f"{TEXT} B\n{b}, BB-222: Clutch",
        ]

    # -- the invoice ------------------------------------------------------------

    def test_each_permission_line_is_a_line_that_says_what_was_done(self):
        self.assertRecordValues(
            self.lines,
            [
                {
                    "name": name,
                    "quantity": 1.0,
                    "price_unit": amount,
                    "account_id": self.mass_account.id,
                    "maintenance_contract_id": contract.id,
                }
                for name, amount, contract in zip(
                    self._get_names(),
                    (400.0, 200.0, 450.0),
                    (self.contract_a, self.contract_a, self.contract_b),
                    strict=True,
                )
            ],
        )
        # 400 + 200 + 450 and 23 % of it
        self.assertRecordValues(
            self.invoice,
            [{"amount_untaxed": 1050.0, "amount_tax": 241.5, "amount_total": 1291.5}],
        )

    def test_a_row_stands_behind_each_line(self):
        self.assertEqual(
            [(row.move_line_id, row.amount) for row in self.rows],
            list(zip(self.lines, (400.0, 200.0, 450.0), strict=True)),
        )

    def test_lines_are_printed_although_the_company_merges_them(self):
        self.assertEqual(self.company.maintenance_print_detail, "tax")
        self.assertEqual(self.invoice._get_move_lines_to_report(), self.lines)

    def test_each_line_is_redistributed_by_a_pair(self):
        entry = self.invoice.maintenance_redistribution_id
        self.assertEqual(
            [(item.account_id, item.balance) for item in entry.line_ids.sorted("id")],
            [
                (self.mass_account, 400.0),
                (self.revenue, -400.0),
                (self.mass_account, 200.0),
                (self.revenue, -200.0),
                (self.mass_account, 450.0),
                (self.revenue, -450.0),
            ],
        )
        self._assert_cleared()
        # sold 600 for bought 600, 450 for 450
        for analytic in self.analytic_a + self.analytic_b + self.mass_analytic:
            self.assertEqual(self._get_analytic_result(analytic), 0.0)

    def test_individual_invoices_are_as_ever(self):
        permission = self._create_permission(
            self.vehicle_a,
            [
                {
                    "purchase_price": 30.0,
                    "name": "Wash",
                    "reinvoice_method": "individual",
                }
            ],
        )
        permission.line_ids.action_reinvoice(posting_date="2026-10-31")
        self.assertEqual(
            permission.line_ids.sale_invoice_id.invoice_line_ids.name,
            f"{TEXT}\n{permission.name}, AA-111: Wash",
        )

    # -- what is taken back -----------------------------------------------------

    def test_credit_of_a_row_takes_its_line_alone(self):
        wipers = self.rows[1]
        credit = self._cancel(wipers)
        self.assertRecordValues(
            credit.invoice_line_ids,
            [
                {
                    "name": self._get_names()[1],
                    "price_subtotal": 200.0,
                    "service_credited_line_id": self.lines[1].id,
                    "maintenance_contract_id": self.contract_a.id,
                }
            ],
        )
        # 200 + 23 %, of 1,291.50
        self.assertEqual(credit.amount_total, 246.0)
        self.assertEqual(self.invoice.amount_residual, 1045.5)
        entry = credit.maintenance_redistribution_id
        self.assertEqual(
            [(item.account_id, item.balance) for item in entry.line_ids.sorted("id")],
            [(self.mass_account, -200.0), (self.revenue, 200.0)],
        )
        self.assertEqual(self.rows.mapped("live"), [True, False, True])
        self._assert_cleared()

    def test_credit_memo_is_printed_line_by_line_too(self):
        credit = self._cancel(self.rows[:2])
        self.assertEqual(
            credit._get_move_lines_to_report().mapped("name"), self._get_names()[:2]
        )

    def test_mass_cancellation_leaves_nothing(self):
        dialog = self._get_dialog(self.mass_run.action_cancel_rows())
        dialog.action_tick_all()
        dialog.posting_date = "2026-11-15"
        credit = self._get_opened(dialog.action_confirm())
        self.assertEqual(len(credit.invoice_line_ids), 3)
        self.assertEqual(credit.amount_total, 1291.5)
        self.assertEqual(self.invoice.payment_state, "reversed")
        for account in (
            self.revenue,
            self.output_tax,
            self.company_data["default_account_receivable"],
        ):
            self.assertEqual(self._get_balance(account), 0.0, account.name)
        self._assert_cleared()

    def test_corrected_row_has_a_line_of_its_own_again(self):
        credit, corrected = self._correct(self.rows[0], 150.0)
        self.assertEqual(credit.amount_untaxed, 400.0)
        self.assertRecordValues(
            corrected.invoice_line_ids,
            [{"name": self._get_names()[0], "price_subtotal": 150.0}],
        )
        # 450 and 200 of the invoice, 150 of the new one
        self.assertEqual(self._get_balance(self.revenue), -800.0)
        self._assert_cleared()

    def test_freed_row_waits_for_the_accrual_and_the_next_run(self):
        self._cancel(self.rows[1])
        wipers = self.rows[1].line_id
        accrued = wipers._get_accrual_amounts(self.company, self._date("2026-11-20"))
        self.assertEqual(accrued, {wipers: (200.0, wipers.currency_id)})
        run = self._execute_run(self.permission_a, posting_date="2026-11-25")
        self.assertEqual(
            run.log_ids.move_id.invoice_line_ids.mapped("name"), [self._get_names()[1]]
        )

    # -- who wants it -----------------------------------------------------------

    def test_choice_is_the_customers_else_his_companys_else_ours(self):
        company = self.company
        contact = self._create_partner("Branch", parent_id=self.customer.id)
        self.assertEqual(contact._get_maintenance_line_detail(company), "line")
        contact.maintenance_line_detail = "contract"
        self.assertEqual(contact._get_maintenance_line_detail(company), "contract")
        stranger = self._create_partner("Stranger")
        self.assertEqual(stranger._get_maintenance_line_detail(company), "contract")
        company.maintenance_line_detail = "line"
        self.assertEqual(stranger._get_maintenance_line_detail(company), "line")

    def test_choice_of_one_company_is_none_of_the_other(self):
        other = self.setup_other_company()["company"]
        self.assertEqual(self.customer._get_maintenance_line_detail(other), "contract")

    def test_who_pays_decides_and_not_whose_contract_it_is(self):
        insurer = self._create_partner("Insurer")
        permission = self._create_closed(
            self.vehicle_a,
            [
                {"purchase_price": amount, "reinvoice_partner_id": insurer.id}
                for amount in (10.0, 20.0)
            ],
        )
        invoice = self._execute_run(permission).log_ids.move_id
        self.assertRecordValues(
            invoice.invoice_line_ids, [{"name": f"{TEXT} A", "price_subtotal": 30.0}]
        )


@tagged("post_install", "-at_install")
class TestOwnLinesAmounts(MarginCommon, OwnLinesCommon):
    """Cents of invoices with a line per permission line, and of their credits."""

    def _invoice(self, *amounts, **vals):
        """Rows of a collective invoice of one permission, in order."""
        permission = self._create_permission(
            self.vehicle_a, [{"purchase_price": amount} for amount in amounts], **vals
        )
        if min(amounts) < 0:
            self._bill_with_work(permission)
        else:
            self._create_bill(permission)
        self._execute_run(permission)
        return permission.line_ids.row_ids

    def _assert_taken_back(self, invoice):
        self.assertEqual(invoice.amount_residual, 0.0)
        self.assertEqual(invoice.payment_state, "reversed")
        self.assertEqual(self._get_balance(self.output_tax), 0.0)
        self.assertEqual(self._get_balance(self.revenue), 0.0)
        self._assert_cleared()

    def test_tax_is_rounded_as_the_company_rounds(self):
        """23 % of 0.33 are 0.0759, of 0.99 are 0.2277: three lines bear 0.24 where the
        company rounds each, else 0.23; one line for the contract always 0.23."""
        for detail, rounding, tax, credited in (
            ("line", "round_per_line", 0.24, [0.08, 0.08, 0.08]),
            ("line", "round_globally", 0.23, [0.08, 0.08, 0.07]),
            ("contract", "round_per_line", 0.23, [0.08, 0.08, 0.07]),
            ("contract", "round_globally", 0.23, [0.08, 0.08, 0.07]),
        ):
            with self.subTest(detail=detail, rounding=rounding):
                self.customer.maintenance_line_detail = detail
                self.company.tax_calculation_rounding_method = rounding
                rows = self._invoice(0.33, 0.33, 0.33)
                invoice = rows.move_id
                self.assertEqual(invoice.amount_tax, tax)
                credits = [self._cancel(row) for row in rows]
                self.assertEqual([memo.amount_tax for memo in credits], credited)
                self._assert_taken_back(invoice)

    def test_included_tax_leaves_the_nets_of_the_rows(self):
        tax = self._create_tax(23.0, "sale", price_include_override="tax_included")
        self.service.taxes_id = tax
        rows = self._invoice(0.33, 10.01)
        lines = rows.move_id.invoice_line_ids.sorted("sequence")
        self.assertEqual(lines.mapped("price_subtotal"), [0.33, 10.01])
        credit = self._cancel(rows[1])
        # 10.01 + 23 % of it, 2.3023
        self.assertEqual((credit.amount_untaxed, credit.amount_tax), (10.01, 2.3))
        self._cancel(rows[0])
        self._assert_taken_back(rows.move_id)

    def test_compensation_is_a_line_that_lowers_the_invoice(self):
        for storno in (False, True):
            with self.subTest(storno=storno):
                self.company.account_storno = storno
                rows = self._invoice(400.0, -100.0)
                lines = rows.move_id.invoice_line_ids.sorted("sequence")
                self.assertEqual(lines.mapped("price_subtotal"), [400.0, -100.0])
                # 300 + 23 %
                self.assertEqual(rows.move_id.amount_total, 369.0)
                claim = self._cancel(rows[1])
                self.assertRecordValues(
                    claim, [{"move_type": "out_invoice", "amount_total": 123.0}]
                )
                self._cancel(rows[0])
                self.assertEqual(self._get_balance(self.revenue), 0.0)
                self._assert_cleared()

    def test_margins_of_rows_are_those_of_their_lines(self):
        """At 3 units: lines of 1, 1 and 100 have balances of 0.33, 0.33 and 33.34, with
        the last cent of 102 / 3 = 34. As shares of 34 they would be 0.33, 0.34 and
        33.33. A credit memo of all takes from each what it was charged."""
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 3.0)])
        self.contract_a.currency_id = euro
        rows = self._invoice(1.0, 1.0, 100.0, purchase_currency_id=euro.id)
        permission = rows.permission_id
        found = self._get_rows(permission)
        self.assertEqual(found.mapped("amount_billed"), [0.33, 0.33, 33.34])
        credit = self._cancel(rows)
        self.assertEqual(sum(credit.invoice_line_ids.mapped("balance")), 34.0)
        found = self._get_rows(permission)
        self.assertEqual(found.mapped("amount_billed"), [0.0, 0.0, 0.0])
        self._assert_taken_back(rows.move_id)
