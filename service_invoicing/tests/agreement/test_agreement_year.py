import calendar
from datetime import date
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from ..common_agreements import AgreementCommon

YEAR = 2026


@tagged("post_install", "-at_install")
class TestAgreementYear(AgreementCommon):
    """A year of a hundred agreements, month by month, as the schedule runs it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.service_monthly_release_confirm = True
        cls.payers = cls.env["res.partner"].create(
            [{"name": f"Payer {number}"} for number in range(10)]
        )
        cls.fixed = cls._new_agreements(30, [cls._fixed(100)])
        cls.later = cls._new_agreements(
            10, [cls._fixed(310)], date_start=date(YEAR, 1, 16)
        )
        cls.typed = cls._new_agreements(30, [cls._usage("typed", 2, 4)])
        vehicles = cls.env["fleet.vehicle"].sudo()
        cls.vehicles = vehicles.create(
            [{"model_id": cls.vehicle.model_id.id} for __ in range(30)]
        )
        cls.driven = cls._new_agreements(
            30, [cls._usage("odometer", 0.1, 600)], vehicles=cls.vehicles
        )
        cls.agreements = cls.fixed | cls.later | cls.typed | cls.driven

    @classmethod
    def _new_agreements(cls, count, lines, vehicles=None, **vals):
        agreements = cls.env["service.agreement"].create(
            [
                {
                    "partner_id": cls.payers[number % 10].id,
                    "vehicle_id": vehicles and vehicles[number].id,
                    "date_start": date(YEAR, 1, 1),
                    "line_ids": [Command.create(line) for line in lines],
                    **vals,
                }
                for number in range(count)
            ]
        )
        agreements.action_open()
        return agreements

    def _use(self, month, typed):
        """Ten units are typed, 1,000 km are driven in the month."""
        last = date(YEAR, month, calendar.monthrange(YEAR, month)[1])
        self.env["service.agreement.reading"].create(
            [{"line_id": line.id, "date": last, "value": 10} for line in typed.line_ids]
        )
        self._log_odometers(last, 1000 * month)

    def _log_odometers(self, day, driven):
        self.env["fleet.vehicle.odometer"].sudo().create(
            [
                {"vehicle_id": vehicle.id, "date": day, "value": 5000 + driven}
                for vehicle in self.vehicles
            ]
        )

    def _run_schedule(self, month):
        """The schedule on the first day after the month."""
        day = date(YEAR + month // 12, month % 12 + 1, 1)
        cron = self.env.registry["ir.cron"]
        commit = patch.object(cron, "_commit_progress", lambda *args, **kwargs: 1)
        with freeze_time(day), commit:
            self.env["service.agreement"].sudo()._cron_release_months()

    def test_every_month_of_every_agreement_is_billed_once(self):
        self._log_odometers(date(YEAR, 1, 1), 0)
        forgotten = self.typed[0]
        for month in range(1, 13):
            self._use(month, self.typed - forgotten if month == 3 else self.typed)
            self._run_schedule(month)
            if month == 3:
                self.assertIn("March 2026", forgotten.release_error)
                self.assertEqual(len(forgotten.release_ids), 2)
                self.assertEqual(len(self.agreements.release_ids), 299)
            if month == 4:
                # April was released: a typed quantity does not wait for another
                self._read(forgotten.line_ids, (f"{YEAR}-03-31", 10))
        releases = self.agreements.release_ids
        months = {(r.agreement_id, r.period_from) for r in releases}
        self.assertEqual((len(releases), len(months)), (1200, 1200))
        self.assertEqual(set(releases.mapped("state")), {"confirmed"})
        for agreements, total in (
            # 30 × 12 × 100
            (self.fixed, 36000),
            # 10 × (310 × 16 / 31 + 11 × 310)
            (self.later, 35700),
            # 30 × 12 × (10 − 4) × 2
            (self.typed, 4320),
            # 30 × 12 × (1,000 − 600) × 0.1
            (self.driven, 14400),
        ):
            amounts = agreements.release_ids.mapped("amount_untaxed")
            self.assertAlmostEqual(sum(amounts), total, 2)
        self.assertFalse(any(self.agreements.mapped("release_error")))
        self._check_billed_once(self.payers[0])

    def _check_billed_once(self, payer):
        """His year is on one invoice, every release by one line; all others wait."""
        releases = self.agreements.release_ids
        own = releases.filtered(lambda r: r.partner_id == payer)
        own.with_user(self.clerk).action_create_invoice()
        self.assertEqual(set(own.mapped("state")), {"invoiced"})
        self.assertEqual(set((releases - own).mapped("state")), {"confirmed"})
        self.assertEqual(len(own.move_id), 1)
        billed = own.move_id.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
        )
        self.assertEqual((len(own), len(billed)), (120, 120))
        self.assertEqual(billed.service_release_id, own)
        # a tenth of each: 3,600 + 3,570 + 432 + 1,440
        self.assertAlmostEqual(own.move_id.amount_untaxed, 9042, 2)
        with self.assertRefused(UserError, "cannot be done now"):
            own[:1].with_user(self.clerk).action_create_invoice()
