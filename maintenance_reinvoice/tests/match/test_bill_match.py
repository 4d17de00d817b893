from odoo.tests import Form, tagged

from odoo.addons.service_invoicing.tests.common_properties import examples, given, st

from ...tools.text_match import mentions
from ..common_bill import MaintenanceBillCommon


@tagged("post_install", "-at_install")
class TestBillMatch(MaintenanceBillCommon):
    """A bill that came by itself tells which permissions it is about."""

    def test_found_by_permission_number_in_the_text(self):
        number = self.permission_a.name.replace("/", " ").lower()
        bill = self._create_vendor_bill((f"Repair, your {number}", 100.0))
        self.assertEqual(
            self._get_proposed(bill), [(f"Repair, your {number}", self.line_a)]
        )

    def test_found_by_plate_whatever_its_dashes(self):
        bill = self._create_vendor_bill(("Repair", 100.0))
        for text in ("aa111 repair", "AA 111", "Van (AA-111), repair", "AA.111"):
            bill.invoice_line_ids.name = text
            self.assertEqual(self._get_proposed(bill), [(text, self.line_a)])

    def test_part_of_a_longer_number_is_not_found(self):
        bill = self._create_vendor_bill(("Repair", 100.0))
        for text in ("AA-1112", "BAA111", f"{self.permission_a.name}5", "11"):
            bill.invoice_line_ids.name = text
            self.assertEqual(self._get_proposed(bill), [(text, self.line_a.browse())])

    @examples(200)
    @given(
        code=st.text("abcxyz0123456789", min_size=3, max_size=8),
        separators=st.lists(st.sampled_from(["", "-", " ", "/", ". "]), min_size=8),
        before=st.sampled_from(["", "Van ", "(", "é, "]),
        after=st.sampled_from(["", " repair", ")", ", 12.00"]),
    )
    def test_number_is_found_however_it_is_written(
        self, code, separators, before, after
    ):
        written = "".join(map("".join, zip(code.upper(), separators, strict=False)))
        written = written.rstrip("-/. ")
        self.assertTrue(mentions(f"{before}{written}{after}", code))
        self.assertFalse(mentions(f"{before}{written}7{after}", code))
        self.assertFalse(mentions(f"{before}k{written}{after}", code))

    def test_form_tells_what_it_found_while_it_is_typed(self):
        form = Form(
            self.env["account.move"].with_context(default_move_type="in_invoice")
        )
        form.ref = f"G-8 {self.permission_a.name}"
        self.assertFalse(form.maintenance_match_note)
        form.partner_id = self.garage
        self.assertIn(self.permission_a.name, form.maintenance_match_note)

    def test_number_counts_before_plate(self):
        second = self._create_permission(self.vehicle_a, [{"purchase_price": 7.0}])
        bill = self._create_vendor_bill((f"AA-111 {second.name}", 100.0))
        self.assertEqual(self._get_proposed(bill)[0][1], second.line_ids)

    def test_found_in_the_bills_own_texts(self):
        name = self.permission_a.name
        bill = self._create_vendor_bill(("Repair", 100.0))
        for vals in (
            {"ref": f"G-7 {name}"},
            {"invoice_origin": name},
            {"payment_reference": f"for {name}"},
            {"narration": f"<p>Your order <b>{name}</b></p>"},
        ):
            bill.write(vals)
            self.assertEqual(self._get_proposed(bill)[0][1], self.line_a, vals)
            bill.write(dict.fromkeys(vals, False))
            self.assertFalse(self._get_proposed(bill)[0][1])

    def test_heading_names_the_permission_of_the_lines_below(self):
        bill = self._create_vendor_bill(
            "Vehicle AA-111", ("Work", 100.0), "Vehicle BB-222", ("Brakes", 60.0)
        )
        self.assertEqual(
            [lines for _text, lines in self._get_proposed(bill)],
            [self.line_a, self.brakes],
        )

    def test_nearer_text_counts_before_the_header(self):
        both = f"{self.permission_a.name}, {self.permission_b.name}"
        bill = self._create_vendor_bill(
            ("BB-222 tyres", 40.0), ("AA-111", 99.0), invoice_origin=both
        )
        self.assertEqual(
            [lines for _text, lines in self._get_proposed(bill)],
            [self.tyres, self.line_a],
        )

    def test_header_tells_which_permission_of_a_vehicle(self):
        second = self._create_permission(self.vehicle_a, [{"purchase_price": 7.0}])
        bill = self._create_vendor_bill(("AA-111", 50.0), invoice_origin=second.name)
        self.assertEqual(self._get_proposed(bill)[0][1], second.line_ids)

    def test_amount_tells_which_permission_of_a_vehicle(self):
        second = self._create_permission(self.vehicle_a, [{"purchase_price": 7.0}])
        bill = self._create_vendor_bill(("AA-111", 7.0), ("AA-111", 55.0))
        (_t, exact), (_t, unclear) = self._get_proposed(bill)
        self.assertEqual(exact, second.line_ids)
        self.assertFalse(unclear)
        self.assertIn("2 permissions found", bill.maintenance_match_note)

    def test_lines_of_one_vehicle_are_told_by_what_they_amount_to(self):
        """70 and 30 are the 100 of the one permission, and not the 7 of the other."""
        self._create_permission(self.vehicle_a, [{"purchase_price": 7.0}])
        bill = self._create_vendor_bill(("AA-111 labour", 70.0), ("AA-111 oil", 30.0))
        self.assertEqual(
            [lines for _text, lines in self._get_proposed(bill)],
            [self.line_a, self.line_a],
        )

    def test_note_names_what_does_not_match(self):
        self._create_permission(self.vehicle_a, [{"purchase_price": 7.0}])
        bill = self._create_vendor_bill(
            ("AA-111", 55.0), ("BB-222 brakes", 60.0), ("Coffee", 2.0)
        )
        note = bill.maintenance_match_note
        self.assertRegex(note, r"“AA-111” \(\$.55\.00\) may be for")
        self.assertRegex(note, r"No permission was found for “Coffee” \(\$.2\.00\)")
        bill.action_maintenance_match(
            line_ids=[(bill.invoice_line_ids[1].id, self.brakes.id)]
        )
        note = bill.maintenance_match_note
        self.assertRegex(note, r"Not billed of .*: “Tyres” \(\$.40\.00\)")
        # what is not attached counts for the only permission, as at posting: 55 + 2
        self.assertRegex(note, r"is billed with a difference of \$.57\.00")

    def test_note_says_nothing_of_what_has_nothing_to_do_with_permissions(self):
        self.assertFalse(
            self._create_vendor_bill(("Coffee", 2.0)).maintenance_match_note
        )

    def test_one_line_of_the_sum_of_several_permissions(self):
        bill = self._create_vendor_bill(("AA-111 and BB-222", 200.0))
        self.assertEqual(
            self._get_proposed(bill)[0][1], self.line_a + self.brakes + self.tyres
        )

    def test_lines_of_one_permission_are_told_apart_by_price(self):
        bill = self._create_vendor_bill(("BB-222", 40.0), ("BB-222", 60.0))
        self.assertEqual(
            [lines for _text, lines in self._get_proposed(bill)],
            [self.tyres, self.brakes],
        )

    def test_one_line_for_work_and_compensation_keeps_the_agreed_prices(self):
        """The dearer work takes the difference: 3.00 + 99.99, 0.00 + 100.00."""
        for prices, billed, shares in (
            ((100.0, -99.99), 3.0, [102.99, -99.99]),
            ((-99.99, 100.0), 3.0, [-99.99, 102.99]),
            ((100.0, -100.0), 0.0, [100.0, -100.0]),
            ((60.0, 40.0), 10.0, [6.0, 4.0]),
            ((-60.0, -40.0), -10.0, [-6.0, -4.0]),
        ):
            lines = self._create_permission(
                self.vehicle_a, [{"purchase_price": price} for price in prices]
            ).line_ids
            bill = self._create_vendor_bill(("Settled", billed))
            pairs = [(bill.invoice_line_ids.id, line.id) for line in lines]
            rows = [{"bill_line_id": a, "permission_line_id": b} for a, b in pairs]
            dialog = self.env["maintenance.bill.match"].create({"move_id": bill.id})
            dialog.row_ids = [(5,), *((0, 0, row) for row in rows)]
            self.assertEqual(dialog.row_ids.mapped("amount_billed"), shares)
            bill.action_maintenance_match(line_ids=pairs)
            parts = bill.invoice_line_ids.grouped("maintenance_line_id")
            self.assertEqual([parts[line].price_subtotal for line in lines], shares)
            self.assertEqual(bill.amount_untaxed, billed)

    def test_what_the_garage_added_goes_to_the_last_line(self):
        bill = self._create_vendor_bill(("AA-111", 100.0), ("AA-111 waste oil", 4.0))
        self.assertEqual(
            [lines for _text, lines in self._get_proposed(bill)],
            [self.line_a, self.line_a],
        )

    def test_only_what_this_bill_may_charge_is_proposed(self):
        other = self._create_partner("Other garage")
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5)])
        line = [{"purchase_price": 5.0}]
        self._create_permission(self.vehicle_a, line, vendor_id=other.id)
        self._create_permission(self.vehicle_a, line, purchase_currency_id=euro.id)
        self._create_permission(self.vehicle_a, line, approve=False)
        self._create_permission(self.vehicle_a, [{"purchase_price": 0.0}])
        self._create_closed(self.vehicle_a, line)
        bill = self._create_vendor_bill(("AA-111", 5.0))
        self.assertEqual(
            self.env["maintenance.bill.matching"]._get_candidates(bill),
            self.line_a + self.brakes + self.tyres,
        )
        self.assertEqual(self._get_proposed(bill)[0][1], self.line_a)

    def test_contact_of_the_garage_sends_the_bill(self):
        contact = self._create_partner("Desk", parent_id=self.garage.id)
        bill = self._create_vendor_bill(("AA-111", 5.0), partner_id=contact.id)
        self.assertEqual(self._get_proposed(bill)[0][1], self.line_a)

    def test_draft_bill_keeps_its_permissions_from_another(self):
        self._match_proposal(self._create_vendor_bill(("AA-111", 100.0)))
        second = self._create_vendor_bill(("AA-111", 100.0))
        self.assertNotIn(
            self.line_a, self.env["maintenance.bill.matching"]._get_candidates(second)
        )
        self.assertFalse(second.maintenance_match_note)

    # -- bills that come in -----------------------------------------------------

    def test_uploaded_bill_proposes_its_permissions(self):
        bill = self._import_ubl(
            [("Brakes and tyres of BB 222", 100.0)], order=self.permission_a.name
        )
        self.assertEqual((bill.partner_id, bill.ref), (self.garage, "G-2026-77"))
        self.assertEqual(bill.invoice_origin, self.permission_a.name)
        # the line's own text counts before the order number; which one is right is for
        # a person to say
        note = f"1 permission found: {self.permission_b.display_name}"
        self.assertTrue(bill.maintenance_match_note.startswith(note))
        self.assertIn(
            f"The bill names {self.permission_a.display_name}, but no line",
            bill.maintenance_match_note,
        )
        said = bill.message_ids.mapped("preview")
        self.assertTrue(any(text.startswith(note) for text in said), said)
        self.assertFalse(bill.invoice_line_ids.maintenance_line_id)
        self._match_proposal(bill)
        bill.action_post()
        self.assertEqual(self.permission_b.state, "closed")

    def test_mailed_bill_proposes_the_permissions_of_its_subject(self):
        self.garage.email = "garage@example.com"
        journal = self.company_data["default_journal_purchase"]
        bill = self.env["account.move"].message_new(
            {
                "from": "garage@example.com",
                "subject": f"Bill for {self.permission_a.name}",
                "body": "<p>Van AA-111</p>",
                "message_id": "<1@example.com>",
                "email_from": "garage@example.com",
                "to": "bills@example.com",
            },
            {"move_type": "in_invoice", "journal_id": journal.id},
        )
        subject, body = f"Bill for {self.permission_a.name}", "Van AA-111"
        bill.message_post(subject=subject, body=body, message_type="email")
        self.assertEqual(bill.partner_id, self.garage)
        matching = self.env["maintenance.bill.matching"]
        found = matching._join_found(matching._get_proposal(bill))
        self.assertEqual(found, self.permission_a)
        self._match_proposal(bill)
        self.assertEqual(bill.amount_untaxed, 100.0)
