from odoo.exceptions import MissingError, UserError
from odoo.service.model import call_kw
from odoo.tests import tagged

from odoo.addons.service_invoicing.tests.common_arguments import ArgumentsMixin

from .common_documents import DocumentsCommon


@tagged("post_install", "-at_install")
class TestMaintenanceArguments(ArgumentsMixin, DocumentsCommon):
    """Wrong arguments, no record and several get a sentence."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        account = cls._create_account("ACCR01", "asset_current", True)
        cls.company.maintenance_accrual_account_id = account
        open_permission = cls._create_permission(
            cls.vehicle_a, [{"purchase_price": 70.0}, {"purchase_price": 30.0}]
        )
        billed = cls._create_permission(cls.vehicle_b, [{"purchase_price": 50.0}])
        bill = cls._create_bill(billed, post=False)
        individual = cls._create_permission(
            cls.vehicle_a, [{"purchase_price": 20.0, "reinvoice_method": "individual"}]
        )
        cls._create_closed(cls.vehicle_a, [{"purchase_price": 10.0}])
        schedules = cls.env["maintenance.reinvoice.schedule"]
        cls.records = {
            "account.move": cls.move_a + bill,
            "maintenance.contract": cls.contract_a + cls.contract_b,
            "maintenance.permission": open_permission + cls.permission_a,
            "maintenance.permission.line": individual.line_ids
            + cls.permission_a.line_ids,
            "maintenance.reinvoice.log": cls.log_a + cls.log_b,
            "maintenance.reinvoice.run": cls._create_run(open_permission)
            + cls.mass_run,
            "maintenance.reinvoice.schedule": schedules.create(
                [{"name": "Monthly"}, {"name": "Weekly"}]
            ),
        }

    def test_wrong_arguments_get_a_sentence(self):
        """For all that the add-on lets a remote client call, and every role."""
        groups = ("manager", "reinvoice", "approver", "user")
        roles = [f"maintenance_reinvoice.group_maintenance_{name}" for name in groups]
        roles += ["account.group_account_invoice", "base.group_user"]
        self.assertSentences("maintenance_reinvoice", map(self._new_role, roles))

    def test_no_record_has_the_id_zero(self):
        for model, method in (
            ("maintenance.permission", "action_cancel"),
            ("maintenance.permission", "action_approve"),
            ("maintenance.reinvoice.run", "action_check"),
        ):
            with self.subTest(method), self.assertRaisesRegex(MissingError, "ids: 0"):
                call_kw(self.env[model], method, [[0]], {})

    def test_check_of_no_document_opens_nothing(self):
        check = self.env["maintenance.setup.check"].create({"name": "Looks right"})
        with self.assertRaisesRegex(UserError, "Looks right: there is nothing"):
            check.action_open()
