from odoo.tests import tagged

from odoo.addons.service_invoicing.tests.common_roles import RolesMixin

from .common_accrual import AccrualCommon
from .common_cancel import CancelCommon


@tagged("post_install", "-at_install")
class TestMaintenanceRoles(RolesMixin, CancelCommon, AccrualCommon):
    """Who has one role and nothing else is refused nothing that his screens show."""

    _addon = "maintenance_reinvoice"

    @classmethod
    def _make_documents(cls):
        closed = cls._create_closed(
            cls.vehicle_a, [{"purchase_price": 400.0}, {"purchase_price": 50.0}]
        )
        cls._create_closed(cls.vehicle_b, [{"purchase_price": 450.0}])
        rows = cls._execute_run(closed).log_ids.move_id.maintenance_row_ids
        cls._cancel(rows[0])
        cls._create_run().action_check()
        cls._create_permission(cls.vehicle_a, [{"purchase_price": 30.0}])
        waiting = cls._create_permission(
            cls.vehicle_b, [{"purchase_price": 20.0}], approve=False
        )
        waiting.action_submit()
        cls.env["maintenance.reinvoice.schedule"].create({"name": "Monthly"})
        cls.wizards.create({"date": "2026-10-31"}).action_post()

    def test_no_view_shows_what_a_role_may_not_read(self):
        self.assertViewsNeedNoMore()

    def test_every_menu_opens_with_its_records_and_smart_buttons(self):
        self.assertMenusOpen()

    def test_forms_of_core_open_with_our_smart_buttons(self):
        self.assertFormsOpen()

    def test_who_may_not_read_journals_is_told_the_dates_of_a_run(self):
        self.company.sale_lock_date = "2026-11-15"
        self.company.maintenance_closed_period = "shift"
        run = self._create_run()
        readers = 0
        for user in self.role_users:
            seen = run.with_user(user)
            seen.invalidate_recordset()
            if seen.has_access("read"):
                readers += 1
                self.assertEqual(seen.effective_posting_date, self._date("2026-11-16"))
                self.assertIn("10/31/2026 is in a closed period", seen.notes)
        self.assertGreater(readers, 4)
