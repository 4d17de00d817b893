from lxml import etree

from odoo.tests import tagged

from ..common_shares import MovedSharesCommon


@tagged("post_install", "-at_install")
class TestPayerBalance(MovedSharesCommon):
    """The table of an order's page: customer 500 and his own risk of 300, sponsor 500,
    insurer 2,000 less 300 of own risk."""

    def _assert_rows(self, order, *expected):
        """:param expected: (beginning of the title, values of columns)"""
        rows = order._get_payer_balance()
        self.assertEqual(len(rows), len(expected), [row["title"] for row in rows])
        for row, (title, values) in zip(rows, expected, strict=True):
            with self.subTest(title):
                self.assertTrue(row["title"].startswith(title), row["title"])
                names = (*values, "share", "released", "invoiced", "open", "waived")
                self.assertEqual(
                    {name: row[name] for name in names},
                    dict.fromkeys(names, 0.0) | values,
                )

    def test_invoiced_shares_with_own_risk_in_rows_of_their_own(self):
        self._assert_rows(
            self.order,
            ("Customer (Service", {"share": 500, "invoiced": 500}),
            ("Own risk", {"share": 300, "invoiced": 300}),
            ("Subtotal", {"share": 800, "invoiced": 800}),
            ("Sponsor (Program", {"share": 500, "invoiced": 500}),
            ("Insurer (Insurance", {"share": 2000, "invoiced": 2000}),
            ("Own risk", {"share": -300, "invoiced": -300}),
            ("Subtotal", {"share": 1700, "invoiced": 1700}),
            ("Sum", {"share": 3000, "invoiced": 3000}),
        )

    def test_what_was_moved_is_the_new_payers_and_what_was_paid_is_received(self):
        """500 of the insurer's parts go to the customer; the sponsor pays 555."""
        line = self.insured.invoice_line_ids.filtered(
            lambda line: line.price_subtotal == 2000
        )
        self._move(self.insured, amounts=[[line.id, 500]])
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=self.sponsored.ids
        ).create({})._create_payments()
        self._assert_rows(
            self.order,
            # 500 of labour and 500 of parts
            ("Customer (Service", {"share": 1000, "invoiced": 1000}),
            ("Own risk", {"share": 300, "invoiced": 300}),
            ("Subtotal", {"share": 1300, "invoiced": 1300}),
            ("Sponsor", {"share": 500, "invoiced": 500, "received": 555}),
            ("Insurer", {"share": 1500, "invoiced": 2000, "credited": 500}),
            ("Own risk", {"share": -300, "invoiced": -300}),
            ("Subtotal", {"share": 1200, "invoiced": 1700, "credited": 500}),
            ("Sum", {"share": 3000, "invoiced": 3500, "credited": 500}),
        )

    def test_what_is_closed_and_what_is_freed_are_told_apart(self):
        """Of the customer's 500, 200 are credited and closed; the sponsor's 500 are
        credited and wait to be billed again."""
        line = self.service.invoice_line_ids.filtered(
            lambda line: line.price_subtotal == 500
        )
        authorizer = self.service.with_user(self.authorizer)
        authorizer.action_service_credit("Gift", line_ids=[[line.id, 200]], free=False)
        self.sponsored.with_user(self.authorizer).action_service_credit("Wrong")
        self._assert_rows(
            self.order,
            (
                "Customer",
                {"share": 500, "invoiced": 500, "credited": 200, "closed": 200},
            ),
            ("Own risk", {"share": 300, "invoiced": 300}),
            (
                "Subtotal",
                {"share": 800, "invoiced": 800, "credited": 200, "closed": 200},
            ),
            (
                "Sponsor",
                {
                    "share": 500,
                    "released": 500,
                    "invoiced": 500,
                    "credited": 500,
                    "open": 500,
                },
            ),
            ("Insurer", {"share": 2000, "invoiced": 2000}),
            ("Own risk", {"share": -300, "invoiced": -300}),
            ("Subtotal", {"share": 1700, "invoiced": 1700}),
            (
                "Sum",
                {
                    "share": 3000,
                    "released": 500,
                    "invoiced": 3000,
                    "credited": 700,
                    "closed": 200,
                    "open": 500,
                },
            ),
        )
        # as is said above the table
        self.assertEqual(self.order.amount_to_invoice, 500)

    def test_a_price_that_was_corrected_on_a_draft_is_given_up(self):
        order = self._new_order((self.part, 100, {}))
        move = self._bill(order).with_user(self.clerk)
        move.invoice_line_ids.filtered("price_subtotal").price_unit = 88
        self._assert_rows(
            order,
            ("Customer", {"share": 100, "invoiced": 88, "waived": 12}),
            ("Sum", {"share": 100, "invoiced": 88, "waived": 12}),
        )

    def test_before_the_check_all_is_open_and_own_cost_is_nobodys(self):
        """Half of 400 of labour is a program of the workshop itself."""
        program = self.program.copy({"name": "Goodwill", "invoiceable": False})
        order = self._new_order((self.labour, 400, {"program_id": program.id}))
        self._assert_rows(
            order,
            ("Customer", {"share": 200, "open": 200}),
            ("Own cost", {"share": 200}),
            ("Sum", {"share": 400, "open": 200}),
        )
        order.action_confirm_check()
        self._assert_rows(
            order,
            ("Customer", {"share": 200, "released": 200, "open": 200}),
            ("Own cost", {"share": 200}),
            ("Sum", {"share": 400, "released": 200, "open": 200}),
        )

    def test_a_claim_says_what_the_insurer_bears_after_own_risk(self):
        claim = self.order.claim_ids
        self.assertEqual(
            (claim.amount_insurance, claim.amount_to_insurer), (2000, 1700)
        )

    def test_what_is_before_own_risk_is_called_so(self):
        """Covered on lines, which know no own risk; to the insurer on claims, summed
        up."""
        form = etree.fromstring(
            self.env["service.work.order"].get_view(view_type="form")["arch"]
        )
        headings = {
            (rows.get("name"), node.get("name")): (node.get("string"), node.get("sum"))
            for rows in form.iter("field")
            for node in rows.iterfind("list/field")
        }
        covered = headings["line_ids", "amount_insurance"]
        self.assertEqual(covered, ("Covered", "Covered"))
        self.assertEqual(headings["claim_ids", "amount_insurance"], (None, "Covered"))
        borne = headings["claim_ids", "amount_to_insurer"]
        self.assertEqual(borne, (None, "To Insurer"))

    def test_a_phone_gets_cards(self):
        """Where a list had to be scrolled sideways."""
        for name in (
            "service_insurance_claim",
            "service_release",
            "service_tcd",
            "service_unbilled_report",
        ):
            action = self.env.ref(f"service_invoicing.{name}_action").sudo()
            self.assertIn("kanban", action.view_mode.split(","))
        for model, field in (
            ("service.work.order", "tcd_ids"),
            ("account.move", "service_tcd_ids"),
        ):
            arch = etree.fromstring(self.env[model].get_view(view_type="form")["arch"])
            self.assertTrue(arch.findall(f".//field[@name='{field}']/kanban"), field)

    def test_the_page_shows_the_table_to_who_reads_no_invoices(self):
        table = str(self.order.with_user(self.advisor).payer_balance)
        for text in ("Insurer", "Own risk", "2,000.00", "1,700.00"):
            self.assertIn(text, table)
        # a phone shows the rows as cards, which repeat the heads
        self.assertIn('data-title="Received"', table)
        self.assertNotIn("Given Up", table)

    def test_what_prepayments_are_open_has_its_currency(self):
        arch = etree.fromstring(self.order.get_view(view_type="form")["arch"])
        (field,) = arch.findall(".//button//field[@name='amount_prepayment_open']")
        self.assertEqual(field.get("widget"), "monetary")


