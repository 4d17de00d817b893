"""Run in Odoo's shell: what the scheduler is about to take up is changed by somebody
else, after its transaction has begun. It goes on with what there is then."""

# ruff: noqa: F821  (the shell gives env)
import datetime
import os

run = env["maintenance.reinvoice.run"].browse(int(os.environ["RUN"]))
schedule = env["maintenance.reinvoice.schedule"].browse(int(os.environ["SCHEDULE"]))


def change(record, **vals):
    """Read the record, have another transaction write and commit."""
    record.read(list(vals))
    with env.registry.cursor() as cr:
        record.with_env(env(cr=cr)).write(vals)


change(run, state="cancelled")
assert run._take_up() and run.state == "cancelled"
env.cr.rollback()

tomorrow = schedule.next_date + datetime.timedelta(days=1)
change(schedule, next_date=tomorrow)
assert not schedule._begin_run(tomorrow - datetime.timedelta(days=1))
assert schedule.next_date == tomorrow
