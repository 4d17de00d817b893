from collections import Counter

from odoo import Command
from odoo.tests import tagged

from odoo.addons.service_invoicing.tests.common_properties import (
    Phase,
    examples,
    given,
    st,
)

from ..common import MaintenanceCommon

cents = st.integers(1, 99_999).map(lambda number: number / 100)
line = st.tuples(
    st.one_of(cents, cents, cents.map(lambda amount: -amount)),
    st.sampled_from(["added", "included", "two", "none"]),
    st.sampled_from([None, None, "insurer"]),  # Reinvoice To
    st.sampled_from([100, 100, 37, 0]),  # percent of the price that is charged
    st.sampled_from(["mass", "mass", "mass", "billing"]),
)
permission = st.tuples(
    st.integers(0, 3),  # which contract
    st.booleans(),  # in the second currency
    st.lists(line, min_size=1, max_size=4),
)
permissions = st.lists(permission, min_size=1, max_size=4)


@tagged("post_install", "-at_install")
class TestRunProperties(MaintenanceCommon):
    """Whatever the contracts, payers, currencies, taxes and compensations are: a run
    takes every line that it should once, and leaves the clearing account at zero."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.euro = cls.setup_other_currency("EUR", rates=[("2026-01-01", 1.1834)])
        included = cls._create_tax(23.0, "sale", price_include_override="tax_included")
        other_revenue = cls._create_account("REV02", "income")
        cls.services = {
            "added": cls.service,
            "included": cls._create_service(
                "Included", taxes_id=[Command.set(included.ids)]
            ),
            "two": cls._create_service(
                "Two taxes",
                taxes_id=[
                    Command.set((cls.sale_tax + cls._create_tax(7.7, "sale")).ids)
                ],
                property_account_income_id=other_revenue.id,
            ),
            "none": cls._create_service("No tax", taxes_id=[Command.clear()]),
        }
        cls.revenues = cls.revenue + other_revenue
        cls.insurer = cls._create_partner("Insurer")
        second = cls._create_partner("Second")
        cls.vehicles = [cls.vehicle_a, cls.vehicle_b]
        for number, analytic in enumerate((cls.analytic_a, cls.analytic_b)):
            vehicle = cls._create_vehicle(f"S-{number}")
            cls._create_contract(f"S{number}", vehicle, analytic, partner_id=second.id)
            cls.vehicles.append(vehicle)
        cls.payers = cls.customer + second + cls.insurer

    @examples(4, phases=[Phase.generate])
    @given(
        drawn=permissions,
        method=st.sampled_from(["customer", "contract", "vehicle", "permission"]),
        detail=st.sampled_from(["contract", "line"]),
        storno=st.booleans(),
        minimum=st.sampled_from([0.0, 0.0, 100.0]),
        negative=st.sampled_from(["credit", "credit", "carry"]),
    )
    def test_nothing_lost_nothing_twice_and_cleared(
        self, drawn, method, detail, storno, minimum, negative
    ):
        with self.env.cr.savepoint() as savepoint:
            self.company.write(
                {
                    "account_storno": storno,
                    "maintenance_billing_method": method,
                    "maintenance_line_detail": detail,
                    "maintenance_minimum_amount": minimum,
                    "maintenance_negative_groups": negative,
                }
            )
            lines = self._create_drawn(drawn)
            run = self._create_run(lines.permission_id)
            run.action_check()
            if run.log_ids:
                run.action_execute()
                self.assertEqual(run.state, "done", run.log_ids.mapped("posting_error"))
            waiting = {"zero_group", minimum and "below_minimum"}
            if negative == "carry":
                waiting.add("carried")
                self.assertNotIn("out_refund", run.log_ids.move_id.mapped("move_type"))
            self._check_report(run, lines, waiting)
            self._check_invoices(run.log_ids.move_id, method)
            self._check_details(run.log_ids.move_id, detail)
            self._check_clearing(lines, storno)
            self._check_second_run(lines)
            savepoint.rollback()

    def _create_drawn(self, drawn):
        lines = self.env["maintenance.permission.line"]
        for number, foreign, parts in drawn:
            currency = self.euro if foreign else self.company.currency_id
            lines += self._create_permission(
                self.vehicles[number],
                [self._prepare_line(part, currency) for part in parts],
                purchase_currency_id=currency.id,
            ).line_ids
        # what the garages' bills do, without their entries; what still waits to be
        # computed would undo it
        self.env.flush_all()
        lines.sudo().bill_posted = True
        self.assertEqual(set(lines.permission_id.mapped("state")), {"closed"})
        return lines

    def _prepare_line(self, part, currency):
        price, taxes, payer, percent, method = part
        return {
            "purchase_price": price,
            "product_id": self.services[taxes].id,
            "currency_id": currency.id,
            "amount_to_reinvoice": currency.round(price * percent / 100),
            "reinvoice_partner_id": self.insurer.id if payer else False,
            "reinvoice_method": method,
        }

    def _check_report(self, run, lines, waiting):
        """Every line is in the report once; taken if and only if it is on one live
        invoice; what is left out says why, and rightly.

        :param waiting: reasons that keep a whole group off
        """
        self.assertEqual(
            Counter(run.line_ids.permission_line_id.ids), Counter(lines.ids)
        )
        self.assertEqual(len(run.line_ids), len(lines))
        for row in run.line_ids:
            line = row.permission_line_id
            self.assertEqual(len(line.row_ids), int(row.taken))
            self.assertEqual(line.reinvoiced, row.taken)
            self.assertEqual(bool(row.reason), not row.taken)
            if line.reinvoice_method != "mass":
                self.assertEqual(row.reason, "method")
            elif line.currency_id.is_zero(line.amount_to_reinvoice):
                self.assertEqual(row.reason, "zero_amount")
            elif not row.taken:
                self.assertIn(row.reason, waiting)

    def _check_invoices(self, moves, method):
        for move in moves:
            rows = move.maintenance_row_ids
            lines = rows.line_id
            total = move.currency_id.round(sum(rows.mapped("amount")))
            # who owes whom is told by the total with tax: with several rates its sign
            # may not be that of the net
            sign = -1 if move.move_type == "out_refund" else 1
            self.assertGreaterEqual(move.amount_total, 0)
            self.assertAlmostEqual(sign * move.amount_untaxed, total)
            self.assertEqual(lines.currency_id, move.currency_id)
            payers = [line.payer_id for line in lines]
            self.assertEqual(set(payers), {move.partner_id})
            if method != "customer":
                self.assertEqual(len(lines[f"{method}_id"]), 1)
        groups = Counter(
            (
                move.partner_id,
                move.currency_id,
                move.maintenance_row_ids.line_id[f"{method}_id"]
                if method != "customer"
                else None,
            )
            for move in moves
        )
        self.assertLessEqual(max(groups.values(), default=0), 1)

    def _check_details(self, moves, detail):
        """An invoice line stands for one permission line, or for all of one contract,
        account and taxes."""
        rows = moves.maintenance_row_ids
        keys = [
            (
                row.move_id,
                row.contract_id,
                row.move_line_id.maintenance_revenue_account_id,
                row.tax_ids,
                row if detail == "line" else None,
            )
            for row in rows
        ]
        self.assertEqual(len(rows.move_line_id), len(set(keys)))

    def _check_clearing(self, lines, storno):
        """The clearing account is at zero in both currencies, item by item; revenue
        per contract and currency is what the rows say."""
        self.env.flush_all()
        items = self.env["account.move.line"].search(
            [("account_id", "in", (self.mass_account + self.revenues).ids)]
        )
        cleared = items.filtered(lambda item: item.account_id == self.mass_account)
        self.assertLessEqual(set(cleared.mapped("reconciled")), {True})
        self.assertFalse(cleared.matched_debit_ids.exchange_move_id)
        for group in cleared.grouped("currency_id").values():
            self.assertAlmostEqual(sum(group.mapped("balance")), 0.0)
            self.assertAlmostEqual(sum(group.mapped("amount_currency")), 0.0)
        revenue = (items - cleared).grouped(
            lambda item: (item.maintenance_contract_id, item.currency_id)
        )
        rows = lines.row_ids.grouped(lambda row: (row.contract_id, row.currency_id))
        self.assertEqual(revenue.keys(), rows.keys())
        for key, group in rows.items():
            self.assertAlmostEqual(
                sum(revenue[key].mapped("amount_currency")),
                -sum(group.mapped("amount")),
            )
        if storno:
            # revenue stands on the credit side, whatever reduces it
            self.assertLessEqual(set((items - cleared).mapped("debit")), {0.0})

    def _check_second_run(self, lines):
        again = self._create_run(lines.permission_id)
        again.action_check()
        self.assertEqual(again.taken_count, 0)
