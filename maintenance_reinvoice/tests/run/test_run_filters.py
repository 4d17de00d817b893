from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from ..common import MaintenanceCommon


@tagged("post_install", "-at_install")
class TestRunFilters(MaintenanceCommon):
    """Which permissions a run looks at, chosen in plain fields."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.workshop = cls.env["res.partner"].create({"name": "Workshop"})
        cls.early = cls._create_dated("2026-09-30")
        cls.late = cls._create_dated("2026-10-05", vendor_id=cls.workshop.id)
        cls.other = cls._create_dated("2026-10-06", vehicle=cls.vehicle_b)
        cls.permissions = cls.early + cls.late + cls.other

    @classmethod
    def _create_dated(cls, date, vehicle=None, **vals):
        lines = [{"purchase_price": 100.0}]
        return cls._create_closed(vehicle or cls.vehicle_a, lines, date=date, **vals)

    def _new_run(self, **vals):
        return self.env["maintenance.reinvoice.run"].create(
            {"posting_date": "2026-10-31", **vals}
        )

    def _get_taken(self, run):
        run.action_check()
        return run.line_ids.permission_id & self.permissions

    def test_each_field_narrows_the_permissions(self):
        contract = self.other.contract_id
        self.assertNotEqual(contract, self.early.contract_id)
        cases = [
            ({}, self.permissions),
            ({"date_until": "2026-09-30"}, self.early),
            ({"date_until": "2026-10-05"}, self.early + self.late),
            ({"vendor_ids": self.workshop.ids}, self.late),
            ({"contract_ids": contract.ids}, self.other),
            ({"contract_ids": contract.ids, "date_until": "2026-10-05"}, None),
            ({"partner_ids": self.workshop.ids}, None),
            ({"partner_ids": self.early.partner_id.ids}, self.permissions),
        ]
        for vals, expected in cases:
            with self.subTest(vals):
                run = self._new_run(**vals)
                self.assertEqual(self._get_taken(run), expected or self.early.browse())

    def test_contacts_count_for_their_company(self):
        branch = self.workshop.create({"name": "Hall", "parent_id": self.workshop.id})
        hall = self._create_dated("2026-10-07", vendor_id=branch.id)
        run = self._new_run(vendor_ids=self.workshop.ids)
        run.action_check()
        self.assertEqual(run.line_ids.permission_id, self.late + hall)

    def test_conditions_of_experts_narrow_further(self):
        run = self._new_run(
            date_until="2026-10-05",
            filter_domain=str([("vehicle_id", "=", self.vehicle_a.id)]),
            vendor_ids=self.workshop.ids,
        )
        self.assertEqual(self._get_taken(run), self.late)

    def test_finished_permissions_are_left_out_also_with_a_choice(self):
        self._execute_run(self.late)
        run = self._new_run(vendor_ids=self.workshop.ids)
        self.assertFalse(self._get_taken(run))

    def test_another_choice_drops_the_check_report(self):
        run = self._new_run()
        run.action_check()
        run.vendor_ids = self.workshop
        self.assertEqual((run.state, len(run.line_ids)), ("draft", 0))

    def test_a_run_that_was_executed_keeps_its_choice(self):
        run = self._execute_run(self.late)
        with self.assertRaisesRegex(UserError, run.name):
            run.partner_ids = self.workshop

    def test_copies_keep_the_choice(self):
        run = self._new_run(
            date_until="2026-10-05",
            vendor_ids=self.workshop.ids,
            contract_ids=self.late.contract_id.ids,
            partner_ids=self.late.partner_id.ids,
        )
        self.assertEqual(self._get_taken(run.copy()), self.late)
        self.assertEqual(run.copy().partner_ids, self.late.partner_id)

    def test_schedules_hand_their_choice_to_the_runs(self):
        schedule = self.env["maintenance.reinvoice.schedule"].create(
            {
                "name": "Month end",
                "posting_rule": "previous_month_end",
                "until_rule": "posting",
                "vendor_ids": self.workshop.ids,
                "contract_ids": self.late.contract_id.ids,
                "partner_ids": self.late.partner_id.ids,
            }
        )
        for each in (schedule, schedule.copy()):
            run = each._create_run(self._date("2026-11-10"))
            self.assertRecordValues(
                run,
                [
                    {
                        "date_until": self._date("2026-10-31"),
                        "vendor_ids": self.workshop.ids,
                        "contract_ids": self.late.contract_id.ids,
                        "partner_ids": self.late.partner_id.ids,
                    }
                ],
            )
            self.assertEqual(run.line_ids.permission_id, self.late)
        schedule.until_rule = "none"
        run = schedule._create_run(self._date("2026-12-10"))
        self.assertFalse(run.date_until)

    def test_archived_contacts_stay_chosen(self):
        run = self._new_run(vendor_ids=self.workshop.ids)
        self.workshop.action_archive()
        run.invalidate_recordset()
        self.assertEqual(run.vendor_ids, self.workshop)
        self.assertEqual(self._get_taken(run), self.late)

    def test_the_form_needs_no_domain(self):
        with Form(self.env["maintenance.reinvoice.run"]) as form:
            form.date_until = "2026-10-05"
            form.vendor_ids.add(self.workshop)
        self.assertEqual(self._get_taken(form.record), self.late)
