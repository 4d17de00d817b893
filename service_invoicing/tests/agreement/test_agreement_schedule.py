from datetime import date
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from ..common_agreements import AgreementCommon

TYPE = "service_invoicing.mail_activity_type_monthly_release"


@tagged("post_install", "-at_install")
class TestAgreementSchedule(AgreementCommon):
    def _run_schedule(self, day, commit=lambda *args, **kwargs: 1):
        """The scheduled action on a day, without its commits."""
        cron = self.env.registry["ir.cron"]
        with freeze_time(day), patch.object(cron, "_commit_progress", commit):
            self.env["service.agreement"].sudo()._cron_release_months()

    def _get_months(self, agreement):
        return [str(r.period_from)[:7] for r in agreement.release_ids.sorted("id")]

    def test_ended_months_are_released_and_missed_ones_caught_up(self):
        agreement = self._new_agreement(self._fixed(10), date_start="2026-01-15")
        self._run_schedule("2026-04-01")
        self.assertEqual(self._get_months(agreement), ["2026-01", "2026-02", "2026-03"])
        self._run_schedule("2026-04-30")
        self.assertEqual(len(agreement.release_ids), 3)
        self._run_schedule("2026-05-01")
        self.assertEqual(self._get_months(agreement)[-1], "2026-04")
        self.assertEqual(agreement.next_month, date(2026, 5, 1))

    def test_cancelled_month_is_not_released_by_schedule_again(self):
        agreement = self._new_agreement(self._fixed(10))
        self._run_schedule("2026-02-01")
        agreement.release_ids.with_user(self.clerk).action_cancel(reason="A gift")
        self._run_schedule("2026-02-02")
        self.assertEqual(agreement.release_ids.mapped("state"), ["cancelled"])
        self.assertBilled(agreement, "2026-01-01", (1, 10, 10))

    def test_last_month_closes_the_agreement(self):
        agreement = self._new_agreement(self._fixed(10), date_end="2026-02-10")
        self._run_schedule("2026-02-05")
        self.assertEqual(agreement.state, "open")
        self._run_schedule("2026-03-01")
        self.assertEqual(agreement.state, "closed")
        amounts = agreement.release_ids.sorted("id").mapped("amount_untaxed")
        # 10 of 28 days of February
        self.assertEqual(amounts, [10, 3.57])

    # half past midnight of 1 November in London is 17:30 of 31 October in Los Angeles
    MIDNIGHT = "2026-11-01 00:30:00"

    def test_month_is_over_when_it_is_over_where_the_company_is(self):
        """Readings of 1,000 (1 October) and 1,500 (15 October), and of 2,000 on the
        evening of the 31st: 1,000 km of October, released on the next night."""
        self.env.company.partner_id.tz = "America/Los_Angeles"
        agreement = self._new_agreement(
            self._usage("reading", 0.5), date_start="2026-10-01"
        )
        self._read(agreement.line_ids, ("2026-10-01", 1000), ("2026-10-15", 1500))
        self._run_schedule(self.MIDNIGHT)
        self.assertFalse(agreement.release_ids)
        self.assertFalse(agreement.release_error)
        self._read(agreement.line_ids, ("2026-10-31", 2000))
        self._run_schedule("2026-11-02 00:30:00")
        release = agreement.release_ids
        self.assertEqual(release.line_ids.used_units, 1000)
        self.assertEqual(release.amount_untaxed, 500)
        self.assertEqual(release.date, date(2026, 11, 1))

    def test_month_is_over_earlier_where_the_day_begins(self):
        """31 October, noon in London: 1 November, 1 a.m. in Auckland."""
        self.env.company.partner_id.tz = "Pacific/Auckland"
        other = self.setup_other_company()["company"]
        other.partner_id.tz = "Europe/London"
        agreement = self._new_agreement(self._fixed(10), date_start="2026-10-01")
        tax = self.env["account.tax"].with_company(other)
        tax = tax.create({"name": "London 5 %", "amount": 5, "company_id": other.id})
        at_noon = self._new_agreement(
            self._fixed(10, tax_ids=[Command.set(tax.ids)]),
            date_start="2026-10-01",
            company_id=other.id,
            currency_id=other.currency_id.id,
            vehicle_id=False,
        )
        self._run_schedule("2026-10-31 12:00:00")
        self.assertEqual(self._get_months(agreement), ["2026-10"])
        self.assertEqual(agreement.release_ids.date, date(2026, 11, 1))
        self.assertFalse(at_noon.release_ids)

    def test_run_by_hand_asks_for_the_companys_day_too(self):
        self.env.company.partner_id.tz = "America/Los_Angeles"
        agreement = self._new_agreement(
            self._usage("reading", 1), date_start="2026-10-01"
        )
        self._read(agreement.line_ids, ("2026-10-01", 1000), ("2026-10-15", 1500))
        with freeze_time(self.MIDNIGHT):
            runs = self.env["service.monthly.run"].with_context(tz="Asia/Tokyo")
            self.assertEqual(runs.create({}).period_from, date(2026, 9, 1))
            with self.assertRefused(UserError, "November 2026 has not begun"):
                self._release(agreement, "2026-11-01")
            result = self._release(agreement, "2026-10-01")
        self.assertIn("is used until 10/31/2026", result.reason)

    def test_time_zone_of_the_company(self):
        """Its own, that of the company above, the user's, or UTC."""
        company = self.env.company
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": company.id}
        )
        self.env.user.tz = False
        (branch | company).partner_id.tz = False
        with freeze_time(self.MIDNIGHT):
            self.assertEqual(branch._get_local_today(), date(2026, 11, 1))
            self.env.user.tz = "America/New_York"
            self.assertEqual(
                branch.with_user(self.env.user)._get_time_zone(), "America/New_York"
            )
            company.partner_id.tz = "America/Los_Angeles"
            self.assertEqual(branch._get_local_today(), date(2026, 10, 31))
            branch.partner_id.tz = "Asia/Tokyo"
            self.assertEqual(branch._get_local_today(), date(2026, 11, 1))

    def test_failure_is_named_once_and_leaves_the_queue(self):
        agreement = self._new_agreement(
            self._usage("reading", 1), user_id=self.clerk.id
        )
        sound = self._new_agreement(self._fixed(10))
        self._run_schedule("2026-02-01")
        self.assertEqual(self._get_months(sound), ["2026-01"])
        self.assertIn("January 2026", agreement.release_error)
        self.assertIn("first reading", agreement.release_error)
        said = agreement.message_ids.filtered(lambda m: "first reading" in m.body)
        self.assertEqual(len(said), 1)
        self.assertEqual(agreement.activity_ids.user_id, self.clerk)
        self.assertIn("first reading", agreement.activity_ids.note)
        self._run_schedule("2026-02-02")
        said = agreement.message_ids.filtered(lambda m: "first reading" in m.body)
        self.assertEqual(len(said), 1)

    def test_failure_is_tried_again_when_touched_or_next_month(self):
        agreement = self._new_agreement(self._usage("reading", 1), user_id=False)
        self.env.company.service_billing_user_id = self.manager
        line = agreement.line_ids
        self._run_schedule("2026-02-01")
        self.assertEqual(agreement.activity_ids.user_id, self.manager)
        # next month: still one to-do
        self._run_schedule("2026-03-01")
        self.assertEqual(agreement.release_error_month, date(2026, 2, 1))
        self.assertEqual(len(agreement.activity_ids), 1)
        self._read(line, ("2026-01-01", 0), ("2026-01-31", 5))
        self.assertFalse(agreement.release_error)
        self._run_schedule("2026-03-02")
        self.assertEqual(self._get_months(agreement), ["2026-01"])
        self.assertIn("February 2026", agreement.release_error)
        self.assertNotIn("January 2026", agreement.release_error)
        self._read(line, ("2026-02-28", 7))
        self._run_schedule("2026-03-03")
        self.assertEqual(self._get_months(agreement), ["2026-01", "2026-02"])
        self.assertFalse(agreement.release_error)
        self.assertFalse(agreement.activity_ids)

    def test_every_change_that_may_mend_it_touches_the_agreement(self):
        agreement = self._new_agreement(self._usage("odometer", 1))
        line = agreement.line_ids
        log = self._log_odometer("2025-01-01", 5)
        for touch in (
            lambda: agreement.write({"note": "x"}),
            lambda: line.write({"rate": 2}),
            lambda: line.copy({"agreement_id": agreement.id}),
            lambda: self._read(line, ("2026-01-05", 10)).unlink(),
            lambda: self._log_odometer("2026-01-05", 10),
            lambda: log.write({"value": 6}),
        ):
            agreement.sudo().write(
                {"release_error": "x", "release_error_month": "2026-01-01"}
            )
            touch()
            self.assertFalse(agreement.release_error_month)
        agreement.sudo().write(
            {"release_error": "x", "release_error_month": "2026-01-01"}
        )
        self._log_odometer("2026-01-05", 10, self._new_vehicle())
        text = "Nobody mends anything by talking"
        agreement.message_post(body=text)
        self.assertTrue(agreement.release_error_month)

    def test_error_is_not_set_by_hand(self):
        agreement = self._new_agreement(self._fixed(1))
        for vals in ({"release_error": "x"}, {"next_month": "2030-01-01"}):
            with self.subTest(vals), self.assertRaises(AccessError):
                agreement.with_user(self.manager).write(vals)
        with self.assertRaises(AccessError):
            self.env["service.agreement.reading"].with_user(self.manager).create(
                {"line_id": agreement.line_ids.id, "automatic": True}
            )

    def test_batches_are_kept_and_the_run_ends_when_time_is_over(self):
        agreements = self.env["service.agreement"].union(
            *(self._new_agreement(self._fixed(10)) for __ in range(5))
        )
        model = self.env.registry["service.agreement"]
        calls = []

        def commit(self, processed=0, remaining=None):
            calls.append((processed, remaining))
            return len(calls) < 3

        with patch.object(model, "_get_batch_size", lambda self: 2):
            self._run_schedule("2026-02-01", commit)
            self.assertEqual(calls, [(0, 5), (2, None), (2, None)])
            self.assertEqual(len(agreements.release_ids), 4)
            self._run_schedule("2026-02-01")
        self.assertEqual(len(agreements.release_ids), 5)

    def test_failing_agreements_do_not_block_the_head_of_the_queue(self):
        failing = self.env["service.agreement"].union(
            *(self._new_agreement(self._usage("typed", 1)) for __ in range(3))
        )
        sound = self._new_agreement(self._fixed(10))
        model = self.env.registry["service.agreement"]
        with patch.object(model, "_get_batch_size", lambda self: 2):
            self._run_schedule("2026-02-01")
        self.assertTrue(sound.release_ids)
        self.assertTrue(all(failing.mapped("release_error")))

    def test_every_company_is_released_in_its_own_name(self):
        other = self._create_company(name="Other company")
        tax = self.env["account.tax"].with_company(other)
        tax = tax.create({"name": "Other 5 %", "amount": 5, "company_id": other.id})
        foreign = self.env["service.agreement"].create(
            {
                "partner_id": self.customer.id,
                "company_id": other.id,
                "currency_id": other.currency_id.id,
                "date_start": "2026-01-01",
                "line_ids": [
                    Command.create(self._fixed(100, tax_ids=[Command.set(tax.ids)]))
                ],
            }
        )
        foreign.action_open()
        other.service_monthly_release_confirm = True
        own = self._new_agreement(self._fixed(100))
        self._run_schedule("2026-02-01")
        self.assertRecordValues(
            own.release_ids | foreign.release_ids,
            [
                {"company_id": own.company_id.id, "state": "fresh", "amount_tax": 11},
                {"company_id": other.id, "state": "confirmed", "amount_tax": 5},
            ],
        )

    def test_scheduled_action_runs_by_itself(self):
        cron = self.env.ref("service_invoicing.cron_release_months").sudo()
        self.assertEqual(cron.interval_type, "days")
        agreement = self._new_agreement(self._fixed(10))
        with freeze_time("2026-02-01"), self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(self._get_months(agreement), ["2026-01"])
