from odoo.tests import tagged

from odoo.addons.service_invoicing.tests.common_properties import (
    Phase,
    examples,
    given,
    st,
)

from ..common_cancel import CancelCommon

PRICE = 1000.0
# per permission line: cents to re-invoice; 0 leaves it out
amounts = st.lists(st.integers(0, 100000), min_size=8, max_size=8)
steps = st.lists(
    st.tuples(
        st.sets(st.integers(0, 7), min_size=1),  # which lines, if they are still on it
        st.sampled_from(["free", "close", "correct"]),
        st.integers(1, 100),  # percent of the old amount that is right
    ),
    max_size=3,
)
details = st.sampled_from(["contract", "line"])
# per permission line: the cancellation, in order, that it is on
partitions = st.lists(st.integers(0, 4), min_size=8, max_size=8)


@tagged("post_install", "-at_install")
class TestCancelProperties(CancelCommon):
    """Two contracts with four lines each: tax added, tax included in the price, a
    compensation with two taxes, and one with the tax of the first."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.euro = cls.setup_other_currency("EUR", rates=[("2026-01-01", 1.1834)])
        included = cls._create_tax(7.7, "sale", price_include_override="tax_included")
        low = cls._create_tax(5.5, "sale")
        products = (
            cls.service,
            cls._create_service("Included", taxes_id=included.ids),
            cls._create_service("Two", taxes_id=(cls.sale_tax + low).ids),
            cls.service,
        )
        permissions = cls.env["maintenance.permission"]
        for vehicle in (cls.vehicle_a, cls.vehicle_b):
            permissions += cls._create_permission(
                vehicle,
                [
                    {"purchase_price": price, "product_id": product.id}
                    for price, product in zip(
                        (PRICE, PRICE, -PRICE, -PRICE), products, strict=True
                    )
                ],
            )
        cls._bill_with_work(permissions)
        cls.permissions = permissions
        cls.lines = permissions.line_ids.sorted("id")
        # half of the price in the other currency would be below what was drawn
        cls.lines.sudo().markup_allowed = True

    @examples(2, phases=[Phase.generate])
    @given(
        drawn=amounts,
        cancels=steps,
        detail=details,
        foreign=st.booleans(),
        storno=st.booleans(),
    )
    def test_any_cancellations_leave_revenue_of_live_rows_only(
        self, drawn, cancels, detail, foreign, storno
    ):
        with self.env.cr.savepoint() as savepoint:
            self.customer.maintenance_line_detail = detail
            self.company.account_storno = storno
            currency = self.euro if foreign else self.company.currency_id
            self._set_amounts(drawn, currency)
            run = self._create_run(self.permissions)
            run.action_check()
            if run.taken_count:
                run.action_execute()
            for chosen, after, percent in cancels:
                self._cancel_some(chosen, after, percent)
                self._check(currency)
            rest = self._get_open_rows()
            for rows in rest.grouped("move_id").values():
                self._cancel(rows, free=False)
            self._check(currency)
            self._check_nothing_left(currency)
            savepoint.rollback()

    @examples(3, phases=[Phase.generate])
    @given(
        drawn=amounts,
        partition=partitions,
        detail=details,
        foreign=st.booleans(),
        storno=st.booleans(),
    )
    def test_any_partition_into_cancellations_takes_back_the_invoice(
        self, drawn, partition, detail, foreign, storno
    ):
        with self.env.cr.savepoint() as savepoint:
            self.customer.maintenance_line_detail = detail
            self.company.account_storno = storno
            currency = self.euro if foreign else self.company.currency_id
            self._set_amounts(drawn, currency)
            run = self._create_run(self.permissions)
            run.action_check()
            if run.taken_count:
                run.action_execute()
            for part in range(5):
                chosen = [i for i, number in enumerate(partition) if number == part]
                self._cancel_some(chosen, "close", 100)
            self._check(currency)
            self._check_nothing_left(currency)
            savepoint.rollback()

    def _set_amounts(self, drawn, currency):
        self.lines.write({"currency_id": currency.id})
        for line, cents in zip(self.lines, drawn, strict=True):
            sign = -1 if line.purchase_price < 0 else 1
            line.amount_to_reinvoice = sign * cents / 100

    def _get_open_rows(self):
        rows = self.lines.row_ids.filtered("live")
        return rows.filtered(lambda row: not row.credit_move_id)

    def _cancel_some(self, chosen, after, percent):
        lines = self.lines.browse([self.lines[index].id for index in chosen])
        rows = self._get_open_rows().filtered(lambda row: row.line_id in lines)
        for group in rows.grouped("move_id").values():
            if after == "correct" and self._is_correctable(group, percent):
                corrections = [
                    (row.id, self._get_right_amount(row, percent)) for row in group
                ]
                group.move_id.action_maintenance_cancel(
                    corrections=corrections, posting_date="2026-11-15"
                )
            else:
                self._cancel(group, free=after != "close")

    def _get_right_amount(self, row, percent):
        return row.currency_id.round(row.amount * percent / 100)

    def _is_correctable(self, rows, percent):
        """Amounts that add up to zero make no invoice, which is refused."""
        right = sum(self._get_right_amount(row, percent) for row in rows)
        return not rows.currency_id.is_zero(right)

    def _check(self, currency):
        """Nothing stays on the clearing account, and each contract's revenue is what
        its rows say that nobody has credited."""
        self._assert_cleared()
        items = self.env["account.move.line"].search(
            [("account_id", "=", self.revenue.id), ("parent_state", "=", "posted")]
        )
        rows = self._get_open_rows()
        for contract in self.contract_a + self.contract_b:
            own = items.filtered(lambda i, c=contract: i.maintenance_contract_id == c)
            charged = rows.filtered(lambda r, c=contract: r.contract_id == c)
            self.assertEqual(
                currency.compare_amounts(
                    -sum(own.mapped("amount_currency")), sum(charged.mapped("amount"))
                ),
                0,
            )
        live = rows.line_id.filtered("reinvoiced")
        self.assertEqual(live, rows.line_id)

    def _check_nothing_left(self, currency):
        """All is credited: not a cent stays open for the customer, or on an account,
        of a tax or of a contract, in either currency."""
        invoices = self.lines.row_ids.move_id
        for move in invoices:
            moves = move + self.env["maintenance.cancellation"]._get_credits(move)
            self.assertEqual(set(moves.mapped("amount_residual")), {0.0})
            moves += moves.maintenance_redistribution_id
            for key, items in moves.line_ids.grouped(self._get_account_key).items():
                left = sum(items.mapped("amount_currency"))
                self.assertEqual(currency.round(left), 0.0, key)
                left = sum(items.mapped("balance"))
                self.assertEqual(self.company.currency_id.round(left), 0.0, key)
        # differences of exchange, too, would be found here
        for account in (
            self.revenue,
            self.output_tax,
            self.company_data["default_account_receivable"],
        ):
            self.assertEqual(self._get_balance(account), 0.0, account.name)

    def _get_account_key(self, item):
        """What must come to zero by itself."""
        return item.account_id, item.tax_line_id, item.maintenance_contract_id
