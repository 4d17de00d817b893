from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..common import ServiceInvoicingCommon


class BillingGuardsCommon(ServiceInvoicingCommon):
    """The saved invoice of an order over 100."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._new_order((cls.part, 100, {}))
        cls.move = cls._bill(cls.order).with_user(cls.clerk)
        cls.line = cls.move.invoice_line_ids.filtered("product_id")


@tagged("post_install", "-at_install")
class TestBillingGuards(BillingGuardsCommon):
    """What a client may not do by RPC or import, whatever the form offers."""

    def test_no_invoice_comes_into_being_authorized_or_deleted(self):
        vals = {
            "move_type": "out_invoice",
            "service_invoice_type": "service",
            "partner_id": self.customer.id,
        }
        for state in ("posted", "cancel"):
            moves = self.move.with_context(default_state=state)
            with self.subTest(state), self.assertRaises(AccessError):
                moves.create(vals)
        moves = self.move.with_context(
            default_state="posted", default_service_invoice_type="service"
        )
        with self.assertRaises(AccessError):
            moves.create({"partner_id": self.customer.id})

    def test_whoever_changes_what_is_billed_may_not_authorize_it(self):
        self.env.company.service_maker_not_authorizer = True
        invoice = self.move.with_user(self.authorizer)
        line = self.line.with_user(self.authorizer)
        rounding = self.cash_rounding_a
        changes = {
            "tax": lambda: line.write({"tax_ids": [Command.clear()]}),
            "new line": lambda: line.create(
                {"move_id": invoice.id, "name": "x", "price_unit": 5, "tax_ids": False}
            ),
            "no line": line.unlink,
            "amount": lambda: line.write({"amount_currency": -5000}),
            "rounding": lambda: invoice.write(
                {"invoice_cash_rounding_id": rounding.id}
            ),
        }
        for name, change in changes.items():
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                change()
                with self.assertRaisesRegex(UserError, "Somebody else|without lines"):
                    invoice.action_service_authorize()
                savepoint.close(rollback=True)
            self.assertEqual(self.move.service_saved_by_id, self.clerk)

    def test_changing_a_returned_or_reset_invoice_is_answered_for(self):
        self.env.company.service_maker_not_authorizer = True
        invoice = self.move.with_user(self.authorizer)
        invoice.action_service_authorize()
        invoice.button_draft()
        self.line.with_user(self.authorizer).price_unit = 5000
        with self.assertRaisesRegex(UserError, "Somebody else"):
            invoice.action_service_authorize()

    def test_links_of_lines_are_not_written_by_hand(self):
        for name in ("service_order_line_id", "service_tcd_id"):
            record = self.env[self.line._fields[name].comodel_name].sudo()
            with self.subTest(name), self.assertRaises(AccessError):
                self.line.write({name: record.search([], limit=1).id or 1})

    def test_links_are_not_given_to_new_lines_by_hand(self):
        other = self._new_order((self.part, 500, {}))
        claim = self._new_claim(other, other.line_ids)
        billed = self._bill(self._new_order((self.part, 100, {}))).invoice_line_ids
        foreign = self.env["res.company"].create({"name": "Foreign"})
        code = self.env["service.tcd"].create(
            {
                "code": "F",
                "name": "Foreign",
                "company_id": foreign.id,
                "tcd_type": "tax",
                "tax_ids": self.tax_11.copy({"company_id": foreign.id}).ids,
            }
        )
        for name, record in (
            ("service_order_line_id", other.line_ids),
            ("service_tax_claim_id", claim),
            ("service_credited_line_id", billed.filtered("product_id")),
            ("service_tcd_id", code),
        ):
            lines = self.line.with_context(**{f"default_{name}": record.id})
            vals = {"move_id": self.move.id, "name": "x", "price_unit": 5.0}
            for model, given in ((self.line, {name: record.id}), (lines, {})):
                with (
                    self.subTest(name),
                    self.assertRaisesRegex(AccessError, "cannot be set by hand"),
                    self.env.cr.savepoint(),
                ):
                    model.create({**vals, **given})
        self.assertEqual(self.move.amount_untaxed, 100.0)

    def test_tax_amounts_are_not_typed_on_lines(self):
        data = {
            "quantity": 1.0,
            "price_unit": 100.0,
            "discount": 0.0,
            "manual_tax_amounts": {str(self.tax_11.id): {"tax_amount_currency": 0.01}},
        }
        with self.assertRaisesRegex(UserError, "taxable amount"):
            self.line.write({"extra_tax_data": data})

    def test_invoice_is_not_copied_by_saying_it_is_something_else(self):
        other = self.env["account.move"].create({"move_type": "entry"})
        for default in (
            {"reversed_entry_id": False},
            {"debit_origin_id": False},
            {"reversed_entry_id": other.id},
            {"debit_origin_id": other.id},
            # an invoice takes back no invoice
            {"reversed_entry_id": self.move.id},
            {"reversed_entry_id": self.move.id, "move_type": "out_invoice"},
        ):
            with self.subTest(default), self.assertRaisesRegex(UserError, "twice"):
                self.move.copy(default)

    def test_print_of_a_document_is_not_planted(self):
        field = "invoice_pdf_report_file"
        files = self.env["ir.attachment"].with_user(self.clerk)
        vals = {"name": "Forged.pdf", "raw": b"%PDF forged", "res_id": self.move.id}
        vals["res_model"] = "account.move"
        own = files.create(vals)
        for plant in (
            lambda: files.create({**vals, "res_field": field}),
            lambda: files.with_context(default_res_field=field).create(vals),
            lambda: own.write({"res_field": field}),
            lambda: self.move.write({field: "JVBERg=="}),
            lambda: self.move.with_context(**{f"default_{field}": "JVBERg=="}).create(
                {
                    "move_type": "out_invoice",
                    "service_invoice_type": "service",
                    "partner_id": self.customer.id,
                }
            ),
        ):
            with (
                self.assertRaisesRegex(UserError, "its print is made by printing"),
                self.env.cr.savepoint(),
            ):
                plant()
        self.assertFalse(self.move.invoice_pdf_report_id)

    def test_missing_number_series_is_named(self):
        sequences = self.env["ir.sequence"].search([("code", "=like", "service.%")])
        sequences.active = False
        company = self.env.company.name
        with self.assertRaisesRegex(UserError, f"{company} has.*“service.work.order”"):
            self._new_order((self.part, 100, {}))
        with self.assertRaisesRegex(UserError, "“service.agreement”"):
            self.env["service.agreement"].create({"partner_id": self.customer.id})
        move = self.move.create(
            {
                "move_type": "out_invoice",
                "service_invoice_type": "service",
                "partner_id": self.customer.id,
                "invoice_line_ids": [Command.create({"name": "x", "price_unit": 5})],
            }
        )
        with self.assertRaisesRegex(UserError, "“service.invoice.service”"):
            move.action_service_save()

    def test_numbered_invoice_stays_even_where_an_addon_is_uninstalled(self):
        with self.assertRaisesRegex(UserError, self.move.service_number):
            self.move.with_context(_force_unlink=True).unlink()


@tagged("post_install", "-at_install")
class TestAuthorizedGuards(BillingGuardsCommon):
    """The same of the authorized invoice and of its credit memos."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.move.with_user(cls.authorizer).action_service_authorize()

    def _refund_vals(self, **vals):
        return {
            "move_type": "out_refund",
            "partner_id": self.customer.id,
            "reversed_entry_id": self.move.id,
            "invoice_line_ids": [
                Command.create(
                    {"name": "x", "price_unit": 100, "tax_ids": self.tax_11.ids}
                )
            ],
            **vals,
        }

    def test_status_and_summary_are_nobodys_to_write(self):
        for vals in (
            {"service_status": "reversed"},
            {"service_status": "fresh"},
            {"service_amount_net": 1},
            {"service_amount_labour": 1},
        ):
            with self.subTest(vals), self.assertRaises(AccessError):
                self.move.write(vals)
        self.assertFalse(self.order.next_invoice_type)

    def test_credit_memo_stays_with_its_invoice_and_payer(self):
        other = self._bill(self._new_order((self.part, 100, {})))
        self.move.action_service_credit(reason="Wrong", date="2026-11-22")
        credit = self.move.reversal_move_ids
        for target in (False, other.id):
            with self.subTest(target), self.assertRaises(AccessError):
                credit.write({"reversed_entry_id": target})
        with self.assertRaisesRegex(UserError, self.order.name):
            credit.partner_id = self.insurer
        credit.with_user(self.authorizer).action_service_authorize()
        with self.assertRaises(AccessError):
            credit.write({"reversed_entry_id": False})

    def test_credit_memo_made_by_hand_is_one_of_service_billing(self):
        invoicing = new_test_user(
            self.env,
            "service_invoicing_only",
            groups="account.group_account_invoice",
            company_id=self.env.company.id,
            company_ids=[Command.set(self.env.company.ids)],
        )
        moves = self.env["account.move"].with_user(invoicing)
        refund = moves.create(self._refund_vals())
        self.assertEqual(refund.service_invoice_type, "service")
        with self.assertRaises(AccessError):
            refund.action_post()
        with self.assertRaises(AccessError):
            moves.create(self._refund_vals(move_type="out_invoice"))
        by_hand = moves.create(self._refund_vals(reversed_entry_id=False))
        with self.assertRaises(AccessError):
            by_hand.write({"reversed_entry_id": self.move.id})
        self.assertEqual(self.move.service_status, "authorized")

    def test_credit_memo_takes_back_no_more_tax_than_was_billed(self):
        refund = self.move.with_user(self.authorizer)._reverse_moves()
        billed = refund.invoice_line_ids.filtered("product_id")
        # 100 and 50 % are 150 of an invoice over 111
        billed.tax_ids = self._percent_tax(50)
        with self.assertRaisesRegex(UserError, "with tax"):
            refund.action_post()

    def test_authorized_lines_bill_what_they_billed(self):
        for vals in (
            {"price_unit": 10},
            {"quantity": 2},
            {"discount": 50},
            {"service_cost_category": "labour"},
        ):
            with self.subTest(vals), self.assertRaisesRegex(UserError, "credit it"):
                self.line.write(vals)
        self.line.write({"price_unit": 100})

    def test_schedule_stays_whatever_state_its_line_claims(self):
        due = self.move.line_ids.filtered(lambda x: x.display_type == "payment_term")
        with self.assertRaisesRegex(UserError, "schedule"):
            due.write({"parent_state": "draft"})
            due.write({"date_maturity": "2027-08-08"})

    def test_order_is_to_be_invoiced_again_when_a_draft_is_removed(self):
        wizard = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=self.move.ids
        )
        wizard = wizard.create({"journal_id": self.move.journal_id.id})
        wizard.modify_moves()
        self.assertEqual(self.order.state, "invoiced")
        self.order.invoice_ids.filtered(lambda m: m.state == "draft").unlink()
        self.assertEqual(self.order.state, "to_invoice")

    def test_dialogs_are_their_users_own(self):
        action = self.move.action_service_credit()
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        wizard.with_user(self.clerk).line_ids.read(["open_amount"])
        for name in ("manager", "authorizer"):
            other = wizard.with_user(getattr(self, name))
            with self.subTest(name), self.assertRaises(AccessError):
                other.line_ids.read(["open_amount"])

    def test_amounts_that_are_no_numbers_are_refused(self):
        for amount in ("nan", "inf"):
            with self.subTest(amount), self.assertRaises(UserError):
                self.move.action_service_credit(
                    reason="x", line_ids=[[self.line.id, float(amount)]]
                )
