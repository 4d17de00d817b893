from odoo import Command
from odoo.tests import tagged

from ..common_adjust import AdjustCommon
from ..common_properties import Phase, examples, given, st

amounts = st.integers(min_value=1, max_value=90000).map(lambda cents: cents / 100)
kinds = st.sampled_from(["memo", "receipt", "entry"])


@tagged("post_install", "-at_install")
class TestAutoAdjust(AdjustCommon):
    """Authorizing takes the payer's credits of the same order, and nothing else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls._new_invoice(authorize=False)
        cls.other_order = cls._new_plain_order()
        cls.euro = cls.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])

    def assertUntouched(self, document):
        """A decoy keeps all it had, and the invoice is not adjusted with it."""
        for line in self._get_credit_line(document):
            self.assertTrue(line.balance)
            self.assertEqual(line.amount_residual, line.balance)
        self.assertEqual(self.invoice.amount_residual, 1110)
        self.assertFalse(self.invoice.service_adjustment_ids)

    # -- what is taken ---------------------------------------------------------

    def test_credit_memo_of_the_order_is_adjusted(self):
        credit = self._credit_paid_invoice(100)
        self._authorize(self.invoice)
        self.assertEqual(self._get_log(self.invoice), [(credit, 0, 111, 111)])
        self.assertSummary(
            self.invoice, total=1110, before_adjustment=1110, adjusted=111, net=999
        )
        self.assertEqual(self.invoice.service_status, "partially_adjusted")

    def test_unallocated_receipt_of_the_order_is_received_not_adjusted(self):
        payment = self._new_receipt(200, self.order)
        self._authorize(self.invoice)
        self.assertEqual(self.invoice.amount_residual, 910)
        self.assertEqual(self._get_credit_line(payment).amount_residual, 0)
        self.assertFalse(self.invoice.service_adjustment_ids)
        self.assertEqual(self.invoice.service_status, "authorized")
        self.assertEqual(self.invoice.service_amount_net, 1110)

    def test_oldest_first_and_never_more_than_is_open(self):
        newer = self._new_credit(900, date="2026-11-20")
        older = self._new_credit(300, date="2026-11-10")
        same_day = self._new_credit(500, date="2026-11-10")
        self._authorize(self.invoice)
        # 333 and 555 are older than the 999, of which 222 are left to take
        self.assertEqual(
            self._get_log(self.invoice),
            [(older, 0, 333, 333), (same_day, 0, 555, 555), (newer, 0, 222, 999)],
        )
        self.assertEqual(self.invoice.service_status, "adjusted")
        self.assertEqual(self.invoice.amount_residual, 0)
        self.assertEqual(newer.amount_residual, 777)

    def test_what_one_invoice_takes_the_next_one_leaves(self):
        credit = self._new_credit(1500)
        second = self._new_invoice(authorize=False)
        self._authorize(self.invoice | second)
        # 1,665 of credit: 1,110 for the first and 555 for the second
        self.assertEqual(self._get_log(self.invoice), [(credit, 0, 1110, 1665)])
        self.assertEqual(self._get_log(second), [(credit, 1110, 555, 555)])

    def test_credit_memo_in_instalments_is_taken_whole(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "Halves",
                "line_ids": [
                    Command.create({"value_amount": 50, "nb_days": 0}),
                    Command.create({"value_amount": 50, "nb_days": 30}),
                ],
            }
        )
        credit = self._new_credit(100, post=False)
        credit.invoice_payment_term_id = term
        self._authorize(credit)
        self.assertEqual(len(credit._get_receivable_lines()), 2)
        self._authorize(self.invoice)
        self.assertEqual(
            self._get_log(self.invoice),
            [(credit, 0, 55.5, 111), (credit, 55.5, 55.5, 55.5)],
        )

    def test_instalments_are_eaten_from_the_earliest(self):
        self.invoice.invoice_payment_term_id = self.env.ref(
            "account.account_payment_term_advance_60days"
        )
        self._new_credit(400)
        self._authorize(self.invoice)
        rows = self.invoice._get_receivable_lines().sorted("date_maturity")
        # 30 % of 1,110 are due first: 333 of the 444 settle them
        self.assertEqual(rows.mapped("service_adjusted_amount"), [333, 111])

    def test_contact_and_company_are_one_payer(self):
        contact = self._new_partner("Fleet desk", parent_id=self.customer.id)
        credit = self._new_credit(100, partner_id=contact.id)
        self._authorize(self.invoice)
        self.assertEqual(self._get_log(self.invoice), [(credit, 0, 111, 111)])

    def test_collective_invoice_takes_credits_of_all_its_orders(self):
        credits = self._new_credit(100) | self._new_credit(50, self.other_order)
        self.invoice.sudo().work_order_ids |= self.other_order
        self._authorize(self.invoice)
        self.assertEqual(self.invoice.service_adjustment_ids.source_move_id, credits)

    def test_another_currency_than_the_company_s_makes_an_exchange_difference(self):
        self.euro.rate_ids = [
            Command.create(
                {
                    "name": "2026-11-05",
                    "rate": 4.0,
                    "company_id": self.env.company.id,
                }
            )
        ]
        invoice = self._new_invoice(authorize=False, currency_id=self.euro.id)
        credit = self._new_credit(100, currency_id=self.euro.id, date="2026-11-10")
        self._authorize(invoice)
        self.assertEqual(self._get_log(invoice), [(credit, 0, 111, 111)])
        # 111 euro were 55.50 in the invoice and 27.75 in the credit memo
        partial = invoice.service_adjustment_ids.partial_id
        self.assertEqual(partial.amount, 27.75)
        difference = partial.exchange_move_id.line_ids.filtered(
            lambda line: line.account_id == self.receivable
        )
        self.assertEqual(difference.balance, -27.75)
        self.assertEqual(invoice.amount_residual, 999)

    def test_company_with_storno_accounting(self):
        self.env.company.account_storno = True
        credit = self._new_credit(100)
        self.assertTrue(credit._get_receivable_lines().is_storno)
        self._authorize(self.invoice)
        self.assertEqual(self._get_log(self.invoice), [(credit, 0, 111, 111)])

    # -- what is not -----------------------------------------------------------

    def test_without_auto_adjust_nothing_is_taken(self):
        credit = self._new_credit()
        self.invoice.service_auto_adjust = False
        self._authorize(self.invoice)
        self.assertUntouched(credit)

    def test_core_s_own_posting_adjusts_nothing(self):
        credit = self._new_credit()
        self.invoice.with_user(self.authorizer).action_post()
        self.assertEqual(credit.amount_residual, 111)

    def test_invoice_on_hold_is_not_adjusted(self):
        credit = self._new_credit()
        self.invoice.service_auto_adjust = False
        self._authorize(self.invoice)
        self.invoice.action_service_hold(reason="Disputed")
        self.invoice.service_auto_adjust = True
        self.invoice._service_auto_adjust()
        self.assertEqual(credit.amount_residual, 111)
        self.invoice.action_service_release_hold()
        self.invoice._service_auto_adjust()
        self.assertEqual(credit.amount_residual, 0)

    def test_decoys_stay_as_they_were(self):
        """Of all these credits at once the invoice takes none."""
        decoys = self._new_decoys()
        draft = self._new_credit(post=False)
        self._authorize(self.invoice)
        for text, document in decoys.items():
            with self.subTest(text):
                self.assertUntouched(document)
        with self.subTest("draft credit memo stays"):
            self.assertEqual(draft.state, "draft")
            self.assertFalse(draft._has_matched_money())

    def _new_decoys(self):
        """``{what stays: credit memo, receipt or journal item}``"""
        other = self.other_order
        return {
            "credit of another bill to stays": self._new_credit(
                partner_id=self.insurer.id
            ),
            "credit of another order stays": self._new_credit(order=other),
            "credit of several orders stays when one is another": (
                self._credit_orders(self.order | other)
            ),
            "credit of no order stays": self._new_credit(order=False),
            "credit on another receivable account stays": (
                self._credit_on_another_account()
            ),
            "credit in another currency stays": self._new_credit(
                currency_id=self.euro.id
            ),
            "credit in another company stays": self._credit_in_another_company(),
            "credit on hold stays": self._credit_on_hold(),
            "entry without order stays": self._new_entry(100),
            "receipts of another order payer or none stay": (
                self._new_receipt(100)
                | self._new_receipt(100, other)
                | self._new_receipt(100, self.order, partner_id=self.insurer.id)
                | self._new_receipt(100, self.order, currency_id=self.euro.id)
            ),
        }

    def _credit_orders(self, orders):
        credit = self._new_credit(post=False)
        credit.sudo().work_order_ids = orders
        return self._authorize(credit)

    def _credit_on_hold(self):
        credit = self._new_credit()
        credit.action_toggle_block_payment()
        return credit

    def _credit_on_another_account(self):
        account = self.receivable.copy({"code": "RECB"})
        self.customer.property_account_receivable_id = account
        credit = self._new_credit()
        self.customer.property_account_receivable_id = self.receivable
        self.assertEqual(self._get_credit_line(credit).account_id, account)
        return credit

    def _credit_in_another_company(self):
        company = self._create_company(name="Other company")
        env = self.env(
            context={"allowed_company_ids": (company | self.env.company).ids}
        )
        move = self.env["account.move"].with_env(env).with_company(company)
        credit = move.create(
            {
                "move_type": "out_refund",
                "service_invoice_type": "service",
                "partner_id": self.customer.id,
                "invoice_date": "2026-11-02",
                "invoice_line_ids": [Command.create({"name": "x", "price_unit": 111})],
            }
        )
        credit.sudo().work_order_ids = self.order
        credit.action_service_save()
        credit.action_service_authorize()
        return credit

    def test_order_is_on_receipts_of_its_invoices(self):
        self.invoice.service_auto_adjust = False
        self._authorize(self.invoice)
        payment = self._receive(self.invoice, 1500)
        self.assertEqual(payment.service_work_order_id, self.order)
        following = self._new_invoice()
        # 390 of the 1,500 were too much
        self.assertEqual(following.amount_residual, 720)

    def test_receipt_for_invoices_of_two_orders_is_no_order_s(self):
        moves = self._new_invoice() | self._new_invoice(self.other_order)
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=moves.ids
        )
        payment = wizard.create({"group_payment": True})._create_payments()
        self.assertFalse(payment.service_work_order_id)

    # -- sums ------------------------------------------------------------------

    @examples(3, phases=[Phase.generate])
    @given(
        price=amounts,
        credits=st.lists(st.tuples(kinds, amounts), min_size=1, max_size=4),
        foreign=st.booleans(),
    )
    def test_sums_hold(self, price, credits, foreign):
        savepoint = self.env.cr.savepoint()
        try:
            self._check_sums(price, credits, foreign)
        finally:
            savepoint.close(rollback=True)

    def _check_sums(self, price, credits, foreign):
        currency = self.euro if foreign else self.env.company.currency_id
        lines = [
            self._get_credit_line(self._make(kind, amount, currency))
            for kind, amount in credits
        ]
        before = [-line.amount_residual_currency for line in lines]
        invoice = self._new_invoice(price=price, currency_id=currency.id)
        left = invoice.amount_total
        for line, (kind, __), open_before in zip(lines, credits, before, strict=True):
            # what is made first is the oldest; an entry has no order
            taken = 0 if kind == "entry" else min(left, open_before)
            left = currency.round(left - taken)
            self.assertAlmostEqual(
                -line.amount_residual_currency, open_before - taken, places=2
            )
        self.assertAlmostEqual(invoice.amount_residual, left, places=2)
        rows = invoice.service_adjustment_ids
        self.assertAlmostEqual(
            sum(rows.mapped("amount")), invoice.service_amount_adjusted, places=2
        )
        for row in rows:
            whole = row.already_adjusted + row.pending
            self.assertAlmostEqual(whole, row.source_move_id.amount_total, places=2)

    def _make(self, kind, amount, currency):
        if kind == "memo":
            return self._new_credit(amount, currency_id=currency.id)
        if kind == "receipt":
            return self._new_receipt(amount, self.order, currency_id=currency.id)
        rate = 2 if currency == self.euro else 1
        balance = self.env.company.currency_id.round(amount / rate)
        return self._new_entry(amount, currency, balance=balance or 0.01)
