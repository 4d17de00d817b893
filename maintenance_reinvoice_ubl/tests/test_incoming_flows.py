from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .common_incoming import IncomingCommon
from .garage_bills import FORMATS, Line

USER = "maintenance_reinvoice.group_maintenance_user"
CLERK = "account.group_account_invoice"


@tagged("post_install", "-at_install")
class TestIncomingFlows(IncomingCommon):
    """The ways on which a bill comes, who brings it and for which company."""

    def _create_user(self, *groups, **vals):
        return new_test_user(
            self.env,
            f"incoming_{len(groups)}",
            groups=",".join([*groups, "base.group_partner_manager"]),
            company_id=self.company.id,
            **vals,
        )

    # -- ways -------------------------------------------------------------------

    def test_mailed_bill_attaches_itself(self):
        for kind in FORMATS:
            with self.subTest(kind=kind):
                attachment = self._create_file(
                    kind, [Line("Tyres", 200, document=self.small.name)]
                )
                journal = self.company_data["default_journal_purchase"]
                bill = self.env["account.move"].message_new(
                    {
                        "from": "garage@example.com",
                        "email_from": "garage@example.com",
                        "to": "bills@example.com",
                        "subject": "Our bill",
                        "body": "",
                        "message_id": f"<{kind}@example.com>",
                    },
                    {"move_type": "in_invoice", "journal_id": journal.id},
                )
                bill.with_context(from_alias=True).message_post(
                    subject="Our bill",
                    message_type="email",
                    attachment_ids=attachment.ids,
                )
                self.assertAttached(bill, self.small)
                bill.unlink()

    def test_file_put_on_an_empty_draft_attaches_it(self):
        for kind in FORMATS:
            with self.subTest(kind=kind):
                bill = self.env["account.move"].create({"move_type": "in_invoice"})
                attachment = self._create_file(
                    kind, [Line("Tyres", 200)], order=self.small.name
                )
                bill.message_post(message_type="comment", attachment_ids=attachment.ids)
                self.assertAttached(bill, self.small)
                self.assertIn("Attached to permissions", self._get_said(bill))
                bill.unlink()

    def test_file_read_anew_forgets_what_the_one_before_named(self):
        bill = self._upload("ubl", [Line("Tyres", 200)], order=self.small.name)
        bill.invoice_line_ids.unlink()
        attachment = self._create_file("cii", [Line("Engine", 400)], plate="AA-111")
        bill.message_post(message_type="comment", attachment_ids=attachment.ids)
        self.assertEqual(bill.maintenance_named, ["AA-111", "DEPT-1"])
        self.assertAttached(bill, self.big)

    def test_bill_posts_itself_only_where_it_matches(self):
        self.garage.autopost_bills = "always"
        self.company.autopost_bills = True
        bill = self._upload("ubl", [Line("Tyres", 200)], order=self.small.name)
        self.assertEqual(bill.state, "posted")
        self.assertEqual(self.small.state, "closed")
        for number, line in enumerate(
            (Line("Coffee", 5), Line("Engine", 380, document=self.big.name))
        ):
            bill = self._upload("cii", [line], number=f"G-{number}")
            self.assertEqual(bill.state, "draft")
            self.assertIn("Not posted by itself", self._get_said(bill))

    def test_bill_that_cannot_be_attached_is_kept_and_says_why(self):
        class_ = type(self.matching)
        for error, text in (
            (UserError("Locked"), "could not be attached: Locked"),
            (SerializationFailure("x"), "somebody else was changing"),
        ):
            with self.subTest(text=text):
                with patch.object(class_, "_write_lines", side_effect=error):
                    bill = self._upload(
                        "ubl", [Line("Tyres", 200)], order=self.small.name
                    )
                self.assertAttached(bill, None)
                self.assertIn(text, self._get_said(bill))
                self.assertIn("1 permission found", bill.maintenance_match_note)
                bill.unlink()

    # -- rights -----------------------------------------------------------------

    def test_clerk_without_maintenance_right_imports_as_ever(self):
        clerk = self._create_user(CLERK)
        env = self.env(user=clerk)
        bill = self._upload("ubl", [Line("Tyres", 200)], env, order=self.small.name)
        self.assertAttached(bill, None)
        self.assertNotIn(self.small.name, self._get_said(bill))
        # who has the right finds what the file said
        self.assertIn(self.small.name, bill.maintenance_match_note)
        self.assertFalse(bill.with_user(clerk).maintenance_match_note)

    def test_bill_of_a_permission_is_not_posted_by_a_clerk_who_cannot_see_it(self):
        self.garage.autopost_bills = "always"
        self.company.autopost_bills = True
        env = self.env(user=self._create_user(CLERK))
        bill = self._upload("ubl", [Line("Tyres", 200)], env, order=self.small.name)
        self.assertEqual(bill.state, "draft")
        self.assertIn("Not posted by itself", self._get_said(bill))
        self.assertNotIn(self.small.name, self._get_said(bill))

    def test_clerk_posts_what_has_nothing_to_do_with_permissions(self):
        self._locate(self.garage, "DE129273398")
        stationer = self._create_partner("Stationer", autopost_bills="always")
        self._locate(stationer, "DE136695976")
        self.company.autopost_bills = True
        env = self.env(user=self._create_user(CLERK))
        names = {"seller": "Stationer", "buyer": "Lessor"}
        bill = self._upload("ubl", [Line("Paper", 10)], env, names=names)
        self.assertEqual(bill.partner_id, stationer)
        self.assertEqual(bill.state, "posted")

    def test_user_of_maintenance_attaches_by_importing(self):
        env = self.env(user=self._create_user(CLERK, USER))
        bill = self._upload("cii", [Line("Tyres", 200)], env, order=self.small.name)
        self.assertAttached(bill, self.small)

    # -- companies --------------------------------------------------------------

    def _create_abroad(self, **vals):
        """An approved permission of another company for the same garage and vehicle."""
        other = self.setup_other_company()["company"]
        self.vehicle_b.sudo().company_id = False
        env = self.env(context={**self.env.context, "allowed_company_ids": other.ids})
        product = env["product.product"].create({"name": "Work", "type": "service"})
        env["maintenance.contract"].create(
            {
                "name": "X",
                "partner_id": self.customer.id,
                "vehicle_ids": [Command.set(self.vehicle_b.ids)],
                "state": "open",
            }
        )
        permission = env["maintenance.permission"].create(
            {
                "vehicle_id": self.vehicle_b.id,
                "vendor_id": self.garage.id,
                "purchase_currency_id": self.euro.id,
                "line_ids": [
                    Command.create({"product_id": product.id, "purchase_price": 200.0})
                ],
                **vals,
            }
        )
        permission.action_approve()
        return permission

    def test_bill_is_for_the_permissions_of_its_company(self):
        """Number, plate, garage and price are the same in both companies."""
        abroad = self._create_abroad(name=self.small.name)
        both = self.env.companies | abroad.company_id
        env = self.env(context={**self.env.context, "allowed_company_ids": both.ids})
        for kind in FORMATS:
            with self.subTest(kind=kind):
                bill = self._upload(
                    kind,
                    [Line("Work", 200)],
                    env,
                    order=self.small.name,
                    plate="BB 222",
                )
                self.assertAttached(bill, self.small)
                bill.unlink()

    def test_number_that_only_another_company_has_is_unknown(self):
        abroad = self._create_abroad(name="ABROAD-1")
        bill = self._upload("ubl", [Line("Work", 70)], order=abroad.name)
        self.assertAttached(bill, None)
        self.assertNotIn("The bill names", bill.maintenance_match_note)

    # -- who does not use us ----------------------------------------------------

    def test_ordinary_bill_asks_for_nothing_more(self):
        self._locate(self.garage, "DE129273398")
        stationer = self._create_partner("Stationer")
        self._locate(stationer, "DE136695976")
        lines = [Line("Paper", 10, document="X-1"), Line("Pens", 5, note="Blue")]
        vals = {"order": "PO-4711", "names": {"seller": "Stationer", "buyer": "Lessor"}}
        path = "odoo.addons.maintenance_reinvoice_ubl.models.account_edi_common"
        for kind in FORMATS:
            with self.subTest(kind=kind):
                self._count_queries(kind, lines, vals)
                read = self._count_queries(kind, lines, vals)
                with patch(f"{path}.read_texts", return_value=[]):
                    unread = self._count_queries(kind, lines, vals)
                self.assertEqual(read, unread)

    def _count_queries(self, kind, lines, vals):
        """Queries of an import, and searches for permission lines: one, as ever."""
        self.env.flush_all()
        self.env.invalidate_all()
        permission_lines = type(self.env["maintenance.permission.line"])
        before = self.env.cr.sql_log_count
        with patch.object(
            permission_lines,
            "search",
            autospec=True,
            side_effect=permission_lines.search,
        ) as search:
            bill = self._upload(kind, lines, **vals)
            self.env.flush_all()
        count = self.env.cr.sql_log_count - before
        self.assertEqual(bill.partner_id.name, "Stationer")
        self.assertFalse(bill.maintenance_match_note)
        self.assertFalse(bill.invoice_line_ids.maintenance_line_id)
        self.assertEqual(search.call_count, 1)
        bill.unlink()
        return count

    def test_customer_invoice_keeps_nothing(self):
        """A file read into the sales journal is no garage's bill."""
        attachment = self._create_file(
            "ubl", [Line("Work", 200, note=self.small.name)], order=self.small.name
        )
        journal = self.company_data["default_journal_sale"]
        invoice = journal._create_document_from_attachment(attachment.ids)
        self.assertEqual(invoice.move_type, "out_invoice")
        self.assertTrue(invoice.invoice_line_ids)
        self.assertFalse(invoice.maintenance_named)
        self.assertFalse(any(invoice.invoice_line_ids.mapped("maintenance_named")))
