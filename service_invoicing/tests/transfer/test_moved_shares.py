from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..common_shares import MovedSharesCommon


@tagged("post_install", "-at_install")
class TestMovedShare(MovedSharesCommon):
    """The insurer refused his share: the customer bears it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.new = cls._move(cls.insured)

    def test_refused_share_is_credited_and_invoiced_to_the_customer_in_one_step(self):
        new = self.new
        credit = self._get_credit(self.insured)
        self.assertRecordValues(
            credit | new,
            [
                {
                    "move_type": "out_refund",
                    "service_invoice_type": "insurance",
                    "partner_id": self.insurer.id,
                    "amount_untaxed": 1700,
                    "amount_total": 1887,
                    "service_status": "adjusted",
                    "work_order_ids": self.order.ids,
                },
                {
                    "move_type": "out_invoice",
                    "service_invoice_type": "service",
                    "partner_id": self.customer.id,
                    "amount_untaxed": 1700,
                    "amount_total": 1887,
                    "service_status": "fresh",
                    "work_order_ids": self.order.ids,
                },
            ],
        )
        self.assertEqual(self.insured.service_status, "reversed")
        self.assertEqual(self.insured.amount_residual, 0)
        self.assertIn("Taken over from Insurer", new.invoice_line_ids[1].name)
        self.assertSummary(new, material=1700, labour=0)

    def test_links_lead_from_every_document_to_the_others(self):
        new = self.new
        moved = self.order.release_ids.filtered("is_moved")
        self.assertRecordValues(
            moved,
            [
                {
                    "source_partner_id": self.insurer.id,
                    "origin_id": self.insured.service_release_ids.id,
                    "partner_id": self.customer.id,
                    "credit_move_id": self._get_credit(self.insured).id,
                    "move_id": new.id,
                    "amount_untaxed": 1700,
                    "reason": "Refused",
                    "state": "invoiced",
                }
            ],
        )
        self.assertEqual(new.service_release_ids, moved)
        for document in (self.order, self.insured):
            self.assertIn("Refused", str(document.message_ids.mapped("body")))

    def test_shares_of_the_order_follow_and_still_add_up(self):
        self.assertRecordValues(
            self.order,
            [
                {
                    "amount_customer": 2500,
                    "amount_program": 500,
                    "amount_insurance": 0,
                    "amount_untaxed": 3000,
                    "amount_to_invoice": 0,
                    "state": "invoiced",
                }
            ],
        )

    def test_deleted_new_invoice_is_billed_again_to_the_new_payer(self):
        new = self.new
        new.action_service_delete(reason="Wrong text")
        self.assertEqual(self.order.next_invoice_type, "service")
        self.assertEqual(self.order.amount_to_invoice, 1700)
        again = self._bill(self.order)[-1]
        self.assertEqual(again.partner_id, self.customer)
        self.assertEqual(again.amount_untaxed, 1700)
        self.assertEqual(self.order.state, "invoiced")

    def test_back_to_check_agrees_the_shares_anew(self):
        new = self.new
        new.action_service_delete(reason="Start again")
        (self.service | self.sponsored)._reverse_moves(cancel=True)
        self.order.action_back_to_check(reason="Start again")
        moved = self.order.release_ids.filtered("is_moved")
        self.assertEqual(moved.state, "cancelled")
        self.assertEqual(self.order.amount_insurance, 1700)

    def test_advisor_without_accounting_rights_sees_what_was_moved(self):
        order = self.order.with_user(self.advisor)
        self.assertEqual(Form(order).amount_customer, 2500)
        moved = order.release_ids.filtered("is_moved")
        self.assertEqual(moved.amount_untaxed, 1700)


@tagged("post_install", "-at_install")
class TestMovedShares(MovedSharesCommon):
    """What can be moved, from whom and to whom."""

    def test_part_of_a_share_is_moved_and_the_invoice_stays_for_the_rest(self):
        line = self.insured.invoice_line_ids.filtered(
            lambda line: line.price_subtotal == 2000
        )
        new = self._move(self.insured, amounts=[[line.id, 500]])
        self.assertEqual(new.amount_total, 555)
        # 1,887 less 555
        self.assertEqual(self.insured.amount_residual, 1332)
        self.assertEqual(self.insured.service_status, "partially_adjusted")
        self.assertEqual(self.order.amount_insurance, 1200)
        self.assertFalse(self.order.next_invoice_type)

    def test_nothing_is_moved_twice(self):
        line = self.insured.invoice_line_ids.filtered(
            lambda line: line.price_subtotal == 2000
        )
        self._move(self.insured, amounts=[[line.id, 1500]])
        with self.assertRaisesRegex(UserError, "cannot be chosen"):
            self._move(self.insured, amounts=[[line.id, 600]])
        # 2,000 − 1,500 of the part, −300 deductible
        rest = self._move(self.insured)
        self.assertEqual(rest.amount_untaxed, 200)
        self.assertEqual(self.insured.service_status, "reversed")

    def test_amounts_of_other_lines_and_of_the_wrong_sign_are_refused_together(self):
        line = self.insured.invoice_line_ids.filtered(
            lambda line: line.price_subtotal == 2000
        )
        foreign = self.sponsored.invoice_line_ids[1]
        with self.assertRaises(UserError) as raised:
            self._move(self.insured, amounts=[[line.id, -5], [foreign.id, 5]])
        self.assertEqual(len(str(raised.exception).splitlines()), 2)
        with self.assertRaisesRegex(UserError, "no amount"):
            self._move(self.insured, amounts=[])

    def test_share_goes_on_to_a_third_payer(self):
        second = self._new_partner("Second insurer")
        new = self._move(
            self.insured, invoice_type="insurance", partner_id=second.id
        ).with_user(self.authorizer)
        new.action_service_authorize()
        self.assertEqual(self.order.amount_insurance, 1700)
        last = self._move(new)
        self.assertEqual(last.amount_untaxed, 1700)
        self.assertEqual(new.service_status, "reversed")
        self.assertEqual(self.order.amount_insurance, 0)
        self.assertEqual(self.order.amount_customer, 2500)
        self.assertFalse(self.order.next_invoice_type)

    def test_new_payer_has_his_own_taxes_and_terms(self):
        fiscal_position = self.env["account.fiscal.position"].create({"name": "Abroad"})
        tax_0 = self._percent_tax(
            0,
            fiscal_position_ids=[Command.set(fiscal_position.ids)],
            original_tax_ids=[Command.set(self.tax_11.ids)],
        )
        other = self._new_partner(
            "Guilty driver",
            property_account_position_id=fiscal_position.id,
            property_payment_term_id=self.pay_terms_b.id,
        )
        new = self._move(self.insured, partner_id=other.id)
        self.assertEqual(new.invoice_line_ids.tax_ids, tax_0)
        self.assertEqual(new.amount_total, 1700)
        self.assertEqual(new.invoice_payment_term_id, self.pay_terms_b)

    def test_dialog_proposes_the_customer_and_all_that_is_left(self):
        action = self.insured.with_user(self.clerk).action_service_move_share()
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        with Form(wizard.with_user(self.clerk)) as form:
            self.assertEqual(form.partner_id, self.customer)
            self.assertEqual(form.amount, 1700)
            form.invoice_type = "insurance"
            self.assertFalse(form.partner_id)
            form.partner_id = self._new_partner("Second insurer")
            form.reason = "Other policy"
        result = wizard.with_user(self.clerk).action_apply()
        new = self._get_documents(result)
        self.assertEqual(new.amount_untaxed, 1700)

    def test_only_clerks_move_and_only_authorized_invoices_to_somebody_else(self):
        with self.assertRaises(AccessError):
            self._move(self.insured, user=self.advisor)
        with self.assertRaisesRegex(UserError, "bears this share already"):
            self._move(self.service)
        with self.assertRaisesRegex(UserError, "authorized invoices"):
            self._move(self._get_credit(self.insured) or self._bill_fresh())
        with self.assertRaises(AccessError):
            vals = {"service_freed_release_ids": [Command.clear()]}
            self.insured.with_user(self.clerk).write(vals)

    def test_charges_of_the_invoice_move_too_but_are_no_share(self):
        tcd = self.env["service.tcd"].create(
            {
                "code": "STAMP",
                "name": "Stamp duty",
                "tcd_type": "charge",
                "basis": "flat",
                "rate": 10,
                "account_id": self.company_data["default_account_revenue"].id,
            }
        )
        order = self._new_order((self.labour, 100, {"program_id": self.program.id}))
        __, sponsored = self._bill(order)
        sponsored.service_tcd_ids = [Command.create({"tcd_id": tcd.id})]
        sponsored.with_user(self.authorizer).action_service_authorize()
        new = self._move(sponsored)
        self.assertEqual(sponsored.service_status, "reversed")
        self.assertEqual(new.amount_untaxed, 60)
        self.assertEqual(order.amount_customer, 100)
        self.assertEqual(order.state, "invoiced")

    def test_other_company_moves_nothing(self):
        other = self._create_company(name="Other company")
        stranger = self._new_user("stranger", "group_service_authorizer")
        stranger.write({"company_ids": other.ids, "company_id": other.id})
        with self.assertRaises(AccessError):
            self._move(self.insured, user=stranger)
        foreign = self._new_partner("Foreign", company_id=other.id)
        with self.assertRaisesRegex(UserError, "Foreign"):
            self._move(self.insured, partner_id=foreign.id)

    def test_charges_moved_with_the_service_invoice_are_not_billed_again(self):
        tcd = self.env["service.tcd"].create(
            {
                "code": "SHIP",
                "name": "Shipping",
                "tcd_type": "charge",
                "basis": "flat",
                "rate": 80,
                "account_id": self.company_data["default_account_revenue"].id,
            }
        )
        order = self._new_order(
            (self.labour, 100, {}), tcd_ids=[Command.create({"tcd_id": tcd.id})]
        )
        service = self._bill(order)
        service.with_user(self.authorizer).action_service_authorize()
        new = self._move(service, partner_id=self.sponsor.id)
        self.assertEqual(new.amount_untaxed, 180)
        self.assertEqual(order.state, "invoiced")

    def test_unknown_kind_of_invoice_is_named(self):
        with self.assertRaisesRegex(UserError, "warranty"):
            self._move(self.insured, invoice_type="warranty")

    def test_invoice_changed_by_hand_says_how_far_it_is_from_the_share(self):
        invoice = self._bill_fresh()
        self.assertFalse(invoice.service_share_warning)
        invoice.invoice_line_ids.filtered("product_id").price_unit = 4
        self.assertIn("10.00", invoice.service_share_warning)
        invoice.with_user(self.authorizer).action_service_authorize()
        for document in (invoice, invoice.work_order_ids):
            bodies = str(document.message_ids.mapped("body"))
            self.assertIn("Authorized although", bodies)


@tagged("post_install", "-at_install")
class TestCreditedShare(MovedSharesCommon):
    """The insurer's invoice was credited before: his share is open again."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.credit = cls.insured._reverse_moves(cancel=True)

    def test_invoice_that_was_credited_before_is_only_invoiced_anew(self):
        credit = self.credit
        self.assertEqual(credit.state, "posted")
        self.assertEqual(self.order.next_invoice_type, "insurance")
        new = self._move(self.insured)
        self.assertEqual(new.amount_untaxed, 1700)
        self.assertEqual(self._get_credit(self.insured), credit)
        self.assertEqual(self.order.state, "invoiced")
        with self.assertRaisesRegex(UserError, "nothing is left"):
            self._move(self.insured)

    def test_open_share_is_moved_from_the_order(self):
        order = self.order.with_user(self.clerk)
        line = self.order.line_ids[1]
        action = order.action_move_share(
            invoice_type="service",
            partner_id=self.customer.id,
            reason="Partly refused",
            amounts=[[line.id, 500]],
        )
        new = self._get_documents(action)
        self.assertEqual(new.amount_untaxed, 500)
        self.assertEqual(self.order.amount_to_invoice, 1200)
        rest = self._bill(self.order)[-1]
        self.assertEqual(rest.partner_id, self.insurer)
        # 2,000 − 300 deductible − 500 moved
        self.assertEqual(
            rest.invoice_line_ids.filtered("price_subtotal").mapped("price_subtotal"),
            [1500, -300],
        )
        self.assertEqual(self.order.state, "invoiced")

    def test_dialog_of_the_order_moves_what_comes_next(self):
        order = self.order.with_user(self.clerk)
        action = order.action_move_share()
        wizard = order.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(wizard.source_partner_id, self.insurer)
        wizard.reason = "Refused"
        wizard.action_apply()
        moved = self.order.release_ids.filtered("is_moved")
        self.assertEqual(moved.amount_untaxed, 1700)

    def test_credit_memo_of_what_was_billed_again_stays(self):
        credit = self.credit
        again = self._bill(self.order)[-1]
        credit.line_ids.remove_move_reconcile()
        with self.assertRaisesRegex(UserError, again.service_number):
            credit.button_draft()
