from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged

from ..common_receipt import TODAY, ReceiptCommon


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestReceiptInformation(ReceiptCommon):
    """Payment term, anchor date, receipt method and type."""

    # --- payment term ----------------------------------------------------------

    def test_work_order_sets_the_term_though_it_may_not_be_modified(self):
        order = self._new_order(
            (self.part, 100, {}), payment_term_id=self.term_split.id
        )
        move = self._bill(order)
        self.assertEqual(move.invoice_payment_term_id, self.term_split)
        self.assertDue(move, ("2026-12-01", 33.30), ("2026-12-31", 77.70))

    def test_term_is_changed_only_where_the_company_allows_it(self):
        with self.assertRaisesRegex(
            UserError, rf"{self.move.service_number}.*Modify Payment Term"
        ):
            self.move.invoice_payment_term_id = self.term_split
        self.move.invoice_payment_term_id = self.term_30
        self.env.company.service_modify_payment_term = True
        self.move.invoice_payment_term_id = self.term_split
        self.assertDue(self.move, ("2026-12-01", 33.30), ("2026-12-31", 77.70))

    def test_form_offers_the_term_only_where_the_company_allows_it(self):
        with Form(self.move) as form, self.assertRaises(AssertionError):
            form.invoice_payment_term_id = self.term_split
        self.env.company.service_modify_payment_term = True
        with Form(self.move) as form:
            form.invoice_payment_term_id = self.term_split
        self.assertEqual(self.move.invoice_payment_term_id, self.term_split)

    def test_documents_made_by_hand_have_the_term_of_the_payer(self):
        self.assertEqual(self._new_move().invoice_payment_term_id, self.term_30)
        move = self._new_move(invoice_payment_term_id=self.term_30.id)
        self.assertDue(move, ("2026-12-31", 111))
        for term in (self.term_split.id, False):
            with self.assertRaisesRegex(UserError, "Modify Payment Term"):
                self._new_move(invoice_payment_term_id=term)
        Move = self.env["account.move"].with_user(self.clerk)
        with self.assertRaisesRegex(UserError, "Modify Payment Term"):
            Move.with_context(
                default_invoice_payment_term_id=self.term_split.id
            ).create(self._typed_vals())
        self.env.company.service_modify_payment_term = True
        move = self._new_move(invoice_payment_term_id=self.term_split.id)
        self.assertEqual(move.invoice_payment_term_id, self.term_split)

    def test_other_invoices_keep_their_freedom(self):
        move = self._new_move(
            service_invoice_type=False, invoice_payment_term_id=self.term_split.id
        )
        self.assertFalse(move.service_anchor_date)
        self.assertFalse(move.service_receipt_method)
        self.assertFalse(move.service_receipt_type)
        move.write({"invoice_payment_term_id": False, "invoice_date_due": "2027-02-03"})
        self.assertDue(move, ("2027-02-03", 111))
        context = {"service_anchor_date": fields.Date.to_date("2020-01-01")}
        move.with_context(**context).invoice_payment_term_id = self.term_30
        self.assertDue(move, ("2026-12-31", 111))

    def test_settings_are_of_the_company(self):
        other = self._create_company(name="Other")
        other.service_modify_payment_term = True
        other.service_anchor_date_option = "manual"
        self.customer.with_company(other).service_receipt_method = "electronic"
        move = (
            self.env["account.move"]
            .with_company(other)
            .create(
                {
                    "move_type": "out_invoice",
                    "service_invoice_type": "service",
                    "partner_id": self.customer.id,
                    "company_id": other.id,
                    "invoice_payment_term_id": self.term_split.id,
                    "service_anchor_date": "2027-01-15",
                    "invoice_line_ids": [
                        Command.create(
                            {"name": "Work", "price_unit": 100, "tax_ids": []}
                        )
                    ],
                }
            )
        )
        self.assertDue(move, ("2027-01-15", 30), ("2027-02-14", 70))
        self.assertEqual(move.service_receipt_method, "electronic")
        self.assertEqual(self._new_move().service_receipt_method, "regular")
        with self.assertRaisesRegex(UserError, self.env.company.name):
            self._new_move(service_anchor_date="2027-01-15")

    # --- anchor date -----------------------------------------------------------

    def test_anchor_follows_the_invoice_date(self):
        self.assertEqual(str(self.move.service_anchor_date), TODAY)
        self.move.invoice_date = "2026-12-10"
        self.assertEqual(str(self.move.service_anchor_date), "2026-12-10")
        self.assertDue(self.move, ("2027-01-09", 111))

    def test_anchor_is_the_final_invoice_date_when_posted_later(self):
        for core in (False, True):
            move = self._bill(self._new_order((self.part, 100, {})))
            with self.subTest(core=core), freeze_time("2026-12-05"):
                button = "action_post" if core else "action_service_authorize"
                getattr(move.with_user(self.authorizer), button)()
                self.assertEqual(str(move.invoice_date), "2026-12-05")
                self.assertEqual(str(move.service_anchor_date), "2026-12-05")
                self.assertDue(move, ("2027-01-04", 111))

    def test_saving_brings_the_anchor_to_today(self):
        with freeze_time("2026-12-03"):
            self.move.action_service_save()
        self.assertEqual(str(self.move.service_anchor_date), "2026-12-03")
        self.assertDue(self.move, ("2027-01-02", 111))

    def test_anchor_cannot_be_chosen_where_it_is_the_invoice_date(self):
        with self.assertRaisesRegex(
            UserError, rf"{self.move.service_number}.*Anchor Date Option"
        ):
            self.move.service_anchor_date = "2026-12-20"
        with self.assertRaises(AssertionError), Form(self.move) as form:
            form.service_anchor_date = "2026-12-20"
        self.move.write(
            {"invoice_date": "2026-12-20", "service_anchor_date": "2026-12-20"}
        )
        self.assertDue(self.move, ("2027-01-19", 111))

    def test_clerk_chooses_the_anchor_where_the_company_lets_him(self):
        self.env.company.service_anchor_date_option = "manual"
        with Form(self.move) as form:
            form.service_anchor_date = "2026-12-20"
        self.assertDue(self.move, ("2027-01-19", 111))
        self.move.invoice_date = "2026-12-02"
        with freeze_time("2026-12-05"):
            self._authorize()
        self.assertEqual(str(self.move.service_anchor_date), "2026-12-20")
        self.assertDue(self.move, ("2027-01-19", 111))

    def test_anchor_counts_only_for_service_invoices(self):
        """An ordinary invoice of 21 November, 30 days to pay, is due 21 December."""
        ordinary = self._create_invoice_one_line(
            partner_id=self.customer,
            invoice_date="2026-11-21",
            invoice_payment_term_id=self.term_30.id,
            price_unit=100,
        )
        ordinary.service_anchor_date = "2020-01-01"
        ordinary.invoice_line_ids.price_unit = 50
        self.assertDue(ordinary, ("2026-12-21", ordinary.amount_total))
        ordinary.service_anchor_date = False
        ordinary.action_post()
        for anchor in ("2020-01-01", "2027-01-01"):
            with self.assertRaisesRegex(UserError, "Anchor Date cannot be changed"):
                ordinary.with_user(self.clerk).write({"service_anchor_date": anchor})
        self.assertDue(ordinary, ("2026-12-21", ordinary.amount_total))

    def test_due_on_the_anchor_without_a_payment_term(self):
        self.env.company.service_anchor_date_option = "manual"
        self.customer.property_payment_term_id = False
        move = self._new_move(service_anchor_date="2026-12-20")
        self.assertDue(move, ("2026-12-20", 111))
        move.invoice_date_due = "2027-06-01"
        self.assertDue(move, ("2026-12-20", 111))
        move.action_service_save()
        with freeze_time("2026-12-24"):
            self._authorize(move)
        self.assertDue(move, ("2026-12-20", 111))

    def test_new_form_without_a_term_is_due_on_the_anchor(self):
        self.customer.property_payment_term_id = False
        self.env.company.service_anchor_date_option = "manual"
        Move = self.env["account.move"].with_user(self.clerk)
        Move = Move.with_context(
            default_move_type="out_invoice", default_service_invoice_type="service"
        )
        with Form(Move) as form:
            form.partner_id = self.customer
            form.service_anchor_date = "2026-12-11"
            with form.invoice_line_ids.new() as line:
                line.product_id = self.part
                line.price_unit = 100
        self.assertDue(form.record, ("2026-12-11", 111))
        self.assertEqual(form.record.service_receipt_type, "credit")

    def test_nothing_changes_after_authorization(self):
        self.env.company.service_anchor_date_option = "manual"
        self.env.company.service_modify_payment_term = True
        self._authorize()
        bank = self._new_bank()
        for vals in (
            {"service_anchor_date": "2026-12-20"},
            {"service_receipt_method": "electronic"},
            {"service_receipt_type": "cash"},
            {"service_payer_bank_id": bank.id},
            {"invoice_date_due": "2027-03-01"},
            {"invoice_payment_term_id": self.term_split.id},
        ):
            for user in (self.clerk, self.manager):
                with self.subTest(vals=vals), self.assertRaises(UserError):
                    self.move.with_user(user).write(vals)
        self.move.write(
            {"service_anchor_date": TODAY, "service_receipt_type": "credit"}
        )
        line = self.move._get_installments()
        with self.assertRaisesRegex(UserError, "does not change"):
            line.date_maturity = "2027-03-01"
        with self.assertRaises(AccessError):
            self.move.service_installment_ids = [
                Command.update(line.id, {"date_maturity": "2027-03-01"})
            ]
        self.assertDue(self.move, ("2026-12-31", 111))

    def test_company_setting_changed_later_leaves_authorized_documents(self):
        self.env.company.service_anchor_date_option = "manual"
        self.move.service_anchor_date = "2026-12-20"
        self._authorize()
        self.env.company.service_anchor_date_option = "invoice_date"
        self.move.modified(["invoice_date", "company_id"])
        self.env.flush_all()
        self.assertEqual(str(self.move.service_anchor_date), "2026-12-20")

    def test_credit_memo_has_an_anchor_of_its_own(self):
        self.env.company.service_anchor_date_option = "manual"
        self.move.service_anchor_date = "2026-11-20"
        self._authorize()
        wizard = (
            self.env["account.move.reversal"]
            .with_user(self.authorizer)
            .with_context(active_model="account.move", active_ids=self.move.ids)
            .create({"journal_id": self.move.journal_id.id, "date": "2026-12-01"})
        )
        wizard.refund_moves()
        refund = wizard.new_move_ids
        self.assertEqual(str(refund.service_anchor_date), TODAY)
        self.assertDue(refund, (TODAY, 111))

    def test_replacement_keeps_the_term_of_what_it_replaces(self):
        order = self._new_order(
            (self.part, 100, {}), payment_term_id=self.term_split.id
        )
        move = self._authorize(self._bill(order))
        wizard = (
            self.env["account.move.reversal"]
            .with_user(self.authorizer)
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({"journal_id": move.journal_id.id, "date": "2026-12-01"})
        )
        wizard.modify_moves()
        replacement = wizard.new_move_ids
        self.assertEqual(replacement.invoice_payment_term_id, self.term_split)
        self.assertDue(replacement, ("2026-12-01", 33.30), ("2026-12-31", 77.70))

    # --- receipt method and type ----------------------------------------------

    def test_cash_is_due_at_once_whatever_the_term(self):
        order = self._new_order(
            (self.part, 100, {}), payment_term_id=self.term_split.id
        )
        move = self._bill(order).with_user(self.clerk)
        move.service_receipt_type = "cash"
        self.assertDue(move, (TODAY, 111))
        move.service_receipt_type = "credit"
        self.assertDue(move, ("2026-12-01", 33.30), ("2026-12-31", 77.70))
        move.service_receipt_type = "cash"
        self._authorize(move)
        self.assertDue(move, (TODAY, 111))

    def test_early_discount_counts_from_the_anchor_and_not_for_cash(self):
        for computation, tax in (("included", 11), ("mixed", 10.78)):
            term = self._new_term(
                (100, 30),
                early_discount=True,
                discount_percentage=2,
                discount_days=10,
                early_pay_discount_computation=computation,
            )
            order = self._new_order((self.part, 100, {}), payment_term_id=term.id)
            move = self._bill(order).with_user(self.clerk)
            move.invoice_date = "2026-12-05"
            with self.subTest(computation=computation):
                line = move._get_installments()
                self.assertEqual(str(line.discount_date), "2026-12-15")
                self.assertAlmostEqual(move.amount_tax, tax)
                self.assertTrue(move.show_discount_details)
                move.service_receipt_type = "cash"
                line = move._get_installments()
                self.assertFalse(line.discount_date)
                self.assertAlmostEqual(move.amount_tax, 11)
                self.assertDue(move, ("2026-12-05", 111))
                self.assertFalse(move.show_discount_details)
                self.assertFalse(
                    move._is_eligible_for_early_payment_discount(move.currency_id, None)
                )

    def test_receipt_method_is_that_of_the_payer(self):
        self.assertEqual(self.move.service_receipt_method, "regular")
        self.customer.service_receipt_method = "electronic"
        contact = self._new_partner("Contact", parent_id=self.customer.id)
        move = self._new_move(partner_id=contact.id)
        self.assertEqual(contact.service_receipt_method, "electronic")
        self.assertEqual(move.service_receipt_method, "electronic")
        self.assertEqual(self.move.service_receipt_method, "regular", "made before")

    # --- defaults of the settings ----------------------------------------------

    def test_new_company_has_sensible_defaults(self):
        company = self.env["res.company"].create({"name": "New"})
        self.assertRecordValues(
            company,
            [
                {
                    "service_modify_payment_term": False,
                    "service_anchor_date_option": "invoice_date",
                    "service_payer_vat_check": "warning",
                }
            ],
        )
