from contextlib import contextmanager

from odoo import Command

from .common import ServiceInvoicingCommon


class AgreementCommon(ServiceInvoicingCommon):
    """Agreements with fixed amounts, typed quantities, meters and odometers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.vehicle = cls._new_vehicle()

    @classmethod
    def _fixed(cls, amount, **vals):
        """Values of a line with a fixed amount per month."""
        return {
            "kind": "fixed",
            "name": "Rent",
            "amount": amount,
            "tax_ids": [Command.set(cls.tax_11.ids)],
            **vals,
        }

    @classmethod
    def _usage(cls, source, rate, included=0, **vals):
        """Values of a line by usage."""
        return {
            "kind": "usage",
            "name": "Kilometres",
            "usage_source": source,
            "rate": rate,
            "included_units": included,
            "tax_ids": [Command.set(cls.tax_11.ids)],
            **vals,
        }

    @classmethod
    def _new_agreement(cls, *lines, opened=True, **vals):
        agreement = cls.env["service.agreement"].create(
            {
                "partner_id": cls.customer.id,
                "vehicle_id": cls.vehicle.id,
                "date_start": "2026-01-01",
                "line_ids": [Command.create(line) for line in lines],
                **vals,
            }
        )
        if opened:
            agreement.action_open()
        return agreement

    @classmethod
    def _read(cls, line, *readings, **vals):
        """Readings (day, value) of a line, in this order."""
        return cls.env["service.agreement.reading"].create(
            [
                {"line_id": line.id, "date": day, "value": value, **vals}
                for day, value in readings
            ]
        )

    @classmethod
    def _log_odometer(cls, day, value, vehicle=None):
        logs = cls.env["fleet.vehicle.odometer"].sudo()
        return logs.create(
            {"vehicle_id": (vehicle or cls.vehicle).id, "date": day, "value": value}
        )

    @contextmanager
    def assertRefused(self, error, regex=""):
        """As ``assertRaisesRegex``, and what was begun is rolled back."""
        with self.assertRaisesRegex(error, regex), self.env.cr.savepoint():
            yield

    @classmethod
    def _release(cls, agreements, month, user=None, catch_up=False):
        """Run a month for these agreements, as the billing clerk.

        :return: lines of the result
        """
        run = (
            cls.env["service.monthly.run"]
            .with_user(user or cls.clerk)
            .create(
                {
                    "period_from": month,
                    "agreement_ids": [Command.set(agreements.ids)],
                    "catch_up": catch_up,
                }
            )
        )
        run.action_run()
        return run.line_ids

    def assertBilled(self, agreement, month, *expected):
        """Lines (quantity, price, subtotal) that bill a month."""
        result = self._release(agreement, month)
        self.assertEqual(result.mapped("status"), ["made"], result.mapped("reason"))
        lines = result.release_id.line_ids
        self.assertEqual(
            [(line.quantity, line.price_unit, line.price_subtotal) for line in lines],
            list(expected),
        )
        return result.release_id

    def assertNotReleased(self, agreement, month, regex):
        result = self._release(agreement, month)
        self.assertEqual(result.mapped("status"), ["failed"])
        self.assertRegex(result.reason, regex)
        self.assertFalse(result.release_id)
