from odoo.tests import tagged

from ..common_cancel import CancelCommon


class CancelAmountsCommon(CancelCommon):
    """Collective invoices of one permission."""

    @classmethod
    def _invoice(cls, vehicle, *amounts, **vals):
        """A collective invoice of one permission, and its rows in order."""
        lines = [{"purchase_price": amount, **vals} for amount in amounts]
        permission = cls._create_permission(vehicle, lines)
        cls._bill_with_work(permission)
        cls._execute_run(permission)
        return permission.line_ids.row_ids


@tagged("post_install", "-at_install")
class TestCancelAmounts(CancelAmountsCommon):
    """What a credit memo takes back, to the cent, and where it is matched."""

    def test_last_credit_memo_takes_the_last_cent(self):
        """0.99 and 23 % are 0.23, but three times 0.33 and 0.08 would be 0.24."""
        rows = self._invoice(self.vehicle_a, 0.33, 0.33, 0.33)
        invoice = rows.move_id
        self.assertEqual(invoice.amount_tax, 0.23)
        credits = [self._cancel(row) for row in rows]
        self.assertEqual([c.amount_tax for c in credits], [0.08, 0.08, 0.07])
        self.assertEqual(invoice.amount_residual, 0.0)
        self.assertEqual(invoice.payment_state, "reversed")
        self.assertEqual(self._get_balance(self.output_tax), 0.0)
        self._assert_cleared()

    def test_last_cent_of_another_currency(self):
        """At 1.1834: 133.34 are 112.68, but 33.33 and 100.01 are 28.16 and 84.51.
        The last credit memo takes 84.52, and nothing is left on any account."""
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
        self._cancel(permission.line_ids[1].row_ids)
        last = self._cancel(permission.line_ids[0].row_ids)
        self.assertRecordValues(
            last.invoice_line_ids, [{"amount_currency": 100.01, "balance": 84.52}]
        )
        self.assertEqual(invoice.payment_state, "reversed")
        receivable = self.company_data["default_account_receivable"]
        for account in (self.revenue, self.output_tax, receivable):
            self.assertEqual(self._get_balance(account), 0.0, account.name)
        self._assert_cleared()

    def test_included_tax_gives_back_the_net(self):
        tax = self._create_tax(23.0, "sale", price_include_override="tax_included")
        service = self._create_service("Included", taxes_id=tax.ids)
        rows = self._invoice(self.vehicle_a, 100.0, 50.0, product_id=service.id)
        credit = self._cancel(rows[1])
        # 50 net + 23 %
        self.assertEqual((credit.amount_untaxed, credit.amount_total), (50.0, 61.5))
        self._assert_cleared()

    def test_each_tax_set_of_a_contract(self):
        low = self._create_tax(5.0, "sale")
        service = self._create_service("Low", taxes_id=low.ids)
        permission = self._create_closed(
            self.vehicle_a,
            [
                {"purchase_price": 100.0},
                {"purchase_price": 40.0, "product_id": service.id},
            ],
        )
        self._execute_run(permission)
        credit = self._cancel(permission.line_ids[1].row_ids)
        # 40 + 5 %
        self.assertEqual((credit.amount_untaxed, credit.amount_tax), (40.0, 2.0))
        self.assertEqual(credit.invoice_line_ids.tax_ids, low)

    # -- compensations ----------------------------------------------------------

    def test_work_and_compensation_together(self):
        """400 less a compensation of 100: one credit memo of 300, and each pair of
        the redistribution is cleared by itself."""
        for storno in (False, True):
            with self.subTest(storno=storno):
                self.company.account_storno = storno
                work = self._create_closed(self.vehicle_a, [{"purchase_price": 400.0}])
                other = self._create_permission(
                    self.vehicle_b, [{"purchase_price": -100.0}]
                )
                self._bill_with_work(other)
                self._execute_run(work + other)
                rows = (work + other).line_ids.row_ids
                credit = self._cancel(rows)
                self.assertRecordValues(
                    credit, [{"move_type": "out_refund", "amount_untaxed": 300.0}]
                )
                self.assertEqual(rows.move_id.payment_state, "reversed")
                self.assertEqual(self._get_balance(self.revenue), 0.0)
                self._assert_cleared()

    def test_compensation_alone_is_charged_by_an_invoice(self):
        """Taking 100 back that reduced an invoice charges the customer 123."""
        rows = self._invoice(self.vehicle_a, 400.0, -100.0)
        claim = self._cancel(rows[1])
        self.assertRecordValues(
            claim,
            [
                {
                    "move_type": "out_invoice",
                    "amount_total": 123.0,
                    "invoice_origin": rows.move_id.name,
                    "maintenance_mass_invoice": True,
                }
            ],
        )
        self.assertEqual(self._get_balance(self.revenue), -400.0)
        self._assert_cleared()
        rest = self._cancel(rows[0])
        self.assertEqual(rest.amount_total, 492.0)
        self.assertEqual(self._get_balance(self.revenue), 0.0)
        self._assert_cleared()

    def test_net_charge_that_is_a_credit_with_its_taxes(self):
        """Work of 100 at 5 % less a compensation of 90 at 23 %: 10 net are charged,
        but 105.00 - 110.70 = -5.70 are owed. The same in both directions."""
        low = self._create_tax(5.0, "sale")
        service = self._create_service("Low", taxes_id=low.ids)
        permission = self._create_permission(
            self.vehicle_a,
            [
                {"purchase_price": 100.0, "product_id": service.id},
                {"purchase_price": -90.0},
            ],
        )
        self._bill_with_work(permission)
        note = self._execute_run(permission).log_ids.move_id
        self.assertRecordValues(
            note, [{"move_type": "out_refund", "amount_total": 5.7}]
        )
        claim = self._cancel(note.maintenance_row_ids)
        self.assertRecordValues(
            claim, [{"move_type": "out_invoice", "amount_total": 5.7}]
        )
        self.assertEqual(self._get_balance(self.revenue), 0.0)
        self._assert_cleared()

    # -- payments ---------------------------------------------------------------

    def test_partly_paid_invoice(self):
        """Of 1,045.50 there are 700 paid; of the credit of 553.50 the open 345.50 are
        matched and 208 stay open."""
        first = self._create_closed(self.vehicle_a, [{"purchase_price": 400.0}])
        second = self._create_closed(self.vehicle_b, [{"purchase_price": 450.0}])
        invoice = self._execute_run(first + second).log_ids.move_id
        self._register_payment(invoice, amount=700.0)
        credit = self._cancel(second.line_ids.row_ids)
        self.assertEqual(invoice.amount_residual, 0.0)
        self.assertEqual(credit.amount_residual, 208.0)

    # -- without clearing -------------------------------------------------------

    def test_collective_invoice_without_clearing_account(self):
        """Posted by hand, on revenue: so is its credit memo, without redistribution."""
        self.company.maintenance_mass_account_id = False
        rows = self._invoice(self.vehicle_a, 100.0)
        rows.move_id.action_post()
        self.company.maintenance_mass_account_id = self.mass_account
        credit = self._cancel(rows)
        self.assertTrue(credit.maintenance_mass_invoice)
        self.assertFalse(credit.maintenance_redistribution_id)
        self.assertEqual(credit.invoice_line_ids.account_id, self.revenue)
        self.assertEqual(self._get_balance(self.revenue), 0.0)


