from collections import defaultdict

from odoo.tests import tagged

from ..common import ServiceInvoicingCommon
from ..common_properties import Phase, examples, given, st

prices = st.decimals(min_value="1", max_value="999", places=2).map(float)
lines = st.lists(
    st.tuples(prices, st.sampled_from(["plain", "program", "claim", "again"])),
    min_size=2,
    max_size=4,
)
steps = st.lists(
    st.one_of(
        st.just(("bill",)),
        st.just(("release",)),
        st.just(("merge",)),
        st.tuples(st.just("delete"), st.integers(0, 5)),
        st.tuples(st.just("authorize"), st.integers(0, 5)),
        st.tuples(
            st.just("credit"), st.integers(0, 5), st.integers(1, 100), st.booleans()
        ),
        st.tuples(st.just("move"), st.integers(0, 5), st.booleans()),
    ),
    min_size=6,
    max_size=12,
)


@tagged("post_install", "-at_install")
class TestPayerProperties(ServiceInvoicingCommon):
    """Whatever happens to the payers, each line of the order is billed once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.insurer_again = cls._new_partner("Insurer again")

    @examples(8, phases=[Phase.generate])
    @given(drawn=lines, happenings=steps, deductible=st.integers(0, 90))
    def test_every_line_is_billed_open_or_closed_once(
        self, drawn, happenings, deductible
    ):
        with self.env.cr.savepoint() as savepoint:
            order = self._make_order(drawn, deductible)
            self._check_lines(order)
            for what, *answers in happenings:
                getattr(self, f"_do_{what}")(order, *answers)
                self._check_lines(order)
            self._bill(order)
            self._check_lines(order)
            self.assertEqual(order.amount_to_invoice, 0.0)
            self.assertEqual(order.state, "invoiced")
            savepoint.rollback()

    def _make_order(self, drawn, deductible):
        """:param int deductible: percent of what a claim covers; who bears all of it
        leaves the insurer without an invoice
        """
        covered = {"program": {"program_id": self.program.id}}
        order = self._new_order(
            *((self.labour, price, covered.get(kind, {})) for price, kind in drawn)
        )
        for kind, insurer in (("claim", self.insurer), ("again", self.insurer_again)):
            chosen = order.line_ids.browse(
                line.id
                for line, (__, drawn_kind) in zip(order.line_ids, drawn, strict=True)
                if drawn_kind == kind
            )
            if chosen:
                self._new_claim(
                    order,
                    chosen,
                    name=kind,
                    insurer_id=insurer.id,
                    deductible=sum(chosen.mapped("price_subtotal")) * deductible / 100,
                )
        order.action_confirm_check()
        return order

    def _check_lines(self, order):
        """Billed (what was credited and closed among it) and open are the line."""
        sums = defaultdict(float)
        moves = order.invoice_ids.filtered(
            lambda m: m.move_type == "out_invoice" and m.service_status != "deleted"
        )
        for line in moves.invoice_line_ids:
            sums[line.service_order_line_id] += line.price_subtotal
        for credit in moves.reversal_move_ids:
            if credit.state == "posted" and credit.service_credit_effect != "closed":
                billed = credit.reversed_entry_id._get_billed_lines()
                for line, amount in billed._sum_credited(credit).items():
                    sums[line.service_order_line_id] -= amount
        for share in order._get_open_shares():
            for part in share.parts:
                sums[part.order_line] += part.amount
        for line in order.line_ids:
            self.assertAlmostEqual(
                sums[line], line.price_subtotal, 2, line.price_subtotal
            )

    def _choose(self, order, number, status):
        moves = order.invoice_ids.filtered(
            lambda m: m.move_type == "out_invoice" and m.service_status in status
        ).sorted("id")
        return moves and moves[number % len(moves)].with_user(self.authorizer)

    def _do_bill(self, order):
        if order.next_invoice_type:
            order.with_user(self.clerk).action_create_next_invoice()

    def _do_release(self, order):
        if order.next_invoice_type:
            order.with_user(self.clerk).action_release()

    def _do_merge(self, order):
        partners = self.insurer | self.insurer_again.exists()
        self.env["base.partner.merge.automatic.wizard"]._merge(
            partners.ids, self.insurer
        )
        self.env.invalidate_all()

    def _do_delete(self, order, number):
        if move := self._choose(order, number, ("fresh",)):
            move.action_service_delete(reason="Wrong")

    def _do_authorize(self, order, number):
        if move := self._choose(order, number, ("fresh",)):
            move.action_service_authorize()

    def _do_credit(self, order, number, percent, free):
        status = ("authorized", "partially_adjusted")
        if move := self._choose(order, number, status):
            amounts = [
                [key, move.currency_id.round(part.amount * percent / 100)]
                for key, part in move._get_creditable_parts().items()
            ]
            amounts = [pair for pair in amounts if pair[1]]
            if sum(amount for __, amount in amounts) > 0:
                move.action_service_credit(reason="Wrong", line_ids=amounts, free=free)

    def _do_move(self, order, number, to_customer):
        status = ("authorized", "partially_adjusted")
        move = self._choose(order, number, status)
        target = (
            ("service", self.customer) if to_customer else ("program", self.sponsor)
        )
        if move and (move.service_invoice_type, move.partner_id) != target:
            if any(part.amount > 0 for part in move._get_movable_parts().values()):
                move.action_service_move_share(
                    invoice_type=target[0], partner_id=target[1].id, reason="Refused"
                )
