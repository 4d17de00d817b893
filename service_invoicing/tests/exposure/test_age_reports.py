from odoo.exceptions import AccessError
from odoo.tests import freeze_time, new_test_user, tagged

from ..common_prepayment import PrepaymentCommon
from ..common_releases import ReleasesCommon


@tagged("post_install", "-at_install")
class TestAgeReports(ReleasesCommon, PrepaymentCommon):
    """What waits for the billing clerk, by age: releases and prepayments."""

    def _get_rows(self, documents, today="2026-06-30", user=None):
        model, link = {
            "service.release": ("service.release.report", "release_id"),
            "account.move": ("service.prepayment.report", "move_id"),
        }[documents._name]
        self.env.flush_all()
        self.env.invalidate_all()
        with freeze_time(today):
            rows = (
                self.env[model]
                .with_user(user or self.clerk)
                .search([(link, "in", documents.ids)])
            )
            rows.read(["days", "bucket", "amount"])
        return rows

    def _new_prepayment_of(self, day, **vals):
        with freeze_time(day):
            return self._authorize(self._ask_prepayment(**vals))

    def test_release_waits_until_it_is_cancelled(self):
        release = self._new_release((self.labour, 100, {}), date="2026-05-30")
        self.assertRecordValues(
            self._get_rows(release),
            [
                {
                    "release_id": release.id,
                    "partner_id": self.customer.id,
                    "release_type": "monthly",
                    "state": "fresh",
                    "days": 31,
                    "bucket": "31_60",
                    # before tax
                    "amount": 100,
                }
            ],
        )
        release.action_confirm()
        self.assertEqual(self._get_rows(release).state, "confirmed")
        release.action_cancel(reason="Not agreed")
        self.assertFalse(self._get_rows(release))

    def test_released_amounts_are_converted_at_todays_rate(self):
        currency = self.setup_other_currency("EUR", rates=[("2026-01-01", 4.0)])
        release = self._new_release((self.labour, 100, {}), currency_id=currency.id)
        # 100 at 4.00 to the unit
        self.assertEqual(self._get_rows(release).amount, 25)

    def test_row_opens_its_release(self):
        release = self._new_release((self.labour, 100, {}))
        action = self._get_rows(release).with_user(self.clerk).action_open_release()
        self.assertEqual(
            (action["res_model"], action["res_id"]), (release._name, release.id)
        )

    def test_clerks_and_auditors_of_the_company_see_unbilled_releases(self):
        release = self._new_release((self.labour, 100, {}))
        auditor = new_test_user(
            self.env, "release_auditor", groups="account.group_account_readonly"
        )
        self.assertTrue(self._get_rows(release, user=auditor))
        with self.assertRaises(AccessError):
            self._get_rows(release, user=self.advisor)
        other = self._create_company(name="Other company")
        theirs = self._new_release(
            (self.labour, 10, {"tax_ids": []}), company_id=other.id
        )
        self.assertFalse(self._get_rows(theirs))

    def test_prepayment_waits_with_what_was_received_of_it(self):
        prepayment = self._new_prepayment_of("2026-05-30")
        self.assertFalse(self._get_rows(prepayment))
        self._receive(prepayment, 200)
        self.assertRecordValues(
            self._get_rows(prepayment),
            [
                {
                    "move_id": prepayment.id,
                    "partner_id": self.customer.id,
                    "work_order_id": self.order.id,
                    "service_invoice_type": "prepayment",
                    "days": 31,
                    "bucket": "31_60",
                    "open_amount": 200,
                    "amount": 200,
                }
            ],
        )

    def test_prepayment_counts_at_its_own_rate(self):
        currency = self.setup_other_currency(
            "EUR", rates=[("2026-01-01", 4.0), ("2026-06-15", 5.0)]
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "EUR", "currency_id": currency.id}
        )
        order = self._new_order((self.labour, 600, {}), pricelist_id=pricelist.id)
        prepayment = self._new_prepayment_of("2026-05-30", order=order)
        self._receive(prepayment)
        row = self._get_rows(prepayment)
        # 300 at 4.00 to the unit, as they were booked
        self.assertEqual((row.open_amount, row.amount), (300, 75))

    def test_row_opens_its_prepayment(self):
        prepayment = self._new_prepayment_of("2026-05-30")
        self._receive(prepayment)
        action = self._get_rows(prepayment).action_open_prepayment()
        self.assertEqual(
            (action["res_model"], action["res_id"]), (prepayment._name, prepayment.id)
        )
        with self.assertRaises(AccessError):
            self._get_rows(prepayment, user=self.advisor)

    def test_partner_shows_what_waits_at_all_his_addresses(self):
        branch = self._new_partner("Branch", parent_id=self.customer.id)
        self._new_release((self.labour, 100, {}))
        self._new_release((self.labour, 20, {}), partner_id=branch.id)
        self._new_release((self.labour, 7, {}), partner_id=self.sponsor.id)
        self._receive(self._new_prepayment_of("2026-05-30"), 200)
        self.env.flush_all()
        self.env.invalidate_all()
        partners = (self.customer | branch | self.sponsor).with_user(self.clerk)
        self.assertRecordValues(
            partners,
            [
                {"service_release_open": 120, "service_prepayment_open": 200},
                {"service_release_open": 20, "service_prepayment_open": 0},
                {"service_release_open": 7, "service_prepayment_open": 0},
            ],
        )
        customer = partners[0]
        for method, count in (
            ("action_view_unbilled_releases", 2),
            ("action_view_unadjusted_prepayments", 1),
        ):
            action = getattr(customer, method)()
            rows = self.env[action["res_model"]].search(action["domain"])
            self.assertEqual(len(rows), count)
