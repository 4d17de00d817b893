from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common_incoming import IncomingCommon
from .garage_bills import FORMATS, Line


@tagged("post_install", "-at_install")
class TestIncomingMismatches(IncomingCommon):
    """What does not match the permissions is shown before a bill is posted."""

    def assertNoted(self, bill, *texts):
        """On the form and in the chatter."""
        note, said = Form(bill).maintenance_match_note or "", self._get_said(bill)
        for text in texts:
            self.assertIn(text, note)
            self.assertIn(text, said)

    # -- lines and permissions that do not meet ---------------------------------

    def test_line_without_permission_is_named_and_keeps_the_bill_from_being_posted(
        self,
    ):
        for kind in FORMATS:
            with self.subTest(kind=kind):
                lines = [
                    Line("Engine", 400, document=self.big.name),
                    Line("Tyres", 200, document=self.small.name),
                    Line("Coffee", 7, document="PO-7"),
                ]
                bill = self._upload(kind, lines)
                self.assertAttached(bill, self.big, self.small, None)
                self.assertNoted(bill, "No permission was found for “Coffee”", "7.00")
                with self.assertRaisesRegex(UserError, "as a whole differs"):
                    bill.action_post()
                bill.unlink()

    def test_difference_is_named(self):
        bill = self._upload("cii", [Line("Engine", 380)], order=self.big.name)
        self.assertAttached(bill, self.big)
        self.assertNoted(
            bill, f"{self.big.display_name} is billed with a difference of", "20.00"
        )
        with self.assertRaisesRegex(UserError, "more than the tolerance"):
            bill.action_post()

    def test_what_is_not_billed_of_a_permission_is_named(self):
        permission = self._create_permission(
            self.vehicle_a,
            [
                {"purchase_price": 60.0, "name": "Brakes"},
                {"purchase_price": 40.0, "name": "Oil"},
            ],
        )
        bill = self._upload("ubl", [Line("Brakes", 60)], order=permission.name)
        self.assertEqual(bill.invoice_line_ids.maintenance_line_id.name, "Brakes")
        self.assertNoted(
            bill, f"Not billed of {permission.display_name}: “Oil”", "40.00"
        )
        bill.action_post()
        self.assertEqual(permission.state, "approved")

    def test_plate_of_several_permissions_without_their_amount_is_named(self):
        second = self._create_permission(self.vehicle_a, [{"purchase_price": 250.0}])
        for kind in FORMATS:
            with self.subTest(kind=kind):
                line = Line("Work", 333, properties=[("Vehicle", "AA-111")])
                bill = self._upload(kind, [line])
                self.assertAttached(bill, None)
                self.assertNoted(
                    bill,
                    "“Work”",
                    "the amount does not tell",
                    self.big.name,
                    second.name,
                )
                bill.unlink()

    def test_two_permissions_of_the_same_amount_are_not_guessed(self):
        self._create_permission(self.vehicle_a, [{"purchase_price": 400.0}])
        bill = self._upload("ubl", [Line("Engine", 400)], plate="AA-111")
        self.assertAttached(bill, None)
        self.assertNoted(bill, "the amount does not tell")

    def test_bill_that_contradicts_itself_is_left_to_a_person(self):
        """Its order number is of one permission, all its lines are of another."""
        bill = self._upload("cii", [Line("Tyres of BB-222", 200)], order=self.big.name)
        self.assertAttached(bill, None)
        self.assertNoted(
            bill,
            f"1 permission found: {self.small.display_name}",
            f"The bill names {self.big.display_name}, but no line",
        )

    def test_clear_lines_are_attached_beside_an_unclear_one(self):
        second = self._create_permission(self.vehicle_b, [{"purchase_price": 250.0}])
        lines = [
            Line("Engine", 400, document=self.big.name),
            Line("Work", 333, properties=[("Plate", "BB222")]),
        ]
        bill = self._upload("ubl", lines)
        self.assertAttached(bill, self.big, None)
        self.assertNoted(bill, "“Work”", "the amount does not tell")
        # chosen by hand, as every bill
        bill.action_maintenance_match(
            line_ids=[(bill.invoice_line_ids.sorted("id")[1].id, second.line_ids.id)]
        )
        self.assertAttached(bill, self.big, second)
        self.assertNotIn("does not tell", bill.maintenance_match_note)

    # -- names in vain ----------------------------------------------------------

    def test_unknown_number_attaches_nothing(self):
        for kind in FORMATS:
            with self.subTest(kind=kind):
                bill = self._upload(kind, [Line("Work", 400)], order="PO-4711")
                self.assertAttached(bill, None)
                self.assertNoted(bill, "No permission was found for “Work”")
                bill.unlink()

    def test_number_of_another_garage_attaches_nothing(self):
        other = self._create_partner("Other garage")
        permission = self._create_permission(
            self.vehicle_a, [{"purchase_price": 400.0}], vendor_id=other.id
        )
        bill = self._upload("ubl", [Line("Work", 400, document=permission.name)])
        self.assertAttached(bill, None)
        self.assertNoted(bill, f"{permission.display_name}, which is for Other garage")

    def test_cancelled_permission_is_named_though_the_garage_has_no_other(self):
        other = self._create_partner("Lone garage")
        permission = self._create_permission(
            self.vehicle_a, [{"purchase_price": 400.0}], vendor_id=other.id
        )
        permission.action_cancel(reason="Sold")
        self._locate(self.garage, "DE129273398")
        self._locate(other, "DE136695976")
        bill = self._upload(
            "cii",
            [Line("Work", 400)],
            order=permission.name,
            names={"seller": "Lone garage", "buyer": "Lessor"},
        )
        self.assertEqual(bill.partner_id, other)
        self.assertAttached(bill, None)
        self.assertNoted(bill, "which is not approved: Cancelled")

    def test_plate_does_not_stand_in_for_a_number_of_no_use(self):
        """The vehicle has another open permission; that one is not meant."""
        cancelled = self._create_permission(self.vehicle_a, [{"purchase_price": 300.0}])
        cancelled.action_cancel(reason="Sold")
        for kind in FORMATS:
            with self.subTest(kind=kind):
                lines = [
                    Line("Van AA-111", 300, document=cancelled.name),
                    Line("Tyres", 200, document=self.small.name),
                ]
                bill = self._upload(kind, lines)
                self.assertAttached(bill, None, self.small)
                self.assertNoted(bill, f"{cancelled.display_name}, which is not")
                bill.unlink()

    def test_permission_that_was_billed_attaches_nothing(self):
        self._create_bill(self.big)
        bill = self._upload("ubl", [Line("Engine", 400)], order=self.big.name)
        self.assertAttached(bill, None)
        self.assertNoted(
            bill, f"{self.big.display_name}, of which no line waits for a bill"
        )

    def test_permission_in_another_currency_attaches_nothing(self):
        dollar = self.env.ref("base.USD")
        dollar.active = True
        permission = self._create_permission(
            self.vehicle_a,
            [{"purchase_price": 400.0}],
            purchase_currency_id=dollar.id,
        )
        bill = self._upload("ubl", [Line("Engine", 400)], order=permission.name)
        self.assertAttached(bill, None)
        self.assertNoted(bill, f"{permission.display_name}, which is in USD")

    # -- files that nobody should send ------------------------------------------

    def test_malformed_names_are_passed_over(self):
        """Empty references, a property without value, blanks and line breaks."""
        changes = {
            "ubl": (
                ("<cbc:Value>red</cbc:Value>", ""),
                ("<cbc:ID>X-1</cbc:ID>", "<cbc:ID/>"),
                ("<cbc:ID>PO-1</cbc:ID>", "<cbc:ID> </cbc:ID>"),
            ),
            "cii": (
                ("<ram:Value>red</ram:Value>", ""),
                (
                    "<ram:IssuerAssignedID>X-1</ram:IssuerAssignedID>",
                    "<ram:IssuerAssignedID/>",
                ),
                ("PO-1", "\n "),
            ),
        }
        for kind, replaced in changes.items():
            with self.subTest(kind=kind):

                def change(text, replaced=replaced):
                    for old, new in replaced:
                        self.assertIn(old, text)
                        text = text.replace(old, new)
                    return text

                line = Line(
                    "Work",
                    200,
                    document="X-1",
                    note=f"\n  {self.small.name}\n",
                    properties=[("Colour", "red")],
                )
                bill = self._upload(kind, [line], order="PO-1", change=change)
                self.assertAttached(bill, self.small)
                names = bill.invoice_line_ids.maintenance_named
                self.assertEqual(names, [self.small.name])
                self.assertEqual(bill.maintenance_named, ["DEPT-1"])
                bill.unlink()

    def test_references_do_not_run_into_each_other(self):
        """No plate is made of the end of one and the beginning of the next."""
        bill = self._upload("ubl", [Line("Work", 400, order="AA", order_line="111")])
        self.assertAttached(bill, None)
