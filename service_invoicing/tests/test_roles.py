from odoo import Command
from odoo.tests import tagged

from .common_agreements import AgreementCommon
from .common_prepayment import PrepaymentCommon
from .common_roles import RolesMixin
from .common_tcd import TcdCommon


@tagged("post_install", "-at_install")
class TestRoles(RolesMixin, AgreementCommon, PrepaymentCommon, TcdCommon):
    """Who has one role and nothing else is refused nothing that his screens show."""

    _addon = "service_invoicing"

    @classmethod
    def _make_documents(cls):
        cls._make_orders()
        cls._make_agreements()
        orders = cls.env["service.work.order"].search([("state", "=", "to_invoice")])
        runs = cls.env["service.billing.run"].with_user(cls.clerk)
        runs._begin("orders", orders)

    @classmethod
    def _make_orders(cls):
        charge = cls._new_code("CHA", "charge")
        order = cls._new_order(
            (cls.labour, 1000, {"program_id": cls.program.id}),
            (cls.part, 2000, {}),
            vehicle_id=cls.vehicle.id,
            tcd_ids=[Command.create({"tcd_id": charge.id})],
        )
        cls._new_claim(order, order.line_ids[1], deductible=300)
        cls._new_prepayment(order)
        invoices = cls._bill(order).filtered(lambda move: move.state == "draft")
        for invoice in invoices:
            invoice.service_auto_adjust = True
            invoice.with_user(cls.authorizer).action_service_authorize()
        insured = invoices.filtered(lambda x: x.service_invoice_type == "insurance")
        insured.with_user(cls.authorizer).action_service_move_share(
            invoice_type="service", partner_id=cls.customer.id, reason="Refused"
        )
        waiting = cls._new_order((cls.part, 10, {}), vehicle_id=cls.vehicle.id)
        waiting.action_confirm_check()
        waiting.copy().action_submit_check()
        released = cls._new_order((cls.part, 20, {}), vehicle_id=cls.vehicle.id)
        released.action_confirm_check()
        released.with_user(cls.clerk).action_release()
        cls._new_prepayment(waiting, amount=5)
        kind = cls.env["service.document.type"].create({"name": "Signed order"})
        cls.env["service.work.order.document"].create(
            {"order_id": waiting.id, "type_id": kind.id, "name": "a", "file": b"YQ=="}
        )
        job_line = Command.create({"product_id": cls.labour.id})
        cls.env["service.job"].create({"name": "Brakes", "line_ids": [job_line]})

    @classmethod
    def _make_agreements(cls):
        agreement = cls._new_agreement(cls._fixed(10), cls._usage("reading", 2))
        cls._read(agreement.line_ids[1], ("2026-01-01", 10), ("2026-02-01", 30))
        released = cls._release(agreement, "2026-01-01").release_id
        released.with_user(cls.clerk).action_confirm()
        released.with_user(cls.clerk).action_create_invoice()
        cls._release(agreement, "2026-02-01")

    def test_no_view_shows_what_a_role_may_not_read(self):
        self.assertViewsNeedNoMore()

    def test_every_menu_opens_with_its_records_and_smart_buttons(self):
        self.assertMenusOpen()

    def test_forms_of_core_open_with_our_smart_buttons(self):
        self.assertFormsOpen()

    def test_drivers_of_another_company_s_vehicles_are_not_read(self):
        own, foreign = self._new_vehicle(), self._new_vehicle()
        foreign.company_id = self._create_company(name="Other company")
        logs = self.env["fleet.vehicle.assignation.log"].sudo()
        log, _foreign_log = logs.create(
            [
                {"vehicle_id": vehicle.id, "driver_id": self.customer.id}
                for vehicle in (own, foreign)
            ]
        )
        domain = [("driver_id", "=", self.customer.id)]
        readers = 0
        for user in self.role_users:
            found = logs.with_user(user)
            if found.has_access("read"):
                readers += 1
                self.assertEqual(found.search(domain), log, user.login)
        self.assertGreater(readers, 4)
