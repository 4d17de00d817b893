from odoo import Command
from odoo.tests import tagged

from odoo.addons.service_invoicing.tests.common_properties import examples, given, st

from ..common_bill import MaintenanceBillCommon


@tagged("post_install", "-at_install")
class TestBillShared(MaintenanceBillCommon):
    """What a garage charges or allows for its bill as a whole is borne by all that is
    on it, by value, on permissions and contracts alike."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.maintenance_bill_tolerance = 100.0
        cls.big = cls._create_permission(cls.vehicle_a, [{"purchase_price": 400.0}])
        cls.small = cls._create_permission(cls.vehicle_b, [{"purchase_price": 200.0}])
        cls.permissions = cls.big + cls.small

    def _match(self, bill):
        """Attach the first two lines of a bill."""
        lines = bill.invoice_line_ids.sorted("sequence")[:2]
        targets = self.permissions.line_ids
        bill.action_maintenance_match(
            line_ids=list(zip(lines.ids, targets.ids, strict=True))
        )

    def _add(self, bill, *lines, **vals):
        bill.invoice_line_ids = [
            Command.create(
                {
                    "name": text,
                    "price_unit": price,
                    "tax_ids": [Command.set(self.purchase_tax.ids)],
                    **vals,
                }
            )
            for text, price in lines
        ]

    def _get_costs(self):
        """What the contracts bear in the ledger."""
        return [
            self.company.currency_id.round(-self._get_analytic_result(account))
            for account in (self.analytic_a, self.analytic_b)
        ]

    def _get_bought(self):
        """What the permissions bear by the report of margins."""
        self.env.flush_all()
        rows = self.env["maintenance.margin.report"].search(
            [("permission_id", "in", self.permissions.ids)]
        )
        by_permission = rows.grouped("permission_id")
        return [
            self.company.currency_id.round(
                sum(by_permission[permission].mapped("amount_bought"))
            )
            for permission in self.permissions
        ]

    def assertBorne(self, *expected):
        """By each permission, and by its contract."""
        expected = list(expected)
        self.assertEqual(self.permissions.mapped("amount_purchase"), expected)
        self.assertEqual(self._get_costs(), expected)
        self.assertEqual(self._get_bought(), expected)

    def test_allowance_and_charge_of_an_electronic_bill(self):
        # 545.00 net and 23 %, 125.35. Of -60 two thirds are -40.00 and -20.00, of 5.00
        # they are 3.33 and 1.67: 400 - 36.67 and 200 - 18.33
        bill = self._import_ubl(
            [("Van AA-111", 400.0), ("Van BB-222", 200.0)],
            [("Loyalty", -60.0), ("Environment", 5.0)],
            order="-",
        )
        # of several permissions of these vehicles those of the same price
        lines = bill.invoice_line_ids
        self.assertEqual(lines.maintenance_line_id, self.permissions.line_ids)
        bill.action_post()
        self.assertEqual((bill.amount_untaxed, bill.amount_total), (545, 670.35))
        self.assertBorne(363.33, 181.67)
        added = lines.filtered(lambda line: not line.maintenance_line_id)
        third = {str(self.analytic_a.id): 66.67, str(self.analytic_b.id): 33.33}
        self.assertEqual(added.mapped("analytic_distribution"), [third, third])

    def test_typed_bill_bears_cents_where_percentages_would_miss_them(self):
        # two thirds of 9,000.01 are 6,000.0067; 66.67 % would be 6,000.31
        self.company.maintenance_bill_tolerance = 10000.0
        bill = self._create_bill(self.permissions, post=False)
        self._add(bill, ("Crane", 9000.01))
        bill.action_post()
        self.assertBorne(6400.01, 3200.0)

    def test_largest_takes_what_rounding_leaves(self):
        # a cent is 0.0067 and 0.0033
        bill = self._create_bill(self.permissions, post=False)
        self._add(bill, ("Rounding", 0.01))
        bill.action_post()
        self.assertBorne(400.01, 200.0)

    def test_nothing_of_value_leaves_it_to_the_first(self):
        bill = self._create_bill(self.permissions, post=False)
        bill.invoice_line_ids.price_unit = 0.0
        self.company.maintenance_bill_tolerance = 1000.0
        self._add(bill, ("Inspection", 30.0))
        bill.action_post()
        self.assertEqual(self._get_costs(), [30, 0])
        self.assertEqual(self.permissions.mapped("amount_purchase"), [30, 0])

    def test_added_line_of_a_single_permission_is_on_its_contract(self):
        bill = self._create_bill(self.big, post=False)
        self._add(bill, ("Oil", 20.0))
        bill.action_post()
        self.assertEqual(self._get_costs(), [420, 0])

    def test_shared_contracts_and_what_has_none(self):
        # A carries 400, half of it on B; the other permission has no contract
        both = {str(self.analytic_a.id): 50.0, str(self.analytic_b.id): 50.0}
        bill = self._create_bill(self.permissions, post=False)
        big, small = bill.invoice_line_ids
        big.analytic_distribution, small.analytic_distribution = both, False
        self._add(bill, ("Oil", 30.0))
        bill.action_post()
        # of 30.00 two thirds are 20.00, half of it each
        self.assertEqual(self._get_costs(), [210, 210])

    def test_choice_of_a_person_stays(self):
        bill = self._create_bill(self.permissions, post=False)
        chosen = {str(self.mass_analytic.id): 100.0}
        self._add(bill, ("Oil", 30.0), analytic_distribution=chosen)
        bill.action_post()
        self.assertEqual(self._get_costs(), [400, 200])
        self.assertEqual(self._get_analytic_result(self.mass_analytic), -30)

    def test_reset_bill_is_shared_out_anew(self):
        bill = self._create_bill(self.permissions, post=False)
        self._add(bill, ("Oil", 30.0))
        bill.action_post()
        self.assertBorne(420, 210)
        bill.button_draft()
        oil = bill.invoice_line_ids.filtered(lambda line: not line.maintenance_line_id)
        self.assertFalse(oil.analytic_distribution)
        bill.invoice_line_ids.filtered(
            lambda line: line.maintenance_line_id == self.small.line_ids
        ).price_unit = 100
        bill.action_post()
        # 400 : 100
        self.assertBorne(424, 106)

    def test_tax_of_the_garage_stays_to_the_cent(self):
        bill = self._create_bill(self.permissions, post=False)
        self._add(bill, ("Oil", 30.0))
        tax = bill.line_ids.filtered("tax_repartition_line_id")
        bill.line_ids = [Command.update(tax.id, {"amount_currency": 144.91})]
        bill.action_post()
        self.assertEqual((bill.amount_tax, bill.amount_total), (144.91, 774.91))

    def test_vendor_credit_takes_back_what_was_borne(self):
        self.company.maintenance_bill_tolerance = 10000.0
        bill = self._create_bill(self.permissions, post=False)
        self._add(bill, ("Crane", 9000.01))
        bill.action_post()
        refund = bill._reverse_moves([{"invoice_date": "2026-11-03", "ref": "C-1"}])
        refund.action_post()
        self.assertEqual(self._get_costs(), [0, 0])
        self.assertEqual(self._get_bought(), [0, 0])

    def test_bill_without_permissions_is_left_alone(self):
        bill = self._create_vendor_bill(("Coffee", 100.0))
        bill.action_post()
        self.assertFalse(bill.invoice_line_ids.analytic_distribution)
        self.assertFalse(bill.invoice_line_ids.maintenance_shared)

    @examples(6)
    @given(
        prices=st.tuples(*[st.integers(1, 99999)] * 2),
        added=st.lists(st.integers(-9999, 9999), min_size=1, max_size=3),
    )
    def test_ledger_permissions_and_report_agree(self, prices, added):
        self.company.maintenance_bill_tolerance = 10000.0
        with self.env.cr.savepoint() as savepoint:
            bill = self._create_bill(self.permissions, post=False)
            for line, cents in zip(bill.invoice_line_ids, prices, strict=True):
                line.price_unit = cents / 100
            # no bill is negative
            added = [*added, max(-sum(prices) - sum(added), 0)]
            self._add(bill, *(("Added", cents / 100) for cents in added))
            bill.action_post()
            self.assertBorne(*self.permissions.mapped("amount_purchase"))
            total = sum(self.permissions.mapped("amount_purchase"))
            self.assertAlmostEqual(total, bill.amount_untaxed)
            savepoint.rollback()
