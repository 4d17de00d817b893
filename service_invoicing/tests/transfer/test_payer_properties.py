from collections import defaultdict

from odoo import Command
from odoo.tests import tagged

from ..common import ServiceInvoicingCommon
from ..common_properties import Phase, examples, given, st

CURRENCIES = ["USD", "IDR", "KWD"]
prices = st.decimals(min_value="1", max_value="999", places=2).map(float)
lines = st.lists(
    st.tuples(
        prices,
        st.sampled_from(["plain", "program", "claim", "again"]),
        st.sampled_from(["11 %", "included", "several", "piece"]),
    ),
    min_size=2,
    max_size=4,
)
numbers = st.integers(0, 5)
percents = st.integers(1, 100)
steps = st.lists(
    st.one_of(
        st.just(("bill",)),
        st.just(("release",)),
        st.just(("merge",)),
        st.tuples(st.just("part"), percents),
        st.tuples(st.just("delete"), numbers),
        st.tuples(st.just("send_back"), numbers),
        st.tuples(st.just("authorize"), numbers),
        st.tuples(st.just("credit"), numbers, percents, st.booleans()),
        st.tuples(st.just("move"), numbers, st.booleans()),
        st.tuples(
            st.just("correct"),
            numbers,
            st.integers(30, 120),
            st.sampled_from(["nobody", "own", "customer"]),
        ),
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
        Currency = cls.env["res.currency"].with_context(active_test=False)
        cls.currencies = Currency.search([("name", "in", CURRENCIES)])
        cls.currencies.active = True
        # no sen is in use: a workshop keeps whole rupiah
        cls.currencies.filtered(lambda c: c.name == "IDR").rounding = 1.0
        included = cls._percent_tax(23, price_include_override="tax_included")
        levy = cls._percent_tax(2, name="Levy", amount_type="fixed")
        cls.taxes = {
            "11 %": cls.tax_11,
            "included": included,
            "several": cls.tax_11 | cls._percent_tax(5, name="Local"),
            "piece": cls.tax_11 | levy,
        }

    @examples(8, nightly=1000, phases=[Phase.generate])
    @given(
        drawn=lines,
        happenings=steps,
        deductible=st.integers(0, 90),
        currency=st.sampled_from(CURRENCIES),
    )
    def test_every_line_is_billed_open_or_closed_once(
        self, drawn, happenings, deductible, currency
    ):
        with self.env.cr.savepoint() as savepoint:
            order = self._make_order(drawn, deductible, currency)
            # what corrections took off the lines, and what they added
            self.corrected = defaultdict(float)
            self._check_lines(order)
            for what, *answers in happenings:
                getattr(self, f"_do_{what}")(order, *answers)
                self._check_lines(order)
            self._bill(order)
            self._check_lines(order)
            self.assertEqual(order.amount_to_invoice, 0.0)
            self.assertEqual(order.state, "invoiced")
            savepoint.rollback()

    def _make_order(self, drawn, deductible, currency):
        """:param int deductible: percent of what a claim covers; who bears all of it
        leaves the insurer without an invoice
        """
        covered = {"program": {"program_id": self.program.id}}
        currency = self.currencies.filtered(lambda c: c.name == currency)
        pricelist = self.env["product.pricelist"].create(
            {"name": currency.name, "currency_id": currency.id}
        )
        order = self._new_order(
            *(
                (
                    self.labour,
                    price,
                    covered.get(kind, {})
                    | {"tax_ids": [Command.set(self.taxes[taxes].ids)]},
                )
                for price, kind, taxes in drawn
            ),
            pricelist_id=pricelist.id,
        )
        for kind, insurer in (("claim", self.insurer), ("again", self.insurer_again)):
            chosen = order.line_ids.browse(
                line.id
                for line, (__, drawn_kind, __) in zip(
                    order.line_ids, drawn, strict=True
                )
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
        """Of each payer's share of a line, released and open are what was agreed; what
        documents bill of the line, less what was freed, and what is open are the
        line."""
        shares = order._get_released_amounts()
        sums = defaultdict(float)
        for share in order._get_open_shares():
            for part in share.parts:
                sums[part.order_line] += part.amount
                if part.is_share() and not share.release:
                    shares[part.order_line, part.share_type] += part.amount
        for key, agreed in order._get_agreed_amounts().items():
            self._assert_same(order, shares[key], agreed)
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
        for line in order.line_ids:
            expected = line.price_subtotal + self.corrected[line]
            self._assert_same(order, sums[line], expected)

    def _assert_same(self, order, amount, expected):
        difference = order.currency_id.compare_amounts(amount, expected)
        self.assertFalse(difference, f"{amount} and not {expected}")

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
                [key, move.currency_id.round(amount * percent / 100)]
                for key, amount in self.env["service.crediting"]
                ._get_amounts(move)
                .items()
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
            parts = self.env["service.payer.change"]._get_parts(move).values()
            if any(part.amount > 0 for part in parts):
                move.action_service_move_share(
                    invoice_type=target[0], partner_id=target[1].id, reason="Refused"
                )

    def _do_send_back(self, order, number):
        if move := self._choose(order, number, ("fresh",)):
            move.action_service_return(reason="Wrong text")
            move.with_user(self.clerk).action_service_save()

    def _do_part(self, order, percent):
        order = order.with_user(self.clerk)
        open_payers = [
            share.payer.partner
            for share in order._get_open_shares()
            if share.get_amount() > 0 and not share.release.is_supplement
        ]
        if order.state == "to_invoice" and open_payers:
            share = order._choose_part_share(open_payers[0].id)
            parts = order._get_movable_parts(share.parts).values()
            amounts = (part.amount * percent / 100 for part in parts)
            if sum(map(order.currency_id.round, amounts)) > 0:
                action = order.action_release_part(open_payers[0].id, percent)
                release = self.env["service.release"].browse(action["res_id"])
                release.with_user(self.clerk).action_create_invoice()

    def _do_correct(self, order, number, percent, difference):
        status = ("fresh", "authorized", "partially_adjusted")
        move = self._choose(order, number, status)
        if not move:
            return
        if difference != "nobody":
            percent = min(percent, 100)
        if move.partner_id == self.customer and difference == "customer":
            difference = "own"
        for key, part in self.env["service.correction"]._get_parts(move).items():
            amount = move.currency_id.round(part.amount * percent / 100)
            if part.amount > 0 and amount != part.amount:
                move.action_service_correct("Agreed", [[key, amount]], difference)
                if difference != "customer":
                    self.corrected[part.order_line] += amount - part.amount
                return
