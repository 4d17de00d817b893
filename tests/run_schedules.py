"""Run in Odoo's shell: the scheduled job, at the time that the variable START_AT says,
so that two processes begin at once."""

# ruff: noqa: F821  (the shell gives env)
import os
import time

from psycopg2 import OperationalError

TIMES = 5

time.sleep(max(float(os.environ["START_AT"]) - time.time(), 0))
for _time in range(TIMES):
    # of another process that takes the same schedule; the scheduler tries again, too
    try:
        env["maintenance.reinvoice.schedule"]._cron_run()
        break
    except OperationalError:
        env.cr.rollback()
env.cr.commit()
