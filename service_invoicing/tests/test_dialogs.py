from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common_credits import CreditMemosCommon
from .common_dialogs import OwnDialogsCommon


@tagged("post_install", "-at_install")
class TestDialogs(OwnDialogsCommon, CreditMemosCommon):
    """A dialog is its user's own, and shows only what he may read."""

    def test_dialogs_are_ones_own(self):
        self.assertDialogsAreOnesOwn("service_invoicing")

    def test_no_calendar_opens_over_a_dialog(self):
        self.assertNoCalendarOpens("service_invoicing")

    def test_nobody_reads_or_changes_the_dialog_of_another(self):
        dialog = (
            self.env["service.adjust.wizard"]
            .with_user(self.authorizer)
            .create({"move_id": self.invoice.id})
        )
        # 300 and 11 %
        self.assertEqual(dialog.open_amount, 333)
        other = dialog.with_user(self.manager)
        self.assertFalse(other.search([]))
        with self.assertRaises(AccessError):
            other.read(["open_amount"])
        with self.assertRaises(AccessError):
            other.write({"move_id": False})

    def test_no_document_of_another_company_is_shown(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        user = self.authorizer.copy(
            {"company_id": other.id, "company_ids": [(6, 0, other.ids)]}
        )
        dialogs = self.env["service.adjust.wizard"].with_user(user)
        with self.assertRaises(AccessError):
            dialogs.create({"move_id": self.invoice.id})
        item = self._receivables(self.invoice)
        line = {"line_id": item.id, "amount": 1}
        with self.assertRaises(AccessError):
            dialogs.create({"line_ids": [(0, 0, line)]})
