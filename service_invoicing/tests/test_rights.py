from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import ServiceInvoicingCommon


@tagged("post_install", "-at_install")
class TestRights(ServiceInvoicingCommon):
    def test_advisor_works_without_accounting_rights(self):
        vehicle = self._new_vehicle()
        order = self.env["service.work.order"].with_user(self.advisor)
        order = order.create(
            {
                "partner_id": self.customer.id,
                "vehicle_id": vehicle.id,
                "line_ids": [
                    Command.create({"product_id": self.part.id, "price_unit": 100})
                ],
            }
        )
        claim = self.env["service.insurance.claim"].with_user(self.advisor)
        claim = claim.create(
            {
                "name": "C1",
                "work_order_id": order.id,
                "insurer_id": self.insurer.id,
                "deductible": 10,
            }
        )
        order.line_ids.claim_id = claim
        claim.action_approve()
        order.action_submit_check()
        order.action_confirm_check()
        self.assertEqual(order.amount_insurance, 90)
        self.assertEqual(order.vehicle_id.license_plate, "1-ABC-234")
        with self.assertRaises(AccessError):
            order.action_create_next_invoice()

    def test_order_of_a_billed_form_opens_for_the_advisor(self):
        order = self._new_order((self.part, 100, {}))
        self._bill(order)
        arch = (
            self.env["service.work.order"]
            .with_user(self.advisor)
            .get_view(view_type="form")["arch"]
        )
        self.assertNotIn("action_view_invoices", arch)
        self.assertEqual(order.with_user(self.advisor).invoice_count, 1)

    def test_only_managers_set_up_programs_and_codes(self):
        for user, allowed in ((self.clerk, False), (self.manager, True)):
            for model in ("service.program", "service.tcd"):
                self.assertEqual(
                    self.env[model].with_user(user).has_access("create"), allowed
                )
                self.assertTrue(self.env[model].with_user(user).has_access("read"))

    def test_stranger_sees_nothing(self):
        stranger = new_test_user(self.env, "service_stranger", groups="base.group_user")
        for model in (
            "service.work.order",
            "service.work.order.line",
            "service.insurance.claim",
            "service.program",
            "service.tcd",
            "service.invoice.tcd",
            "service.reason.wizard",
        ):
            with self.subTest(model):
                self.assertFalse(self.env[model].with_user(stranger).has_access("read"))

    def test_auditor_reads_but_changes_nothing(self):
        auditor = new_test_user(
            self.env, "service_auditor", groups="account.group_account_readonly"
        )
        order = self._new_order((self.part, 100, {})).with_user(auditor)
        self.assertEqual(order.amount_untaxed, 100)
        for method in ("action_confirm_check", "action_cancel", "action_start"):
            with self.subTest(method), self.assertRaises(AccessError):
                getattr(order, method)(**{"reason": "x"} if "cancel" in method else {})

    def test_unstarted_orders_are_deleted_by_managers_only(self):
        order = self.env["service.work.order"].create({"partner_id": self.customer.id})
        with self.assertRaises(AccessError):
            order.with_user(self.advisor).unlink()
        order.with_user(self.manager).unlink()
        self.assertFalse(order.exists())
