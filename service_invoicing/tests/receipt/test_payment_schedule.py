from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form, freeze_time, tagged

from ..common_properties import Phase, examples, given, st
from ..common_receipt import TODAY, ReceiptCommon

amounts = st.decimals(min_value="0.01", max_value="5000", places=2).map(float)
parts = st.integers(min_value=1, max_value=99)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestPaymentSchedule(ReceiptCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.service_modify_payment_term = True
        cls.receivable = cls.customer.property_account_receivable_id
        cls.income = cls.company_data["default_account_revenue"]
        cls.move.invoice_payment_term_id = cls.term_split

    def _new_credit(self, amount, currency=None, date=TODAY):
        """A credit document of the customer that is no receipt, in its currency."""
        currency = currency or self.env.company.currency_id
        balance = currency._convert(
            amount, self.env.company.currency_id, self.env.company, date
        )
        credit = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": date,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": self.customer.id,
                            "currency_id": currency.id,
                            "amount_currency": sign * amount,
                            "balance": sign * balance,
                        }
                    )
                    for account, sign in ((self.income, 1), (self.receivable, -1))
                ],
            }
        )
        credit.action_post()
        return credit.line_ids.filtered(lambda line: line.account_id == self.receivable)

    def _receive(self, move, amount, date=TODAY):
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        )
        wizard = wizard.create({"amount": amount, "payment_date": date})
        return wizard._create_payments()

    def assertSchedule(self, move, *expected):
        """Rows are (due date, due, adjusted, received, remaining)."""
        rows = self.env["service.payment.schedule"]._get_table(move)["rows"]
        found = [(str(row["date"]), *list(row.values())[1:]) for row in rows]
        self.assertEqual(len(found), len(expected))
        for row, wanted in zip(found, expected, strict=True):
            self.assertEqual(row[0], wanted[0])
            for amount, number in zip(row[1:], wanted[1:], strict=True):
                self.assertAlmostEqual(amount, number, places=3)

    def assertScheduleAddsUp(self, move):
        """Every row and the whole: due = adjusted + received + remaining."""
        rows = move._get_installments()
        move.invalidate_recordset()
        rows.invalidate_recordset()
        is_zero = move.currency_id.is_zero
        for row in rows:
            rest = row.service_due_amount - row.service_adjusted_amount
            rest -= row.service_received_amount + row.service_remaining_amount
            self.assertTrue(is_zero(rest), row._get_installment_amounts())
        total = sum(rows.mapped("service_due_amount"))
        self.assertTrue(is_zero(total - move.amount_total))
        remaining = sum(rows.mapped("service_remaining_amount"))
        self.assertTrue(is_zero(remaining - move.amount_residual))
        adjusted = sum(rows.mapped("service_adjusted_amount"))
        self.assertTrue(is_zero(adjusted - move.service_amount_adjusted))

    # --- what the rows show ----------------------------------------------------

    def test_draft_shows_what_will_be_due(self):
        self.assertSchedule(
            self.move,
            ("2026-12-01", 33.30, 0, 0, 33.30),
            ("2026-12-31", 77.70, 0, 0, 77.70),
        )
        self.assertEqual(
            self.move.service_installment_ids, self.move._get_installments()
        )

    def test_adjustment_and_receipt_take_the_earliest_instalment_first(self):
        self._authorize()
        self.move.js_assign_outstanding_line(self._new_credit(20).id)
        self.assertSchedule(
            self.move,
            ("2026-12-01", 33.30, 20, 0, 13.30),
            ("2026-12-31", 77.70, 0, 0, 77.70),
        )
        self._receive(self.move, 50)
        # 13.30 of 50 close the first, 36.70 go to the second
        self.assertSchedule(
            self.move,
            ("2026-12-01", 33.30, 20, 13.30, 0),
            ("2026-12-31", 77.70, 0, 36.70, 41),
        )
        self.move.js_assign_outstanding_line(self._new_credit(500).id)
        self.assertSchedule(
            self.move,
            ("2026-12-01", 33.30, 20, 13.30, 0),
            ("2026-12-31", 77.70, 41, 36.70, 0),
        )
        self.assertEqual(self.move.service_amount_adjusted, 61)

    def test_credit_memo_is_positive_and_adjusts(self):
        self._authorize()
        refund = self.move.with_user(self.authorizer)._reverse_moves(
            [{"invoice_date": TODAY, "invoice_payment_term_id": False}]
        )
        self.assertSchedule(refund, (TODAY, 111, 0, 0, 111))
        refund.action_post()
        self.assertSchedule(refund, (TODAY, 111, 111, 0, 0))
        self.assertScheduleAddsUp(self.move)
        self.assertScheduleAddsUp(refund)

    def test_exchange_differences_are_neither_adjusted_nor_received(self):
        euro = self.setup_other_currency(
            "EUR", rates=[("2026-01-01", 2.0), ("2026-12-20", 4.0)]
        )
        move = self._new_move(
            currency_id=euro.id, invoice_payment_term_id=self.term_split.id
        )
        move.action_service_save()
        self._authorize(move)
        credit = self._new_credit(40, euro, "2026-12-20")
        move.js_assign_outstanding_line(credit.id)
        self._receive(move, 71, "2026-12-20")
        exchange = move.line_ids.matched_credit_ids.exchange_move_id
        self.assertTrue(exchange, "the rates differ")
        self.assertSchedule(
            move,
            ("2026-12-01", 33.30, 33.30, 0, 0),
            ("2026-12-31", 77.70, 6.70, 71, 0),
        )
        self.assertScheduleAddsUp(move)

    # the clock stands still here: shrinking would never run out of its time
    @examples(4, phases=[Phase.generate])
    @given(
        prices=st.lists(amounts, min_size=1, max_size=3),
        first=parts,
        adjusted=amounts,
        received=amounts,
        foreign=st.booleans(),
    )
    def test_rows_always_add_up(self, prices, first, adjusted, received, foreign):
        savepoint = self.env.cr.savepoint()
        try:
            self._check_rows_add_up(prices, first, adjusted, received, foreign)
        finally:
            savepoint.close(rollback=True)

    def _check_rows_add_up(self, prices, first, adjusted, received, foreign):
        term = self._new_term((first, 0), (100 - first, 30))
        currency = self.env.company.currency_id
        if foreign:
            currency = self.setup_other_currency(
                "EUR", rates=[("2026-01-01", 1.37), ("2026-12-20", 1.29)]
            )
        lines = [
            Command.create(
                {"name": "Work", "price_unit": price, "tax_ids": self.tax_11.ids}
            )
            for price in prices
        ]
        move = self._new_move(
            invoice_line_ids=lines,
            currency_id=currency.id,
            invoice_payment_term_id=term.id,
        )
        self.assertScheduleAddsUp(move)
        move.action_service_save()
        self._authorize(move)
        credit = self._new_credit(adjusted, currency, "2026-12-20")
        move.js_assign_outstanding_line(credit.id)
        self.assertScheduleAddsUp(move)
        if not currency.is_zero(move.amount_residual):
            self._receive(move, received, "2026-12-21")
            self.assertScheduleAddsUp(move)

    # --- when it changes -------------------------------------------------------

    def test_every_change_before_authorization_is_followed(self):
        move = self.move
        move.invoice_line_ids.filtered("product_id").price_unit = 200
        self.assertSchedule(
            move,
            ("2026-12-01", 66.60, 0, 0, 66.60),
            ("2026-12-31", 155.40, 0, 0, 155.40),
        )
        charge = self.env["service.tcd"].create(
            {
                "code": "ENV",
                "name": "Environment",
                "tcd_type": "charge",
                "rate": 100,
                "account_id": self.income.id,
            }
        )
        move.service_tcd_ids = [Command.create({"tcd_id": charge.id})]
        move.action_service_save()
        # 222 and an untaxed charge of 100: 30 % of 322 are 96.60
        self.assertSchedule(
            move,
            ("2026-12-01", 96.60, 0, 0, 96.60),
            ("2026-12-31", 225.40, 0, 0, 225.40),
        )
        move.invoice_date = "2026-12-02"
        self.assertSchedule(
            move,
            ("2026-12-02", 96.60, 0, 0, 96.60),
            ("2027-01-01", 225.40, 0, 0, 225.40),
        )
        move.invoice_payment_term_id = self.term_30
        self.assertSchedule(move, ("2027-01-01", 322, 0, 0, 322))
        move.service_receipt_type = "cash"
        self.assertSchedule(move, ("2026-12-02", 322, 0, 0, 322))

    def test_saving_follows_a_term_that_was_changed_meanwhile(self):
        self.term_split.line_ids = [
            Command.update(self.term_split.line_ids[0].id, {"value_amount": 40}),
            Command.update(self.term_split.line_ids[1].id, {"value_amount": 50}),
            Command.create({"value": "percent", "value_amount": 10, "nb_days": 60}),
        ]
        self.env.invalidate_all()
        self.move.action_service_save()
        self.assertSchedule(
            self.move,
            ("2026-12-01", 44.40, 0, 0, 44.40),
            ("2026-12-31", 55.50, 0, 0, 55.50),
            ("2027-01-30", 11.10, 0, 0, 11.10),
        )
        self.assertEqual(str(self.move.invoice_date_due), "2027-01-30")
        self._authorize()
        self.assertEqual(
            self.move._get_installments().mapped("name"),
            [f"{self.move.payment_reference} installment #{n}" for n in (1, 2, 3)],
        )

    def test_authorizing_undoes_what_was_typed_over_the_schedule(self):
        first, second = self.move._get_installments()
        first.with_user(self.manager).date_maturity = "2027-05-05"
        self.move.with_user(self.authorizer).action_post()
        self.assertSchedule(
            self.move,
            ("2026-12-01", 33.30, 0, 0, 33.30),
            ("2026-12-31", 77.70, 0, 0, 77.70),
        )
        self.assertEqual(self.move._get_installments(), first | second)

    def test_term_changed_after_authorization_changes_nothing(self):
        self._authorize()
        rows = self.env["service.payment.schedule"]._get_table(self.move)["rows"]
        self.term_split.line_ids = [
            Command.update(self.term_split.line_ids[1].id, {"nb_days": 90})
        ]
        self.customer.property_payment_term_id = self._new_term((100, 90))
        self.env.invalidate_all()
        self.move.ref = "Something else"
        text = "Touched"
        self.move.message_post(body=text)
        with freeze_time("2027-01-15"):
            self.move.narration = "And again"
            self.move._sync_service_schedule()
            self.env.flush_all()
        self.assertEqual(
            self.env["service.payment.schedule"]._get_table(self.move)["rows"], rows
        )
        self.assertEqual(str(self.move.invoice_date_due), "2026-12-31")

    def test_reset_document_follows_its_term_again(self):
        self._authorize()
        self.move.with_user(self.authorizer).button_draft()
        self.move.invoice_date = "2026-12-05"
        self._authorize()
        self.assertSchedule(
            self.move,
            ("2026-12-05", 33.30, 0, 0, 33.30),
            ("2027-01-04", 77.70, 0, 0, 77.70),
        )

    # --- who sees it -----------------------------------------------------------

    def test_clerk_without_accounting_rights_opens_the_schedule(self):
        self.assertFalse(self.clerk.has_group("account.group_account_readonly"))
        action = self.move.action_service_open_schedule()
        view_id = action["views"][0][0]
        self._authorize()
        self.env.invalidate_all()
        Model = self.env[action["res_model"]].with_user(self.clerk)
        with Form(Model.browse(action["res_id"]), view_id) as form:
            self.assertEqual(len(form.service_installment_ids), 2)
        rows = form.record.service_installment_ids.sorted("date_maturity")
        self.assertEqual(rows.mapped("service_due_amount"), [33.30, 77.70])
        self.assertEqual(rows.mapped("service_remaining_amount"), [33.30, 77.70])
        self.assertEqual(
            self.move.action_service_print_schedule()["report_name"],
            "service_invoicing.report_payment_schedule",
        )

    def test_advisor_sees_no_schedule(self):
        move = self.move.with_user(self.advisor)
        for method in ("action_service_open_schedule", "action_service_print_schedule"):
            with self.subTest(method), self.assertRaises(AccessError):
                getattr(move, method)()