@tagged("post_install", "-at_install")
class TestSumsOfParts(MovedSharesCommon):
    """Whatever becomes of an order that is billed in parts, every sum on the screen and
    on paper is that of the table."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.parted = cls._new_order(
            (cls.labour, 1000, {"program_id": cls.program.id}),
            (cls.part, 2000, {}),
        )
        cls.claim = cls._new_claim(
            cls.parted, cls.parted.line_ids[1], name="CLAIM-2", deductible=300
        )

    def _assert_sums_agree(self, **expected):
        """The table's sums, worked out by hand, and whoever else shows them."""
        order = self.parted
        *rows, total = order._get_payer_balance()
        names = ("share", "released", "invoiced", "credited", "closed", "open")
        self.assertEqual(
            {name: total[name] for name in names},
            dict.fromkeys(names, 0.0) | {"share": 3000} | expected,
        )
        shares = (order.amount_customer, order.amount_program, order.amount_insurance)
        self.assertEqual(sum(shares), total["share"])
        titles = ("(Service", "(Program", "(Insurance")
        for title, share in zip(titles, shares, strict=True):
            payer = next(i for i, row in enumerate(rows) if title in row["title"])
            own = rows[payer + 1 : payer + 2] if title != "(Program" else []
            self.assertEqual(rows[payer]["share"] + sum(r["share"] for r in own), share)
        due = total["open"]
        if order.state in ("to_invoice", "invoiced"):
            self.assertEqual(order.amount_to_invoice, due)
        self.env.flush_all()
        waiting = self.env["service.unbilled.report"].search(
            [("order_id", "=", order.id)]
        )
        self.assertEqual(sum(waiting.mapped("amount")), due)
        unbilled = order._get_unbilled_releases()
        self.assertEqual(sum(unbilled.mapped("amount_untaxed")), total["released"])
        invoices = order.invoice_ids.filtered(lambda m: m.move_type == "out_invoice")
        self.assertEqual(sum(invoices.mapped("amount_untaxed")), total["invoiced"])
        memos = invoices.reversal_move_ids
        self.assertEqual(sum(memos.mapped("amount_untaxed")), total["credited"])
        with self._rolled_back():
            proformas = order._create_proformas()
            self.assertEqual(sum(proformas.mapped("amount_untaxed")), due)

    def _release(self, payer, amounts):
        answers = {"partner_id": payer.id, "amounts": amounts}
        action = self.parted.with_user(self.clerk).action_release_part(**answers)
        return self.env["service.release"].browse(action["res_id"])

    def test_every_sum_agrees_with_the_table_at_any_time(self):
        """Customer 500 and 300 of own risk, sponsor 500, insurer 1,700."""
        labour, part = self.parted.line_ids
        self._assert_sums_agree(open=3000)
        release = self._release(self.customer, [[labour.id, 125]])
        self._assert_sums_agree(released=125, open=3000)
        first = self._get_documents(release.action_create_invoice())
        self._assert_sums_agree(invoiced=125, open=2875)
        self.parted.action_confirm_check()
        self._assert_sums_agree(invoiced=125, released=2875, open=2875)
        # what is left of the insurer's is released by itself
        self._release(self.insurer, [[part.id, 700]]).action_create_invoice()
        self._assert_sums_agree(invoiced=825, released=2175, open=2175)
        self._bill(self.parted)
        self._assert_sums_agree(invoiced=3000)
        first = first.with_user(self.authorizer)
        first.action_service_authorize()
        line = first.invoice_line_ids.filtered("price_subtotal")
        # 25 are a gift, 100 are billed again
        first.action_service_credit("Gift", line_ids=[[line.id, 25]], free=False)
        self._assert_sums_agree(invoiced=3000, credited=25, closed=25)
        first.action_service_credit("Wrong", line_ids=[[line.id, 100]], free=True)
        self._assert_sums_agree(
            invoiced=3000, credited=125, closed=25, released=100, open=100
        )
        last = self._bill(self.parted).sorted("id")[-1]
        self.assertEqual(last.amount_untaxed, 100)
        self._assert_sums_agree(invoiced=3100, credited=125, closed=25)
