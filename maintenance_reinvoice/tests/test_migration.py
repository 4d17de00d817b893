from pathlib import Path

from odoo.modules.module import load_script
from odoo.tests import tagged
from odoo.tools.sql import index_exists, table_exists

from .common import MaintenanceCommon

SCRIPTS = Path(__file__).parents[1] / "migrations"


@tagged("post_install", "-at_install")
class TestMigration(MaintenanceCommon):
    """A database of an older version takes up killed runs within a minute, has no
    tables of dialogs that went, and knows of its lines the day of their bill."""

    def _run(self, version, stage="post"):
        script = SCRIPTS / version / f"{stage}-migration.py"
        name = f"maintenance_reinvoice_{stage}_{version.replace('.', '_')}"
        load_script(str(script), name).migrate(self.env.cr, "19.0.1.0.0")

    def _migrate(self, **vals):
        """Interval after the migration of a job with these values."""
        cron = self.env.ref("maintenance_reinvoice.cron_continue_runs")
        cron.write({"nextcall": "2099-01-01 00:00:00", **vals})
        self.env.flush_all()
        self._run("19.0.1.1.0")
        self.env.invalidate_all()
        return cron

    def test_the_hourly_job_comes_every_minute_and_at_once(self):
        cron = self._migrate(interval_number=1, interval_type="hours")
        self.assertEqual((cron.interval_number, cron.interval_type), (1, "minutes"))
        self.assertLess(cron.nextcall.year, 2099)

    def test_an_interval_that_somebody_chose_stays(self):
        cron = self._migrate(interval_number=2, interval_type="hours")
        self.assertEqual((cron.interval_number, cron.interval_type), (2, "hours"))
        self.assertEqual(cron.nextcall.year, 2099)

    def test_other_jobs_stay(self):
        other = self.env.ref("maintenance_reinvoice.cron_deliver")
        self._migrate(interval_number=1, interval_type="hours")
        self.assertEqual((other.interval_number, other.interval_type), (1, "hours"))

    def test_tables_of_a_dialog_that_went_are_dropped(self):
        self.env.cr.execute("CREATE TABLE maintenance_permission_reason (id INT)")
        self._run("19.0.1.2.0")
        self.assertFalse(table_exists(self.env.cr, "maintenance_permission_reason"))
        self.assertTrue(table_exists(self.env.cr, "maintenance_permission"))

    def test_old_check_reports_keep_the_reason_that_tells_most(self):
        self.env.cr.execute(
            "CREATE TEMP TABLE maintenance_reinvoice_run_line "
            "(reason varchar, reason_codes varchar)"
        )
        self.env.cr.execute(
            "INSERT INTO maintenance_reinvoice_run_line (reason) "
            "VALUES ('no_bill'), (NULL)"
        )
        self._run("19.0.1.3.0")
        self.env.cr.execute(
            "SELECT reason_codes FROM maintenance_reinvoice_run_line ORDER BY reason"
        )
        self.assertEqual(self.env.cr.fetchall(), [("no_bill",), (None,)])
        self.env.cr.execute("DROP TABLE pg_temp.maintenance_reinvoice_run_line")

    def test_indexes_that_others_took_the_place_of_are_dropped(self):
        old = "maintenance_reinvoice_log__run_id_index"
        self.env.cr.execute(
            f"CREATE INDEX IF NOT EXISTS {old} ON maintenance_reinvoice_log (run_id)"
        )
        self._run("19.0.1.3.0")
        self.assertFalse(index_exists(self.env.cr, old))
        # of two columns more
        self.assertTrue(index_exists(self.env.cr, "maintenance_reinvoice_log_run_idx"))

    def test_lines_know_the_day_of_their_posted_bill(self):
        """The bill is of 2026-10-10; of what is not billed yet nothing is known."""
        lines = self._create_closed(
            self.vehicle_a, [{"purchase_price": 5.0}, {"purchase_price": 6.0}]
        ).line_ids
        waiting = self._create_permission(self.vehicle_a, [{"purchase_price": 7.0}])
        self._create_bill(waiting, post=False)
        lines |= waiting.line_ids
        known = lines.mapped("bill_date")
        self.assertEqual(
            [str(day) for day in known], ["2026-10-10", "2026-10-10", "False"]
        )
        self.env.flush_all()
        self.env.cr.execute("UPDATE maintenance_permission_line SET bill_date = NULL")
        self._run("19.0.1.3.0", "pre")
        self.env.invalidate_all()
        self.assertEqual(lines.mapped("bill_date"), known)

    def test_line_whose_bill_is_reset_has_no_day_of_one(self):
        permission = self._create_closed(self.vehicle_a, [{"purchase_price": 5.0}])
        bill = permission.line_ids.bill_line_ids.move_id
        bill.button_draft()
        self.assertFalse(permission.line_ids.bill_date)
