from datetime import date

from odoo.tests import freeze_time, tagged

from ..common_agreements import AgreementCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-11-22")
class TestAgreementMonths(AgreementCommon):
    """What a month of an agreement comes to; all amounts are worked out by hand."""

    # -- fixed amounts ----------------------------------------------------------

    def test_first_and_last_month_are_billed_by_their_days(self):
        agreement = self._new_agreement(
            self._fixed(3000), date_start="2026-06-10", date_end="2026-08-05"
        )
        # 10 to 30 June are 21 of 30 days: 3,000 × 21 / 30
        june = self.assertBilled(agreement, "2026-06-15", (1, 2100, 2100))
        self.assertBilled(agreement, "2026-07-01", (1, 3000, 3000))
        # 5 of 31 days: 3,000 × 5 / 31 = 483.870…
        self.assertBilled(agreement, "2026-08-31", (1, 483.87, 483.87))
        self.assertRecordValues(
            june,
            [
                {
                    "state": "fresh",
                    "release_type": "monthly",
                    "invoice_type": "service",
                    "partner_id": self.customer.id,
                    "agreement_id": agreement.id,
                    "period_from": date(2026, 6, 1),
                    "period_to": date(2026, 6, 30),
                    "amount_fixed_price": 2100,
                    # 11 % of 2,100
                    "amount_tax": 231,
                    "amount_total": 2331,
                }
            ],
        )
        self.assertIn("21 of 30 days", june.line_ids.name)
        # after the last month the agreement is over
        self.assertEqual(agreement.state, "closed")
        self.assertEqual(agreement.release_count, 3)
        self.assertFalse(agreement.next_month)

    def test_agreement_within_one_month(self):
        agreement = self._new_agreement(
            self._fixed(3000), date_start="2026-06-10", date_end="2026-06-12"
        )
        # 3 of 30 days
        self.assertBilled(agreement, "2026-06-01", (1, 300, 300))

    def test_a_day_of_february_depends_on_the_year(self):
        # 29 days: 2,900 × 15 / 29; 28 days: 2,900 × 14 / 28
        for start, amount in (("2024-02-15", 1500), ("2026-02-15", 1450)):
            agreement = self._new_agreement(self._fixed(2900), date_start=start)
            self.assertBilled(agreement, start, (1, amount, amount))
        agreement = self._new_agreement(self._fixed(2900), date_start="2024-01-01")
        self.assertBilled(agreement, "2024-02-29", (1, 2900, 2900))

    def test_amounts_are_rounded_to_the_agreements_currency(self):
        currency = self.setup_other_currency("JPY", rounding=1.0)
        agreement = self._new_agreement(
            self._fixed(100000), date_start="2026-01-11", currency_id=currency.id
        )
        # 21 of 31 days of 100,000 yen: 67,741.93…
        release = self.assertBilled(agreement, "2026-01-31", (1, 67742, 67742))
        self.assertEqual(release.currency_id, currency)

    def test_new_price_from_a_day_on(self):
        agreement = self._new_agreement(
            self._fixed(3000, date_to="2026-06-20"),
            self._fixed(3600, date_from="2026-06-21"),
        )
        self.assertBilled(agreement, "2026-05-01", (1, 3000, 3000))
        # 3,000 × 20 / 30 and 3,600 × 10 / 30
        self.assertBilled(agreement, "2026-06-01", (1, 2000, 2000), (1, 1200, 1200))
        self.assertBilled(agreement, "2026-07-01", (1, 3600, 3600))

    def test_changes_after_a_release_do_not_change_it(self):
        agreement = self._new_agreement(self._fixed(3000))
        release = self.assertBilled(agreement, "2026-01-01", (1, 3000, 3000))
        agreement.write({"partner_id": self.sponsor.id, "payment_term_id": False})
        agreement.line_ids.write({"amount": 4000, "name": "Lease"})
        self.assertEqual(release.partner_id, self.customer)
        self.assertEqual(release.amount_untaxed, 3000)
        self.assertIn("Rent", release.line_ids.name)
        later = self.assertBilled(agreement, "2026-02-01", (1, 4000, 4000))
        self.assertEqual(later.partner_id, self.sponsor)

    def test_terms_and_reference_go_on_the_release(self):
        agreement = self._new_agreement(
            self._fixed(10, product_id=self.external.id),
            payment_term_id=self.pay_terms_b.id,
            customer_reference="PO 4711",
        )
        release = self.assertBilled(agreement, "2026-01-01", (1, 10, 10))
        self.assertEqual(release.payment_term_id, self.pay_terms_b)
        self.assertEqual(release.customer_reference, "PO 4711")
        self.assertRecordValues(
            release.line_ids,
            [
                {
                    "product_id": self.external.id,
                    "cost_category": "external_repair",
                    "agreement_line_id": agreement.line_ids.id,
                    "tax_ids": self.tax_11.ids,
                }
            ],
        )

    # -- usage ------------------------------------------------------------------

    def test_usage_beyond_the_included_units_is_billed(self):
        agreement = self._new_agreement(self._usage("reading", 0.12, 1500))
        line = agreement.line_ids
        line.product_uom_id = self.env.ref("uom.product_uom_km")
        self._read(line, ("2026-01-01", 100000), kind="initial")
        self._read(line, ("2026-01-31", 102140), ("2026-02-28", 103000))
        # 2,140 driven, 1,500 included: 640 × 0.12 = 76.80
        release = self.assertBilled(agreement, "2026-01-01", (640, 0.12, 76.8))
        self.assertRecordValues(
            release.line_ids, [{"used_units": 2140, "included_units": 1500}]
        )
        self.assertIn(
            "from 100,000 to 102,140; 2,140 km used; 1,500 km included",
            release.line_ids.name,
        )
        self.assertEqual(release.amount_additional_charge, 76.8)
        # 860 of 1,500: nothing is billed, and nothing is given back
        self.assertBilled(agreement, "2026-02-01", (0, 0.12, 0))

    def test_included_units_of_a_part_of_a_month_are_by_days_usage_is_not(self):
        agreement = self._new_agreement(
            self._usage("reading", 0.12, 1500),
            date_start="2026-06-10",
            date_end="2026-07-15",
        )
        self._read(
            agreement.line_ids,
            ("2026-06-10", 50000),
            ("2026-06-30", 51200),
            ("2026-07-15", 51300),
        )
        # 1,200 driven, 1,500 × 21 / 30 = 1,050 included: 150 × 0.12
        self.assertBilled(agreement, "2026-06-01", (150, 0.12, 18))
        # 100 driven, 1,500 × 15 / 31 included
        release = self.assertBilled(agreement, "2026-07-01", (0, 0.12, 0))
        self.assertEqual(release.line_ids.included_units, 725.81)

    def test_typed_quantity_of_the_month(self):
        agreement = self._new_agreement(
            self._fixed(500), self._usage("typed", 0.125, 10)
        )
        line = agreement.line_ids[1]
        self.assertNotReleased(agreement, "2026-01-01", "Kilometres.*is missing")
        self._read(line, ("2026-01-07", 34.5))
        # 24.5 × 0.125 = 3.0625
        self.assertBilled(agreement, "2026-01-01", (1, 500, 500), (24.5, 0.125, 3.06))
        # nothing used has to be said, too
        self.assertNotReleased(agreement, "2026-02-01", "is missing")
        self._read(line, ("2026-02-28", 0))
        self.assertBilled(agreement, "2026-02-01", (1, 500, 500), (0, 0.125, 0))

    def test_missing_reading_skips_its_agreement_only(self):
        first = self._new_agreement(self._usage("reading", 0.1))
        second = self._new_agreement(self._usage("reading", 0.1))
        third = self._new_agreement(self._fixed(10))
        self._read(first.line_ids, ("2026-01-01", 0), ("2026-01-31", 100))
        self._read(second.line_ids, ("2026-01-01", 0))
        results = self._release(first | second | third, "2026-01-01")
        by_agreement = {line.agreement_id: line for line in results}
        self.assertEqual(by_agreement[first].release_id.amount_untaxed, 10)
        self.assertEqual(by_agreement[third].release_id.amount_untaxed, 10)
        self.assertEqual(by_agreement[second].status, "failed")
        self.assertRegex(by_agreement[second].reason, "Kilometres.*01/31/2026 is miss")

    def test_first_reading_is_asked_for(self):
        agreement = self._new_agreement(self._usage("reading", 0.1))
        self._read(agreement.line_ids, ("2026-01-31", 500))
        self.assertNotReleased(agreement, "2026-01-01", "first reading.*is missing")
        self._read(agreement.line_ids, ("2026-01-03", 100), kind="initial")
        self.assertBilled(agreement, "2026-01-01", (400, 0.1, 40))

    def test_meters_are_billed_month_by_month(self):
        agreement = self._new_agreement(self._usage("reading", 0.1))
        line = agreement.line_ids
        self._read(line, ("2026-01-01", 0), ("2026-02-28", 300))
        self.assertNotReleased(agreement, "2026-02-01", "January 2026 comes first")
        self._read(line, ("2026-01-31", 100))
        results = self._release(agreement, "2026-02-01", catch_up=True)
        # every kilometre once: 100 in January, 200 in February
        self.assertEqual(results.release_id.line_ids.mapped("quantity"), [100, 200])

    def test_last_reading_of_the_month_counts_the_rest_is_next_months(self):
        agreement = self._new_agreement(self._usage("reading", 1))
        self._read(
            agreement.line_ids,
            ("2025-12-31", 0),
            ("2026-01-10", 70),
            ("2026-01-20", 110),
            ("2026-02-28", 310),
        )
        self.assertBilled(agreement, "2026-01-01", (110, 1, 110))
        self.assertBilled(agreement, "2026-02-01", (200, 1, 200))

    def test_exchanged_meter_is_billed_up_to_its_last_value(self):
        agreement = self._new_agreement(self._usage("reading", 1))
        line = agreement.line_ids
        self._read(line, ("2026-01-01", 99000))
        self._read(
            line, ("2026-01-20", 5), kind="replacement", old_value=99500, reason="New"
        )
        self._read(line, ("2026-01-31", 205))
        # 500 with the old meter, 200 with the new one
        self.assertBilled(agreement, "2026-01-01", (700, 1, 700))

    def test_new_rate_in_the_middle_of_a_month(self):
        agreement = self._new_agreement(
            self._usage("reading", 0.1, 300, date_to="2026-06-20"),
            date_start="2026-06-01",
        )
        old = agreement.line_ids
        old.create(
            {
                **self._usage("reading", 0.2, 300, date_from="2026-06-21"),
                "agreement_id": agreement.id,
                "origin_line_id": old.id,
            }
        )
        self._read(old, ("2026-06-01", 0), ("2026-06-30", 1000))
        self.assertNotReleased(agreement, "2026-06-01", "06/20/2026 is missing")
        self._read(old, ("2026-06-20", 600))
        # 600 − 300 × 20 / 30 at the old rate, 400 − 300 × 10 / 30 at the new one
        self.assertBilled(agreement, "2026-06-01", (400, 0.1, 40), (300, 0.2, 60))

    # -- odometer ---------------------------------------------------------------

    def test_odometer_is_read_up_to_the_end_of_the_month(self):
        agreement = self._new_agreement(self._usage("odometer", 0.12, 1500))
        for day, value in (
            ("2025-12-30", 100000),
            ("2026-01-15", 101000),
            ("2026-01-30", 102140),
            ("2026-02-03", 102400),
        ):
            self._log_odometer(day, value)
        self._log_odometer("2026-01-31", 999999, self._new_vehicle())
        self.assertBilled(agreement, "2026-01-01", (640, 0.12, 76.8))
        readings = agreement.reading_ids.sorted("date")
        self.assertEqual(readings.mapped("kind"), ["initial", "reading"])
        self.assertEqual(readings.mapped("automatic"), [True, True])
        # 260 in February, counted from the reading January was billed with
        self.assertBilled(agreement, "2026-02-01", (0, 0.12, 0))
        self.assertNotReleased(agreement, "2026-03-01", "reading.*is missing")

    def test_reading_of_a_work_order_bills_the_agreement(self):
        """3,000 less 1,000 at 0.10."""
        agreement = self._new_agreement(self._usage("odometer", 0.1))
        self._log_odometer("2026-01-01", 1000)
        self._new_order(
            (self.part, 5, {}),
            vehicle_id=agreement.vehicle_id.id,
            order_date="2026-01-30",
            odometer=3000,
        )
        self.assertBilled(agreement, "2026-01-01", (2000, 0.1, 200))

    def test_several_agreements_of_one_vehicle(self):
        agreements = self._new_agreement(
            self._usage("odometer", 0.1)
        ) | self._new_agreement(self._usage("odometer", 0.02), self._fixed(50))
        self._log_odometer("2026-01-01", 0.5)
        self._log_odometer("2026-01-31", 1000.5)
        self._release(agreements, "2026-01-01")
        self.assertEqual(
            [agreement.release_ids.amount_untaxed for agreement in agreements],
            [100, 70],
        )

    def test_lower_odometer_is_refused_with_both_figures(self):
        agreement = self._new_agreement(self._usage("odometer", 0.1))
        other = self._new_agreement(self._fixed(10))
        self._log_odometer("2026-01-01", 102140)
        self._log_odometer("2026-01-31", 101500)
        results = self._release(agreement | other, "2026-01-01")
        self.assertEqual(results.mapped("status"), ["failed", "made"])
        self.assertRegex(results[0].reason, "101,500.*102,140")
        # the exchange is entered with its reason
        self._read(agreement.line_ids, ("2026-01-01", 102140), kind="initial")
        self._read(
            agreement.line_ids,
            ("2026-01-20", 101400),
            kind="replacement",
            old_value=102400,
            reason="Instrument exchanged",
        )
        # 260 with the old one, 100 with the new one
        self.assertBilled(agreement, "2026-01-01", (360, 0.1, 36))

    def test_typed_reading_goes_before_the_odometer(self):
        agreement = self._new_agreement(self._usage("odometer", 0.1))
        self._log_odometer("2026-01-01", 100)
        self._log_odometer("2026-01-31", 1100)
        self._read(agreement.line_ids, ("2026-01-30", 1000))
        self.assertBilled(agreement, "2026-01-01", (900, 0.1, 90))

    def test_odometer_is_read_again_after_a_cancelled_release(self):
        agreement = self._new_agreement(self._usage("odometer", 0.1))
        self._log_odometer("2026-01-01", 100)
        log = self._log_odometer("2026-01-31", 11000)
        release = self.assertBilled(agreement, "2026-01-01", (10900, 0.1, 1090))
        release.with_user(self.clerk).action_cancel(reason="Typing error")
        log.value = 1100
        self.assertBilled(agreement, "2026-01-01", (1000, 0.1, 100))
        self.assertEqual(len(agreement.reading_ids), 2)
