from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..common_releases import ReleasesCommon


@tagged("post_install", "-at_install")
class TestReleaseBilling(ReleasesCommon):
    """From work orders and months to invoices: each release is billed once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._new_checked()
        cls.month = cls._new_month()

    # -- with each payer's invoice

    def test_every_payers_invoice_comes_with_its_release(self):
        order = self._new_checked(
            (self.labour, 1000, {"program_id": self.program.id}),
            (self.part, 2000, {}),
        )
        order.action_back_to_check(reason="Claim")
        self._new_claim(order, order.line_ids[1], deductible=300)
        service, program, insurance = self._bill(order)
        # labour 500 and a deductible of 300; half of the labour; parts less 300
        expected = (
            (service, "service", self.customer, 500, 300, 800, 888),
            (program, "program", self.sponsor, 500, 0, 500, 555),
            (insurance, "insurance", self.insurer, 0, 1700, 1700, 1887),
        )
        for move, kind, partner, labour, material, untaxed, total in expected:
            with self.subTest(kind):
                self.assertRecordValues(
                    move.service_release_ids,
                    [
                        {
                            "release_type": "order",
                            "invoice_type": kind,
                            "state": "invoiced",
                            "partner_id": partner.id,
                            "work_order_id": order.id,
                            "amount_labour": labour,
                            "amount_material": material,
                            "amount_untaxed": untaxed,
                            "amount_total": total,
                            "is_supplement": False,
                        }
                    ],
                )
                self.assertEqual(move.amount_untaxed, untaxed)
                self.assertEqual(move.amount_total, total)
                self.assertEqual(
                    move.invoice_line_ids.service_release_id, move.service_release_ids
                )
        # those of the first check went with it
        live = order.release_ids.filtered(lambda r: r.state != "cancelled")
        self.assertEqual(len(live), 3)

    def test_release_says_what_the_invoice_says_with_charges_and_taxes(self):
        account = self.company_data["default_account_revenue"]
        charge, discount = self.env["service.tcd"].create(
            [
                {
                    "code": code,
                    "name": code,
                    "tcd_type": kind,
                    "basis": "flat",
                    "rate": rate,
                    "account_id": account.id,
                    "tax_ids": [Command.set(self.tax_11.ids)]
                    if kind == "charge"
                    else False,
                }
                for code, kind, rate in (("C", "charge", 80), ("D", "discount", 50))
            ]
        )
        order = self._new_order(
            (self.labour, 500, {}),
            (self.external, 500, {}),
            tcd_ids=[Command.create({"tcd_id": code.id}) for code in charge | discount],
        )
        order.action_confirm_check()
        release = self._release(order)
        # 1,000 + 80 − 50 = 1,030, 11 % of it 113.30
        self.assertRecordValues(
            release,
            [
                {
                    "amount_labour": 500,
                    "amount_external_repair": 500,
                    "amount_additional_charge": 0,
                    "amount_charge": 80,
                    "amount_discount": 50,
                    "amount_untaxed": 1030,
                    "amount_tax": 113.3,
                    "amount_total": 1143.3,
                }
            ],
        )
        move = self._invoice(release)
        for name in ("charge", "discount", "tax", "total"):
            self.assertEqual(move[f"service_amount_{name}"], release[f"amount_{name}"])

    def test_collective_invoice_has_one_release_per_order(self):
        self.sponsor.service_collective_invoice = True
        lines = (self.labour, 100, {"program_id": self.program.id})
        orders = self._new_checked(lines) | self._new_checked(lines)
        clerk_orders = orders.with_user(self.clerk)
        move = self._get_documents(clerk_orders.action_create_collective_invoices())
        releases = move.service_release_ids
        self.assertEqual(releases.work_order_id, orders)
        self.assertEqual(releases.mapped("amount_untaxed"), [50, 50])
        self.assertEqual(releases.mapped("state"), ["invoiced"] * 2)
        for release in releases:
            lines = move.invoice_line_ids.filtered(
                lambda line, r=release: line.service_release_id == r
            )
            # the order's section, the category's and the line
            self.assertEqual(len(lines), 3)
            self.assertEqual(
                lines.service_order_line_id.order_id, release.work_order_id
            )

    def test_moved_share_has_a_release_of_its_new_payer(self):
        order = self._new_checked((self.labour, 100, {"program_id": self.program.id}))
        moves = self._bill(order)
        moves.with_user(self.authorizer).action_service_authorize()
        first = moves[1].service_release_ids
        action = (
            moves[1]
            .with_user(self.authorizer)
            .action_service_move_share("service", self.customer.id, "Refused")
        )
        new = self._get_documents(action)
        self.assertEqual(first.state, "reprocessed")
        self.assertEqual(first.move_id, moves[1])
        self.assertRecordValues(
            new.service_release_ids,
            [
                {
                    "state": "invoiced",
                    "partner_id": self.customer.id,
                    "is_moved": True,
                    "reason": "Refused",
                    "origin_id": first.id,
                    "is_supplement": True,
                    "amount_untaxed": 50,
                }
            ],
        )
        self.assertFalse(order._get_unbilled_releases())

    # -- released before it is invoiced

    def test_released_order_is_billed_by_its_own_button_too(self):
        order = self.order
        release = self._release(order, confirm=False)
        self.assertEqual(release.state, "fresh")
        move = self._bill(order)
        self.assertEqual(release.state, "invoiced")
        self.assertEqual(move.service_release_ids, release)
        self.assertEqual(order.release_ids, release)

    def test_releasing_twice_shows_the_same_releases(self):
        order = self._new_checked((self.labour, 100, {"program_id": self.program.id}))
        first = self._release(order)
        self.assertEqual(len(first), 2)
        action = order.with_user(self.clerk).action_release()
        self.assertEqual(action["domain"], [("id", "in", first.sorted("id").ids)])
        self._bill(order)
        with self.assertRaisesRegex(UserError, order.name):
            order.with_user(self.clerk).action_release()
        with self.assertRaises(AccessError):
            order.with_user(self.advisor).action_release()
        unchecked = self._new_order((self.part, 5, {}))
        with self.assertRaisesRegex(UserError, unchecked.name):
            unchecked.with_user(self.clerk).action_release()

    def test_order_that_goes_back_or_is_cancelled_has_nothing_released(self):
        order, other = self.order, self._new_checked()
        release, other_release = self._release(order), self._release(other)
        order.with_user(self.clerk).action_back_to_check(reason="Wrong part")
        self.assertEqual(release.state, "cancelled")
        self.assertIn("Wrong part", str(release.message_ids.mapped("body")))
        self.assertEqual(other_release.state, "confirmed", "nobody touched it")
        order.line_ids.price_unit = 70
        order.action_confirm_check()
        self.assertEqual(self._bill(order).service_release_ids.amount_untaxed, 70)
        other.action_cancel(reason="Came by mistake")
        self.assertEqual(other_release.state, "cancelled")

    def test_moving_an_open_share_cancels_what_was_released(self):
        order = self._new_checked((self.part, 100, {}), (self.labour, 60, {}))
        release = self._release(order)
        order.with_user(self.clerk).action_move_share(
            "service",
            self.other_customer.id,
            "He pays the labour",
            [[order.line_ids[1].id, 60]],
        )
        self.assertEqual(release.state, "cancelled")
        again = self._release(order)
        self.assertEqual(again.amount_untaxed, 100)
        self.assertEqual(self._invoice(again).amount_untaxed, 100)
        self.assertEqual(order.state, "invoiced")
        self.assertEqual(sum(order._get_live_invoices().mapped("amount_untaxed")), 160)

    # -- one invoice from several releases

    def test_one_invoice_for_what_belongs_together(self):
        orders = self.order | self._new_checked((self.labour, 50, {}))
        move = self._invoice(self._release(orders))
        self.assertEqual(len(move), 1)
        self.assertEqual(move.work_order_ids, orders)
        self.assertEqual(move.service_release_ids, orders.release_ids)
        self.assertEqual(move.amount_untaxed, 150)
        self.assertEqual(move.service_status, "fresh")
        self.assertEqual(orders.mapped("state"), ["invoiced"] * 2)
        self.assertFalse(move.service_share_warning)

    def test_months_and_orders_of_a_payer_share_an_invoice(self):
        orders = self.order | self._new_checked((self.part, 10, {}))
        months = self._new_month(40) | self._new_month(7)
        move = self._invoice(months | self._release(orders))
        self.assertEqual(move.work_order_ids, orders)
        self.assertEqual(move.service_monthly_release_ids, months)
        self.assertEqual(move.service_order_release_ids, orders.release_ids)
        self.assertEqual(move.amount_untaxed, 157)
        self.assertFalse(move.service_share_warning)
        names = [*orders.mapped("name"), *months.mapped("name")]
        self.assertEqual(move.invoice_origin, ", ".join(names))

    def test_orders_with_charges_and_moved_shares_are_invoiced_alone(self):
        code = self.env["service.tcd"].create(
            {
                "code": "FEE",
                "name": "Fee",
                "tcd_type": "charge",
                "basis": "percentage",
                "rate": 10,
                "account_id": self.company_data["default_account_revenue"].id,
            }
        )
        row = {"tcd_ids": [Command.create({"tcd_id": code.id})]}
        orders = self._new_checked(**row) | self._new_checked(**row)
        moves = self._invoice(self._release(orders))
        self.assertEqual(moves.mapped("amount_untaxed"), [110, 110])
        with self.assertRaisesRegex(UserError, "by itself"):
            moves[0].with_user(self.clerk).action_service_add_releases(
                release_ids=self.month.ids
            )

    def test_what_does_not_belong_together_gets_an_invoice_of_its_own(self):
        foreign = self.setup_other_currency("EUR")
        abroad = self.env["account.fiscal.position"].create({"name": "Abroad"})
        far = self._new_partner("Far", property_account_position_id=abroad.id)
        base = self.month
        same = self._new_month(5)
        decoys = (
            self._new_month(partner_id=self.other_customer.id)
            | self._new_month(currency_id=foreign.id)
            | self._new_month(invoice_type="program")
            | self._new_month(payment_term_id=self.pay_terms_b.id)
            | self._new_month(partner_id=far.id)
        )
        moves = self._invoice(base | same | decoys)
        self.assertEqual(base.move_id, same.move_id)
        self.assertEqual(base.move_id.service_release_ids, base | same)
        self.assertEqual(len(moves), 6)
        self.assertEqual(len(decoys.move_id), 5)
        self.assertNotIn(base.move_id, decoys.move_id)

    def test_position_the_payer_got_meanwhile_counts_for_all_his_releases(self):
        self.assertFalse(self.month.payer_fiscal_position_id)
        abroad = self.env["account.fiscal.position"].create({"name": "Abroad"})
        self.month.partner_id.property_account_position_id = abroad
        move = self._invoice(self.month | self._new_month(5))
        self.assertEqual(len(move.service_release_ids), 2)
        self.assertEqual(move.fiscal_position_id, abroad)

    def test_releases_of_two_companies_get_two_invoices(self):
        company = self._create_company(name="Second workshop")
        tax = self.env["account.tax"].sudo().with_company(company)
        tax = tax.create({"name": "Sale 5 %", "amount": 5, "company_id": company.id})
        foreign = self._new_release(
            (self.labour, 100, {"tax_ids": [Command.set(tax.ids)]}),
            company_id=company.id,
            currency_id=company.currency_id.id,
        )
        self.clerk.company_ids |= company
        foreign.action_confirm()
        releases = foreign | self.month
        context = {"allowed_company_ids": (self.env.company | company).ids}
        moves = self._invoice(releases.with_context(**context))
        self.assertEqual(
            moves.mapped("company_id"), foreign.company_id | self.env.company
        )

    def test_monthly_invoice_takes_text_accounts_and_taxes(self):
        release = self._new_month(customer_reference="PO 1")
        move = self._invoice(release)
        section, line = move.invoice_line_ids
        self.assertIn(release.name, section.name)
        self.assertEqual(section.display_type, "line_section")
        self.assertRecordValues(
            line,
            [
                {
                    "service_cost_category": "labour",
                    "tax_ids": self.tax_11.ids,
                    "service_release_id": release.id,
                    "service_release_line_id": release.line_ids.id,
                    "account_id": self.company_data["default_account_revenue"].id,
                }
            ],
        )
        self.assertEqual(move.service_invoice_type, "service")
        self.assertEqual(move.amount_total, 111)
        self.assertEqual(move.invoice_origin, release.name)
        self.assertEqual(move.ref, "PO 1")

    def test_only_confirmed_releases_are_billed_and_all_others_named(self):
        good = self.month
        bad = self._new_release((self.part, 1, {})) | self._new_month()
        bad[1].action_cancel(reason="No")
        names = "(?s)" + ".*".join(bad.mapped("name"))
        with self.assertRaisesRegex(UserError, names):
            (good | bad).with_user(self.clerk).action_create_invoice()
        with self.assertRaises(AccessError):
            good.with_user(self.advisor).action_create_invoice()
        self.assertFalse(good.move_id)

    def test_a_failure_stops_no_other_payer(self):
        good, bad = self.month, self._new_month(partner_id=self.insurer.id)
        blocked = type(bad)._prepare_invoice_vals

        def fail(releases):
            if releases.partner_id == self.insurer:
                raise UserError(releases.env._("No journal"))
            return blocked(releases)

        with patch.object(type(bad), "_prepare_invoice_vals", fail):
            action = (good | bad).with_user(self.clerk).action_create_invoice()
        self.assertIn("No journal", action["params"]["message"])
        self.assertEqual(good.state, "invoiced")
        self.assertEqual(bad.state, "confirmed")
        self.assertFalse(bad.move_id)

    def test_two_clerks_bill_a_release_once(self):
        release = self.month
        order = self.order
        order_release = self._release(order)
        second = self._new_user("second_clerk", "group_service_billing")
        theirs = (release | order_release).with_user(second)
        self.assertEqual(theirs.mapped("state"), ["confirmed"] * 2)
        self._invoice(release | order_release)
        for one in theirs:
            with self.assertRaisesRegex(UserError, one.name):
                one.action_create_invoice()
        with self.assertRaisesRegex(UserError, order.name):
            order.with_user(second).action_create_next_invoice()
        self.assertEqual(release.move_id.service_release_ids, release | order_release)

    def test_who_comes_while_another_bills_is_told_so(self):
        release = self.month
        nobody = release.browse()
        with (
            patch.object(type(release), "try_lock_for_update", lambda *a, **k: nobody),
            self.assertRaisesRegex(UserError, f"{release.name}.*somebody else"),
        ):
            release.with_user(self.clerk).action_create_invoice()
        self.assertFalse(release.move_id)
