from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..common import MaintenanceCommon


@tagged("post_install", "-at_install")
class TestMassRunFailures(MaintenanceCommon):
    """Three customers, each with a closed permission of 100: one failure or a stop
    leaves the others as they are."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.permissions = cls._create_customers(3)

    @classmethod
    def _create_customers(cls, count):
        """``count`` customers with a closed permission of 100 each."""
        permissions = cls.env["maintenance.permission"]
        for number in range(count):
            vehicle = cls._create_vehicle(f"N-{number}")
            contract = cls._create_contract(
                f"N{number}",
                vehicle,
                cls.analytic_a,
                partner_id=cls._create_partner(f"Customer {number}").id,
            )
            permissions += cls._create_closed(
                vehicle, [{"purchase_price": 100.0}], contract_id=contract.id
            )
        return permissions

    def test_failing_group_is_named_and_stops_nobody(self):
        permissions = self.permissions
        bad = permissions[1].partner_id
        run = self._create_run(permissions)
        run.action_check()
        moves = type(self.env["account.move"])
        post = moves._post

        def refuse_bad(records, soft=True):
            if bad in records.partner_id:
                raise UserError(self.env._("This customer is blocked."))
            return post(records, soft)

        with patch.object(moves, "_post", refuse_bad):
            run.action_execute()
        self.assertEqual(run.state, "done_with_errors")
        self.assertRecordValues(
            run.log_ids.sorted("sequence"),
            [
                {"posting_state": "posted", "posting_error": False},
                {
                    "posting_state": "failed",
                    "posting_error": "This customer is blocked.",
                },
                {"posting_state": "posted", "posting_error": False},
            ],
        )
        self.assertEqual(
            permissions.mapped("state"), ["reinvoiced", "closed", "reinvoiced"]
        )
        run.action_retry_failed()
        self.assertEqual(run.state, "done")
        self.assertEqual(set(permissions.mapped("state")), {"reinvoiced"})
        self.assertEqual(len(run.log_ids.move_id), 3)
        self.assertEqual(self._get_balance(self.mass_account), 0.0)

    def test_archived_revenue_account_is_named_on_the_log(self):
        """A real failure of core: nothing posts on an archived account."""
        permissions = self.permissions[0]
        bad = self._create_account("OLD1", "income")
        service = self._create_service("Old", property_account_income_id=bad.id)
        vehicle = self._create_vehicle("OLD")
        contract = self._create_contract(
            "OLD", vehicle, self.analytic_b, partner_id=self._create_partner("Z").id
        )
        permissions += self._create_closed(
            vehicle,
            [{"purchase_price": 50.0, "product_id": service.id}],
            contract_id=contract.id,
        )
        bad.active = False
        run = self._execute_run(permissions)
        self.assertEqual(
            run.log_ids.sorted("sequence").mapped("posting_state"),
            ["posted", "failed"],
        )
        self.assertTrue(run.log_ids.sorted("sequence")[1].posting_error)

    def test_stop_keeps_what_is_done(self):
        permissions = self.permissions
        run = self._create_run(permissions)
        runs = type(run)

        def stop(record):
            if record.progress:
                record.action_stop()

        with (
            patch.object(runs, "_get_batch_size", lambda self: 1),
            patch.object(runs, "_commit_batch", stop),
        ):
            run.action_execute()
        self.assertEqual(run.state, "cancelled")
        self.assertEqual(run.log_ids.mapped("posting_state").count("posted"), 1)
        run.action_retry_failed()
        self.assertEqual(run.state, "done")
        self.assertEqual(len(run.log_ids.move_id), 3)

    def test_long_run_goes_on_in_the_background(self):
        permissions = self.permissions
        run = self._create_run(permissions)
        with (
            patch.object(type(run), "_get_batch_size", lambda self: 1),
            patch(
                "odoo.addons.maintenance_reinvoice.models.run"
                ".maintenance_reinvoice_run_execute.INLINE_SECONDS",
                -1,
            ),
        ):
            run.action_execute()
        self.assertEqual(run.state, "running")
        self.assertEqual(len(run.log_ids.move_id), 1)
        with self.enter_registry_test_mode():
            self.env.ref(
                "maintenance_reinvoice.cron_continue_runs"
            ).sudo().method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(run.state, "done")
        self.assertEqual(len(run.log_ids.move_id), 3)

    def _continue(self):
        """What the scheduler does."""
        with self.enter_registry_test_mode():
            self.env.ref(
                "maintenance_reinvoice.cron_continue_runs"
            ).sudo().method_direct_trigger()
        self.env.invalidate_all()

    def test_killed_run_goes_on_within_a_minute(self):
        cron = self.env.ref("maintenance_reinvoice.cron_continue_runs").sudo()
        self.assertEqual((cron.interval_number, cron.interval_type), (1, "minutes"))
        run = self._create_run(self.permissions)
        run.action_check()
        # all that a server has committed when it is killed in the first batch
        run.sudo().state = "running"
        self._continue()
        self.assertEqual(run.state, "done")
        self.assertEqual(len(run.log_ids.move_id), 3)

    def test_run_that_somebody_works_on_is_left_to_him(self):
        run = self._create_run(self.permissions)
        run.action_check()
        run.sudo().state = "running"
        with patch.object(
            type(run), "try_lock_for_update", lambda runs, **kwargs: runs.browse()
        ):
            self._continue()
            self.assertEqual(run.state, "running")
            self.assertFalse(run.log_ids.move_id)
            # his request, when the scheduler was faster, says how far it is
            run._process(60)
        self.assertEqual(run.state, "running")
        self._continue()
        self.assertEqual(run.state, "done")
        self.assertEqual(len(run.log_ids.move_id), 3)
