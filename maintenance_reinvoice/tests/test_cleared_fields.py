from odoo.tests import tagged

from odoo.addons.service_invoicing.tests.common_cleared import ClearedFieldsMixin

from .common import MaintenanceCommon


@tagged("post_install", "-at_install")
class TestClearedMaintenanceFields(ClearedFieldsMixin, MaintenanceCommon):
    """A field that is emptied in a form is asked for, and crashes nothing."""

    def test_cleared_field_of_new_records_and_dialogs_crashes_nothing(self):
        self._walk_models("maintenance_reinvoice")

    def test_new_records_with_fields_of_ours_open(self):
        self._open_extended("maintenance_reinvoice")

    def test_cleared_field_of_permission_and_contract_crashes_nothing(self):
        permission = self._create_permission(
            self.vehicle_a, [{"purchase_price": 100.0}]
        )
        self._walk_fields(permission)
        self._walk_fields(self.contract_a)
