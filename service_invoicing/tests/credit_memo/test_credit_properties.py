from odoo.tests import tagged

from ..common_credits import CreditMemosCommon
from ..common_properties import Phase, examples, given, st

amounts = st.decimals(min_value="0.01", max_value="9999", places=2).map(float)
lines = st.lists(
    st.tuples(amounts, st.sampled_from(["added", "included", "two"])),
    min_size=1,
    max_size=3,
)
steps = st.lists(
    st.tuples(
        st.integers(1, 99),  # percent of what is left of each line
        st.booleans(),  # free or closed
        st.booleans(),  # bill again what is open
        st.booleans(),  # reset this credit memo and authorize it once more
    ),
    max_size=3,
)


@tagged("post_install", "-at_install")
class TestCreditProperties(CreditMemosCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        included = cls._percent_tax(23, price_include_override="tax_included")
        cls.taxes = {
            "added": cls.tax_11,
            "included": included,
            "two": cls.tax_11 | cls._percent_tax(7.7),
        }

    @examples(3, phases=[Phase.generate])
    @given(drawn=lines, credits=steps, last_free=st.booleans())
    def test_credits_in_any_order_leave_nothing_and_lose_nothing(
        self, drawn, credits, last_free
    ):
        with self.env.cr.savepoint() as savepoint:
            order = self._new_order(
                *(
                    (self.part, price, {"tax_ids": self.taxes[taxes].ids})
                    for price, taxes in drawn
                )
            )
            self.share = order.amount_customer
            invoice = self._bill(order)
            invoice.with_user(self.authorizer).action_service_authorize()
            for percent, free, bills, resets in credits:
                self._credit_percent(invoice, percent, free, resets)
                if bills:
                    self._bill(order)
                self._check_order(order)
            if invoice.service_status != "reversed":
                self._credit(invoice, free=last_free)
            self._check_order(order)
            self._check_nothing_left(invoice)
            savepoint.rollback()

    def _credit_percent(self, invoice, percent, free, resets):
        """Credit a percentage of what is left of every line."""
        asked = {
            key: invoice.currency_id.round(amount * percent / 100)
            for key, amount in self.env["service.crediting"]
            ._get_amounts(invoice)
            .items()
        }
        asked = [[key, amount] for key, amount in asked.items() if amount]
        if not asked:
            return
        credit = self._credit(invoice, line_ids=asked, free=free)
        if resets:
            credit = credit.with_user(self.authorizer)
            credit.line_ids.remove_move_reconcile()
            credit.button_draft()
            self._check_order(invoice.work_order_ids)
            credit.action_service_authorize()

    def _check_order(self, order):
        """What is billed, open and closed is the share of the customer.

        Prices that include tax may give way by a smallest unit per document.
        """
        self.assertEqual(order.amount_customer, self.share)
        moves = order.invoice_ids.filtered(lambda move: move.state != "cancel")
        credits = moves.filtered(
            lambda m: m.move_type == "out_refund" and m.state == "posted"
        )
        closed = credits.filtered(lambda m: m.service_credit_effect == "closed")
        invoices = moves.filtered(lambda m: m.move_type == "out_invoice")
        billed = sum(invoices.mapped("amount_untaxed"))
        billed -= sum((credits - closed).mapped("amount_untaxed"))
        slack = 0.01 * (len(moves) + 0.1)
        self.assertLessEqual(
            abs(billed + order.amount_to_invoice - self.share), slack, moves
        )
        self.assertEqual(
            order.state, "to_invoice" if order.amount_to_invoice else "invoiced"
        )

    def _check_nothing_left(self, invoice):
        """The credit memos are the invoice, to the cent and by each tax."""
        moves = invoice | invoice.reversal_move_ids
        self.assertEqual(invoice.service_status, "reversed")
        self.assertEqual(sum(moves.mapped("amount_residual")), 0)
        sums = {}
        for line in moves.line_ids:
            key = (line.tax_repartition_line_id.tax_id, line.display_type)
            sums[key] = sums.get(key, 0.0) + line.balance
        self.assertFalse({key: s for key, s in sums.items() if round(s, 2)})
