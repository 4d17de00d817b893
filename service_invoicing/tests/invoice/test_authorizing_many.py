from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from ..common import ServiceInvoicingCommon

ACTION = "service_invoicing.account_move_action_authorize"


@tagged("post_install", "-at_install")
class TestAuthorizingMany(ServiceInvoicingCommon):
    """What waits for an authorizer: a list with entries, authorized in one go."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rows = cls.tax_11.invoice_repartition_line_ids
        rows = rows.filtered(lambda row: row.repartition_type == "tax")
        rows.account_id = cls.company_data["default_account_tax_sale"]
        cls.first, cls.second, cls.third = (
            cls._bill(cls._new_order((cls.part, price, {})))
            for price in (100, 200, 300)
        )
        cls.moves = (cls.first | cls.second | cls.third).with_user(cls.authorizer)

    def _get_waiting(self, user):
        action = self.env.ref(ACTION).sudo()
        domain = safe_eval(action.domain, {"uid": user.id})
        return self.moves.search(domain) & self.moves

    def test_all_are_authorized_together(self):
        action = self.moves.action_service_authorize()
        self.assertEqual(action["params"]["message"], "3 documents authorized.")
        self.assertEqual(set(self.moves.mapped("service_status")), {"authorized"})

    def test_one_that_fails_is_named_and_stops_no_other(self):
        self.second.service_keep_draft = True
        self.second.with_user(self.clerk).action_service_save()
        action = self.moves.action_service_authorize()
        self.assertEqual(
            self.moves.mapped("service_status"), ["authorized", "draft", "authorized"]
        )
        message = action["params"]["message"]
        self.assertTrue(message.startswith("2 of 3 documents authorized."))
        self.assertIn(self.second.service_number, message)
        self.assertNotIn(self.first.service_number, message)
        self.assertTrue(action["params"]["sticky"])

    def test_when_all_fail_each_is_named(self):
        self.moves.action_service_authorize()
        numbers = ".*".join(self.moves.mapped("service_number"))
        with self.assertRaisesRegex(UserError, f"(?s){numbers}"):
            self.moves.action_service_authorize()

    def test_what_is_saved_again_says_so(self):
        move = self.first.with_user(self.clerk)
        action = move.action_service_save()
        self.assertIn(move.service_number, action["params"]["message"])
        move.action_service_return(reason="Typing error")
        self.assertIs(move.action_service_save(), True)

    def test_the_status_explains_itself(self):
        field = self.moves.fields_get(["service_status"])["service_status"]
        self.assertIn("Fresh: saved", field["help"])

    def test_no_list_of_typed_documents_makes_some_of_files(self):
        """They would have no type."""
        names = ("", "_authorize", "_prepayment")
        for name in names:
            view = self.env.ref(f"service_invoicing.account_move_view_list{name}")
            arch = self.moves.get_view(view.id, "list")["arch"]
            self.assertIn('js_class="service_invoice_list"', arch)
        core = self.moves.get_view(self.env.ref("account.view_out_invoice_tree").id)
        self.assertIn('js_class="account_tree"', core["arch"])

    def test_clerks_authorize_none(self):
        with self.assertRaisesRegex(AccessError, "Authorizer"):
            self.moves.with_user(self.clerk).action_service_authorize()
        self.assertEqual(set(self.moves.mapped("service_status")), {"fresh"})

    def test_the_list_shows_what_waits_for_oneself(self):
        self.assertEqual(self._get_waiting(self.authorizer), self.moves)
        self.first.company_id.service_maker_not_authorizer = True
        self.first.with_user(self.authorizer).action_service_save()
        self.second.with_user(self.clerk).action_service_return(reason="No")
        self.assertEqual(self._get_waiting(self.authorizer), self.third)
        self.assertEqual(self._get_waiting(self.manager), self.first | self.third)

    def test_entries_name_accounts_and_amounts(self):
        """100 and 11 %: the receivable, revenue and tax accounts of the company."""
        data = self.company_data
        self.assertEqual(
            self.first.with_user(self.authorizer).service_entries,
            f"Dr {data['default_account_receivable'].code} $\u00a0111.00 / "
            f"Cr {data['default_account_revenue'].code} $\u00a0100.00, "
            f"{data['default_account_tax_sale'].code} $\u00a011.00",
        )

    def test_ordinary_invoices_have_no_entries_in_sight(self):
        self.assertFalse(self.init_invoice("out_invoice", amounts=[50]).service_entries)

    def test_authorizer_adds_the_payer_s_bank_account(self):
        """The right comes with the role."""
        account = self.env["res.partner.bank"].with_user(self.authorizer)
        account = account.create(
            {"acc_number": "DE89370400440532013000", "partner_id": self.customer.id}
        )
        move = self.first.with_user(self.authorizer)
        move.service_payer_bank_id = account
        self.assertEqual(move.service_payer_bank_id, account)
