from odoo import Command
from odoo.tests import tagged

from .common import BUILDERS, EinvoiceCommon


@tagged("post_install", "-at_install")
class TestEinvoiceReading(EinvoiceCommon):
    """The receiver of our credit memo finds the bill it takes back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls._bill_order()
        cls.credit = cls._credit(cls.invoice)
        cls.expense = cls.company_data["default_account_expense"]

    def _receive_bill(self, **vals):
        """The bill of 1,000 as it was entered by the receiver."""
        bill = self.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": self.company.partner_id.id,
                "invoice_date": self.invoice.invoice_date,
                "ref": self.invoice.name,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Repair",
                            "price_unit": 1000,
                            "account_id": self.expense.id,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
                **vals,
            }
        )
        bill.action_post()
        return bill

    def _read_credit(self, kind):
        """The credit memo, read as a document of a vendor."""
        move = self.env["account.move"].create({"move_type": "in_refund"})
        data = {"xml_tree": self._export(self.credit, kind), "attachment": None}
        self.env[BUILDERS[kind]]._import_invoice_ubl_cii(move, data, new=True)
        return move

    def test_credit_note_is_linked_to_the_bill_it_names(self):
        bill = self._receive_bill()
        for kind in BUILDERS:
            with self.subTest(kind=kind):
                move = self._read_credit(kind)
                self.assertEqual(move.partner_id, bill.partner_id)
                self.assertEqual(move.reversed_entry_id, bill)
                log = str(move.message_ids.mapped("body"))
                self.assertIn(f"Credits the bill {bill.display_name}", log)

    def test_a_credit_note_in_plain_ubl_is_linked(self):
        bill = self._receive_bill()
        move = self.env["account.move"].create({"move_type": "in_refund"})
        data = {"xml_tree": self._export(self.credit, "bis3"), "attachment": None}
        builder = self.env["account.edi.xml.ubl_21"]
        builder._import_invoice_ubl_cii(move, data, new=True)
        self.assertEqual(move.reversed_entry_id, bill)

    def test_of_several_bills_that_are_named_none_is_linked(self):
        """Of one that is known nobody can say how much of it is credited."""
        bill = self._receive_bill()
        move = self.env["account.move"].create(
            {"move_type": "in_refund", "partner_id": bill.partner_id.id}
        )
        builder = self.env["account.edi.xml.ubl_21"]
        (log,) = builder._link_service_credited(move, [bill.ref, "R-2"])
        self.assertFalse(move.reversed_entry_id)
        self.assertIn(f"{bill.ref}, R-2", log)
        numbers = [f" {bill.ref}\n", bill.ref, None]
        (log,) = builder._link_service_credited(move, numbers)
        self.assertEqual(move.reversed_entry_id, bill)

    def test_bill_of_another_vendor_is_no_match(self):
        self._receive_bill(partner_id=self.sponsor.id)
        self.assertFalse(self._read_credit("bis3").reversed_entry_id)

    def test_unknown_bill_is_named_in_the_log(self):
        move = self._read_credit("facturx")
        self.assertFalse(move.reversed_entry_id)
        self.assertIn(self.invoice.name, str(move.message_ids.mapped("body")))

    def test_credit_note_settles_the_bill_when_it_is_posted(self):
        bill = self._receive_bill()
        move = self._read_credit("bis3")
        move.action_post()
        self.assertTrue(bill.line_ids.matched_debit_ids)
