from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..common_credits import CreditMemosCommon


@tagged("post_install", "-at_install")
class TestCreditMemoDoors(CreditMemosCommon):
    """Core's own button, the dialog, rights, and what is refused."""

    def test_core_button_has_the_same_effects(self):
        fields_ = [
            "move_type",
            "state",
            "partner_id",
            "amount_untaxed",
            "amount_tax",
            "amount_residual",
            "service_invoice_type",
            "service_status",
            "service_credit_effect",
            "service_credit_reason",
        ]
        results = []
        for by_core in (False, True):
            order = self._new_order((self.labour, 200, {}), (self.part, 100, {}))
            invoice = self._bill(order)
            invoice.with_user(self.authorizer).action_service_authorize()
            self._register_payment(invoice, amount=50)
            adjusted = [self._adjust(amount, invoice) for amount in (100, 60)]
            if by_core:
                credit = self._credit_by_core(invoice, reason="Wrong price")
                credit.action_post()
            else:
                credit = self._credit(invoice)
            lines = [
                (line.name, line.balance, line.service_credited_line_id.name)
                for line in credit.invoice_line_ids
            ]
            results.append(
                (
                    [credit[name] for name in fields_],
                    lines,
                    [line.amount_residual for line in adjusted],
                    invoice.service_status,
                    invoice.amount_residual,
                    order.state,
                    order.amount_to_invoice,
                    order.next_invoice_type,
                    credit.work_order_ids == order,
                )
            )
        self.assertEqual(results[0], results[1])

    def test_core_dialog_closes_when_asked_to(self):
        credit = self._credit_by_core(service_credit_effect="closed")
        self.assertEqual(self.order.state, "invoiced")
        credit.action_post()
        self.assertEqual(self.invoice.service_status, "reversed")
        self.assertEqual(self.order.state, "invoiced")

    def test_part_credited_by_core_is_closed_unless_asked_otherwise(self):
        for effect, opened in ((False, 0), ("free", 40)):
            credit = self._credit_by_core(service_credit_effect=effect)
            line = credit.invoice_line_ids.filtered("product_id")
            line.filtered(lambda line: line.price_unit == 200).unlink()
            line.exists().price_unit = 40
            credit.action_post()
            self.assertEqual(credit.service_credit_effect, effect or "closed")
            self.assertEqual(self.order.amount_to_invoice, opened)

    def test_what_is_typed_on_a_credit_memo_counts_too(self):
        credit = self._credit_by_core()
        credit.invoice_line_ids.unlink()
        credit.invoice_line_ids = [
            Command.create(
                {"name": "Goodwill", "price_unit": 60, "tax_ids": self.tax_11.ids}
            )
        ]
        credit.action_post()
        self.assertEqual(credit.service_credit_effect, "closed")
        rest = self._credit()
        self.assertEqual(rest.amount_untaxed, 240)
        self.assertEqual(self.order.amount_to_invoice, 240)
        self.assertEqual(self.invoice.service_status, "reversed")

    def test_core_replacement_keeps_the_receipt_and_bills_the_order_once(self):
        self._register_payment(self.invoice, amount=100)
        adjusted = self._adjust(233)
        new = self._credit_by_core(is_modify=True, service_credit_effect="closed")
        credit = self.invoice.reversal_move_ids
        self.assertEqual(credit.state, "posted")
        self.assertEqual(credit.service_credit_effect, "free")
        self.assertEqual(credit.amount_residual, 100)
        self.assertEqual(adjusted.amount_residual, -233)
        self.assertEqual(new.service_replaces_id, self.invoice)
        self.assertFalse(new.invoice_line_ids.service_credited_line_id)
        self.assertEqual(self.order.state, "invoiced")
        self.assertEqual(self.order._get_live_invoices(), new)

    def test_clerk_prepares_and_the_authorizer_authorizes(self):
        credit = self._credit(user=self.clerk, line_ids=[self.part_line.id], free=True)
        self.assertEqual(credit.service_status, "fresh")
        self.assertEqual(self.invoice.service_status, "authorized")
        self.assertEqual(self.order.amount_to_invoice, 0)
        self.assertIn("waits for its authorization", self._bodies(self.invoice))
        with self.assertRaises(AccessError):
            credit.with_user(self.clerk).action_service_authorize()
        credit.with_user(self.authorizer).action_service_authorize()
        self.assertEqual(self.order.amount_to_invoice, 100)

    def test_maker_does_not_authorize_his_credit_memo_if_the_company_says_so(self):
        self.env.company.service_maker_not_authorizer = True
        credit = self._credit()
        self.assertEqual(credit.service_status, "fresh")
        credit.with_user(self.manager).action_service_authorize()
        self.assertEqual(self.invoice.service_status, "reversed")

    def test_others_may_not_credit(self):
        invoicing = self._new_user("invoicing", "group_service_advisor")
        invoicing.group_ids |= self.env.ref("account.group_account_invoice")
        for user in (self.advisor, invoicing):
            with self.subTest(user.name), self.assertRaises(AccessError):
                self._credit(user=user)
        other = self._create_company(name="Other company")
        stranger = self._new_user("stranger", "group_service_authorizer")
        stranger.write({"company_ids": other.ids, "company_id": other.id})
        with self.assertRaises(AccessError):
            self._credit(user=stranger)
        self.assertFalse(self.invoice.reversal_move_ids)

    def test_effect_cannot_be_set_by_hand(self):
        credit = self._credit(user=self.clerk).with_user(self.manager)
        for vals in ({"service_credit_effect": "closed"}, {"service_credit_reason": 1}):
            with self.subTest(vals), self.assertRaises(AccessError):
                credit.write(vals)
        with self.assertRaises(AccessError):
            credit.with_context(default_service_credit_effect="closed").create(
                {"move_type": "out_refund", "partner_id": self.customer.id}
            )

    def test_wrong_lines_and_amounts_are_named_together(self):
        foreign = self._bill(self._new_order((self.part, 10, {})))
        lines = [
            [self.part_line.id, 100.01],
            [self.labour_line.id, -1],
            [foreign.invoice_line_ids[-1].id, 5],
            [10**9, 5],
        ]
        with self.assertRaises(UserError) as caught:
            self._credit(line_ids=lines)
        self.assertEqual(len(str(caught.exception).splitlines()), 4)
        for wrong in (
            [],
            [[self.part_line.id, 0]],
            [self.part_line.id, self.part_line.id],
            ["x"],
            [[1, 2, 3]],
            7,
        ):
            with self.subTest(wrong), self.assertRaises(UserError):
                self._credit(line_ids=wrong)
        self.assertFalse(self.invoice.reversal_move_ids)

    def test_only_authorized_invoices_are_credited(self):
        draft = self._bill(self._new_order((self.part, 10, {})))
        plain = self._create_invoice_one_line(price_unit=10, post=True)
        credit = self._credit(line_ids=[self.part_line.id])
        for move in (draft, plain, credit):
            for reason in (None, "Why not"):
                with (
                    self.subTest(move.display_name),
                    self.assertRaisesRegex(UserError, move._get_service_label()),
                ):
                    self._credit(move, reason=reason)

    def test_nothing_is_credited_twice(self):
        prepared = self._credit(user=self.clerk, line_ids=[[self.part_line.id, 70]])
        with self.assertRaisesRegex(UserError, "30.00"):
            self._credit(line_ids=[[self.part_line.id, 30.01]])
        rest = self._credit(user=self.clerk)
        self.assertEqual(rest.amount_untaxed, 230)
        with self.assertRaisesRegex(UserError, prepared.service_number):
            self._credit()
        (prepared | rest).with_user(self.authorizer).action_service_authorize()
        self.assertEqual(self.invoice.service_status, "reversed")
        with self.assertRaisesRegex(UserError, "credited already"):
            self._credit()

    def test_closed_period_and_senseless_dates_are_refused(self):
        self.env.company.sale_lock_date = "2026-03-31"
        with self.assertRaisesRegex(UserError, "2026 is in a closed period"):
            self._credit(date="2026-03-15")
        with self.assertRaisesRegex(UserError, "no such day.*not a date"):
            self._credit(date="no such day")

    def _open_dialog(self, moves=None, user=None):
        moves = (moves or self.invoice).with_user(user or self.authorizer)
        action = moves.action_service_credit()
        return moves.env[action["res_model"]].browse(action["res_id"])

    def test_dialog_credits_the_lines_that_were_typed_and_closes_them(self):
        self._credit(line_ids=[[self.part_line.id, 30]])
        wizard = self._open_dialog(user=self.clerk)
        with Form(wizard) as form:
            self.assertEqual(form.effect, "free")
            form.scope = "lines"
            self.assertEqual(form.effect, "closed")
            self.assertEqual(form.amount, 0)
            with form.line_ids.edit(0) as line:
                self.assertEqual(line.open_amount, 70)
            with form.line_ids.edit(1) as line:
                line.amount = line.open_amount
            self.assertEqual(form.amount, 200)
            form.reason = "Goodwill"
        credit = self._get_documents(wizard.action_apply())
        self.assertEqual(credit.amount_untaxed, 200)
        self.assertEqual(credit.service_credit_effect, "closed")
        self.assertEqual(credit.service_credit_reason, "Goodwill")

    def test_dialog_wants_a_reason(self):
        with self.assertRaisesRegex(UserError, "reason"):
            self._open_dialog().action_apply()

    def test_many_are_credited_whole_and_one_that_fails_is_named(self):
        other = self._bill(self._new_order((self.part, 10, {})))
        other.with_user(self.authorizer).action_service_authorize()
        wizard = self._open_dialog(self.invoice | other)
        wizard.reason = "Wrong customer"
        self._credit(self.invoice)
        result = wizard.action_apply()
        self.assertIn(self.invoice.service_number, result["params"]["message"])
        self.assertEqual(other.service_status, "reversed")
        with self.assertRaisesRegex(UserError, "one invoice only"):
            self._credit(self.invoice | other, line_ids=self.part_line.ids)

    def test_each_company_credits_in_its_own_books(self):
        data = self.setup_other_company()
        company = data["company"]
        self.env.user.company_ids |= company
        self.authorizer.company_ids |= company
        tax = self._percent_tax(11, company_id=company.id)
        order = (
            self.env["service.work.order"]
            .with_company(company)
            .create(
                {
                    "partner_id": self.customer.id,
                    "line_ids": [
                        Command.create(
                            {
                                "product_id": self.part.id,
                                "price_unit": 100,
                                "tax_ids": tax.ids,
                            }
                        )
                    ],
                }
            )
        )
        order.action_submit_check()
        order.action_confirm_check()
        order.action_create_next_invoice()
        invoice = order.invoice_ids.with_user(self.authorizer)
        invoice.action_service_authorize()
        action = self.invoice.with_user(self.authorizer) | invoice
        action.action_service_credit(reason="Both")
        credit = invoice.reversal_move_ids
        self.assertEqual(credit.company_id, company)
        self.assertEqual(credit.journal_id, data["default_journal_sale"])
        self.assertEqual(invoice.service_status, "reversed")
        self.assertEqual(self.invoice.service_status, "reversed")
