from odoo.exceptions import UserError
from odoo.tests import tagged

from ..common import MaintenanceCommon


@tagged("post_install", "-at_install")
class TestBillNumber(MaintenanceCommon):
    """Numbers of bills without permissions: one of 40 is posted with permissions, one
    of 5 is a draft."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        permissions = [
            cls._create_permission(cls.vehicle_a, [{"purchase_price": price}])
            for price in (40.0, 5.0)
        ]
        cls.posted = cls._create_bill(permissions[0], "G-7")
        cls.draft = cls._create_bill(permissions[1], post=False)

    def test_number_of_a_permissions_bill_is_taken_for_every_bill(self):
        """A duplicate has no permissions; posted, the garage would be owed twice."""
        plain = self.posted.copy({"ref": "g -7", "invoice_date": "2026-10-10"})
        self.assertFalse(plain.invoice_line_ids.maintenance_line_id)
        with self.assertRaisesRegex(UserError, f"g -7.*used on {self.posted.name}"):
            plain.action_post()
        together = self.draft + self.draft.copy({"invoice_date": "2026-10-10"})
        together.ref = "G-9"
        with self.assertRaisesRegex(UserError, "G-9 of Garage is already used on"):
            together.action_post()
        self.assertEqual(self.draft.state, "draft")

    def test_numbers_of_plain_bills_are_compared_by_core_alone(self):
        plain = self.posted.copy({"ref": "P-1", "invoice_date": "2026-10-10"})
        plain.invoice_line_ids.vehicle_id = False
        plain.action_post()
        again = plain.copy({"ref": "P-1", "invoice_date": "2026-10-10"})
        again.action_post()
        self.assertEqual(again.state, "posted")


@tagged("post_install", "-at_install")
class TestBillPrice(MaintenanceCommon):
    """Whatever the price includes, a bill comes to what was agreed before tax."""

    def test_included_purchase_tax_keeps_the_net_price(self):
        self.service.supplier_taxes_id = self._create_tax(
            23.0, "purchase", price_include_override="tax_included"
        )
        permission = self._create_closed(self.vehicle_a, [{"purchase_price": 100.0}])
        self.assertEqual(permission._get_bills().amount_untaxed, 100.0)

    def test_included_purchase_taxes_keep_the_net_price_to_the_cent(self):
        """100.14 with 11 and 12 % is 123.1722; less 11.02 and 12.02 that is 100.13."""
        included = {"price_include_override": "tax_included"}
        self.service.supplier_taxes_id = self._create_tax(
            11.0, "purchase", **included
        ) + self._create_tax(12.0, "purchase", **included)
        for method in ("round_per_line", "round_globally"):
            self.company.tax_calculation_rounding_method = method
            permission = self._create_closed(
                self.vehicle_a, [{"purchase_price": 100.14}]
            )
            bill = permission._get_bills()
            self.assertEqual((bill.amount_untaxed, bill.amount_tax), (100.14, 23.04))
            self.assertFalse(permission.line_ids.filtered("difference"))
