from odoo import Command
from odoo.tests import tagged

from ..common_cancel import CancelCommon


@tagged("post_install", "-at_install")
class TestCashBasis(CancelCommon):
    """Tax that is due on payment: 400 for A and 450 for B, 23 % are 195.50, in all
    1,045.50. Whatever is paid, the clearing account has no open item."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.tax_exigibility = True
        cls.transition = cls._create_account("TRANS", "liability_current", True)
        cls.sale_tax.write(
            {
                "tax_exigibility": "on_payment",
                "cash_basis_transition_account_id": cls.transition.id,
            }
        )
        cls.permission_a = cls._create_closed(
            cls.vehicle_a, [{"purchase_price": 400.0}]
        )
        cls.permission_b = cls._create_closed(
            cls.vehicle_b, [{"purchase_price": 450.0}]
        )
        run = cls._execute_run(cls.permission_a + cls.permission_b)
        cls.invoice = run.log_ids.move_id
        cls.row_b = cls.permission_b.line_ids.row_ids

    def assertTaxed(self, due, waiting):
        """What of the tax is due, what waits for payment; all else is clear."""
        self._assert_cleared()
        self.assertEqual(-self._get_balance(self.output_tax), due)
        self.assertEqual(-self._get_balance(self.transition), waiting)

    def test_paid_invoice(self):
        self.assertTaxed(0.0, 195.5)
        self._register_payment(self.invoice)
        self.assertEqual(self.invoice.payment_state, "paid")
        self.assertTaxed(195.5, 0.0)
        self.assertEqual(self._get_balance(self.revenue), -850.0)

    def test_two_payments(self):
        # 500.00 of 1,045.50 are 47.824 %, of 195.50 that is 93.496
        self._register_payment(self.invoice, amount=500.0, payment_difference=545.5)
        self.assertTaxed(93.5, 102.0)
        self._register_payment(self.invoice)
        self.assertTaxed(195.5, 0.0)

    def test_payment_that_is_undone_and_made_again(self):
        payment = self._register_payment(self.invoice)
        payment.move_id.line_ids.remove_move_reconcile()
        self.assertTaxed(0.0, 195.5)
        self._register_payment(self.invoice)
        self.assertTaxed(195.5, 0.0)

    def test_cancelled_row(self):
        # of the credit memo of 450 + 103.50 the tax is due and taken back at once
        self._cancel(self.row_b)
        self.assertTaxed(0.0, 92.0)
        self._register_payment(self.invoice)
        self.assertTaxed(92.0, 0.0)
        self.assertEqual(self._get_balance(self.revenue), -400.0)

    def test_row_cancelled_after_payment(self):
        self._register_payment(self.invoice)
        credit = self._cancel(self.row_b)
        self.assertTaxed(195.5, -103.5)
        self._register_payment(credit)
        self.assertTaxed(92.0, 0.0)

    def test_all_rows_cancelled(self):
        self._cancel(self.invoice.maintenance_row_ids)
        self.assertTaxed(0.0, 0.0)

    def test_base_account_of_the_company(self):
        base = self._create_account("BASE01", "asset_current")
        self.company.account_cash_basis_base_account_id = base
        self._register_payment(self.invoice)
        self.assertTaxed(195.5, 0.0)
        items = self.env["account.move.line"].search([("account_id", "=", base.id)])
        self.assertEqual(sorted(items.mapped("balance")), [-850.0, 850.0])

    def test_ordinary_invoice_is_left_to_core(self):
        account = self._create_account("OTHER1", "asset_current", True)
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Ordinary",
                            "price_unit": 100.0,
                            "account_id": account.id,
                            "tax_ids": [Command.set(self.sale_tax.ids)],
                        }
                    )
                ],
            }
        )
        move.action_post()
        self._register_payment(move)
        items = self.env["account.move.line"].search([("account_id", "=", account.id)])
        self.assertEqual(len(items), 3)
        self.assertFalse(any(items.mapped("reconciled")))
