from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from ..common import MaintenanceCommon


@tagged("post_install", "-at_install")
class TestBill(MaintenanceCommon):
    """The garage's bill: made from permissions, checked when it is posted.

    40 are agreed on A and 60 on B; a bill of 40 is posted, one of 5 is a draft."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.permission_a = cls._create_permission(
            cls.vehicle_a, [{"purchase_price": 40.0}]
        )
        cls.permission_b = cls._create_permission(
            cls.vehicle_b, [{"purchase_price": 60.0}]
        )
        cls.billed = cls._create_permission(cls.vehicle_a, [{"purchase_price": 40.0}])
        cls.posted = cls._create_bill(cls.billed, "G-7")
        cls.drafted = cls._create_permission(cls.vehicle_b, [{"purchase_price": 5.0}])
        cls.draft = cls._create_bill(cls.drafted, post=False)

    def test_bill_carries_vehicle_and_analytics(self):
        permission = self._create_permission(
            self.vehicle_a, [{"purchase_price": 400.0}, {"purchase_price": 0.0}]
        )
        bill = self._create_bill(permission, "G-1", post=False)
        self.assertRecordValues(
            bill,
            [
                {
                    "move_type": "in_invoice",
                    "state": "draft",
                    "partner_id": self.garage.id,
                    "ref": "G-1",
                    "invoice_date": self._date("2026-10-10"),
                    "amount_untaxed": 400.0,
                    "amount_tax": 92.0,
                }
            ],
        )
        self.assertRecordValues(
            bill.invoice_line_ids,
            [
                {
                    "vehicle_id": self.vehicle_a.id,
                    "maintenance_line_id": permission.line_ids[0].id,
                    "analytic_distribution": {str(self.analytic_a.id): 100.0},
                    "tax_ids": self.purchase_tax.ids,
                }
            ],
        )

    def test_without_number_the_dialog(self):
        action = self.permission_a.action_create_bill()
        form = Form(self.env[action["res_model"]].with_context(**action["context"]))
        self.assertEqual(form.amount, 40.0)
        form.vendor_reference = "G-2"
        opened = form.save().action_confirm()
        self.assertEqual(opened["res_model"], "account.move")
        self.assertEqual(self.permission_a._get_bills().ref, "G-2")

    def test_dialog_shows_each_permission_and_leaves_out_what_is_not_ticked(self):
        permission = self._create_permission(
            self.vehicle_a,
            [{"purchase_price": 40.0}, {"purchase_price": 7.0, "name": "Later"}],
        )
        permissions = permission + self.permission_b
        action = permissions.action_create_bill()
        form = Form(self.env[action["res_model"]].with_context(**action["context"]))
        self.assertEqual((form.amount, form.vendor_id), (107.0, self.garage))
        form.vendor_reference = "G-3"
        form.date = "2026-10-11"
        with form.line_ids.edit(1) as row:
            self.assertEqual((row.name, row.permission_amount), ("Later", 47.0))
            row.selected = False
        self.assertEqual(form.amount, 100.0)
        dialog = form.save()
        # the permissions' shares of the bill
        self.assertEqual(
            sorted(dialog.line_ids.mapped("permission_amount")), [40.0, 40.0, 60.0]
        )
        dialog.action_confirm()
        bill = permissions._get_bills()
        self.assertEqual(bill.amount_untaxed, 100.0)
        self.assertEqual(bill.invoice_date, self._date("2026-10-11"))
        bill.action_post()
        self.assertEqual(permissions.mapped("state"), ["approved", "closed"])
        # what was left out is on the next bill
        self._create_bill(permissions[0], "G-4")
        self.assertEqual(permissions[0].state, "closed")

    def test_dialog_warns_of_a_number_that_is_used(self):
        action = self.permission_a.action_create_bill()
        form = Form(self.env[action["res_model"]].with_context(**action["context"]))
        form.vendor_reference = "g - 7"
        self.assertTrue(form.duplicate_name)
        form.vendor_reference = "G-77"
        self.assertFalse(form.duplicate_name)

    def test_nothing_ticked_or_foreign_lines_make_no_bill(self):
        permission, other = self.permission_a, self.permission_b
        for line_ids in ([], other.line_ids.ids, [*permission.line_ids.ids, 0], 5):
            with self.assertRaisesRegex(UserError, "not billed yet|list of ids"):
                permission.action_create_bill(vendor_reference="x", line_ids=line_ids)
        action = permission.action_create_bill()
        form = Form(self.env[action["res_model"]].with_context(**action["context"]))
        form.vendor_reference = "x"
        with form.line_ids.edit(0) as row:
            row.selected = False
        with self.assertRaisesRegex(UserError, "Tick the lines"):
            form.save().action_confirm()

    def test_one_bill_of_several_permissions(self):
        permissions = self.permission_a + self.permission_b
        bill = self._create_bill(permissions)
        self.assertEqual(bill.amount_untaxed, 100.0)
        self.assertEqual(permissions.mapped("state"), ["closed", "closed"])

    def test_bill_in_another_currency(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5)])
        permission = self._create_permission(
            self.vehicle_a, [{"purchase_price": 40.0}], purchase_currency_id=euro.id
        )
        bill = self._create_bill(permission)
        self.assertEqual(bill.currency_id, euro)
        self.assertEqual(permission.line_ids.amount_billed, 40.0)
        self.assertEqual(permission.state, "closed")

    def test_all_that_is_wrong_is_said_at_once(self):
        other = self._create_partner("Other garage")
        wrong = self._create_permission(
            self.vehicle_a, [{"purchase_price": 1.0}], approve=False
        )
        wrong += self._create_permission(
            self.vehicle_b, [{"purchase_price": 1.0}], vendor_id=other.id
        )
        wrong += self._create_permission(
            self.vehicle_b, [{"purchase_price": 1.0}], vendor_id=False
        )
        with self.assertRaises(UserError) as caught:
            wrong.action_create_bill(vendor_reference="X")
        message = str(caught.exception)
        self.assertIn(f"not approved: {wrong[0].name}", message)
        self.assertIn(f"no garage: {wrong[2].name}", message)
        self.assertIn("several values of Garage", message)

    def test_billed_once(self):
        with self.assertRaisesRegex(UserError, "nothing left to bill"):
            self.billed.action_create_bill(vendor_reference="again")

    def test_line_on_a_second_bill_is_refused_at_posting(self):
        second = self.draft.copy({"ref": "second", "invoice_date": "2026-10-11"})
        second.invoice_line_ids.maintenance_line_id = self.drafted.line_ids
        self.draft.action_post()
        with self.assertRaisesRegex(UserError, "is already on bill"):
            second.action_post()

    def test_number_used_twice_is_refused_at_posting(self):
        self.draft.ref = "G-7"
        with self.assertRaisesRegex(UserError, "Bill number G-7 of Garage is already"):
            self.draft.action_post()
        self.assertEqual(self.draft.state, "draft")
        self.draft.ref = "G-8"
        self.draft.action_post()
        self.assertEqual(self.draft.state, "posted")

    def test_number_is_the_same_in_every_writing_of_it(self):
        for first, again in (
            ("Re 7/a", "RE7/A "),
            ("Straße 1", "Straße 1"),
            ("Straße 2", "STRASSE2"),
            ("A\u00a01", "A\u00a01"),
            ("B\u200b1", "b 1"),
            ("ﬁ-4", "ﬁ-4"),
            ("ﬁ-5", "FI-5"),
        ):
            self.posted.ref, self.draft.ref = first, again
            with self.assertRaisesRegex(UserError, "is already used on", msg=again):
                self.draft.action_post()
        self.draft.ref = "F-I5"
        self.draft.action_post()

    def test_blank_number_is_none(self):
        self.draft.ref = "  "
        with self.assertRaisesRegex(UserError, "has no bill reference"):
            self.draft.action_post()

    def test_number_of_a_plain_bill_counts_too(self):
        self.draft.ref = "G-9"
        plain = self.draft.copy({"ref": "g-9", "invoice_date": "2026-10-10"})
        plain.invoice_line_ids.vehicle_id = False
        plain.action_post()
        with self.assertRaisesRegex(UserError, "is already used on"):
            self.draft.action_post()

    def test_same_number_twice_in_one_batch(self):
        bills = self.draft + self._create_bill(self.permission_a, post=False)
        bills.ref = "G-9"
        with self.assertRaisesRegex(UserError, "already used"):
            bills.action_post()

    def test_other_vendors_may_use_the_number(self):
        other = self._create_partner("Other garage")
        bill = self._create_bill(
            self._create_permission(
                self.vehicle_b, [{"purchase_price": 5.0}], vendor_id=other.id
            ),
            "G-7",
        )
        self.assertEqual(bill.state, "posted")

    # -- consequences -----------------------------------------------------------

    def test_reset_is_refused_while_a_row_is_invoiced(self):
        invoice = self._execute_run(self.billed).log_ids.move_id
        with self.assertRaisesRegex(UserError, "cannot be reset"):
            self.posted.button_draft()
        with self.assertRaisesRegex(UserError, "cannot be reset"):
            self.posted.button_cancel()
        invoice.action_maintenance_cancel(
            row_ids=invoice.maintenance_row_ids.ids, posting_date="2026-11-01"
        )
        self.posted.button_draft()
        self.assertEqual(self.billed.state, "approved")

    def test_billing_clerk_without_fleet_right_posts_and_vehicle_gets_its_log(self):
        clerk = new_test_user(
            self.env,
            "clerk",
            groups="account.group_account_invoice",
            company_id=self.company.id,
        )
        self.draft.with_user(clerk).action_post()
        self.assertEqual(self.drafted.state, "closed")
        logs = self.draft.invoice_line_ids.sudo().vehicle_log_service_ids
        self.assertEqual(logs.vehicle_id, self.vehicle_b.sudo())
        self.assertEqual(len(logs), 1)


@tagged("post_install", "-at_install")
class TestBillDifference(MaintenanceCommon):
    """The garage charges another amount than the 100 of the permission."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.permission = cls._create_permission(
            cls.vehicle_a, [{"purchase_price": 100.0}]
        )
        cls.bill = cls._create_bill(cls.permission, post=False)
        cls.bill_line = cls.bill.invoice_line_ids

    def test_difference_within_the_tolerance_becomes_a_line(self):
        self.company.maintenance_bill_tolerance = 5.0
        permission, bill = self.permission, self.bill
        self.bill_line.price_unit = 104.5
        bill.action_post()
        self.assertEqual(permission.state, "closed")
        self.assertRecordValues(
            permission.line_ids.filtered("difference"),
            [{"purchase_price": 4.5, "reinvoice": False, "extra": True}],
        )
        self.assertEqual(permission.amount_purchase, 104.5)

    def test_difference_line_goes_when_the_bill_is_reset(self):
        self.company.maintenance_bill_tolerance = 5.0
        permission, bill = self.permission, self.bill
        self.bill_line.price_unit = 95.0
        bill.action_post()
        self.assertEqual(permission.amount_purchase, 95.0)
        bill.button_draft()
        self.assertEqual(permission.amount_purchase, 100.0)
        bill.action_post()
        self.assertEqual(len(permission.line_ids.filtered("difference")), 1)

    def test_difference_above_the_tolerance_waits_for_approval(self):
        self.company.maintenance_bill_tolerance = 5.0
        permission, bill = self.permission, self.bill
        self.bill_line.price_unit = 105.01
        with self.assertRaisesRegex(UserError, "more than the tolerance"):
            bill.action_post()
        user = new_test_user(
            self.env,
            "clerk",
            groups="maintenance_reinvoice.group_maintenance_user,"
            "account.group_account_invoice",
            company_id=self.company.id,
        )
        with self.assertRaises(AccessError):
            bill.with_user(user).action_approve_difference()
        with self.assertRaisesRegex(UserError, "Only maintenance re-invoicing"):
            bill.with_user(user).maintenance_difference_approved = True
        bill.action_approve_difference()
        bill.action_post()
        self.assertEqual(permission.amount_purchase, 105.01)

    def test_approval_is_of_the_difference_it_was_given_for(self):
        permission, bill = self.permission, self.bill
        self.bill_line.price_unit = 110.0
        bill.action_approve_difference()
        bill.invoice_line_ids.price_unit = 500.0
        with self.assertRaisesRegex(UserError, "more than the tolerance"):
            bill.action_post()
        bill.invoice_line_ids.price_unit = 110.0
        bill.action_post()
        self.assertEqual(permission.amount_purchase, 110.0)

    def test_difference_is_approved_within_the_approvers_limit(self):
        bill = self.bill
        self.bill_line.price_unit = 151.0
        approver = new_test_user(
            self.env,
            "approver",
            groups="maintenance_reinvoice.group_maintenance_approver,"
            "account.group_account_invoice",
            company_id=self.company.id,
        )
        approver.maintenance_approval_limit = 150.0
        # 100 agreed + 51 difference
        with self.assertRaisesRegex(UserError, "above your approval limit.*151.00"):
            bill.with_user(approver).action_approve_difference()
        approver.maintenance_approval_limit = 151.0
        bill.with_user(approver).action_approve_difference()
        self.assertTrue(bill.maintenance_difference_approved)

    def _ask_approver(self):
        """The bill is saved with 180 for the 100 agreed, 80 more; the approver has no
        other role."""
        approver = new_test_user(
            self.env,
            "approver",
            groups="maintenance_reinvoice.group_maintenance_approver",
            company_id=self.company.id,
        )
        self.company.maintenance_approver_id = approver
        with Form(self.bill) as form, form.invoice_line_ids.edit(0) as line:
            line.price_unit = 180.0
        return self.permission.with_user(approver)

    def _get_difference_todos(self):
        kind = self.env.ref("maintenance_reinvoice.mail_activity_type_difference")
        todos = self.permission.activity_ids
        return todos.filtered(lambda todo: todo.activity_type_id == kind)

    def test_approver_approves_the_difference_without_seeing_bills(self):
        permission = self._ask_approver()
        self.assertFalse(self.bill.with_env(permission.env).has_access("read"))
        self.assertRegex(
            permission.difference_note, "agreed .*100.00, billed .*180.00.* .*80.00"
        )
        self.assertEqual(self._get_difference_todos().user_id, permission.env.user)
        permission.action_approve_difference()
        self.assertFalse(permission.difference_note)
        self.assertFalse(self._get_difference_todos())
        self.assertIn("80.00", permission.message_ids[0].body)
        self.bill.action_post()
        self.assertEqual(permission.amount_purchase, 180.0)
        with self.assertRaisesRegex(UserError, f"No draft bill.*{permission.name}"):
            permission.action_approve_difference()

    def test_difference_is_approved_on_the_permission_within_the_limit(self):
        permission = self._ask_approver()
        user = new_test_user(
            self.env,
            "maker",
            groups="maintenance_reinvoice.group_maintenance_user",
            company_id=self.company.id,
        )
        with self.assertRaises(AccessError):
            permission.with_user(user).action_approve_difference()
        permission.env.user.sudo().maintenance_approval_limit = 150.0
        with self.assertRaisesRegex(UserError, "above your approval limit.*180.00"):
            permission.action_approve_difference()

    def test_todo_of_a_difference_ends_with_it(self):
        self._ask_approver()
        bill = self.bill
        with Form(bill) as form, form.invoice_line_ids.edit(0) as line:
            line.price_unit = 100.0
        self.assertFalse(self._get_difference_todos())
        with Form(bill) as form, form.invoice_line_ids.edit(0) as line:
            line.price_unit = 90.0
        self.assertEqual(len(self._get_difference_todos()), 1)
        bill.unlink()
        self.assertFalse(self._get_difference_todos())

    def test_surcharge_of_the_whole_bill_waits_on_each_permission(self):
        """100 agreed on the first, 50 on the second; 30 belong to neither."""
        first = self._create_permission(self.vehicle_a, [{"purchase_price": 100.0}])
        second = self._create_permission(self.vehicle_b, [{"purchase_price": 50.0}])
        permissions = first + second
        bill = self._create_bill(permissions, "G-30", post=False)
        surcharge = {"name": "Surcharge", "price_unit": 30.0, "tax_ids": [(5,)]}
        bill.invoice_line_ids = [(0, 0, surcharge)]
        for permission in permissions:
            self.assertRegex(permission.difference_note, "30.00 for none of")
        second.action_approve_difference()
        self.assertEqual(permissions.mapped("difference_note"), [False, False])

    def test_tolerance_is_compared_in_company_currency(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5)])
        self.company.maintenance_bill_tolerance = 5.0
        permission = self._create_permission(
            self.vehicle_a, [{"purchase_price": 100.0}], purchase_currency_id=euro.id
        )
        bill = self._create_bill(permission, post=False)
        # 5.00 are 2.50 EUR
        bill.invoice_line_ids.price_unit = 102.51
        with self.assertRaisesRegex(UserError, "differs by 2.51"):
            bill.action_post()
        bill.invoice_line_ids.price_unit = 102.5
        bill.action_post()
        difference = permission.line_ids.filtered("difference")
        self.assertEqual(difference.purchase_price, 2.5)

    def test_line_of_no_permission_is_a_difference_of_the_whole_bill(self):
        """100 and 50 agreed, 5000 of surcharge, two thirds of it on the first: 3333.33
        and 1666.67."""
        self.company.maintenance_bill_tolerance = 1.0
        first = self._create_permission(self.vehicle_a, [{"purchase_price": 100.0}])
        second = self._create_permission(self.vehicle_b, [{"purchase_price": 50.0}])
        bill = self._create_bill(first + second, post=False)
        surcharge = {"name": "Surcharge", "price_unit": 5000.0, "tax_ids": [(5,)]}
        bill.invoice_line_ids = [(0, 0, surcharge)]
        with self.assertRaisesRegex(UserError, "as a whole differs by.*5,000.00"):
            bill.action_post()
        bill.action_approve_difference()
        bill.invoice_line_ids[-1].price_unit = 5001.0
        with self.assertRaisesRegex(UserError, "as a whole differs by.*5,001.00"):
            bill.action_post()
        bill.invoice_line_ids[-1].price_unit = 5000.0
        bill.action_post()
        permissions = first + second
        self.assertEqual(permissions.mapped("amount_purchase"), [3433.33, 1716.67])
        self.env.flush_all()
        rows = self.env["maintenance.margin.report"].search(
            [("permission_id", "in", permissions.ids)], order="id"
        )
        bought = {row.line_id: row.amount_bought for row in rows}
        work, difference = first.line_ids.sorted("sequence")
        second_work, second_difference = second.line_ids.sorted("sequence")
        self.assertEqual(
            bought,
            {
                work: 100.0,
                second_work: 50.0,
                difference: 3333.33,
                second_difference: 1666.67,
            },
        )
        bill.button_draft()
        self.assertEqual(permissions.mapped("amount_purchase"), [100.0, 50.0])

    def test_reinvoiced_state_is_not_held_up_by_a_difference(self):
        self.company.maintenance_bill_tolerance = 5.0
        permission, bill = self.permission, self.bill
        self.bill_line.price_unit = 101.0
        bill.action_post()
        self._execute_run(permission)
        self.assertEqual(permission.state, "reinvoiced")
