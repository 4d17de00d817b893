from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..common import ServiceInvoicingCommon


@tagged("post_install", "-at_install")
class TestBillingAnalysis(ServiceInvoicingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order, cls.claim, cls.invoices = cls._bill_three_payers()

    @classmethod
    def _bill_three_payers(cls):
        """Labour 100 half for the sponsor, parts 200 for the insurer less 30."""
        order = cls._new_order(
            (cls.labour, 100, {"program_id": cls.program.id}), (cls.part, 200, {})
        )
        claim = cls._new_claim(order, order.line_ids[1], deductible=30)
        return order, claim, cls._bill(order)

    def _analyse(self, moves, *group_by, user=None):
        """Untaxed amounts by group, among these invoices."""
        Report = self.env["account.invoice.report"].with_user(user or self.clerk)
        rows = Report._read_group(
            [("move_id", "in", moves.ids)], group_by, ["price_subtotal:sum"]
        )
        return {row[:-1]: row[-1] for row in rows}

    def test_amounts_are_told_apart_by_payer_program_and_claim(self):
        claim, moves = self.claim, self.invoices
        none = self.env["service.program"]
        no_claim = self.env["service.insurance.claim"]
        self.assertEqual(
            self._analyse(
                moves, "partner_id", "service_program_id", "service_claim_id"
            ),
            {
                (self.customer, none, no_claim): 80,
                (self.sponsor, self.program, no_claim): 50,
                (self.insurer, none, claim): 170,
            },
        )
        nobody = self.env["res.partner"]
        self.assertEqual(
            self._analyse(moves, "service_sponsor_id", "service_insurer_id"),
            {
                (nobody, nobody): 80,
                (self.sponsor, nobody): 50,
                (nobody, self.insurer): 170,
            },
        )

    def test_amounts_are_told_apart_by_type_category_status_and_order(self):
        order, moves = self.order, self.invoices
        other, __, other_moves = self._bill_three_payers()
        moves[1].with_user(self.authorizer).action_service_authorize()
        self.assertEqual(
            self._analyse(moves, "service_invoice_type", "service_cost_category"),
            {
                ("service", "labour"): 50,
                ("service", "material"): 30,
                ("program", "labour"): 50,
                ("insurance", "material"): 170,
            },
        )
        self.assertEqual(
            self._analyse(moves, "service_status"),
            {("fresh",): 250, ("authorized",): 50},
        )
        self.assertEqual(
            self._analyse(moves | other_moves, "service_work_order_id"),
            {(order,): 300, (other,): 300},
        )

    def test_charges_belong_to_the_only_work_order_of_their_invoice(self):
        order = self._new_order((self.labour, 100, {}))
        code = self.env["service.tcd"].create(
            {
                "code": "WASTE",
                "name": "Waste oil",
                "account_id": self.company_data["default_account_revenue"].id,
            }
        )
        order.tcd_ids.create({"work_order_id": order.id, "tcd_id": code.id, "rate": 12})
        moves = self._bill(order)
        self.assertEqual(
            self._analyse(moves, "service_work_order_id", "service_cost_category"),
            {(order, "labour"): 100, (order, False): 12},
        )

    def test_credit_memos_count_negative_with_program_and_claim(self):
        order, claim, moves = self.order, self.claim, self.invoices
        moves.with_user(self.authorizer).action_service_authorize()
        refunds = moves.with_user(self.authorizer)._reverse_moves()
        refunds.action_post()
        self.assertEqual(
            self._analyse(refunds, "service_program_id", "service_claim_id"),
            {
                (self.program.browse(), claim.browse()): -80,
                (self.program, claim.browse()): -50,
                (self.program.browse(), claim): -170,
            },
        )
        self.assertEqual(
            self._analyse(moves | refunds, "service_work_order_id"), {(order,): 0}
        )

    def test_months_and_currencies_are_those_of_cores_report(self):
        currency = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        pricelist = self.env["product.pricelist"].create(
            {"name": "EUR", "currency_id": currency.id}
        )
        order = self._new_order(
            (self.part, 100, {}), pricelist_id=pricelist.id, order_date="2026-02-01"
        )
        order.line_ids.price_unit = 100
        move = self._bill(order)
        move.invoice_date = "2026-03-05"
        rows = self._analyse(move, "invoice_date:month")
        self.assertEqual([str(month) for (month,) in rows], ["2026-03-01"])
        self.assertEqual(list(rows.values()), [50])

    def test_other_invoices_are_not_in_the_billing_analysis(self):
        action = self.env.ref("service_invoicing.account_invoice_report_action")
        domain = [("service_invoice_type", "!=", False)]
        self.assertEqual(action.domain, str(domain))
        plain = self._create_invoice_one_line(price_unit=100)
        moves = self.invoices
        found = self.env["account.invoice.report"].search(domain).move_id
        self.assertNotIn(plain, found)
        self.assertLessEqual(moves, found)
        self.assertEqual(
            self._analyse(plain, "service_invoice_type", "service_work_order_id"),
            {(False, self.env["service.work.order"]): 100},
        )

    def test_clerks_and_auditors_see_it_advisors_do_not(self):
        auditor = new_test_user(
            self.env, "analysis_auditor", groups="account.group_account_readonly"
        )
        moves = self.invoices
        for user in (self.clerk, auditor):
            with self.subTest(user.login):
                groups = self._analyse(moves, "service_program_id", user=user)
                self.assertIn((self.program,), groups)
        with self.assertRaises(AccessError):
            self._analyse(moves, "service_program_id", user=self.advisor)
        menu = self.env.ref("service_invoicing.account_invoice_report_menu")
        for user, visible in (
            (self.clerk, True),
            (auditor, True),
            (self.advisor, False),
        ):
            self.env.registry.clear_cache()
            menus = self.env["ir.ui.menu"].with_user(user)._visible_menu_ids()
            self.assertEqual(menu.id in menus, visible, user.login)

    def test_views_of_the_analysis_open(self):
        action = self.env.ref("service_invoicing.account_invoice_report_action")
        views = (
            self.env["account.invoice.report"]
            .with_user(self.clerk)
            .get_views(
                action.views + [(action.search_view_id.id, "search")],
            )["views"]
        )
        self.assertIn("service_invoice_type", views["pivot"]["arch"])
        self.assertIn("group_service_insurer", views["search"]["arch"])