@tagged("post_install", "-at_install")
class TestCancelCreditNote(CancelAmountsCommon):
    """A credit note of 200: work of 100 less a compensation of 300."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rows = cls._invoice(cls.vehicle_a, 100.0, -300.0)

    def test_credit_note_of_a_negative_group(self):
        """A credit note of 200 is taken back by an invoice of 200, and both are
        settled with each other."""
        note = self.rows.move_id
        self.assertEqual(note.move_type, "out_refund")
        claim = self._cancel(self.rows)
        self.assertRecordValues(
            claim, [{"move_type": "out_invoice", "amount_untaxed": 200.0}]
        )
        self.assertEqual((note.amount_residual, claim.amount_residual), (0.0, 0.0))
        self.assertEqual(self.rows.permission_id.state, "closed")
        self.assertEqual(self._get_balance(self.revenue), 0.0)
        self._assert_cleared()

    def test_part_of_a_credit_note(self):
        refund = self._cancel(self.rows[0])
        self.assertRecordValues(
            refund,
            [
                {
                    "move_type": "out_refund",
                    "amount_untaxed": 100.0,
                    "reversed_entry_id": False,
                }
            ],
        )
        self.assertEqual(self._get_balance(self.revenue), 300.0)
        self._assert_cleared()


@tagged("post_install", "-at_install")
class TestCancelMeanwhile(CancelAmountsCommon):
    """An invoice of 100 is cancelled after something else has changed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rows = cls._invoice(cls.vehicle_a, 100.0)

    def test_other_analytics_of_the_contract_meanwhile(self):
        """The credit goes where the revenue went."""
        self.contract_a.analytic_distribution = {str(self.analytic_b.id): 100.0}
        self._cancel(self.rows)
        before = self.analytic_a
        revenue = self.env["account.analytic.line"].search(
            [
                (self.plan._column_name(), "=", before.id),
                ("general_account_id", "=", self.revenue.id),
            ]
        )
        self.assertEqual(sum(revenue.mapped("amount")), 0.0)
        self.assertEqual(self._get_analytic_result(self.analytic_b), 0.0)

    def test_other_receivable_account_meanwhile(self):
        receivable = self._create_account("RECV2", "asset_receivable", True)
        self.customer.property_account_receivable_id = receivable
        self._cancel(self.rows)
        self.assertEqual(self.rows.move_id.payment_state, "reversed")

    def test_other_clearing_account_meanwhile(self):
        self.company.maintenance_mass_account_id = self._create_account(
            "MASS02", "asset_current", True
        )
        self._cancel(self.rows)
        self._assert_cleared()
        self.assertEqual(self._get_balance(self.revenue), 0.0)

    def test_garage_credited_meanwhile(self):
        """A freed row is offered with what remains bought."""
        bill = self.rows.line_id.bill_line_ids.move_id
        refund = bill._reverse_moves(
            [{"invoice_date": "2026-11-01", "date": "2026-11-01", "ref": "C1"}]
        )
        kept = refund.invoice_line_ids.filtered(
            lambda item: item.maintenance_line_id == self.rows.line_id
        )
        (refund.invoice_line_ids - kept).unlink()
        kept.price_unit = 30.0
        refund.action_post()
        self.assertTrue(self.rows.line_id.credit_proposed)
        self._cancel(self.rows)
        self.assertEqual(self.rows.line_id.amount_to_reinvoice, 70.0)
        self.assertFalse(self.rows.line_id.credit_proposed)
