from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from ..common_cancel import CancelCommon


class MoveGuardsCommon(CancelCommon):
    """An invoice of 400 for contract A and 450 for B, and a clerk."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.permission_a = cls._create_closed(
            cls.vehicle_a, [{"purchase_price": 400.0}]
        )
        cls.permission_b = cls._create_closed(
            cls.vehicle_b, [{"purchase_price": 450.0}]
        )
        cls.invoice = cls._execute_run(
            cls.permission_a + cls.permission_b
        ).log_ids.move_id
        cls.entry = cls.invoice.maintenance_redistribution_id
        cls.clerk = cls._create_clerk("account.group_account_invoice")

    @classmethod
    def _create_clerk(cls, group):
        return new_test_user(cls.env, group, groups=group, company_id=cls.company.id)


@tagged("post_install", "-at_install")
class TestMoveGuards(MoveGuardsCommon):
    """Invoices, entries and attachments of re-invoicing stay what they are, whatever
    somebody with the right to invoices sends to the server."""

    # -- marks that only re-invoicing sets --------------------------------------

    def test_marks_of_documents_cannot_be_given_by_the_context(self):
        moves = self.env["account.move"].with_user(self.clerk)
        for name, value in (
            ("maintenance_origin_id", self.invoice.id),
            ("maintenance_difference_approved", True),
            ("maintenance_approved_differences", {"1": 5.0}),
            ("maintenance_accrual_date", "2026-10-31"),
            ("maintenance_mass_invoice", True),
            ("maintenance_mass_analytic_account_id", self.mass_analytic.id),
            ("maintenance_attachment_file", "eA=="),
        ):
            by_context = moves.with_context(**{f"default_{name}": value})
            for creating, vals in ((by_context, {}), (moves, {name: value})):
                with (
                    self.subTest(name),
                    self.assertRaisesRegex(UserError, "Only maintenance re-invoicing"),
                ):
                    creating.create({"move_type": "entry", **vals})
        self.assertEqual(self.invoice.maintenance_entry_ids, self.entry)

    def test_contract_of_another_company_is_not_named(self):
        foreign = self.env["res.company"].create({"name": "Foreign"})
        contract = self.contract_a.sudo().copy(
            {"company_id": foreign.id, "vehicle_ids": False}
        )
        moves = self.env["account.move"].with_user(self.clerk)
        line = {"name": "x", "price_unit": 5.0, "tax_ids": False}
        vals = {"move_type": "out_invoice", "partner_id": self.customer.id}
        with self.assertRaisesRegex(UserError, "none of yours or of another company"):
            moves.create(
                {
                    **vals,
                    "invoice_line_ids": [
                        Command.create({**line, "maintenance_contract_id": contract.id})
                    ],
                }
            )
        move = moves.create({**vals, "invoice_line_ids": [Command.create(line)]})
        with self.assertRaisesRegex(UserError, "none of yours or of another company"):
            move.invoice_line_ids.maintenance_contract_id = contract.id

    def test_own_documents_take_nothing_from_the_context(self):
        """Who may re-invoice does not smuggle marks past the superuser's hand."""
        line = self._create_permission(
            self.vehicle_a,
            [{"purchase_price": 100.0, "reinvoice_method": "individual"}],
        ).line_ids
        line.with_context(
            default_maintenance_accrual_date="2026-10-31",
            default_maintenance_origin_id=self.invoice.id,
            default_freed=True,
            default_credit_move_id=self.invoice.id,
        ).action_reinvoice(posting_date="2026-10-31")
        invoice = line.sale_invoice_id
        self.assertEqual(invoice.state, "posted")
        self.assertFalse(invoice.maintenance_accrual_date)
        self.assertFalse(invoice.maintenance_origin_id)
        self.assertRecordValues(
            line.row_ids, [{"freed": False, "credit_move_id": False, "live": True}]
        )
        credit = invoice.with_context(
            default_maintenance_accrual_date="2026-10-31"
        ).action_maintenance_cancel(row_ids=line.row_ids.ids, posting_date="2026-11-15")
        self.assertFalse(self._get_opened(credit).maintenance_accrual_date)

    # -- the attachment the customer was given ----------------------------------

    def test_attachment_cannot_be_forged(self):
        files = self.env["ir.attachment"].with_user(self.clerk)
        vals = {
            "name": "Forged.pdf",
            "raw": b"forged",
            "res_model": "account.move",
            "res_id": self.invoice.id,
        }
        name = "maintenance_attachment_file"
        with self.assertRaisesRegex(UserError, "Forged.pdf.*made by printing"):
            files.create({**vals, "res_field": name})
        with self.assertRaisesRegex(UserError, "Forged.pdf.*made by printing"):
            files.with_context(default_res_field=name).create(vals)
        # a file of one's own beside it is welcome, but does not take its place
        other = files.create(vals)
        with self.assertRaisesRegex(UserError, "Forged.pdf.*made by printing"):
            other.write({"res_field": name})
        self.assertFalse(self.invoice.maintenance_attachment_id)

    def test_print_of_a_maintenance_invoice_is_not_planted(self):
        files = self.env["ir.attachment"].with_user(self.clerk)
        with (
            self.assertRaisesRegex(UserError, f"{self.invoice.name}: its print is"),
            self.env.cr.savepoint(),
        ):
            files.create(
                {
                    "name": "Forged.pdf",
                    "raw": b"forged",
                    "res_model": "account.move",
                    "res_id": self.invoice.id,
                    "res_field": "invoice_pdf_report_file",
                }
            )
        self.assertFalse(self.invoice.invoice_pdf_report_id)

    def test_missing_number_series_is_named(self):
        sequences = self.env["ir.sequence"].search([("code", "=like", "maintenance.%")])
        sequences.active = False
        for code, create in (
            ("permission", lambda: self.permission_a.copy()),
            ("contract", lambda: self.contract_a.copy()),
            ("reinvoice.run", lambda: self.env["maintenance.reinvoice.run"].create({})),
        ):
            with self.assertRaisesRegex(UserError, f"series.*“maintenance.{code}”"):
                create()

    def test_attachment_is_not_changed_or_moved(self):
        self.env["maintenance.attachment"]._store(
            self.invoice.with_user(self.clerk), {self.invoice.id: b"%PDF-1.4 list"}
        )
        kept = self.invoice.maintenance_attachment_id.with_user(self.clerk)
        for vals in (
            {"raw": b"forged"},
            {"res_id": self.entry.id},
            {"res_model": "res.partner"},
            {"res_field": False},
        ):
            with self.assertRaisesRegex(UserError, "kept as they were"):
                kept.write(vals)
        with self.assertRaisesRegex(UserError, "made by printing"):
            kept.copy({"res_id": self.entry.id})
        self.assertEqual(kept.raw, b"%PDF-1.4 list")

    # -- what is posted stays booked --------------------------------------------

    def test_accounts_of_posted_documents_stay(self):
        other = self._create_account("REV99", "income")
        credit = self._cancel(self.permission_b.line_ids.row_ids)
        entries = self.entry + credit.maintenance_redistribution_id
        for item in (self.invoice + credit + entries).line_ids:
            with self.assertRaisesRegex(UserError, "do not change any more"):
                item.with_user(self.clerk).write({"account_id": other.id})
            # the same account is no change
            item.with_user(self.clerk).write({"account_id": item.account_id.id})
        item = self.entry.line_ids[0].with_user(self.clerk)
        for vals in ({"balance": 1.0}, {"move_id": self.invoice.id}):
            with self.assertRaisesRegex(UserError, "do not change any more"):
                item.write(vals)
        self._assert_cleared()

    def test_collective_invoice_stays_what_it_is(self):
        """850 and 23 %, 1,045.50, are owed; rows and clearing rest on it."""
        for vals in (
            {"move_type": "out_refund"},
            {"invoice_currency_rate": 2.0},
            {"payment_state": "paid"},
            {"amount_total": 1.0},
            {"name": "INV/9"},
            {"service_anchor_date": "2020-01-01"},
        ):
            invoice = self.invoice.with_user(self.clerk)
            with (
                self.subTest(vals),
                self.assertRaisesRegex(
                    UserError, f"{self.invoice.name}.*do not change"
                ),
                self.env.cr.savepoint(),
            ):
                invoice.with_context(skip_readonly_check=True).write(vals)
        self.assertEqual(self.invoice.move_type, "out_invoice")
        self.assertEqual(self.invoice.amount_total_signed, 1045.5)
        self._assert_cleared()

    def test_posted_documents_gain_and_lose_no_items(self):
        for move in self.invoice + self.entry:
            line = move.line_ids[:1].with_user(self.clerk)
            for change in (
                lambda move=move, line=line: line.create(
                    {"move_id": move.id, "account_id": line.account_id.id}
                ),
                line.with_context(_force_unlink=True).unlink,
            ):
                with (
                    self.subTest(move.name),
                    self.assertRaisesRegex(UserError, "do not change any more|posted"),
                    self.env.cr.savepoint(),
                ):
                    change()
        self._assert_cleared()

    def test_redistribution_stays_matched(self):
        line = self.invoice.invoice_line_ids[0].with_user(self.clerk)
        partials = line.matched_debit_ids | line.matched_credit_ids
        self.assertTrue(partials)
        for undo in (
            line.remove_move_reconcile,
            line.with_context(active_ids=line.ids).action_unreconcile_match_entries,
            partials.unlink,
            lambda: partials.write({"amount": 1.0}),
        ):
            with self.assertRaisesRegex(
                UserError, f"{self.invoice.name} stays matched.*{self.entry.name}"
            ):
                undo()
        self._assert_cleared()

    def test_payment_of_a_collective_invoice_may_be_taken_off(self):
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=self.invoice.ids
        ).create({"payment_date": "2026-11-01"}).action_create_payments()
        receivable = self.invoice.line_ids.filtered(
            lambda item: item.display_type == "payment_term"
        )
        self.assertTrue(receivable.matched_credit_ids)
        receivable.with_user(self.clerk).remove_move_reconcile()
        self.assertFalse(receivable.matched_credit_ids)
        self._assert_cleared()


