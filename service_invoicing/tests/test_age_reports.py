from odoo.exceptions import AccessError
from odoo.tests import freeze_time, new_test_user, tagged

from .common_releases import ReleasesCommon


@tagged("post_install", "-at_install")
class TestAgeReports(ReleasesCommon):
    """What waits for the billing clerk, by age: releases and prepayments."""

    def _get_rows(self, releases, today="2026-06-30", user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        with freeze_time(today):
            rows = (
                self.env["service.release.report"]
                .with_user(user or self.clerk)
                .search([("release_id", "in", releases.ids)])
            )
            rows.read(["days", "bucket", "amount"])
        return rows

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
        other = self.setup_other_company()["company"]
        theirs = self._new_release(
            (self.labour, 10, {"tax_ids": []}), company_id=other.id
        )
        self.assertFalse(self._get_rows(theirs))
