from odoo import Command
from odoo.tests import tagged

from ..common import MaintenanceCommon


@tagged("post_install", "-at_install")
class TestCurrency(MaintenanceCommon):
    """Amounts in a second currency: balances are taken over, never converted again.

    At 1.1834 units per company unit the invoice of 100.01 + 33.33 + 0.07 has rounded
    balances whose sum differs from the rounded sum; copying them keeps every cent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.euro = cls.setup_other_currency("EUR", rates=[("2026-01-01", 1.1834)])
        contracts = cls.contract_a + cls.contract_b
        contracts.currency_id = cls.euro
        cls.permission = cls._create_closed(
            cls.vehicle_a,
            [
                {"purchase_price": 100.01},
                {"purchase_price": 33.33},
                {"purchase_price": 0.07},
            ],
            purchase_currency_id=cls.euro.id,
        )
        cls.other = cls._create_closed(
            cls.vehicle_b, [{"purchase_price": 7.77}], purchase_currency_id=cls.euro.id
        )
        cls.invoice = cls._execute_run(cls.permission + cls.other).log_ids.move_id

    def test_invoice_in_the_permissions_currency(self):
        # 100.01 + 33.33 + 0.07 + 7.77 = 141.18; 23 % = 32.47
        self.assertRecordValues(
            self.invoice,
            [
                {
                    "currency_id": self.euro.id,
                    "amount_untaxed": 141.18,
                    "amount_tax": 32.47,
                    "amount_total": 173.65,
                }
            ],
        )

    def test_pairs_copy_the_balances(self):
        # 133.41 / 1.1834 = 112.73; 7.77 / 1.1834 = 6.57
        rows = self.invoice.maintenance_redistribution_id.line_ids.sorted("id")
        self.assertEqual(
            [(row.balance, row.amount_currency) for row in rows],
            [(112.73, 133.41), (-112.73, -133.41), (6.57, 7.77), (-6.57, -7.77)],
        )
        self.assertEqual(set(rows.mapped("currency_id")), {self.euro})

    def test_clearing_account_ends_at_zero_in_both_currencies(self):
        self.assertEqual(self._get_balance(self.mass_account), 0.0)
        lines = self.env["account.move.line"].search(
            [("account_id", "=", self.mass_account.id)]
        )
        self.assertEqual(set(lines.mapped("reconciled")), {True})
        self.assertEqual(sum(lines.mapped("amount_residual_currency")), 0.0)
        self.assertFalse(lines.matched_debit_ids.exchange_move_id)


@tagged("post_install", "-at_install")
class TestStorno(MaintenanceCommon):
    """Slovak and Czech bookkeeping: corrections are negative on their own side."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.account_storno = True

    def test_ordinary_invoice_is_as_everywhere(self):
        permission = self._create_closed(self.vehicle_a, [{"purchase_price": 400.0}])
        move = self._execute_run(permission).log_ids.move_id
        rows = move.invoice_line_ids + move.maintenance_redistribution_id.line_ids
        self.assertEqual(
            [(row.debit, row.credit) for row in rows],
            [(0.0, 400.0), (400.0, 0.0), (0.0, 400.0)],
        )

    def test_compensation_reduces_revenue_on_its_own_side(self):
        """Work of 400 on A less a compensation of 100 on B, on one invoice."""
        permissions = self._create_closed(self.vehicle_a, [{"purchase_price": 400.0}])
        other = self._create_permission(self.vehicle_b, [{"purchase_price": -100.0}])
        self._bill_together(other)
        permissions += other
        move = self._execute_run(permissions).log_ids.move_id
        pairs = move.maintenance_redistribution_id.line_ids.sorted("id")
        self.assertEqual(
            [(row.account_id, row.debit, row.credit) for row in pairs],
            [
                (self.mass_account, 400.0, 0.0),
                (self.revenue, 0.0, 400.0),
                (self.mass_account, -100.0, 0.0),
                (self.revenue, 0.0, -100.0),
            ],
        )
        self.assertEqual(self._get_balance(self.mass_account), 0.0)
        self.assertEqual(self._get_balance(self.revenue), -300.0)

    def test_what_is_charged_on_a_credit_memo_stays_on_its_own_side(self):
        """842.08 are given back and 475.77 charged, with other taxes; counted anew, as
        other apps of Odoo do it, nothing changes."""
        tax = self._create_tax(23.0, "sale", price_include_override="tax_included")
        taxes_id = [Command.set(tax.ids)]
        included = self._create_service("Included", taxes_id=taxes_id)
        permission = self._create_permission(
            self.vehicle_b,
            [
                {"purchase_price": 475.77},
                {"purchase_price": -842.08, "product_id": included.id},
            ],
        )
        self._bill_together(permission)
        move = self._execute_run(permission).log_ids.move_id
        self.assertEqual(move.move_type, "out_refund")
        entry = move.maintenance_redistribution_id
        revenue = entry.line_ids.filtered(lambda row: row.account_id == self.revenue)
        sides = [(0.0, -842.08), (0.0, 475.77)]
        for items in (revenue, move.invoice_line_ids):
            found = sorted((item.debit, item.credit) for item in items)
            self.assertEqual(found, sides)
        lines = move.invoice_line_ids
        self.env.add_to_compute(lines._fields["is_storno"], lines)
        self.assertEqual(sorted(lines.mapped("is_storno")), [False, True])

    def _bill_together(self, permission):
        """A compensation comes on a bill together with dearer work."""
        work = self._create_permission(
            self.vehicle_a, [{"purchase_price": 500.0, "reinvoice": False}]
        )
        self._create_bill(work + permission)
