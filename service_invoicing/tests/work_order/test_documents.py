import base64

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from ..common import ServiceInvoicingCommon

FILE = base64.b64encode(b"Signed")


@tagged("post_install", "-at_install", "service_alone")
class TestDocuments(ServiceInvoicingCommon):
    """The check of an order asks for documents, each in its own place."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        types = cls.env["service.document.type"].create(
            [
                {"name": "Signed order", "sequence": 1},
                {"name": "Voucher", "sequence": 2, "needed_for": "program"},
                {"name": "Approval", "sequence": 3, "needed_for": "insurance"},
            ]
        )
        cls.signed, cls.voucher, cls.approval = types
        cls.order = cls._new_order((cls.labour, 300, {}))

    def _attach(self, kind, order=None, name="scan.pdf"):
        Document = self.env["service.work.order.document"].with_user(self.advisor)
        order_id = (order or self.order).id
        vals = {"order_id": order_id, "type_id": kind.id, "name": name, "file": FILE}
        return Document.create(vals)

    def _get_slots(self, order):
        return [
            (slot["name"], slot["wanted"], [file["name"] for file in slot["files"]])
            for slot in order.document_slots
        ]

    def test_an_order_has_a_slot_per_document_it_needs(self):
        self.assertEqual(self._get_slots(self.order), [("Signed order", True, [])])
        self.order.line_ids.program_id = self.program
        self.assertEqual(
            self._get_slots(self.order),
            [("Signed order", True, []), ("Voucher", True, [])],
        )
        self.order.line_ids.program_id = False
        claim = self._new_claim(self.order, self.order.line_ids)
        self._attach(self.approval, name="mail.eml")
        self.assertEqual(
            self._get_slots(self.order),
            [("Signed order", True, []), ("Approval", True, ["mail.eml"])],
        )
        claim.action_reject()
        self.assertEqual(
            self._get_slots(self.order)[1], ("Approval", False, ["mail.eml"])
        )

    def test_slots_follow_the_form_before_it_is_saved(self):
        with Form(self.order.with_user(self.advisor)) as form:
            with form.line_ids.edit(0) as line:
                line.program_id = self.program
            names = [slot["name"] for slot in form.document_slots]
        self.assertEqual(names, ["Signed order", "Voucher"])

    def test_the_check_names_all_that_is_missing(self):
        self.order.line_ids.program_id = self.program
        regex = f"(?s){self.order.name}: the document “Signed order”.*“Voucher” is"
        with self.assertRaisesRegex(UserError, regex):
            self.order.action_confirm_check()
        self._attach(self.signed)
        with self.assertRaisesRegex(UserError, "“Voucher” is missing"):
            self.order.action_confirm_check()
        self._attach(self.voucher)
        self.order.with_user(self.advisor).action_confirm_check()
        self.assertEqual(self.order.state, "to_invoice")

    def test_who_asks_for_no_documents_has_no_slots(self):
        self.env["service.document.type"].search([]).action_archive()
        self.assertFalse(self.order.document_slots)
        self.order.action_confirm_check()

    def test_what_was_checked_stays(self):
        document = self._attach(self.signed)
        with self.assertRaises(AccessError):
            document.name = "other.pdf"
        self._attach(self.signed, name="draft.pdf").unlink()
        self.order.action_confirm_check()
        with self.assertRaisesRegex(UserError, "scan.pdf.*Signed order"):
            document.unlink()
        with self.assertRaisesRegex(UserError, "stays as it is"):
            document.sudo().file = base64.b64encode(b"Other")
        self._attach(self.signed, name="late.pdf")
        self.order.action_back_to_check(reason="Wrong scan")
        document.unlink()
        history = self.order.message_ids.mapped("body")
        self.assertTrue(any("removed: Signed order (scan.pdf)" in b for b in history))
        self.assertTrue(any("attached: Signed order (late.pdf)" in b for b in history))

    def test_a_copy_needs_its_own_documents(self):
        self._attach(self.signed)
        self.assertFalse(self.order.copy().document_ids)

    def test_documents_keep_to_their_company(self):
        other = self._create_company(name="Other company")
        foreign = self.signed.sudo().copy({"company_id": other.id, "name": "Foreign"})
        self.order.invalidate_recordset()
        self.assertEqual(len(self.order.document_slots), 1)
        with self.assertRaisesRegex(UserError, "company inconsistencies"):
            self._attach(foreign)
        document = self._attach(self.signed)
        stranger = new_test_user(
            self.env,
            "service_stranger",
            groups="service_invoicing.group_service_advisor",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        with self.assertRaises(AccessError):
            document.with_user(stranger).read(["file"])

    def test_managers_say_what_is_asked_for(self):
        with self.assertRaises(AccessError):
            self.signed.with_user(self.clerk).name = "Other"
        self.signed.with_user(self.manager).name = "Order form"
