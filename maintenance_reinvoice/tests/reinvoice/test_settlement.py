from math import inf, nan

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from ..common_methods import MethodsCommon


@tagged("post_install", "-at_install")
class TestSettlement(MethodsCommon):
    """The final settlement of a contract on which one line of 10 waits for it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.line = cls._create_lines(10.0)

    def test_one_invoice_per_contract(self):
        lines = self.line + self._create_lines(20.0, 40.0)
        other = self._create_lines(80.0, vehicle=self.vehicle_b)
        invoices = self._settle(self.contract_a + self.contract_b)
        self.assertEqual(len(invoices), 2)
        self.assertEqual(lines.sale_invoice_id.amount_untaxed, 70.0)
        self.assertEqual(other.sale_invoice_id.amount_untaxed, 80.0)
        self.assertEqual(set(invoices.mapped("state")), {"posted"})
        self.assertTrue(all((lines + other).mapped("settled")))
        self.assertEqual(self._get_analytic_result(self.analytic_a), 70.0)
        self.assertEqual(self._get_analytic_result(self.analytic_b), 80.0)

    def test_settlement_divides_by_payer_and_currency(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5)])
        driver = self._create_partner("Driver")
        self._create_lines(20.0, reinvoice_partner_id=driver.id)
        self._create_lines(40.0, currency_id=euro.id)
        invoices = self._settle(self.contract_a)
        self.assertEqual(
            sorted(
                (i.partner_id.name, i.currency_id.name, i.amount_untaxed)
                for i in invoices
            ),
            # 40 are 20 EUR
            [
                ("Customer", "EUR", 20.0),
                ("Customer", "USD", 10.0),
                ("Driver", "USD", 20.0),
            ],
        )

    def test_settlement_needs_the_right(self):
        user = new_test_user(
            self.env,
            "approver",
            groups="maintenance_reinvoice.group_maintenance_approver,"
            "account.group_account_invoice",
            company_id=self.company.id,
        )
        with self.assertRaises(AccessError):
            self.contract_a.with_user(user).action_settle(posting_date="2026-10-31")
        user.sudo().group_ids += self.env.ref(
            "maintenance_reinvoice.group_maintenance_reinvoice"
        )
        invoice = self._settle(self.contract_a.with_user(user))
        self.assertEqual(invoice.amount_untaxed, 10.0)

    def test_settlement_dialog(self):
        action = self.contract_a.action_settle()
        form = Form(self.env[action["res_model"]].with_context(**action["context"]))
        self.assertEqual(form.charged_line_ids[:], self.line)
        form.posting_date = "2026-10-31"
        form.vat_date = "2026-10-30"
        invoice = self._get_posted(form.save().action_confirm())
        self.assertEqual(invoice, self.line.sale_invoice_id)
        self.assertEqual(invoice.taxable_supply_date, self._date("2026-10-30"))

    def test_settled_line_is_freed_by_its_credit(self):
        self._settle(self.contract_a)
        self.assertEqual(self.line.permission_id.state, "reinvoiced")
        self._credit(self.line)
        self.assertFalse(self.line.settled)
        self.assertEqual(self.line.permission_id.state, "approved")
        self.assertEqual(self._settle(self.contract_a).amount_untaxed, 10.0)
        self.assertTrue(self.line.settled)

    def test_closed_contract_is_settled(self):
        self.contract_a.action_close()
        self.assertEqual(self._settle(self.contract_a).amount_untaxed, 10.0)

    def test_settlement_in_a_closed_period(self):
        self.company.sale_lock_date = "2026-10-31"
        with self.assertRaisesRegex(UserError, "closed period"):
            self._settle(self.contract_a)
        self.company.maintenance_closed_period = "shift"
        invoice = self._settle(self.contract_a)
        self.assertEqual(invoice.invoice_date, self._date("2026-11-01"))

    def test_senseless_amounts(self):
        for name in ("purchase_price", "amount_to_reinvoice"):
            for amount in (nan, inf, 1e13):
                with self.assertRaisesRegex(UserError, "Work.*cannot|Work.*number"):
                    self.line.write({name: amount})
                with self.assertRaisesRegex(UserError, "not a number"):
                    self.line.create({"name": "Work", name: amount})

    def test_settled_cannot_be_written(self):
        with self.assertRaisesRegex(UserError, "cannot be written"):
            self.line.settled = True

    def test_lines_are_of_their_company_alone(self):
        other = self.setup_other_company()["company"]
        abroad = self.env["maintenance.contract"].with_context(
            allowed_company_ids=other.ids
        )
        contract = abroad.create({"name": "Z", "partner_id": self.customer.id})
        with self.assertRaisesRegex(UserError, "No line waits"):
            contract.action_settle(posting_date="2026-10-31")
        self.assertFalse(self.line.sale_invoice_id)
