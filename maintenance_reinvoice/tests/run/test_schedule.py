from unittest.mock import patch

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..common import MaintenanceCommon


@tagged("post_install", "-at_install")
class TestSchedule(MaintenanceCommon):
    """A run that comes by itself, once for a day, and speaks up when it fails."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.permission = cls._create_closed(cls.vehicle_a, [{"purchase_price": 100.0}])
        cls.clerk = new_test_user(
            cls.env,
            "clerk",
            groups="maintenance_reinvoice.group_maintenance_reinvoice",
            company_id=cls.company.id,
        )

    def _create_schedule(self, today="2026-10-15", **vals):
        with freeze_time(today):
            return self.env["maintenance.reinvoice.schedule"].create(
                {"name": "Month end", "operation": "execute", **vals}
            )

    def _run_cron(self, today):
        with freeze_time(today), self.enter_registry_test_mode():
            cron = self.env.ref("maintenance_reinvoice.cron_run_schedules")
            cron.sudo().method_direct_trigger()
        self.env.invalidate_all()

    def _get_todos(self, records):
        kind = self.env.ref("maintenance_reinvoice.mail_activity_type_run")
        return records.sudo().activity_ids.filtered(
            lambda todo: todo.activity_type_id == kind
        )

    # -- days -------------------------------------------------------------------

    def test_next_day(self):
        cases = [
            # a month that is shorter uses its last day
            ("2026-02-10", {"timing": "last"}, "2026-02-28"),
            ("2026-02-10", {"timing": "day", "day_of_month": 31}, "2026-02-28"),
            ("2026-02-10", {"timing": "day", "day_of_month": 10}, "2026-02-10"),
            ("2026-02-10", {"timing": "day", "day_of_month": 9}, "2026-03-09"),
            ("2026-01-31", {"timing": "day", "day_of_month": 30}, "2026-02-28"),
            ("2026-12-31", {"timing": "day", "day_of_month": 1}, "2027-01-01"),
        ]
        for today, vals, expected in cases:
            schedule = self._create_schedule(today, **vals)
            self.assertEqual(schedule.next_date, self._date(expected), vals)

    def test_changed_day_moves_the_next_run(self):
        schedule = self._create_schedule()
        with freeze_time("2026-10-15"):
            schedule.write({"timing": "day", "day_of_month": 20})
            self.assertEqual(schedule.next_date, self._date("2026-10-20"))

    def test_posting_and_vat_date(self):
        cases = [
            ("day", "2026-11-05"),
            ("month_end", "2026-11-30"),
            ("previous_month_end", "2026-10-31"),
        ]
        for rule, expected in cases:
            schedule = self._create_schedule(
                timing="day", day_of_month=5, posting_rule=rule, vat_rule="posting"
            )
            vals = schedule._prepare_run_vals(self._date("2026-11-05"))
            self.assertEqual(vals["posting_date"], self._date(expected))
            self.assertEqual(vals["vat_date"], self._date(expected))

    # -- the run ----------------------------------------------------------------

    def test_run_comes_on_its_day_and_once(self):
        schedule = self._create_schedule(user_id=self.clerk.id)
        self._run_cron("2026-10-30")
        self.assertFalse(schedule.run_ids)
        self._run_cron("2026-10-31")
        run = schedule.last_run_id
        self.assertRecordValues(
            run,
            [
                {
                    "state": "done",
                    "user_id": self.clerk.id,
                    "schedule_date": self._date("2026-10-31"),
                    "posting_date": self._date("2026-10-31"),
                }
            ],
        )
        self.assertEqual(run.create_uid, self.clerk)
        self.assertEqual(run.log_ids.move_id.create_uid, self.clerk)
        self.assertEqual(self.permission.state, "reinvoiced")
        self.assertEqual(schedule.next_date, self._date("2026-11-30"))
        self._run_cron("2026-10-31")
        self.assertEqual(schedule.run_count, 1)
        self.assertFalse(self._get_todos(run) + self._get_todos(schedule))
        action = schedule.action_view_runs()
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]), run)

    def test_day_comes_when_it_comes_where_the_company_is(self):
        """Los Angeles: on 31 October, 3 a.m. in London, it is still the 30th; at half
        past midnight of 1 November it is 17:30 of the 31st."""
        self.company.partner_id.tz = "America/Los_Angeles"
        schedule = self._create_schedule(posting_rule="month_end")
        self.assertEqual(schedule.next_date, self._date("2026-10-31"))
        self._run_cron("2026-10-31 03:00:00")
        self.assertFalse(schedule.run_ids)
        self._run_cron("2026-11-01 00:30:00")
        self.assertEqual(schedule.run_ids.posting_date, self._date("2026-10-31"))
        self.assertEqual(schedule.next_date, self._date("2026-11-30"))
        with freeze_time("2026-11-01 00:30:00"):
            wizard = self.env["maintenance.accrual.wizard"].create({})
        self.assertEqual(wizard.date, self._date("2026-09-30"))

    def test_missed_days_are_made_up_by_one_run(self):
        """Three month ends pass while the server is down."""
        schedule = self._create_schedule("2026-08-15")
        self._run_cron("2026-11-02")
        self.assertEqual(schedule.run_count, 1)
        self.assertEqual(schedule.last_run_id.schedule_date, self._date("2026-10-31"))
        self.assertEqual(schedule.next_date, self._date("2026-11-30"))

    def test_never_two_runs_for_one_day(self):
        schedule = self._create_schedule(operation="check")
        self._run_cron("2026-10-31")
        schedule.next_date = "2026-10-31"
        self._run_cron("2026-10-31")
        self.assertEqual(schedule.run_count, 1)
        self.assertEqual(schedule.next_date, self._date("2026-11-30"))
        run = schedule.last_run_id
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            run.sudo().copy({"schedule_id": schedule.id, "schedule_date": "2026-10-31"})

    def test_schedule_somebody_else_holds_is_left_alone(self):
        schedule = self._create_schedule()
        schedules = type(schedule)
        with patch.object(schedules, "try_lock_for_update", lambda rows: rows[:0]):
            run = schedule._begin_run(self._date("2026-10-31"))
        self.assertFalse(run)
        self.assertEqual(schedule.next_date, self._date("2026-10-31"))

    def test_check_only(self):
        schedule = self._create_schedule(operation="check")
        self._run_cron("2026-10-31")
        self.assertEqual(schedule.last_run_id.state, "checked")
        self.assertEqual(schedule.last_run_id.taken_count, 1)
        self.assertEqual(self.permission.state, "closed")

    def test_filter(self):
        schedule = self._create_schedule(
            filter_domain=str([("id", "!=", self.permission.id)]), operation="check"
        )
        self._run_cron("2026-10-31")
        self.assertFalse(schedule.last_run_id.line_ids)

    def _run_printing(self, error=False):
        """A scheduled run that prints; returns it and what was printed."""
        schedule = self._create_schedule(operation="execute_print")
        printed = []
        logs = type(self.env["maintenance.reinvoice.log"])

        def make(log, kinds):
            printed.append((log.move_id, kinds))
            log.sudo().print_error = error

        with patch.object(logs, "_make_in_time", make):
            self._run_cron("2026-10-31")
        return schedule.last_run_id, printed

    def test_execute_and_print(self):
        run, printed = self._run_printing()
        self.assertEqual(printed, [(run.log_ids.move_id, ["invoice"])])
        self.assertFalse(self._get_todos(run))

    def test_what_could_not_be_printed_is_a_todo(self):
        run, _printed = self._run_printing(error="No layout")
        self.assertEqual(run.state, "done")
        self.assertEqual(self.permission.state, "reinvoiced")
        self.assertIn("No layout", self._get_todos(run).note)

    def test_nothing_to_invoice_is_no_failure(self):
        self.permission.line_ids.reinvoice = False
        schedule = self._create_schedule()
        self._run_cron("2026-10-31")
        run = schedule.last_run_id
        self.assertEqual(run.state, "checked")
        self.assertEqual(run.line_ids.reason, "not_reinvoice")
        self.assertIn("Nothing to re-invoice", run.message_ids[0].body)
        self.assertFalse(self._get_todos(run))

    def _carry(self, **vals):
        """A schedule for what a garage gave back, in a company that carries it."""
        self.company.maintenance_negative_groups = "carry"
        back = self._create_closed(self.vehicle_a, [{"purchase_price": -50.0}])
        return back, self._create_schedule(
            filter_domain=str([("id", "=", back.id)]), **vals
        )

    def test_group_that_is_carried_forward_is_no_failure(self):
        back, schedule = self._carry(operation="execute_print")
        for day, count in (("2026-10-31", 1), ("2026-11-30", 2)):
            self._run_cron(day)
            run = schedule.last_run_id
            self.assertEqual((schedule.run_count, run.state), (count, "done"))
            self.assertIn("the group nets to", run.log_ids.posting_note)
            self.assertFalse(self._get_todos(run) + self._get_todos(schedule))
        self.assertEqual(back.state, "closed")

    def test_schedule_may_choose_otherwise_than_its_company(self):
        back, schedule = self._carry(negative_groups="credit", user_id=self.clerk.id)
        self._run_cron("2026-10-31")
        self.assertEqual(schedule.last_run_id.log_ids.move_id.move_type, "out_refund")
        self.assertEqual(back.state, "reinvoiced")

    def test_archived_schedule_rests(self):
        schedule = self._create_schedule()
        schedule.active = False
        self._run_cron("2026-10-31")
        self.assertFalse(schedule.run_ids)

    # -- failures ---------------------------------------------------------------

    def test_closed_period_is_a_todo_on_the_run(self):
        self.company.sale_lock_date = "2026-10-31"
        schedule = self._create_schedule(user_id=self.clerk.id)
        self._run_cron("2026-10-31")
        run = schedule.last_run_id
        self.assertEqual(run.state, "checked")
        todo = self._get_todos(run)
        self.assertEqual(todo.user_id, self.clerk)
        self.assertIn("closed period", todo.note)
        # the user mends it and executes the run: the to-do goes away
        run.with_user(self.clerk).posting_date = "2026-11-01"
        run.with_user(self.clerk).action_execute()
        self.assertEqual(run.state, "done")
        self.assertFalse(self._get_todos(run))

    def test_failed_group_is_a_todo_and_stops_nobody(self):
        other = self._create_partner("Other")
        self.contract_b.partner_id = other
        permission = self._create_closed(self.vehicle_b, [{"purchase_price": 5.0}])
        moves = type(self.env["account.move"])
        post = moves._post

        def refuse(records, soft=True):
            if other in records.partner_id:
                raise UserError(self.env._("This customer is blocked."))
            return post(records, soft)

        schedule = self._create_schedule()
        with patch.object(moves, "_post", refuse):
            self._run_cron("2026-10-31")
        run = schedule.last_run_id
        self.assertEqual(run.state, "done_with_errors")
        self.assertEqual(self.permission.state, "reinvoiced")
        self.assertEqual(permission.state, "closed")
        self.assertIn("Other: This customer is blocked.", self._get_todos(run).note)
        run.action_retry_failed()
        self.assertFalse(self._get_todos(run))

    def test_user_who_lost_his_right_is_a_todo_on_the_schedule(self):
        schedule = self._create_schedule(user_id=self.clerk.id)
        self.clerk.sudo().active = False
        self._run_cron("2026-10-31")
        self.assertFalse(schedule.run_ids)
        self.assertEqual(self.permission.state, "closed")
        todo = self._get_todos(schedule)
        self.assertEqual(todo.user_id, schedule.write_uid)
        self.assertIn("may not run re-invoicing", todo.note)

    def test_one_broken_schedule_stops_no_other(self):
        broken = self._create_schedule(user_id=self.clerk.id, operation="check")
        fine = self._create_schedule(operation="check")
        self.clerk.sudo().active = False
        self._run_cron("2026-10-31")
        self.assertEqual([broken.run_count, fine.run_count], [0, 1])

    # -- bad input, rights ------------------------------------------------------

    def test_unreadable_filter_is_refused_when_typed(self):
        with self.assertRaisesRegex(ValidationError, "cannot be read"):
            self._create_schedule(filter_domain="[('nonsense', '=', 1)]")

    def test_day_out_of_range(self):
        for day in (0, 32, -1):
            with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
                self._create_schedule(timing="day", day_of_month=day)

    def test_day_of_the_next_run_is_near_today(self):
        schedule = self._create_schedule()
        for day in ("0001-01-01", "2000-01-01", "9999-12-31"):
            with self.assertRaisesRegex(ValidationError, "cannot be the day"):
                schedule.next_date = day
        with self.assertRaisesRegex(ValidationError, "cannot be read"):
            self._create_schedule(filter_domain="[('id', '=', 'abc')]")

    def test_responsible_needs_the_right(self):
        user = new_test_user(
            self.env,
            "advisor",
            groups="maintenance_reinvoice.group_maintenance_user",
            company_id=self.company.id,
        )
        with self.assertRaisesRegex(ValidationError, "may not run re-invoicing"):
            self._create_schedule(user_id=user.id)

    def test_only_a_manager_schedules_in_anothers_name(self):
        schedules = self.env["maintenance.reinvoice.schedule"].with_user(self.clerk)
        own = schedules.create({"name": "Mine"})
        self.assertEqual(own.user_id, self.clerk)
        boss = self.env.user
        with self.assertRaises(AccessError):
            own.user_id = boss
        with self.assertRaises(AccessError):
            schedules.create({"name": "His", "user_id": boss.id})
        with self.assertRaises(AccessError):
            schedules.with_context(default_user_id=boss.id).create({"name": "His"})
        with self.assertRaises(AccessError):
            self._create_schedule().with_user(self.clerk).filter_domain = "[]"

    def test_schedule_with_runs_is_archived_instead_of_deleted(self):
        schedule = self._create_schedule(operation="check")
        self._run_cron("2026-10-31")
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            schedule.unlink()

    def test_schedules_of_two_companies(self):
        """Each run is of its own company, and nobody sees the other's."""
        other = self.setup_other_company()["company"]
        abroad = new_test_user(
            self.env,
            "abroad",
            groups="maintenance_reinvoice.group_maintenance_manager",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        schedule = self._create_schedule(operation="check")
        self.assertFalse(schedule.with_user(abroad).search([("id", "=", schedule.id)]))
        with freeze_time("2026-10-15"):
            theirs = self.env["maintenance.reinvoice.schedule"].with_user(abroad)
            theirs = theirs.create({"name": "Abroad", "operation": "check"})
        self._run_cron("2026-10-31")
        self.assertEqual(theirs.sudo().last_run_id.company_id, other)
        self.assertFalse(theirs.sudo().last_run_id.line_ids)
        self.assertEqual(schedule.last_run_id.company_id, self.company)
