from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import new_test_user, tagged

from ..common import MaintenanceCommon

BIS3 = "account.edi.xml.ubl_bis3"


@tagged("post_install", "-at_install")
class TestPermissionRules(MaintenanceCommon):
    """What must be right before something is approved, and who learns of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.approver = cls._create_user("approver", "approver")
        cls.maker = cls._create_user("maker", "user")

    @classmethod
    def _create_user(cls, login, group, **vals):
        return new_test_user(
            cls.env,
            login,
            groups=f"maintenance_reinvoice.group_maintenance_{group}",
            company_id=cls.company.id,
            **vals,
        )

    def _create_waiting(self, price=100.0, **vals):
        """A permission in preparation."""
        return self._create_permission(
            self.vehicle_a, [{"purchase_price": price}], approve=False, **vals
        )

    def _get_error(self, records, method, *args, **kwargs):
        with self.assertRaises(UserError) as caught:
            getattr(records, method)(*args, **kwargs)
        return str(caught.exception)

    # -- the contract of the day ------------------------------------------------

    def test_approval_needs_an_open_contract(self):
        first, second = self._create_waiting(), self._create_waiting()
        other = self._create_permission(
            self.vehicle_b, [{"purchase_price": 1.0}], approve=False
        )
        self.contract_a.action_close()
        permissions = first + second + other
        error = self._get_error(permissions, "action_approve")
        self.assertIn("not open on the date", error)
        for permission in first + second:
            self.assertIn(f"{permission.name} (A)", error)
        self.assertNotIn(other.name, error)
        self.assertEqual(permissions.mapped("state"), ["preparation"] * 3)

    def test_approval_needs_a_contract_of_the_date(self):
        permission = self._create_waiting()
        self.contract_a.date_end = "2026-10-04"
        error = self._get_error(permission, "action_approve")
        self.assertIn(permission.name, error)
        self.contract_a.date_end = "2026-10-05"
        permission.action_approve()
        self.assertEqual(permission.state, "approved")

    def test_date_proposes_the_contract_of_the_day(self):
        permission = self._create_waiting()
        self.contract_a.date_end = "2026-10-31"
        following = self._create_contract(
            "A2", self.vehicle_a, self.analytic_a, date_start="2026-11-01"
        )
        permission.date = "2026-11-02"
        self.assertEqual(permission.contract_id, following)
        permission.action_approve()
        with self.assertRaisesRegex(UserError, "not open on the date"):
            permission.date = "2026-10-31"

    def test_chosen_contract_of_another_vehicle_survives_a_new_date(self):
        permission = self._create_waiting(contract_id=self.contract_b.id)
        self.vehicle_a.invalidate_recordset()
        self.contract_a.action_close()
        permission.date = "2026-10-06"
        self.assertEqual(permission.contract_id, self.contract_b)

    def test_approved_permission_does_not_move_to_a_closed_contract(self):
        permission = self._create_waiting()
        permission.action_approve()
        self.contract_b.action_close()
        with self.assertRaisesRegex(UserError, "not open on the date"):
            permission.contract_id = self.contract_b

    def test_all_that_is_wrong_at_once(self):
        self.contract_a.customer_reference_required = True
        self.company.maintenance_reason_required = True
        empty = self._create_permission(self.vehicle_b, [], approve=False)
        kept = self._create_permission(
            self.vehicle_b,
            [{"purchase_price": 1.0, "reinvoice": False}],
            approve=False,
        )
        without = self._create_waiting()
        self.contract_a.action_close()
        error = self._get_error(empty + kept + without, "action_approve")
        self.assertEqual(len(error.splitlines()), 4)
        for text in ("no lines", "not open", "order number", "Enter the reason"):
            self.assertIn(text, error)

    # -- archived contracts -----------------------------------------------------

    def test_archived_contract_is_not_proposed(self):
        with self.assertRaisesRegex(ValidationError, "Close these contracts.*: A"):
            self.contract_a.action_archive()
        self.contract_a.action_close()
        self.contract_a.action_archive()
        self.assertFalse(self.vehicle_a._get_maintenance_contract(self.company, False))
        again = self._create_contract("A9", self.vehicle_a, self.analytic_a)
        self.assertEqual(self._create_waiting().contract_id, again)
        self.assertNotIn(self.contract_a, self.env["maintenance.contract"].search([]))

    def test_permission_of_an_archived_contract_is_not_approved(self):
        permission = self._create_waiting()
        self.contract_a.action_close()
        self.contract_a.action_archive()
        self.assertIn("not open", self._get_error(permission, "action_approve"))
        self.assertEqual(permission.contract_id, self.contract_a)

    # -- the customer's order number --------------------------------------------

    def test_order_number_is_required_at_approval(self):
        first, second = self._create_waiting(), self._create_waiting()
        self.contract_a.customer_reference_required = True
        error = self._get_error(first + second, "action_approve")
        self.assertIn(f"{first.name} (A), {second.name} (A)", error)
        first.customer_reference = "PO-1"
        first.action_approve()
        self.contract_a.customer_reference = "PO-A"
        second.action_approve()
        self.assertEqual((first + second).mapped("state"), ["approved"] * 2)

    def test_blanks_are_no_order_number(self):
        self.contract_a.customer_reference_required = True
        permission = self._create_waiting(customer_reference="  ")
        self.assertIn("order number", self._get_error(permission, "action_approve"))

    def test_missing_order_number_keeps_off_invoices(self):
        mass = self._create_closed(self.vehicle_a, [{"purchase_price": 10.0}])
        single = self._create_permission(
            self.vehicle_a, [{"purchase_price": 5.0, "reinvoice_method": "individual"}]
        )
        self.contract_a.customer_reference_required = True
        run = self._create_run(mass)
        run.action_check()
        self.assertEqual(run.line_ids.reason, "no_reference")
        self.assertEqual(run.line_ids.reason_text, "Customer order number missing")
        error = self._get_error(
            single.line_ids, "action_reinvoice", posting_date="2026-10-31"
        )
        self.assertIn(f"{single.name}: Work: Customer order number missing", error)
        mass.customer_reference = "PO-2"
        run.action_check()
        self.assertTrue(run.line_ids.taken)

    def test_approved_permission_keeps_its_order_number(self):
        self.contract_a.customer_reference_required = True
        permission = self._create_waiting(customer_reference="PO-3")
        permission.action_approve()
        with self.assertRaisesRegex(UserError, "order number"):
            permission.customer_reference = False

    def test_order_numbers_on_the_invoice(self):
        permissions = self._create_closed(
            self.vehicle_a, [{"purchase_price": 1.0}], customer_reference="PO-4"
        )
        permissions += self._create_closed(self.vehicle_a, [{"purchase_price": 2.0}])
        # given after the permission was made
        self.contract_a.customer_reference = "PO-A"
        invoice = self._execute_run(permissions).log_ids.move_id
        self.assertEqual(sorted(invoice.ref.split(", ")), ["PO-4", "PO-A"])
        html = self.env["ir.actions.report"]._render_qweb_html(
            "maintenance_reinvoice.report_attachment", invoice.ids
        )[0]
        self.assertIn("Your order: <span>PO-4</span>", html.decode())
        # the contract's number stands once, at the head of the contract
        self.assertIn("(<span>PO-A</span>)", html.decode())
        self.assertEqual(html.decode().count("PO-A"), 1)

    def test_order_number_in_the_electronic_invoice(self):
        if BIS3 not in self.env:
            self.skipTest(
                "core's electronic invoices (account_edi_ubl_cii) are not installed"
            )
        self.contract_a.customer_reference_required = True
        permission = self._create_permission(
            self.vehicle_a,
            [{"purchase_price": 10.0, "reinvoice_method": "individual"}],
            customer_reference="PO-5",
        )
        permission.line_ids.action_reinvoice(posting_date="2026-10-31")
        invoice = permission.line_ids.sale_invoice_id
        content, _errors = self.env[BIS3]._export_invoice(invoice)
        text = "".join(content.decode().split())
        self.assertIn("<cac:OrderReference><cbc:ID>PO-5</cbc:ID>", text)

    # -- who is to decide -------------------------------------------------------

    def _get_todos(self, permission):
        kind = self.env.ref("maintenance_reinvoice.mail_activity_type_approve")
        return permission.sudo().activity_ids.filtered(
            lambda todo: todo.activity_type_id == kind
        )

    def test_todo_of_the_approver(self):
        self.company.maintenance_approver_id = self.approver
        permission = self._create_waiting()
        permission.with_user(self.maker).action_submit()
        self.assertEqual(self._get_todos(permission).user_id, self.approver)
        permission.with_user(self.approver).action_approve()
        self.assertFalse(self._get_todos(permission))

    def test_todo_above_the_limit_once(self):
        self.company.maintenance_approver_id = self.approver
        self.company.maintenance_approval_limit = 50.0
        permission = self._create_waiting()
        permission.with_user(self.approver).action_approve()
        self.assertEqual(permission.state, "to_approve")
        self.assertEqual(len(self._get_todos(permission)), 1)
        permission.with_user(self.maker).action_reopen()
        self.assertFalse(self._get_todos(permission))
        permission.with_user(self.maker).action_submit()
        self.assertEqual(len(self._get_todos(permission)), 1)
        permission.with_user(self.maker).action_cancel(reason="no longer needed")
        self.assertFalse(self._get_todos(permission))

    def test_without_approver_no_todo(self):
        permission = self._create_waiting()
        permission.action_submit()
        self.assertFalse(self._get_todos(permission))

    def test_approver_must_be_able_to(self):
        with self.assertRaisesRegex(ValidationError, "cannot approve"):
            self.company.maintenance_approver_id = self.maker

    def test_approver_of_another_company(self):
        other = self.setup_other_company()["company"]
        with self.assertRaisesRegex(ValidationError, other.name):
            other.maintenance_approver_id = self.approver

    def test_reason_of_a_rejection_goes_to_the_maker(self):
        permission = self.env["maintenance.permission"].with_user(self.maker)
        permission = permission.create(
            {
                "vehicle_id": self.vehicle_a.id,
                "line_ids": [Command.create({"product_id": self.service.id})],
            }
        )
        permission.action_submit()
        self.assertIn("Submitted", permission.sudo().message_ids[0].body)
        permission.with_user(self.approver).action_reject(reason="Too dear")
        message = permission.sudo().message_ids[0]
        self.assertIn("Too dear", message.body)
        self.assertEqual(message.partner_ids, self.maker.partner_id)

    def test_submitted_empty(self):
        permission = self._create_permission(self.vehicle_a, [], approve=False)
        self.assertIn("no lines", self._get_error(permission, "action_submit"))
