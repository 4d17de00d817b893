from odoo.tests import tagged

from ..common_prepayment import DeductionCommon


@tagged("post_install", "-at_install")
class TestCashBasis(DeductionCommon):
    """Advances with tax that is due on payment: the account of prepayments has no open
    items but the advances that wait for their invoice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.tax_exigibility = True
        cls.transition = cls._new_prepayment_account("250190", name="Transition")
        cls.tax_11.write(
            {
                "tax_exigibility": "on_payment",
                "cash_basis_transition_account_id": cls.transition.id,
            }
        )

    def assertOpen(self, *balances):
        items = self.env["account.move.line"].search(
            [
                ("account_id", "=", self.prepaid.id),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
            ]
        )
        self.assertEqual(items.mapped("balance"), list(balances))

    def test_advance_waits_alone_for_its_invoice(self):
        self._new_prepayment(amount=300)
        self.assertOpen(-300)
        invoice = self._authorize(self._bill_service())
        self.assertOpen()
        self._receive(invoice)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertOpen()

    def test_parts_of_an_advance_and_its_undone_payment(self):
        prepayment = self._authorize(self._ask_prepayment(amount=300))
        first = self._receive(prepayment, 100)
        self._receive(prepayment, 233)
        self.assertOpen(-300)
        first.move_id.line_ids.remove_move_reconcile()
        self.assertOpen(-300)
