from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from ..common_agreements import AgreementCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-11-22")
class TestAgreementGuards(AgreementCommon):
    """What months are billed by cannot be rewired, and is made of numbers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agreement = cls._new_agreement(
            cls._usage("reading", 1), cls._usage("reading", 1), cls._usage("typed", 1)
        )
        cls.meter, cls.other_meter, cls.typed = cls.agreement.line_ids
        cls.other = cls._new_agreement(
            cls._usage("reading", 1),
            partner_id=cls.sponsor.id,
            vehicle_id=cls._new_vehicle().id,
        )
        cls.readings = cls.env["service.agreement.reading"].with_user(cls.advisor)

    def _get_rewired_values(self):
        """What follows from the line and the day, each with a wrong value."""
        return {
            "meter_id": self.other_meter.id,
            "agreement_id": self.other.id,
            "company_id": False,
            "partner_id": self.sponsor.id,
            "vehicle_id": self.other.vehicle_id.id,
            "month": "2026-02-01",
        }

    def test_released_readings_are_not_rewired(self):
        for line in (self.meter, self.other_meter):
            self._read(line, ("2026-01-01", 0), ("2026-01-31", 100))
        quantity = self._read(self.typed, ("2026-01-31", 10))
        self.assertBilled(
            self.agreement, "2026-01-01", (100, 1, 100), (100, 1, 100), (10, 1, 10)
        )
        january = self.meter.meter_reading_ids.sorted("date")[-1]
        for reading in (january, quantity):
            for name, value in self._get_rewired_values().items():
                for user in (self.advisor, self.manager):
                    with (
                        self.subTest(name=name, user=user.name),
                        self.assertRefused(AccessError, "by hand"),
                    ):
                        reading.with_user(user).write({name: value})
        self.assertEqual(january.meter_id, self.meter)
        self.assertEqual(str(quantity.month), "2026-01-01")

    def test_released_lines_keep_their_meter(self):
        for line in (self.meter, self.other_meter):
            self._read(line, ("2026-01-01", 0), ("2026-01-31", 100))
        self.typed.unlink()
        self.agreement._release_month(date(2026, 1, 1))
        self.assertTrue(self.other_meter.release_line_ids)
        with self.assertRaisesRegex(UserError, "its own readings"):
            self.other_meter.origin_line_id = self.meter

    def test_new_readings_are_not_wired_by_hand(self):
        vals = {"line_id": self.meter.id, "date": "2026-01-31", "value": 5}
        for name, value in self._get_rewired_values().items():
            for wrong in (value, False):
                with (
                    self.subTest(name=name, value=wrong),
                    self.assertRefused(AccessError, "by hand"),
                ):
                    self.readings.create({**vals, name: wrong})
        self.assertFalse(self.agreement.reading_ids)

    def test_defaults_do_not_wire_readings(self):
        wrong = self._get_rewired_values()
        self.env["ir.default"].set(
            "service.agreement.reading", "meter_id", wrong["meter_id"]
        )
        given = {f"default_{name}": value for name, value in wrong.items()}
        reading = self.readings.with_context(**given).create(
            {"line_id": self.meter.id, "date": "2026-01-31", "value": 5}
        )
        self.assertRecordValues(
            reading,
            [
                {
                    "meter_id": self.meter.id,
                    "agreement_id": self.agreement.id,
                    "company_id": self.env.company.id,
                    "partner_id": self.customer.id,
                    "vehicle_id": self.vehicle.id,
                }
            ],
        )
        self.assertEqual(str(reading.month), "2026-01-01")

    def test_readings_are_entered_in_the_agreement(self):
        vals = {"line_id": self.meter.id, "date": "2026-01-31", "value": 5}
        self.agreement.with_user(self.manager).write(
            {"reading_ids": [Command.create(vals)]}
        )
        self.assertEqual(self.meter.meter_reading_ids.value, 5)
        with self.assertRefused(AccessError, "by hand"):
            self.other.with_user(self.manager).write(
                {"reading_ids": [Command.create({**vals, "date": "2026-02-28"})]}
            )

    def test_numbers_that_are_none_are_refused(self):
        reading = self._read(self.meter, ("2026-01-01", 5))
        label = "Service Agreement Line"
        for value in (float("nan"), float("inf"), -float("inf"), "nan", 1e300):
            for record, name, text in (
                (self.meter, "rate", "Kilometres, Rate"),
                (self.meter, "amount", "Kilometres, Amount per Month"),
                (self.meter, "included_units", "Kilometres, Included Units"),
                (reading, "value", "Kilometres.*, Value"),
                (reading, "old_value", "Kilometres.*, Last Value of the Old"),
            ):
                with (
                    self.subTest(name=name, value=value),
                    self.assertRefused(UserError, text),
                ):
                    record.write({name: value})
            vals = self._usage("typed", value, agreement_id=self.agreement.id)
            with self.subTest(value), self.assertRefused(UserError, "Kilometres, Rate"):
                self.meter.create(vals)
            del vals["rate"], vals["name"]
            with self.subTest(value), self.assertRefused(UserError, f"{label}, Rate"):
                self.meter.with_context(default_rate=value).create(vals)
            with self.subTest(value), self.assertRefused(UserError, "Kilometres, Val"):
                self._read(self.meter, ("2026-01-31", value))
        self.meter.rate = 1e12

    def test_odometers_beyond_all_roads_are_named_by_the_run(self):
        agreement = self._new_agreement(
            self._usage("odometer", 1), vehicle_id=self._new_vehicle().id
        )
        self._log_odometer("2026-01-01", 0, agreement.vehicle_id)
        self._log_odometer("2026-01-31", 1e300, agreement.vehicle_id)
        self.assertNotReleased(agreement, "2026-01-01", "Kilometres, Value")
