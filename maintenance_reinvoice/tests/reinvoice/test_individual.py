from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from ..common import MaintenanceCommon


class IndividualCommon(MaintenanceCommon):
    """A line of 100 that is invoiced by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.line = cls._create_line()

    @classmethod
    def _create_line(cls, price=100.0, method="individual", **vals):
        return cls._create_permission(
            cls.vehicle_a,
            [{"purchase_price": price, "reinvoice_method": method, **vals}],
        ).line_ids

    @classmethod
    def _reinvoice(cls, lines, **vals):
        action = lines.action_reinvoice(posting_date="2026-10-31", **vals)
        return cls.env[action["res_model"]].browse(action["res_id"]).invoice_ids


@tagged("post_install", "-at_install")
class TestIndividual(IndividualCommon):
    """Single lines invoiced by hand, and the final settlement of a contract."""

    def test_dialog_and_open_question(self):
        action = self.line.action_reinvoice()
        self.assertFalse(self.line.sale_invoice_id)
        form = Form(self.env[action["res_model"]].with_context(**action["context"]))
        form.posting_date = "2026-10-31"
        question = form.save().action_confirm()
        answer = self.env[question["res_model"]].browse(question["res_id"])
        opened = answer.action_open()
        self.assertEqual(opened["res_id"], self.line.sale_invoice_id.id)

    def test_one_invoice_per_payer_and_currency(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5)])
        other = self._create_partner("Driver")
        lines = self._create_line(10.0) + self._create_line(20.0)
        lines += self._create_line(40.0, reinvoice_partner_id=other.id)
        lines += self._create_line(80.0, currency_id=euro.id)
        invoices = self._reinvoice(lines)
        self.assertEqual(
            sorted(invoices.mapped("amount_untaxed")),
            # 10 + 20; 40; 80 are 40 EUR
            [30.0, 40.0, 40.0],
        )
        self.assertEqual(len(invoices), 3)

    def test_each_line_that_cannot_is_named(self):
        mass = self._create_line(method="mass")
        kept = self._create_line(reinvoice=False)
        with self.assertRaises(UserError) as caught:
            (mass + kept).action_reinvoice(posting_date="2026-10-31")
        message = str(caught.exception)
        self.assertIn(f"{mass.display_name}: Not for individual invoicing", message)
        self.assertIn(f"{kept.display_name}: Not to be re-invoiced", message)

    def test_not_before_approval(self):
        permission = self._create_permission(
            self.vehicle_a,
            [{"purchase_price": 5.0, "reinvoice_method": "individual"}],
            approve=False,
        )
        with self.assertRaisesRegex(UserError, "Permission not approved"):
            permission.line_ids.action_reinvoice(posting_date="2026-10-31")

    def test_lines_that_add_up_to_zero(self):
        lines = self._create_line(50.0) + self._create_line(-50.0)
        with self.assertRaisesRegex(UserError, "add up to zero"):
            self._reinvoice(lines)

    def test_compensation_makes_a_credit_note(self):
        invoice = self._reinvoice(self._create_line(-50.0))
        self.assertEqual(invoice.move_type, "out_refund")
        self.assertEqual(invoice.amount_untaxed, 50.0)

    def test_line_taken_off_a_draft_is_free_again(self):
        lines = self._create_line(10.0) + self._create_line(20.0)
        invoice = self._reinvoice(lines)
        invoice.button_draft()
        row = lines[0].row_ids
        row.move_line_id.unlink()
        self.assertFalse(lines[0].sale_invoice_id)
        self.assertEqual(lines[1].sale_invoice_id, invoice)

    def test_the_right_to_reinvoice(self):
        user = new_test_user(
            self.env,
            "approver",
            groups="maintenance_reinvoice.group_maintenance_approver,"
            "account.group_account_invoice",
            company_id=self.company.id,
        )
        with self.assertRaises(AccessError):
            self.line.with_user(user).action_reinvoice(posting_date="2026-10-31")
        user.sudo().group_ids += self.env.ref(
            "maintenance_reinvoice.group_maintenance_reinvoice"
        )
        self.line.with_user(user).action_reinvoice(posting_date="2026-10-31")
        self.assertTrue(self.line.reinvoiced)

    # -- settlement -------------------------------------------------------------

    def test_settlement_takes_all_unsettled_lines(self):
        lines = self._create_line(10.0, "billing") + self._create_line(20.0, "billing")
        other = self._create_line(40.0)
        dialog = self.contract_a.action_settle()
        self.assertEqual(dialog["res_model"], "maintenance.reinvoice.dialog")
        action = self.contract_a.action_settle(posting_date="2026-10-31")
        invoice = self.env[action["res_model"]].browse(action["res_id"]).invoice_ids
        self.assertEqual(invoice.amount_untaxed, 30.0)
        self.assertEqual(lines.mapped("reinvoiced"), [True, True])
        self.assertFalse(other.sale_invoice_id)
        with self.assertRaisesRegex(UserError, "No line waits"):
            self.contract_a.action_settle(posting_date="2026-10-31")


@tagged("post_install", "-at_install")
class TestIndividualInvoice(IndividualCommon):
    """The posted invoice of a single line, and what becomes of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls._reinvoice(cls.line, vat_date="2026-10-30")

    def test_posted_on_revenue_with_the_contracts_analytics(self):
        self.assertRecordValues(
            self.invoice,
            [
                {
                    "state": "posted",
                    "service_invoice_type": "maintenance",
                    "maintenance_mass_invoice": False,
                    "invoice_date": self._date("2026-10-31"),
                    "taxable_supply_date": self._date("2026-10-30"),
                    "amount_total": 123.0,
                }
            ],
        )
        self.assertRecordValues(
            self.invoice.invoice_line_ids,
            [
                {
                    "account_id": self.revenue.id,
                    "analytic_distribution": {str(self.analytic_a.id): 100.0},
                }
            ],
        )
        self.assertFalse(self.invoice.maintenance_redistribution_id)
        self.assertIn("Maintenance and repair", self.invoice.invoice_line_ids.name)
        self.assertRecordValues(
            self.line,
            [
                {
                    "sale_invoice_id": self.invoice.id,
                    "posted_invoice_name": self.invoice.name,
                    "reinvoiced": True,
                }
            ],
        )

    def test_never_twice(self):
        with self.assertRaisesRegex(UserError, "Already re-invoiced"):
            self._reinvoice(self.line)

    def test_reset_and_repost_keeps_the_line_on_its_invoice(self):
        self.invoice.button_draft()
        self.assertFalse(self.line.reinvoiced)
        self.assertEqual(self.line.sale_invoice_id, self.invoice)
        with self.assertRaisesRegex(UserError, "On a draft invoice"):
            self._reinvoice(self.line)
        self.invoice.action_post()
        self.assertTrue(self.line.reinvoiced)
        self.assertEqual(self.line.permission_id.state, "reinvoiced")

    def test_cores_credit_note_points_to_the_wizard(self):
        wizard = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=self.invoice.ids
        )
        reversal = wizard.create({"journal_id": self.invoice.journal_id.id})
        with self.assertRaisesRegex(UserError, "Cancel Maintenance Rows"):
            reversal.refund_moves()

    def test_credited_individual_invoice(self):
        self.invoice.action_maintenance_cancel(
            row_ids=self.line.row_ids.ids, posting_date="2026-11-02"
        )
        self.assertEqual(self.invoice.payment_state, "reversed")
        self.assertEqual(self.line.permission_id.state, "approved")
        self.assertEqual(self._get_balance(self.revenue), 0.0)
        self.assertEqual(self._get_analytic_result(self.analytic_a), 0.0)
