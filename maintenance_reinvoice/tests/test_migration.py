from pathlib import Path

from odoo.modules.module import load_script
from odoo.tests import TransactionCase, tagged
from odoo.tools.sql import table_exists

SCRIPTS = Path(__file__).parents[1] / "migrations"


@tagged("post_install", "-at_install")
class TestMigration(TransactionCase):
    """A database of an older version takes up killed runs within a minute, and has no
    tables of dialogs that went."""

    def _run(self, version):
        script = SCRIPTS / version / "post-migration.py"
        name = f"maintenance_reinvoice_{version.replace('.', '_')}"
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
