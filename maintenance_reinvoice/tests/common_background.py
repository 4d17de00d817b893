from unittest.mock import patch

from .common import MaintenanceCommon

EXECUTE = "odoo.addons.maintenance_reinvoice.models.run"
EXECUTE += ".maintenance_reinvoice_run_execute"
RUN_MIXIN = "odoo.addons.service_invoicing.models.billing_run.service_run_mixin"


class BackgroundCommon(MaintenanceCommon):
    """Customers with a line of 100 each, whose runs are too large for a request."""

    customers = 3
    # more lines than these are many
    inline_lines = 2

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.permissions = cls.env["maintenance.permission"]
        for number in range(cls.customers):
            vehicle = cls._create_vehicle(f"N-{number}")
            contract = cls._create_contract(
                f"N{number}",
                vehicle,
                cls.analytic_a,
                partner_id=cls._create_partner(f"Customer {number}").id,
            )
            cls.permissions += cls._create_closed(
                vehicle, [{"purchase_price": 100.0}], contract_id=contract.id
            )
        cls.cron = cls.env.ref("maintenance_reinvoice.cron_continue_runs").sudo()

    def setUp(self):
        super().setUp()
        self.runs = type(self.env["maintenance.reinvoice.run"])
        moves = type(self.env["account.move"])
        # nothing of a test can be committed, but there is nobody else to see it
        self.startPatcher(patch.object(moves, "_can_commit", lambda *args: True))
        self.startPatcher(patch.object(self.runs, "_commit_batch", lambda run: None))
        self.startPatcher(patch(f"{EXECUTE}.INLINE_LINES", self.inline_lines))

    def _continue(self):
        """What the scheduler does."""
        with self.enter_registry_test_mode():
            self.cron.method_direct_trigger()
        self.env.invalidate_all()
