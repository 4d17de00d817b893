from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..common_adjust import AdjustCommon


@tagged("post_install", "-at_install")
class TestAdjustByHand(AdjustCommon):
    """A clerk chooses the credits, an amount, and nothing that is not the payer's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls._new_invoice()
        cls.other_order = cls._new_plain_order()
        cls.euro = cls.setup_other_currency(
            "EUR", rates=[("2026-01-01", 2.0), ("2026-11-20", 4.0)]
        )

    def _adjust(self, line_ids, amount=None, move=None, user=None):
        move = (move or self.invoice).with_user(user or self.clerk)
        return move.action_service_adjust(line_ids=line_ids, amount=amount)

    def _open_dialog(self, move=None, user=None):
        action = (move or self.invoice).with_user(user or self.clerk)
        action = action.action_service_adjust()
        wizard = self.env[action["res_model"]].with_user(user or self.clerk)
        return wizard.browse(action["res_id"])

    # -- the dialog ------------------------------------------------------------

    def test_dialog_shows_all_credits_and_proposes_those_of_the_order(self):
        mine = self._get_credit_line(self._new_credit(100))
        other = self._get_credit_line(self._new_credit(200, self.other_order))
        entry = self._new_entry(50)
        self._new_credit(partner_id=self.insurer.id)
        wizard = self._open_dialog()
        self.assertRecordValues(
            wizard.line_ids,
            [
                {"line_id": mine.id, "open_amount": 111, "amount": 111},
                {"line_id": other.id, "open_amount": 222, "amount": 0},
                {"line_id": entry.id, "open_amount": 50, "amount": 0},
            ],
        )
        self.assertEqual(wizard.line_ids[0].origin, self.order.name)
        with Form(wizard) as form, form.line_ids.edit(1) as row:
            row.amount = 22
        self.assertEqual(wizard.amount, 133)
        wizard.action_apply()
        self.assertEqual(
            self._get_log(self.invoice),
            [(mine.move_id, 0, 111, 111), (other.move_id, 0, 22, 222)],
        )
        self.assertEqual(self.invoice.service_adjustment_ids.user_id, self.clerk)

    def test_dialog_proposes_no_more_than_is_open(self):
        self._new_credit(700)
        self._new_credit(700)
        # 777 + 333 of 1,110
        self.assertEqual(self._open_dialog().line_ids.mapped("amount"), [777, 333])

    def test_dialog_without_an_amount_says_so(self):
        with self.assertRaisesRegex(UserError, "at least one"):
            self._open_dialog().action_apply()

    def test_dialog_is_one_s_own(self):
        wizard = self._open_dialog()
        with self.assertRaises(AccessError):
            wizard.with_user(self.authorizer).read(["amount"])

    # -- amounts ---------------------------------------------------------------

    def test_amount_limits_what_is_taken(self):
        line = self._get_credit_line(self._new_credit(500))
        self._adjust(line.ids, 100)
        self.assertEqual(self.invoice.amount_residual, 1010)
        self.assertEqual(line.amount_residual, -455)
        self.assertFalse(line.full_reconcile_id)
        self._adjust(line.ids)
        self.assertEqual(self._get_amounts(), [(0, 100, 555), (100, 455, 455)])
        self.assertTrue(line.reconciled)

    def _get_amounts(self, move=None):
        rows = (move or self.invoice).service_adjustment_ids
        return [(row.already_adjusted, row.amount, row.pending) for row in rows]

    def test_amount_over_several_credits_takes_them_in_their_order(self):
        first = self._get_credit_line(self._new_credit(100))
        second = self._get_credit_line(self._new_credit(200))
        self._adjust([second.id, first.id], 250)
        self.assertEqual(
            self._get_log(self.invoice),
            [(second.move_id, 0, 222, 222), (first.move_id, 0, 28, 111)],
        )

    def test_amount_alone_takes_the_credits_of_the_order(self):
        credit = self._new_credit(500)
        self._new_entry(500)
        self._adjust(None, 55)
        self.assertEqual(self._get_log(self.invoice), [(credit, 0, 55, 555)])

    def test_part_over_two_instalments(self):
        invoice = self._new_invoice(
            service_auto_adjust=False,
            invoice_payment_term_id=self.env.ref(
                "account.account_payment_term_advance_60days"
            ).id,
        )
        line = self._get_credit_line(self._new_credit(900))
        self._adjust(line.ids, 400, invoice)
        rows = invoice._get_receivable_lines().sorted("date_maturity")
        self.assertEqual(rows.mapped("service_adjusted_amount"), [333, 67])
        self.assertEqual(self._get_amounts(invoice), [(0, 333, 999), (333, 67, 666)])

    def test_part_in_a_foreign_currency_settles_at_zero_in_the_end(self):
        invoice = self._new_invoice(False, 100, currency_id=self.euro.id)
        # 111 euro: 55.50 on the invoice, 27.75 on the credit
        line = self._new_entry(111, self.euro, "2026-11-20", 27.75)
        self._adjust(line.ids, 33.33, invoice)
        receivable = invoice._get_receivable_lines()
        # a third of each side: 16.67 is settled by 8.33 and a difference of 8.34
        self.assertEqual(receivable.amount_residual_currency, 77.67)
        self.assertAlmostEqual(receivable.amount_residual, 38.83, 2)
        self.assertAlmostEqual(line.amount_residual, -19.42, 2)
        self._adjust(line.ids, move=invoice)
        for side in receivable | line:
            self.assertTrue(side.reconciled)
            self.assertEqual(side.amount_residual, 0)
            self.assertEqual(side.amount_residual_currency, 0)
        self.assertTrue(receivable.full_reconcile_id)
        exchange = receivable.matched_credit_ids.exchange_move_id
        differences = exchange.line_ids.filtered(
            lambda x: x.account_id == self.receivable
        )
        self.assertAlmostEqual(sum(differences.mapped("balance")), -27.75, 2)
        self.assertEqual(sum(invoice.service_adjustment_ids.mapped("amount")), 111)

    def test_limit_holds_for_the_chosen_credit_only(self):
        line = self._new_entry(100)
        self._adjust(line.ids, 40)
        self._new_entry(100)
        line.move_id.line_ids.invalidate_recordset()
        self.invoice.js_assign_outstanding_line(line.id)
        self.assertEqual(self._get_amounts(), [(0, 40, 100), (40, 60, 60)])

    def test_taxes_on_payment_follow_a_part(self):
        transition = self.receivable.copy(
            {"code": "TRANS", "account_type": "asset_current", "reconcile": True}
        )
        company = self.env.company
        company.tax_exigibility = True
        self.tax_11.write(
            {
                "tax_exigibility": "on_payment",
                "cash_basis_transition_account_id": transition.id,
            }
        )
        invoice = self._new_invoice()
        line = self._new_entry(500)
        self._adjust(line.ids, 111, invoice)
        entry = self.env["account.move"].search(
            [("tax_cash_basis_origin_move_id", "=", invoice.id)]
        )
        # a tenth of the invoice, and of its 110 of tax
        taxes = entry.line_ids.filtered("tax_line_id")
        self.assertEqual(taxes.balance, -11)

    # -- what is refused -------------------------------------------------------

    def assertRefused(self, message, line_ids, amount=None, move=None):
        residual = (move or self.invoice).amount_residual
        with self.assertRaisesRegex(UserError, message):
            self._adjust(line_ids, amount, move)
        self.assertEqual((move or self.invoice).amount_residual, residual)

    def test_foreign_credits_are_refused_each_with_its_reason(self):
        insurer = self._get_credit_line(self._new_credit(partner_id=self.insurer.id))
        self.assertRefused("a credit of Insurer", insurer.ids)
        in_euro = self._new_entry(10, self.euro, balance=5)
        self.assertRefused("in EUR", in_euro.ids)
        account = self.receivable.copy({"code": "RECB"})
        elsewhere = self._new_entry(10)
        elsewhere.account_id = account
        self.assertRefused("another receivable account", elsewhere.ids)
        draft = self._get_credit_line(self._new_credit(post=False))
        self.assertRefused("not authorized", draft.ids)
        blocked = self._new_credit()
        blocked.action_toggle_block_payment()
        self.assertRefused("on hold", self._get_credit_line(blocked).ids)
        debit = self._new_invoice(False, 5)._get_receivable_lines()
        self.assertRefused("nothing is open", debit.ids)
        self.assertRefused("no credit of a payer", self.invoice.invoice_line_ids.ids)
        # all at once
        with self.assertRaises(UserError) as error:
            self._adjust((insurer | in_euro | draft).ids)
        self.assertEqual(len(str(error.exception).splitlines()), 3)

    def test_amounts_that_cannot_be_are_refused_with_the_figures(self):
        line = self._get_credit_line(self._new_credit(100))
        self.assertRefused(r"111\.01.*at most.*111\.00", line.ids, 111.01)
        for amount in (0, -5):
            with self.subTest(amount):
                self.assertRefused("cannot be adjusted", line.ids, amount)
                self.assertRefused("cannot be adjusted", [[line.id, amount]])
        for amount in (float("nan"), float("inf"), "many"):
            with self.subTest(amount):
                self.assertRefused("number is expected", line.ids, amount)
                self.assertRefused("an amount, is expected", [[line.id, amount]])
        rich = self._new_entry(5000)
        self.assertRefused(r"1,500\.00.*1,110\.00", [[rich.id, 1500]])
        # each is covered by its credit, both together are more than is open
        self.assertRefused(r"1,111\.00.*1,110\.00", [[rich.id, 1000], [line.id, 111]])

    def test_credits_are_journal_items_once(self):
        line = self._new_entry(100)
        for wrong in (["x"], [None], [[line.id, line.id, 1]], 5, [line.id, line.id]):
            with self.subTest(wrong), self.assertRaises(UserError):
                self._adjust(wrong)
        self.assertRefused("from those that you see", [10**9])
        self.assertRefused("nothing to adjust it with", [])
        self.assertRefused("nothing to adjust it with", None, 10)

    def test_other_statuses_and_holds_are_refused(self):
        line = self._new_entry(100)
        fresh = self._new_invoice(authorize=False)
        self.assertRefused("status", line.ids, move=fresh)
        self.invoice.action_service_hold(reason="Disputed")
        self.assertRefused("on hold", line.ids)
        paid = self._new_invoice(False)
        self._receive(paid, 1110)
        self.assertRefused("nothing is open", line.ids, move=paid)
        two = self.invoice | self._new_invoice(False)
        self.invoice.action_service_release_hold()
        with self.assertRaisesRegex(UserError, "one document"):
            self._adjust(line.ids, move=two)

    def test_credit_memos_are_not_adjusted_themselves(self):
        credit = self._new_credit()
        self.assertRefused("no invoice that can", self._new_entry(5).ids, move=credit)

    def test_advisor_and_accountant_without_billing_do_not_adjust(self):
        line = self._new_entry(100)
        for user in (self.advisor, self._new_accountant()):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._adjust(line.ids, user=user)

    def _new_accountant(self):
        return self.env["res.users"].create(
            {
                "name": "Accountant",
                "login": "plain_accountant",
                "group_ids": [
                    Command.set(self.env.ref("account.group_account_manager").ids)
                ],
            }
        )

    def test_credit_of_another_company_is_not_even_seen(self):
        other = self._create_company(name="Other company")
        env = self.env(context={"allowed_company_ids": (other | self.env.company).ids})
        receivable = self.customer.with_company(other).property_account_receivable_id
        entry = (
            self.env["account.move"]
            .with_env(env)
            .with_company(other)
            .create(
                {
                    "line_ids": [
                        Command.create(
                            {
                                "account_id": receivable.id,
                                "partner_id": self.customer.id,
                                "balance": balance,
                            }
                        )
                        for balance in (100, -100)
                    ],
                }
            )
        )
        entry.action_post()
        line = entry.line_ids.filtered(lambda x: x.balance < 0)
        self.assertRefused("from those that you see", line.ids)
        self.clerk.company_ids |= other
        move = self.invoice.with_context(**env.context)
        self.assertRefused("another company", line.ids, move=move)

    def test_core_s_widget_takes_no_other_payer_s_credit(self):
        line = self._get_credit_line(self._new_credit(partner_id=self.insurer.id))
        with self.assertRaisesRegex(UserError, "Insurer"):
            self.invoice.with_user(self.clerk).js_assign_outstanding_line(line.id)
        self.assertEqual(line.amount_residual, -111)