@tagged("post_install", "-at_install")
class TestDraftGuards(MoveGuardsCommon):
    """A draft is posted as it was made: an individual invoice of 100."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.draft = cls._create_draft()

    @classmethod
    def _create_draft(cls, **vals):
        """An individual invoice of contract A, 100 net, reset to draft."""
        line = cls._create_permission(
            cls.vehicle_a,
            [{"purchase_price": 100.0, "reinvoice_method": "individual", **vals}],
        ).line_ids
        line.action_reinvoice(posting_date="2026-10-31")
        line.sale_invoice_id.button_draft()
        return line.sale_invoice_id.with_user(cls.clerk)

    def test_marks_of_items_cannot_be_given_by_the_context(self):
        items = self.env["account.move.line"].with_user(self.clerk)
        for name, value in (
            ("maintenance_source_line_id", self.invoice.invoice_line_ids[0].id),
            ("maintenance_revenue_account_id", self.revenue.id),
            ("maintenance_mass_analytic_account_id", self.mass_analytic.id),
        ):
            with self.assertRaisesRegex(UserError, "cannot be set by hand"):
                items.with_context(**{f"default_{name}": value}).create(
                    {"move_id": self.draft.id, "name": "Extra", "price_unit": 1.0}
                )

    def test_draft_with_other_texts_is_posted(self):
        self.draft.write(
            {
                "invoice_date": "2026-11-05",
                "ref": "Order 7",
                "invoice_payment_term_id": self.pay_terms_b.id,
                "narration": "Thank you",
            }
        )
        self.draft.invoice_line_ids.name = "Other words"
        self.draft.write(
            {
                "invoice_line_ids": [
                    Command.create({"display_type": "line_note", "name": "Note"})
                ]
            }
        )
        self.draft.action_post()
        self.assertEqual(self.draft.state, "posted")

    def test_draft_with_cash_rounding_is_posted(self):
        rounding = self.env["account.cash.rounding"].create(
            {
                "name": "To 5",
                "rounding": 5.0,
                "strategy": "add_invoice_line",
                "profit_account_id": self.revenue.id,
                "loss_account_id": self.revenue.id,
            }
        )
        self.draft.invoice_cash_rounding_id = rounding
        self.draft.action_post()
        # 123.00 is rounded to the next 5
        self.assertEqual(self.draft.amount_total, 125.0)

    def test_draft_of_another_payer_or_currency_is_not_posted(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5)])
        stranger = self._create_partner("Stranger")
        self.draft.write({"partner_id": stranger.id, "currency_id": euro.id})
        with self.assertRaises(UserError) as caught:
            self.draft.action_post()
        message = str(caught.exception)
        self.assertRegex(message, "is for Stranger.*paid by Customer")
        self.assertRegex(message, "is in EUR.*are in USD")
        self.assertEqual(self.draft.state, "draft")

    def test_draft_of_reinvoice_to_is_its_payers(self):
        driver = self._create_partner("Driver")
        draft = self._create_draft(reinvoice_partner_id=driver.id)
        self.assertEqual(draft.partner_id, driver)
        draft.action_post()
        self.assertEqual(draft.state, "posted")

    def test_draft_with_other_lines_is_not_posted(self):
        """Contract, taxes, amount and an addition, all named at once."""
        line = self.draft.invoice_line_ids
        # who may not see contracts names none
        line.with_env(self.env).maintenance_contract_id = self.contract_b
        line.write({"tax_ids": [Command.clear()], "price_unit": 99.0})
        self.draft.write(
            {
                "invoice_line_ids": [
                    Command.create({"name": "Handling", "price_unit": 7.0})
                ]
            }
        )
        with self.assertRaises(UserError) as caught:
            self.draft.action_post()
        message = str(caught.exception)
        self.assertRegex(message, "“Handling”: no permission line stands for it")
        self.assertIn("99.00 differs", message)
        self.assertIn(f"Contract {self.contract_b.display_name} differs", message)
        self.assertRegex(message, "Taxes – differs.*sale 23.0")

    def test_draft_with_another_tax_is_not_posted(self):
        self.draft.invoice_line_ids.tax_ids = self._create_tax(5.0, "sale")
        with self.assertRaisesRegex(UserError, "Taxes sale 5.0.*sale 23.0"):
            self.draft.action_post()

    def test_draft_without_clearing_account_is_posted_as_made(self):
        self.company.maintenance_mass_account_id = False
        other = self._create_closed(self.vehicle_a, [{"purchase_price": 100.0}])
        draft = self._execute_run(other).log_ids.move_id.with_user(self.clerk)
        draft.partner_id = self._create_partner("Stranger")
        with self.assertRaisesRegex(UserError, "paid by Customer"):
            draft.action_post()
        draft.partner_id = self.customer
        draft.action_post()
        self.assertEqual(other.state, "reinvoiced")
