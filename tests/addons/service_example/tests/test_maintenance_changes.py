from odoo.tests import tagged

from odoo.addons.maintenance_reinvoice.tests.common import MaintenanceCommon


@tagged("post_install", "-at_install")
class TestMaintenanceChanges(MaintenanceCommon):
    """What the example changes of mass runs: one customer, two vehicles."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.permissions = cls._create_closed(
            cls.vehicle_a, [{"purchase_price": 10.0}]
        ) | cls._create_closed(cls.vehicle_b, [{"purchase_price": 20.0}])

    def test_each_vehicle_gets_an_invoice_of_its_own(self):
        run = self._execute_run(self.permissions)
        amounts = run.log_ids.move_id.mapped("amount_untaxed")
        self.assertEqual(sorted(amounts), [10.0, 20.0])
        self.assertEqual(run.log_ids.vehicle_id, self.vehicle_a | self.vehicle_b)

    def test_a_reason_of_its_own_stands_in_the_check_report(self):
        disputed = self.permissions.line_ids[0]
        disputed.disputed = True
        run = self._execute_run(self.permissions)
        self.assertEqual(self._get_reasons(run)[disputed], "disputed")
        row = run.line_ids.filtered(lambda r: r.permission_line_id == disputed)
        self.assertEqual(row.reason_text, "Disputed by the customer")
        self.assertEqual(run.log_ids.move_id.amount_untaxed, 20.0)
