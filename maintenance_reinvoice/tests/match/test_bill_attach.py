from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from odoo.addons.service_invoicing.tests.common_properties import examples, given, st

from ..common_bill import MaintenanceBillCommon


@tagged("post_install", "-at_install")
class TestBillAttach(MaintenanceBillCommon):
    """A bill that came by itself is attached to permissions, and taken off again."""

    def test_dialog_shows_agreed_billed_and_difference(self):
        bill = self._create_vendor_bill(("AA-111", 103.0), ("Coffee", 2.0))
        action = bill.action_maintenance_match()
        form = Form(self.env[action["res_model"]].with_context(**action["context"]))
        with form.row_ids.edit(0) as row:
            self.assertEqual(row.permission_line_id, self.line_a)
            self.assertIn("AA-111", row.found)
            self.assertEqual(
                (row.purchase_price, row.amount_billed, row.amount_difference),
                (100.0, 103.0, 3.0),
            )
        with form.row_ids.edit(1) as row:
            self.assertFalse(row.permission_line_id)
            self.assertFalse(row.found)
        form.save().action_confirm()
        self.assertEqual(
            bill.invoice_line_ids.mapped("maintenance_line_id"), self.line_a
        )

    def test_attached_line_gets_vehicle_contract_and_analytics(self):
        bill = self._create_vendor_bill(("AA-111", 100.0))
        account = bill.invoice_line_ids.account_id
        self._match_proposal(bill)
        self.assertRecordValues(
            bill.invoice_line_ids,
            [
                {
                    "maintenance_line_id": self.line_a.id,
                    "maintenance_contract_id": self.contract_a.id,
                    "vehicle_id": self.vehicle_a.id,
                    "analytic_distribution": {str(self.analytic_a.id): 100.0},
                    "account_id": account.id,
                    "price_unit": 100.0,
                    "tax_ids": self.purchase_tax.ids,
                }
            ],
        )
        self.assertFalse(bill.maintenance_match_note)
        self.assertEqual(bill.maintenance_permission_count, 1)

    def test_attach_is_offered_for_what_is_not_attached(self):
        bill = self._create_vendor_bill(("AA-111", 180.0))
        self.assertTrue(bill.maintenance_to_attach)
        self._match_proposal(bill)
        # 180 billed, 100 agreed
        self.assertIn("80.00", bill.maintenance_match_note)
        self.assertFalse(bill.maintenance_to_attach)

    def test_posting_closes_and_reset_reopens(self):
        bill = self._create_vendor_bill(("AA-111", 100.0))
        self._match_proposal(bill)
        self.assertEqual(self.permission_a.state, "approved")
        bill.action_post()
        self.assertEqual(self.permission_a.state, "closed")
        self.assertEqual(self.line_a.amount_billed, 100.0)
        logs = bill.invoice_line_ids.sudo().vehicle_log_service_ids
        self.assertEqual(logs.vehicle_id, self.vehicle_a.sudo())
        bill.button_draft()
        self.assertEqual(self.permission_a.state, "approved")

    def test_difference_is_checked_as_on_a_bill_made_here(self):
        bill = self._create_vendor_bill(("AA-111", 103.0))
        self._match_proposal(bill)
        with self.assertRaisesRegex(UserError, "more than the tolerance"):
            bill.action_post()
        self.company.maintenance_bill_tolerance = 3.0
        bill.action_post()
        self.assertEqual(
            self.permission_a.line_ids.filtered("difference").purchase_price, 3.0
        )

    def test_each_permission_has_its_own_difference(self):
        bill = self._create_vendor_bill(("AA-111", 104.0), ("BB-222", 96.0))
        self._match_proposal(bill)
        self.company.maintenance_bill_tolerance = 3.0
        with self.assertRaises(UserError) as caught:
            bill.action_post()
        for permission in (self.permission_a, self.permission_b):
            self.assertIn(permission.name, str(caught.exception))
        self.company.maintenance_bill_tolerance = 4.0
        bill.action_post()
        permissions = self.permission_a + self.permission_b
        self.assertEqual(
            permissions.line_ids.filtered("difference").mapped("purchase_price"),
            [4.0, -4.0],
        )
        self.assertEqual(permissions.mapped("amount_purchase"), [104.0, 96.0])

    def test_deleted_draft_leaves_its_permissions_to_another_bill(self):
        bill = self._create_vendor_bill(("BB-222", 100.0))
        self._match_proposal(bill)
        self.assertFalse(self.permission_b._get_lines_to_bill())
        bill.unlink()
        self.assertEqual(
            self.permission_b._get_lines_to_bill(), self.brakes + self.tyres
        )

    def test_pairs_without_the_dialog(self):
        bill = self._create_vendor_bill(("Work", 100.0), ("Brakes", 60.0))
        first, second = bill.invoice_line_ids
        bill.action_maintenance_match(
            line_ids=[(first.id, self.line_a.id), [second.id, self.brakes.id]]
        )
        self.assertEqual(first.maintenance_line_id, self.line_a)
        self.assertEqual(second.maintenance_line_id, self.brakes)

    def test_bill_without_lines_gets_those_of_the_permissions_named(self):
        bill = self._create_vendor_bill(ref=f"G-5 {self.permission_b.name}")
        self.assertIn("1 permission found", bill.maintenance_match_note)
        self._match_proposal(bill)
        # 60 + 40 net, 23 % tax
        self.assertEqual((bill.amount_untaxed, bill.amount_tax), (100.0, 23.0))
        self.assertEqual(
            bill.invoice_line_ids.maintenance_line_id, self.brakes + self.tyres
        )

    # -- splitting --------------------------------------------------------------

    def test_one_bill_line_is_split_by_agreed_prices(self):
        bill = self._create_vendor_bill(("BB-222", 110.0))
        self._match_proposal(bill)
        # 110 × 60 / 100 and the rest; tax 110 × 23 %
        self.assertEqual(
            [(b.maintenance_line_id, b.price_subtotal) for b in bill.invoice_line_ids],
            [(self.brakes, 66.0), (self.tyres, 44.0)],
        )
        self.assertEqual((bill.amount_untaxed, bill.amount_tax), (110.0, 25.3))
        self.assertEqual(bill.invoice_line_ids.vehicle_id, self.vehicle_b)

    def _check_thirds(self):
        """A bill of 100.01 for three equal permission lines, split and joined."""
        permission = self._create_permission(
            self.vehicle_b, [{"purchase_price": 30.0, "name": str(i)} for i in range(3)]
        )
        bill = self._create_vendor_bill((permission.name, 100.01))
        totals = (bill.amount_untaxed, bill.amount_tax, bill.amount_total)
        self._match_proposal(bill)
        self.assertEqual(
            bill.invoice_line_ids.mapped("price_subtotal"), [33.34, 33.34, 33.33]
        )
        self.assertEqual(
            (bill.amount_untaxed, bill.amount_tax, bill.amount_total), totals
        )
        bill.action_maintenance_unmatch()
        self.assertEqual(
            (bill.amount_untaxed, bill.amount_tax, bill.amount_total), totals
        )
        return bill, permission

    def test_split_never_moves_the_tax(self):
        for method in ("round_globally", "round_per_line"):
            self.company.tax_calculation_rounding_method = method
            bill, permission = self._check_thirds()
            permission.line_ids.sudo().unlink()
            bill.unlink()

    def test_tax_that_the_garage_rounded_otherwise_stays(self):
        bill = self._create_vendor_bill(("BB-222", 110.0))
        tax_line = bill.line_ids.filtered("tax_repartition_line_id")
        bill.line_ids = [
            Command.update(tax_line.id, {"amount_currency": 25.29, "balance": 25.29})
        ]
        self.assertEqual(bill.amount_total, 135.29)
        self._match_proposal(bill)
        self.assertEqual((bill.amount_tax, bill.amount_total), (25.29, 135.29))
        bill.action_maintenance_unmatch()
        self.assertEqual((bill.amount_tax, bill.amount_total), (25.29, 135.29))

    def test_taking_off_joins_what_was_split(self):
        bill = self._create_vendor_bill(("BB-222", 55.0))
        bill.invoice_line_ids.quantity = 2.0
        self._match_proposal(bill)
        self.assertEqual(len(bill.invoice_line_ids), 2)
        part = bill.invoice_line_ids[1]
        bill.action_maintenance_unmatch(line_ids=part.ids)
        self.assertRecordValues(
            bill.invoice_line_ids,
            [
                {
                    "name": "BB-222",
                    "quantity": 2.0,
                    "price_unit": 55.0,
                    "maintenance_line_id": False,
                    "maintenance_contract_id": False,
                    "vehicle_id": False,
                    "analytic_distribution": False,
                }
            ],
        )
        self.assertIn(
            self.brakes, self.env["maintenance.bill.matching"]._get_candidates(bill)
        )

    def test_price_changed_after_the_split_is_kept(self):
        bill = self._create_vendor_bill(("BB-222", 110.0))
        self._match_proposal(bill)
        bill.invoice_line_ids[1].price_unit = 50.0
        bill.action_maintenance_unmatch()
        # 66 + 50
        self.assertEqual(bill.invoice_line_ids.mapped("price_subtotal"), [116.0])
        self.assertEqual(bill.amount_tax, 26.68)

    def test_split_with_included_tax_and_foreign_currency(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.37)])
        permission = self._create_permission(
            self.vehicle_b,
            [{"purchase_price": p, "name": str(p)} for p in (10.0, 20.0, 30.0)],
            purchase_currency_id=euro.id,
        )
        included = self._create_tax(
            23.0, "purchase", price_include_override="tax_included"
        )
        bill = self._create_vendor_bill((permission.name, 73.81), currency_id=euro.id)
        bill.invoice_line_ids.tax_ids = included
        totals = (bill.amount_untaxed, bill.amount_tax, bill.amount_total_signed)
        self._match_proposal(bill)
        self.assertEqual(len(bill.invoice_line_ids), 3)
        self.assertEqual(
            (bill.amount_untaxed, bill.amount_tax, bill.amount_total_signed), totals
        )

    @examples(3)
    @given(
        prices=st.lists(st.integers(1, 90000), min_size=2, max_size=5),
        net=st.integers(1, 200000),
        quantity=st.sampled_from([1.0, 3.0]),
        included=st.booleans(),
        method=st.sampled_from(["round_globally", "round_per_line"]),
    )
    def test_any_split_keeps_the_totals_and_can_be_taken_back(
        self, prices, net, quantity, included, method
    ):
        self.purchase_tax.price_include_override = (
            "tax_included" if included else "tax_excluded"
        )
        self.company.tax_calculation_rounding_method = method
        permission = self._create_permission(
            self.vehicle_b, [{"purchase_price": price / 100} for price in prices]
        )
        bill = self._create_vendor_bill((permission.name, net / 100))
        bill.invoice_line_ids.quantity = quantity
        before = self._get_totals(bill), bill.invoice_line_ids.price_unit
        line = bill.invoice_line_ids
        bill.action_maintenance_match(
            line_ids=[(line.id, own.id) for own in permission.line_ids]
        )
        self.assertEqual(bill.invoice_line_ids.maintenance_line_id, permission.line_ids)
        self.assertEqual(self._get_totals(bill), before[0])
        bill.action_maintenance_unmatch()
        self.assertEqual((self._get_totals(bill), line.price_unit), before)
        self.assertEqual(bill.invoice_line_ids, line)

    def _get_totals(self, bill):
        tax_lines = bill.line_ids.filtered("tax_repartition_line_id")
        return (
            bill.amount_untaxed,
            bill.amount_tax,
            bill.amount_total,
            sum(tax_lines.mapped("balance")),
        )

    # -- bill and permission agree ----------------------------------------------

    def test_all_that_does_not_fit_is_said_at_once_at_posting(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5)])
        other = self._create_partner("Other garage")
        permission = self._create_permission(self.vehicle_a, [{"purchase_price": 4.0}])
        bill = self._create_bill(permission, post=False)
        bill.write({"partner_id": other.id, "currency_id": euro.id})
        permission.sudo().decision = "cancelled"
        with self.assertRaises(UserError) as caught:
            bill.action_post()
        message = str(caught.exception)
        self.assertIn("is of Other garage, but permission", message)
        self.assertIn("is in EUR, but permission", message)
        self.assertIn("is not approved", message)

    def test_posted_link_is_not_changed(self):
        permission = self._create_closed(self.vehicle_a, [{"purchase_price": 40.0}])
        other = self._create_permission(self.vehicle_a, [{"purchase_price": 40.0}])
        line = permission._get_bills().invoice_line_ids.sudo(False)
        for vals in (
            {"maintenance_line_id": other.line_ids.id},
            {"maintenance_line_id": False},
            {"price_unit": 4000.0},
            {"vehicle_id": self.vehicle_b.id},
        ):
            with self.assertRaisesRegex(UserError, "are posted", msg=vals):
                line.write(vals)
        self.assertEqual(permission.line_ids.amount_billed, 40.0)
        self.assertEqual(other.state, "approved")

    def test_customer_invoice_line_charges_no_permission_line(self):
        permission = self._create_permission(self.vehicle_a, [{"purchase_price": 4.0}])
        with self.assertRaisesRegex(ValidationError, "Only lines of vendor bills"):
            self.env["account.move"].create(
                {
                    "move_type": "out_invoice",
                    "partner_id": self.customer.id,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": "x",
                                "price_unit": 4.0,
                                "maintenance_line_id": permission.line_ids.id,
                            }
                        )
                    ],
                }
            )

    # -- bad input --------------------------------------------------------------

    def test_all_that_is_wrong_with_the_pairs_is_said_at_once(self):
        other_bill = self._create_vendor_bill(("AA-111", 100.0))
        closed = self._create_closed(self.vehicle_a, [{"purchase_price": 5.0}])
        bill = self._create_vendor_bill(("Work", 100.0))
        line = bill.invoice_line_ids
        with self.assertRaises(UserError) as caught:
            bill.action_maintenance_match(
                line_ids=[
                    (other_bill.invoice_line_ids.id, self.line_a.id),
                    (line.id, closed.line_ids.id),
                    (line.id, 999999999),
                ]
            )
        message = str(caught.exception)
        self.assertIn("Bill line AA-111 is not on bill", message)
        self.assertIn(f"{closed.line_ids.display_name} is not an approved", message)
        self.assertIn("999999999 is not an approved", message)

    def test_malformed_pairs_are_refused(self):
        bill = self._create_vendor_bill(("Work", 100.0))
        for pairs in ([], [7], ["x"], [(1, 2, 3)], [("a", "b")], [None], 5, True):
            with self.assertRaises(UserError, msg=pairs):
                bill.action_maintenance_match(line_ids=pairs)
        self.assertFalse(bill.invoice_line_ids.maintenance_line_id)
        with self.assertRaisesRegex(UserError, "list of ids"):
            bill.action_maintenance_unmatch(line_ids=5)

    def test_attached_line_is_not_attached_again(self):
        bill = self._create_vendor_bill(("AA-111", 100.0))
        pairs = [(bill.invoice_line_ids.id, self.line_a.id)]
        bill.action_maintenance_match(line_ids=pairs)
        with self.assertRaisesRegex(UserError, "already attached"):
            bill.action_maintenance_match(line_ids=pairs)

    def test_only_drafts_of_vendors_are_attached(self):
        bill = self._create_vendor_bill(("Work", 100.0))
        bill.action_post()
        with self.assertRaisesRegex(UserError, "Reset it to draft"):
            bill.action_maintenance_match()
        invoice = self.env["account.move"].create(
            {"move_type": "out_invoice", "partner_id": self.customer.id}
        )
        with self.assertRaisesRegex(UserError, "not a draft vendor bill"):
            invoice.action_maintenance_match(line_ids=[(0, self.line_a.id)])

    def test_clerk_without_maintenance_right_sees_and_attaches_nothing(self):
        bill = self._create_vendor_bill(("AA-111", 100.0))
        clerk = new_test_user(
            self.env,
            "bill_clerk",
            groups="account.group_account_invoice",
            company_id=self.company.id,
        )
        self.assertFalse(bill.with_user(clerk).maintenance_match_note)
        with self.assertRaises(AccessError):
            bill.with_user(clerk).action_maintenance_match()

    def test_other_companys_permissions_are_not_found(self):
        other = self.setup_other_company()["company"]
        bill = (
            self.env["account.move"]
            .with_company(other)
            .create(
                {
                    "move_type": "in_invoice",
                    "partner_id": self.garage.id,
                    "invoice_line_ids": [
                        Command.create({"name": "AA-111", "price_unit": 100.0})
                    ],
                }
            )
        )
        self.assertFalse(self.env["maintenance.bill.matching"]._get_candidates(bill))
        with self.assertRaisesRegex(UserError, "is not an approved line"):
            bill.action_maintenance_match(
                line_ids=[(bill.invoice_line_ids.id, self.line_a.id)]
            )
