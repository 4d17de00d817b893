from unittest.mock import patch

from psycopg2 import OperationalError

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from ..common_agreements import AgreementCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-11-22")
class TestAgreementRuns(AgreementCommon):
    """A month is released once, and what is released stays as it is."""

    # -- never twice ------------------------------------------------------------

    def test_a_month_is_never_released_twice(self):
        agreement = self._new_agreement(self._fixed(10))
        release = self.assertBilled(agreement, "2026-01-01", (1, 10, 10))
        again = self._release(agreement, "2026-01-31", catch_up=True)
        self.assertEqual(again.mapped("status"), ["skipped"])
        self.assertIn(release.name, again.reason)
        self.assertEqual(agreement.release_ids, release)
        release.with_user(self.clerk).action_cancel(reason="Wrong")
        other = self.assertBilled(agreement, "2026-01-01", (1, 10, 10))
        self.assertNotEqual(other, release)

    @mute_logger("odoo.sql_db")
    def test_index_stops_what_two_runs_do_at_the_same_time(self):
        agreement = self._new_agreement(self._fixed(10))
        other = self._new_agreement(self._fixed(10))
        self.assertBilled(agreement, "2026-01-01", (1, 10, 10))
        agreements = self.env.registry["service.agreement"]
        # the other run's release is not seen, as before it was committed
        with patch.object(agreements, "_get_skip_reason", lambda *args: ""):
            results = self._release(agreement | other, "2026-01-01")
        self.assertEqual(sorted(results.mapped("status")), ["made", "skipped"])
        skipped = results.filtered(lambda line: line.status == "skipped")
        self.assertEqual(skipped.agreement_id, agreement)
        self.assertIn("just now", skipped.reason)
        self.assertEqual(len(agreement.release_ids), 1)

    def test_agreement_locked_by_another_run_is_left_to_it(self):
        agreements = self._new_agreement(self._fixed(10)) | self._new_agreement(
            self._fixed(10)
        )
        model = self.env.registry["service.agreement"]
        with patch.object(
            model, "try_lock_for_update", lambda self, **kwargs: self[:1]
        ):
            results = self._release(agreements, "2026-01-01")
        self.assertEqual(sorted(results.mapped("status")), ["made", "skipped"])

    def test_conflicts_of_transactions_are_tried_again_by_the_server(self):
        agreement = self._new_agreement(self._fixed(10))
        model = self.env.registry["service.agreement"]

        def conflict(*args):
            raise OperationalError("could not serialize access")

        with (
            patch.object(model, "_make_releases", conflict),
            self.assertRaises(OperationalError),
        ):
            self._release(agreement, "2026-01-01")

    def test_unexpected_error_stops_its_agreement_only(self):
        agreements = self._new_agreement(self._fixed(10)) | self._new_agreement(
            self._fixed(20)
        )
        model = self.env.registry["service.agreement"]
        prepare = model._prepare_release_vals

        def broken(agreement, month):
            if agreement == agreements[0]:
                raise ValueError("Partner's add-on")
            return prepare(agreement, month)

        logger = (
            "odoo.addons.service_invoicing.models.agreement.service_agreement_month"
        )
        with (
            patch.object(model, "_prepare_release_vals", broken),
            mute_logger(logger),
        ):
            results = self._release(agreements, "2026-01-01")
        self.assertEqual(results.mapped("status"), ["failed", "made"])
        self.assertIn("Partner's add-on", results[0].reason)

    # -- what is released stays as it is ----------------------------------------

    def test_billed_readings_are_frozen(self):
        agreement = self._new_agreement(
            self._usage("reading", 1), self._usage("typed", 1)
        )
        meter, typed = agreement.line_ids
        self._read(meter, ("2026-01-01", 0), ("2026-01-31", 10), ("2026-02-28", 10))
        self._read(typed, ("2026-01-31", 7))
        release = self._release(agreement, "2026-01-01").release_id
        january = agreement.reading_ids.filtered(lambda r: str(r.date) <= "2026-01-31")
        for reading in january:
            with self.assertRefused(UserError, release.name):
                reading.value += 1
            with self.assertRefused(UserError, release.name):
                reading.unlink()
        with self.assertRefused(UserError, release.name):
            self._read(meter, ("2026-01-20", 5))
        with self.assertRefused(UserError, release.name):
            (agreement.reading_ids - january).date = "2026-01-15"
        (agreement.reading_ids - january).value = 40
        january.write({"reason": "Read by the driver"})
        release.with_user(self.clerk).action_cancel(reason="Wrong")
        january.filtered(lambda r: r.kind == "quantity").value = 8

    def test_days_of_released_months_stay(self):
        agreement = self._new_agreement(self._fixed(30), date_start="2026-01-10")
        release = self.assertBilled(agreement, "2026-01-01", (1, 21.29, 21.29))
        for vals in (
            {"date_start": "2026-01-01"},
            {"date_end": "2026-01-20"},
            {"line_ids": [Command.create(self._fixed(1, date_from="2026-01-20"))]},
        ):
            with self.subTest(vals), self.assertRefused(UserError, release.name):
                agreement.write(vals)
        with self.assertRefused(UserError, release.name):
            agreement.line_ids.date_to = "2026-01-20"
        with self.assertRefused(UserError, "last day instead"):
            agreement.line_ids.unlink()
        with self.assertRefused(UserError, release.name):
            agreement.with_user(self.clerk).action_close(date="2026-01-20")
        with self.assertRefused(UserError, release.name):
            agreement.action_cancel(reason="x")
        agreement.line_ids.date_to = "2026-01-31"
        agreement.with_user(self.clerk).action_close(date="2026-02-10")
        self.assertFalse(agreement.next_month)

    def test_closed_in_the_middle_of_a_month_is_billed_until_then(self):
        agreement = self._new_agreement(self._fixed(3000), date_start="2026-10-01")
        self.assertBilled(agreement, "2026-10-01", (1, 3000, 3000))
        agreement.action_close(date="2026-11-15")
        # 15 of 30 days, also while the month is running
        self.assertBilled(agreement, "2026-11-01", (1, 1500, 1500))
        result = self._release(agreement, "2026-10-01", catch_up=True)
        self.assertEqual(result.mapped("status"), ["skipped"])

    # -- the run ----------------------------------------------------------------

    def test_run_looks_at_agreements_of_its_company_that_run(self):
        open_one = self._new_agreement(self._fixed(10), date_start="2026-05-01")
        self._new_agreement(self._fixed(10), opened=False)
        self._new_agreement(self._fixed(10), date_start="2026-08-01")
        over = self._new_agreement(self._fixed(10), date_end="2026-01-31")
        other_company = self._create_company(name="Other company")
        foreign = self.env["service.agreement"].with_company(other_company)
        foreign.create(
            {
                "partner_id": self.customer.id,
                "company_id": other_company.id,
                "date_start": "2026-01-01",
                "line_ids": [Command.create(self._fixed(1, tax_ids=False))],
            }
        )
        run = self.env["service.monthly.run"].with_user(self.clerk)
        self.assertEqual(str(run.create({}).period_from), "2026-10-01")
        run = run.create({"period_from": "2026-05-20", "catch_up": False})
        action = run.action_run()
        self.assertEqual(action["res_id"], run.id)
        self.assertEqual(run.line_ids.agreement_id, open_one)
        self.assertEqual((run.made_count, run.left_count), (1, 0))
        self.assertEqual(
            self.env["service.release"].search(run.action_view_releases()["domain"]),
            open_one.release_ids,
        )
        later = run.create({"period_from": "2026-06-01"})
        later.action_run()
        self.assertEqual(later.line_ids.agreement_id, open_one | over)

    def test_chosen_agreements_that_do_not_run_are_named(self):
        draft = self._new_agreement(self._fixed(10), opened=False)
        later = self._new_agreement(self._fixed(10), date_start="2026-08-01")
        results = self._release(draft | later, "2026-05-01", catch_up=True)
        self.assertEqual(results.mapped("status"), ["skipped", "skipped"])
        self.assertEqual(results.agreement_id, draft | later)
        run = results.run_id
        self.assertEqual((run.made_count, run.skipped_count, run.left_count), (0, 2, 0))
        self.assertRegex("\n".join(results.mapped("reason")), "Draft.*\n?.*Nothing|No")

    def test_months_to_come_are_not_released(self):
        agreement = self._new_agreement(
            self._usage("reading", 1), date_start="2026-11-01"
        )
        with self.assertRefused(UserError, "December 2026 has not begun"):
            self._release(agreement, "2026-12-01")
        self._read(agreement.line_ids, ("2026-11-01", 1), ("2026-11-20", 5))
        self.assertNotReleased(agreement, "2026-11-01", "used until 11/30/2026")

    def test_company_may_confirm_releases_at_once(self):
        self.env.company.service_monthly_release_confirm = True
        agreement = self._new_agreement(self._fixed(10))
        release = self.assertBilled(agreement, "2026-01-01", (1, 10, 10))
        self.assertEqual(release.state, "confirmed")

    def test_only_billing_clerks_run_months(self):
        agreement = self._new_agreement(self._fixed(10))
        run = self.env["service.monthly.run"].with_user(self.clerk).create({})
        with self.assertRaises(AccessError):
            run.with_user(self.advisor).action_run()
        with self.assertRaises(AccessError):
            self._release(agreement, "2026-01-01", user=self.advisor)

    def test_texts_speak_the_bill_tos_language(self):
        self._speak_french()
        self.customer.lang = "fr_FR"
        agreement = self._new_agreement(
            self._fixed(3000), self._usage("typed", 2, 5), date_start="2026-06-10"
        )
        self._read(agreement.line_ids[1], ("2026-06-30", 7.5))
        release = self._release(agreement, "2026-06-01").release_id
        fixed, usage = release.line_ids.mapped("name")
        self.assertIn("10/06/2026 – 30/06/2026 (21 jours sur 30)", fixed)
        # of 5 units in 30 days
        self.assertIn("7,50 utilisés; 3,50 inclus", usage)
        july = (
            self._read(agreement.line_ids[1], ("2026-07-31", 7))
            and self._release(agreement, "2026-07-01").release_id
        )
        self.assertIn("juillet 2026", july.line_ids[0].name)

    def test_agreement_shows_its_releases_and_invoices(self):
        agreement = self._new_agreement(self._fixed(10))
        release = self.assertBilled(agreement, "2026-01-01", (1, 10, 10))
        clerk = agreement.with_user(self.clerk)
        self.assertEqual((clerk.release_count, clerk.invoice_count), (1, 0))
        found = clerk.action_view_releases()["domain"]
        self.assertEqual(self.env["service.release"].search(found), release)
        with self.assertRefused(UserError, "kept for the record|close it"):
            agreement.unlink()
