from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.service_invoicing.tests.common_audit import AuditTrailMixin

from .common_accrual import AccrualCommon
from .common_cancel import CancelCommon


@tagged("post_install", "-at_install")
class TestMaintenanceAuditTrail(AuditTrailMixin, CancelCommon, AccrualCommon):
    """A run and what follows it post new entries, and change none."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._secure_company(cls.company)
        cls.permission_a = cls._create_closed(
            cls.vehicle_a, [{"purchase_price": 400.0}]
        )
        cls.permission_b = cls._create_closed(
            cls.vehicle_b, [{"purchase_price": 450.0}]
        )
        cls.permissions = cls.permission_a + cls.permission_b

    def test_row_is_cancelled_and_invoiced_again(self):
        invoice = self._execute_run(self.permissions).log_ids.move_id
        # 400 + 450 and 23 %
        self.assertEqual(invoice.amount_total, 1045.5)
        self.assertSecured(invoice + invoice.maintenance_redistribution_id)
        credit = self._cancel(self.permission_b.line_ids.row_ids, free=True)
        self.assertEqual(credit.amount_total, 553.5)
        self.assertEqual(self.permission_b.state, "closed")
        again = self._execute_run(self.permissions).log_ids.move_id
        self.assertEqual(again.amount_total, 553.5)
        self.assertEqual(self.permissions.mapped("state"), ["reinvoiced"] * 2)
        documents = invoice + credit + again
        self.assertSecured(documents + documents.maintenance_redistribution_id)
        self._assert_cleared()
        self.assertEqual(self._get_balance(self.revenue), -850.0)

    def test_individual_invoice_is_secured(self):
        line = self.permission_a.line_ids
        line.reinvoice_method = "individual"
        line.action_reinvoice(posting_date="2026-10-31")
        self.assertSecured(line.sale_invoice_id)
        self.assertEqual(self.permission_a.state, "reinvoiced")

    def test_reset_is_refused_and_frees_nothing(self):
        bill = self.permission_a.line_ids.bill_line_ids.move_id
        with self.assertRaisesRegex(UserError, "locked journal entry"):
            bill.button_draft()
        self.assertEqual(self.permission_a.state, "closed")
        invoice = self._execute_run(self.permissions).log_ids.move_id
        for document in (invoice, invoice.maintenance_redistribution_id):
            with self.subTest(document=document), self.assertRaises(UserError):
                document.button_draft()
        self.assertEqual(self.permissions.mapped("state"), ["reinvoiced"] * 2)
        self.assertSecured(invoice + invoice.maintenance_redistribution_id + bill)

    def test_secured_accrual_is_not_taken_back_but_named(self):
        accrual, reversal = self._accrue()
        self.assertSecured(accrual)
        with self.assertRaisesRegex(UserError, f"secured.*{accrual.name}"):
            accrual.action_maintenance_accrual_undo()
        self.assertEqual(accrual.state, "posted")
        self.assertNotEqual(reversal.state, "cancel")
