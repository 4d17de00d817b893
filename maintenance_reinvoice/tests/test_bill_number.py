from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import MaintenanceCommon


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
