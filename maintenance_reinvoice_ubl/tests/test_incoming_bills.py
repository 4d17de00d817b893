import tempfile
from pathlib import Path

from odoo.tests import tagged

from odoo.addons.service_invoicing_ubl.tests import einvoice_rules

from .common_incoming import IncomingCommon
from .garage_bills import FORMATS, Bill, Line


@tagged("post_install", "-at_install")
class TestIncomingBills(IncomingCommon):
    """A garage's electronic bill attaches itself to the permissions that it names."""

    def test_bills_of_these_tests_keep_the_official_rules(self):
        reason = einvoice_rules.get_missing()
        if reason:
            self.skipTest(reason)
        line = Line(
            "Engine",
            400,
            description="Mended",
            order_line="7",
            document="X-1",
            note="See order",
            properties=[("Vehicle", "AA-111")],
        )
        full = Bill(
            [line, Line("Tyres", 200, charge=5)],
            order="P-1",
            sales_order="S-1",
            contract="C-1",
            project="PR-1",
            plate="AA-111",
            document="D-1",
            notes=["One"],
            allowances=[("Loyalty", -60), ("Environment", 5)],
        )
        credit = Bill([line], is_credit=True, preceding="G-1")
        with tempfile.TemporaryDirectory() as folder:
            for kind, make in FORMATS.items():
                Path(folder, f"{kind} bill.xml").write_bytes(make(full))
                Path(folder, f"{kind} credit.xml").write_bytes(make(credit))
            found = einvoice_rules.check(folder)
        severe = {
            name: [row for row in rows if row[0] in einvoice_rules.ERRORS]
            for name, rows in found.items()
        }
        self.assertEqual(len(severe), 4)
        self.assertFalse([row for rows in severe.values() for row in rows])

    # -- where a permission is named --------------------------------------------

    def test_each_place_of_the_document_names_the_permission(self):
        number = self.small.name
        places = (
            {"order": number},
            {"sales_order": number},
            {"contract": number},
            {"project": number},
            {"document": number},
            {"buyer_reference": number},
            {"notes": ["Thank you", f"Your permission {number}."]},
            {"plate": "bb 222"},
        )
        for kind in FORMATS:
            for place in places:
                with self.subTest(kind=kind, **place):
                    bill = self._upload(kind, [Line("Work", 200)], **place)
                    self.assertAttached(bill, self.small)
                    bill.unlink()

    def test_each_place_of_a_line_names_the_permission_of_this_line(self):
        """The prices say nothing: both lines have the same."""
        places = (
            lambda permission: {"order": permission.name},
            lambda permission: {"order_line": permission.name},
            lambda permission: {"document": permission.name},
            lambda permission: {"note": f"As of {permission.name}"},
            lambda permission: {"description": f"Repair {permission.name}"},
            lambda permission: {
                "properties": [
                    ("Colour", "red"),
                    ("Kennzeichen", permission.vehicle_id.license_plate.lower()),
                ]
            },
        )
        for kind in FORMATS:
            for number, place in enumerate(places):
                with self.subTest(kind=kind, place=number):
                    lines = [
                        Line("Work", 300, **place(self.small)),
                        Line("Work", 300, **place(self.big)),
                    ]
                    bill = self._upload(kind, lines)
                    self.assertAttached(bill, self.small, self.big)
                    bill.unlink()

    def test_name_and_description_are_both_read(self):
        """Core keeps one of the two, in each format another."""
        for kind in FORMATS:
            with self.subTest(kind=kind):
                lines = [
                    Line(f"Van {self.big.name}", 400, description="Engine mended"),
                    Line("Tyres", 200, description="Of BB222, all four"),
                ]
                bill = self._upload(kind, lines)
                self.assertAttached(bill, self.big, self.small)
                bill.unlink()

    def test_charge_on_a_line_goes_with_its_line(self):
        """Work of 190 and disposal of 10 are the 200 agreed."""
        for kind in FORMATS:
            with self.subTest(kind=kind):
                lines = [
                    Line("Tyres", 190, charge=10, document=self.small.name),
                    Line("Engine", 400, document=self.big.name),
                ]
                bill = self._upload(kind, lines)
                self.assertEqual(
                    self._get_attached(bill),
                    {190: self.small, 10: self.small, 400: self.big},
                )
                self.assertFalse(bill.maintenance_match_note)
                bill.unlink()

    # -- number and plate -------------------------------------------------------

    def test_number_wins_over_plate_on_the_same_line(self):
        second = self._create_permission(self.vehicle_a, [{"purchase_price": 400.0}])
        for kind in FORMATS:
            with self.subTest(kind=kind):
                line = Line(
                    "Van AA-111",
                    400,
                    document=second.name,
                    properties=[("Vehicle", "AA-111")],
                )
                bill = self._upload(kind, [line])
                self.assertAttached(bill, second)
                bill.unlink()

    def test_number_of_the_document_tells_which_permission_of_a_plate(self):
        second = self._create_permission(self.vehicle_a, [{"purchase_price": 400.0}])
        bill = self._upload("ubl", [Line("Van AA-111", 400)], order=second.name)
        self.assertAttached(bill, second)

    def test_plate_of_several_permissions_is_told_by_the_amount(self):
        second = self._create_permission(self.vehicle_a, [{"purchase_price": 250.0}])
        for kind in FORMATS:
            with self.subTest(kind=kind):
                lines = [Line("Engine", 400), Line("Service", 250)]
                bill = self._upload(kind, lines, plate="AA 111")
                self.assertAttached(bill, self.big, second)
                bill.unlink()

    def test_lines_of_one_plate_are_told_by_what_they_amount_to(self):
        """300 and 100 are the 400 of one permission and not the 250 of the other."""
        self._create_permission(self.vehicle_a, [{"purchase_price": 250.0}])
        lines = [Line("Labour", 300), Line("Parts", 100)]
        bill = self._upload("cii", lines, plate="AA-111")
        self.assertAttached(bill, self.big, self.big)
        self.assertFalse(bill.maintenance_match_note)
        bill.action_post()
        self.assertEqual(self.big.state, "closed")

    # -- what becomes of it -----------------------------------------------------

    def test_attached_bill_closes_its_permission_when_it_is_posted(self):
        for kind, permission, price in (
            ("ubl", self.big, 400),
            ("cii", self.small, 200),
        ):
            with self.subTest(kind=kind):
                bill = self._upload(
                    kind, [Line("Work", price)], order=permission.name, number=kind
                )
                self.assertIn(
                    f"Attached to permissions: {permission.display_name}",
                    self._get_said(bill),
                )
                self.assertFalse(bill.maintenance_match_note)
                line = bill.invoice_line_ids
                self.assertEqual(line.vehicle_id, permission.vehicle_id)
                self.assertEqual(
                    line.analytic_distribution,
                    permission.contract_id.analytic_distribution,
                )
                bill.action_post()
                self.assertEqual(permission.state, "closed")
                # 23 %
                self.assertEqual(bill.amount_total, price * 1.23)

    def test_one_line_of_two_permission_lines_is_split(self):
        permission = self._create_permission(
            self.vehicle_a, [{"purchase_price": 60.0}, {"purchase_price": 40.0}]
        )
        bill = self._upload("cii", [Line("Work", 110)], order=permission.name)
        # 110 × 60 / 100 and the rest; tax 110 × 23 %
        self.assertEqual(bill.invoice_line_ids.mapped("price_subtotal"), [66.0, 44.0])
        self.assertEqual(bill.amount_tax, 25.3)

    def test_allowance_and_charge_are_shared_out_by_value(self):
        """400 + 200 - 60 + 5 = 545.00 and 23 %, 125.35. Of -60 two thirds are -40.00
        and -20.00, of 5.00 they are 3.33 and 1.67: 363.33 and 181.67."""
        self.company.maintenance_bill_tolerance = 60.0
        for kind in FORMATS:
            big, small = (
                self._create_permission(vehicle, [{"purchase_price": price}])
                for vehicle, price in ((self.vehicle_a, 400), (self.vehicle_b, 200))
            )
            before = self._get_costs()
            with self.subTest(kind=kind):
                bill = self._upload(
                    kind,
                    [
                        Line("Tyres", 200, document=small.name),
                        Line("Engine", 400, document=big.name),
                    ],
                    allowances=[("Loyalty", -60.0), ("Environment", 5.0)],
                    number=kind,
                )
                self.assertAttached(bill, small, big)
                whole = bill.invoice_line_ids.filtered("maintenance_whole")
                self.assertEqual(whole.mapped("price_subtotal"), [-60.0, 5.0])
                self.assertFalse(whole.maintenance_line_id)
                note = bill.maintenance_match_note
                self.assertIn("is shared out by value", note)
                for amount in ("55.00", "36.67", "18.33"):
                    self.assertIn(amount, note)
                bill.action_post()
                self.assertEqual(
                    (bill.amount_untaxed, bill.amount_total), (545, 670.35)
                )
                self.assertEqual(
                    (big + small).mapped("amount_purchase"), [363.33, 181.67]
                )
                costs = [
                    self.euro.round(after - earlier)
                    for after, earlier in zip(self._get_costs(), before, strict=True)
                ]
                self.assertEqual(costs, [363.33, 181.67])

    def test_allowance_is_of_no_permission_though_the_document_names_one(self):
        self.company.maintenance_bill_tolerance = 60.0
        bill = self._upload(
            "ubl",
            [Line("Engine", 400), Line("Tyres", 200, document=self.small.name)],
            order=self.big.name,
            allowances=[("Loyalty", -60.0)],
        )
        self.assertAttached(bill, self.big, self.small)
        bill.action_post()
        # two thirds of -60 are -40
        self.assertEqual(self.big.amount_purchase, 360.0)
        self.assertEqual(self.small.amount_purchase, 180.0)

    def test_rounding_of_the_total_is_of_the_bill_as_a_whole(self):
        """492.00 with tax and 0.40 to be paid more."""
        bill = self._upload(
            "ubl", [Line("Engine", 400)], order=self.big.name, rounding=0.4
        )
        rounding = bill.invoice_line_ids.filtered("maintenance_whole")
        self.assertEqual(rounding.price_subtotal, 0.4)
        self.assertAttached(bill, self.big)

    def _get_costs(self):
        """What contracts A and B bear in the ledger."""
        return [
            -self._get_analytic_result(account)
            for account in (self.analytic_a, self.analytic_b)
        ]

    # -- credit notes -----------------------------------------------------------

    def test_credit_note_names_its_bill_and_takes_back_what_it_charged(self):
        for kind, permission, price in (
            ("ubl", self.big, 400),
            ("cii", self.small, 200),
        ):
            with self.subTest(kind=kind):
                bill = self._upload(
                    kind, [Line("Work", price)], order=permission.name, number=kind
                )
                bill.action_post()
                credit = self._upload(
                    kind,
                    [Line("Work", 50)],
                    is_credit=True,
                    preceding=kind,
                    number=f"C {kind}",
                )
                self.assertEqual(credit.move_type, "in_refund")
                self.assertEqual(credit.reversed_entry_id, bill)
                # the credit names no permission, but the bill that has one
                self.assertAttached(credit, permission)
                credit.action_post()
                # of 400 or 200 there are 50 given back
                self.assertEqual(permission.line_ids.amount_credited, 50.0)
                self.assertEqual(bill.amount_residual, (price - 50) * 1.23)
