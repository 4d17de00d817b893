import re

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import MaintenanceCommon

# what every permission has anyway, or settings
LOSABLE = {
    "res.company.maintenance_mass_account_id",
    "res.company.maintenance_accrual_account_id",
}


@tagged("post_install", "-at_install")
class TestDeletionGuards(MaintenanceCommon):
    """What permissions and their invoices need is archived, not deleted."""

    def assertKept(self, record, document):
        regex = re.escape(f"{document.display_name} needs it")
        with self.assertRaisesRegex(UserError, regex), self.env.cr.savepoint():
            record.sudo().unlink()

    def test_fields_that_money_depends_on_are_guarded(self):
        losable = self._find_losable_fields("maintenance_reinvoice")
        self.assertEqual(losable, LOSABLE)

    def test_service_vehicle_and_tax_are_kept(self):
        self.assertKept(self.vehicle_b, self.contract_b)
        permission = self._create_closed(self.vehicle_a, [{"purchase_price": 100.0}])
        self.contract_a.vehicle_ids = False
        self.assertKept(self.vehicle_a, permission)
        self.assertKept(self.service, permission)
        invoice = self._execute_run(permission).log_ids.move_id
        self.assertKept(self.sale_tax, invoice)
