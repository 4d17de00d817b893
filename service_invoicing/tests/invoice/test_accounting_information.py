from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..common import ServiceInvoicingCommon
from ..common_properties import examples, given, st

amounts = st.decimals(min_value="0.01", max_value="9999", places=2).map(float)
invoices = st.fixed_dictionaries(
    {
        "foreign": st.booleans(),
        "term": st.booleans(),
        "charge": amounts,
        "discount": st.decimals(min_value=0, max_value=50, places=2).map(float),
        "lines": st.lists(
            st.tuples(amounts, st.sampled_from(["plain", "included", "withheld"])),
            min_size=1,
            max_size=5,
        ),
    }
)


@tagged("post_install", "-at_install")
class TestAccountingInformation(ServiceInvoicingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.included = cls._percent_tax(23, price_include_override="tax_included")
        cls.withheld = cls._percent_tax(-2, service_withholding=True)
        cls.euro = cls.setup_other_currency("EUR", rates=[("2016-01-01", 3.0)])
        account = cls.company_data["default_account_revenue"]
        cls.charge = cls.env["service.tcd"].create(
            {
                "code": "CHG",
                "name": "Charge",
                "account_id": account.id,
                "tax_ids": cls.tax_11.ids,
            }
        )
        cls.discount = cls.charge.copy(
            {"code": "DSC", "tcd_type": "discount", "basis": "percentage"}
        )

    @classmethod
    def _new_invoice(cls, **vals):
        return cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "service_invoice_type": "service",
                "partner_id": cls.customer.id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Work",
                            "price_unit": 100.0,
                            "tax_ids": cls.tax_11.ids,
                        }
                    )
                ],
                **vals,
            }
        )

    def _random_invoice(self, drawn):
        taxes = {
            "plain": self.tax_11,
            "included": self.included,
            "withheld": self.tax_11 | self.withheld,
        }
        currency = self.euro if drawn["foreign"] else self.env.company.currency_id
        self.env.company.service_modify_payment_term = True
        term = self.pay_terms_b if drawn["term"] else self.pay_terms_a
        return self._new_invoice(
            currency_id=currency.id,
            invoice_payment_term_id=term.id,
            invoice_line_ids=[
                Command.create(
                    {
                        "name": "Work",
                        "price_unit": price,
                        "tax_ids": [Command.set(taxes[kind].ids)],
                    }
                )
                for price, kind in drawn["lines"]
            ],
            service_tcd_ids=[
                Command.create({"tcd_id": self.charge.id, "rate": drawn["charge"]}),
                Command.create({"tcd_id": self.discount.id, "rate": drawn["discount"]}),
            ],
        )

    def _open(self, moves, user=None):
        action = moves.with_user(user or self.clerk).action_service_open_entries()
        records = self.env[action["res_model"]].with_user(user or self.clerk)
        if action.get("res_id"):
            return records.browse(action["res_id"])
        return records.search(action["domain"])

    def _read_items(self, items):
        """The journal items without what numbering gives, in an order of their own."""
        return sorted(
            (
                item.account_id.code,
                item.date,
                item.date_maturity or item.date,
                item.debit,
                item.credit,
                item.amount_currency,
                item.currency_id.name,
                item.tax_tag_ids.ids,
            )
            for item in items
        )

    @examples(4)
    @given(drawn=invoices)
    def test_preview_equals_what_is_posted(self, drawn):
        with self.env.cr.savepoint() as savepoint:
            # never saved: the preview finds charges and discounts itself
            move = self._random_invoice(drawn)
            preview = self._open(move)
            self.assertFalse(preview.problems)
            expected = self._read_items(preview.line_ids)
            move.action_service_save()
            move.with_user(self.authorizer).action_service_authorize()
            posted = self._open(move)
            self.assertEqual(self._read_items(posted), expected)
            self.assertAlmostEqual(
                sum(preview.line_ids.mapped("debit")),
                sum(preview.line_ids.mapped("credit")),
            )
            savepoint.close(rollback=True)

    def test_preview_says_what_is_owed_and_earned(self):
        # 100 and 11 % tax, which has no account of its own and follows the revenue
        self.assertEqual(
            sorted(
                (item.account_id.account_type, item.debit, item.credit)
                for item in self._open(self._new_invoice()).line_ids
            ),
            [
                ("asset_receivable", 111.0, 0.0),
                ("income", 0.0, 11.0),
                ("income", 0.0, 100.0),
            ],
        )

    def test_preview_leaves_nothing_behind(self):
        move = self._new_invoice(service_keep_draft=True)
        sequence = self.env["ir.sequence"].search(
            [("code", "=", "service.invoice.service")], limit=1
        )
        before = move.copy_data(), sequence.number_next_actual, move.message_ids
        self._open(move)
        self.assertRecordValues(
            move,
            [
                {
                    "state": "draft",
                    "service_status": "draft",
                    "service_number": False,
                    "service_saved_by_id": False,
                    "service_keep_draft": True,
                    "name": False,
                }
            ],
        )
        after = move.copy_data(), sequence.number_next_actual, move.message_ids
        self.assertEqual(after, before)

    def test_preview_names_what_stands_in_the_way(self):
        move = self._new_invoice()
        move.partner_id = False
        preview = self._open(move)
        self.assertIn("customer", preview.problems.lower())
        self.assertEqual(sum(preview.line_ids.mapped("debit")), 111.0)

    def test_preview_of_a_deleted_invoice_posts_nothing(self):
        move = self._new_invoice()
        move.action_service_save()
        move.action_service_delete(reason="Twice")
        preview = self._open(move)
        self.assertFalse(preview.line_ids)

    def test_preview_of_a_credit_memo_is_the_other_way_round(self):
        move = self._new_invoice()
        move.action_service_save()
        move.action_service_authorize()
        refund = move._reverse_moves()
        items = self._open(refund).line_ids
        owed = items.filtered(lambda i: i.account_id.account_type == "asset_receivable")
        self.assertEqual((owed.debit, owed.credit), (0.0, 111.0))

    def test_maker_who_may_not_authorize_sees_the_preview(self):
        self.env.company.service_maker_not_authorizer = True
        move = self._new_invoice()
        move.with_user(self.clerk).action_service_save()
        self.assertFalse(self._open(move).problems)
        self.assertEqual(move.service_saved_by_id, self.clerk)

    def test_journal_items_are_for_readers_of_invoices_of_the_company_only(self):
        move = self._new_invoice()
        with self.assertRaises(AccessError):
            self._open(move, self.advisor)
        other = self._create_company(name="Other company")
        foreigner = new_test_user(
            self.env,
            "service_foreigner",
            groups="service_invoicing.group_service_billing",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        with self.assertRaises(AccessError):
            self._open(move, foreigner)

    def test_preview_rows_cannot_be_made_or_read_by_others(self):
        preview = self._open(self._new_invoice())
        with self.assertRaises(AccessError):
            preview.line_ids.write({"debit": 1.0})
        with self.assertRaises(AccessError):
            preview.line_ids.with_user(self.authorizer).read(["debit"])

    def test_several_authorized_invoices_open_in_one_list(self):
        moves = self._new_invoice() | self._new_invoice()
        moves.action_service_save()
        moves.action_service_authorize()
        items = self._open(moves)
        self.assertEqual(items.move_id, moves)
        # receivable, revenue and tax of each, no section
        self.assertEqual(len(items), 6)

    def test_view_link_shows_the_invoice_on_the_screen(self):
        action = self._new_invoice().with_user(self.clerk).action_service_view()
        self.assertEqual(action["report_type"], "qweb-html")
